/** Transports between processes of a machine, and agents that run processes beside their master. */
export { parseAddress, type SocketAddress } from './address.js';
export { socketLink } from './agent-link.js';
export { connectExecutor, type ConnectedExecutor, type ExecutorPlace } from './connect-executor.js';
export { connectFramework } from './connect-framework.js';
export { nodeTransport, type NodeTransport } from './node-transport.js';
export type { ReconnectOptions } from './socket-client.js';
export { socketTransport, type SocketTransport, type SocketTransportOptions } from './socket-transport.js';
