import type { LinkListener, MasterLink } from '../../agent/node/link.js';
import type { Command, Report } from '../../tasks/index.js';
import type { SocketAddress } from './address.js';
import { SocketClient, type ReconnectOptions } from './socket-client.js';

/**
 * An agent's way to a master behind a `socketTransport`. It connects again whenever the connection is lost.
 *
 * @throws InputError `bad-address`
 * @example
 * processAgent({ id: 'a1', workDir: '/var/lib/proffer/a1', link: socketLink({ path: '/run/proffer/master.sock' }) });
 */
export function socketLink(address: SocketAddress, options: ReconnectOptions = {}): MasterLink {
  let listener: LinkListener | undefined;
  const client = new SocketClient(address, 'agent', options, {
    opened: (connection) => listener?.connected(connection),
    // The agent's machine looks at what it is told before it believes it.
    heard: (value) => listener?.command(value as Command),
    closed: (connection) => listener?.disconnected(connection),
  });
  return {
    open(listening) {
      listener = listening;
      client.open();
    },
    say: (report: Report) => client.say(report),
    close: () => client.close(),
  };
}
