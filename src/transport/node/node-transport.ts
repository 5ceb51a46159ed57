import type { LinkListener, MasterLink } from '../../agent/node/link.js';
import { processAgent, type ProcessAgent, type ProcessAgentOptions } from '../../agent/node/process-agent.js';
import type { AgentPort, Transport } from '../../master/ports.js';
import { runCallback, throwLater } from '../../framework-api/callbacks.js';
import { MemoryNetwork, type NetworkLink } from '../memory-network.js';
import type { Report } from '../../tasks/index.js';

/** Agents that run processes of this machine, in the same process as their master. */
export interface NodeTransport extends Transport {
  readonly agents: AgentPort;
  /** Starts an agent. It registers at once, or as soon as the transport is opened. */
  agent(options: Omit<ProcessAgentOptions, 'link'>): ProcessAgent;
}

/**
 * A transport for one machine: its agents live in the process of the master, their tasks in processes of their own. When the
 * process ends, tasks run on; started again in the same folders, the agents go on with them.
 *
 * @param options `onError` hears when the master did not understand an agent. Absent = thrown on a microtask.
 * @example
 * const transport = nodeTransport();
 * const master = createMaster({ transports: [transport] });
 * transport.agent({ id: 'here', workDir: '/var/lib/proffer/here' });
 */
export function nodeTransport(options: { readonly onError?: (error: unknown) => void } = {}): NodeTransport {
  const { onError = throwLater } = options;
  const network = new MemoryNetwork();
  return {
    agents: network.agents,
    open: (receive) => network.open(receive),
    close: () => network.close(),
    agent: (agent) => processAgent({ ...agent, link: networkLink(network, agent.id, onError) }),
  };
}

/** An agent's way over a network in this process. */
function networkLink(network: MemoryNetwork, agent: string, onError: (error: unknown) => void): MasterLink {
  let link: NetworkLink<Report> | undefined;
  let isOpen = true;
  const connect = (listener: LinkListener): void => {
    if (!isOpen || !network.isOpen) return;
    link = network.connectAgent(agent, (command) => listener.command(command));
    listener.connected(link.connection);
  };
  return {
    open(listener) {
      network.onOpen(() => connect(listener));
      network.onClose(() => listener.disconnected(link?.connection));
      connect(listener);
    },
    say: (report) => runCallback(() => link?.say(report), onError),
    close() {
      isOpen = false;
      link?.break();
    },
  };
}
