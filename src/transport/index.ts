/**
 * Adapters behind the master's ports: agents and frameworks in memory, clocks, faults on purpose, and the promises that
 * every transport keeps, as checks to run. Nothing here reaches outside the process.
 */
export {
  transportContract,
  type AgentPeer,
  type FrameworkPeer,
  type TransportPromise,
  type TransportSides,
  type TransportSubject,
} from './contract.js';
export { lossyTransport, type LossyOptions } from './lossy.js';
export { manualClock, type ManualClock } from './manual-clock.js';
export type { MemoryAgent, MemoryAgentOptions, MemoryTask, MemoryTaskRef } from './memory-agent.js';
export type { Autorun } from './memory-tasks.js';
export { memoryTransport, type MemoryFramework, type MemoryTransport, type MemoryTransportOptions } from './memory.js';
export { systemClock, type SystemClockOptions } from '../master/system-clock.js';
export type { Clock } from '../master/clock.js';
export type { AgentPort, FrameworkPort, Transport } from '../master/ports.js';
