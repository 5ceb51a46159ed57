import { createMaster, type Master } from 'proffer';
import type { Executor } from 'proffer/framework-api';
import { memoryTransport } from 'proffer/transport';

/** What the agents have; more of them begin again with the first. */
const machines = ['cpus:4;mem:8192', 'cpus:2;mem:4096', 'cpus:3;mem:6144'] as const;

/**
 * What tasks free is offered anew this much later: well below the second of a real cluster, whose tasks last minutes.
 */
export const allocationIntervalMs = 50;

/** What a cluster is made of. */
export interface ClusterOptions {
  readonly agents: number;
  /** Runs the tasks of all agents. */
  readonly executor: Executor;
  /** Hears what nobody else can be told. */
  failed(error: unknown): void;
}

/** Starts a master and its agents, all in this process. Whoever starts it closes it. */
export function startCluster({ agents, executor, failed }: ClusterOptions): Master {
  const transport = memoryTransport({ onError: failed });
  const master = createMaster({ transports: [transport], config: { allocationIntervalMs } });
  master.on('error', failed);
  const digits = String(agents).length;
  for (let at = 0; at < agents; at += 1) {
    const id = `a${String(at + 1).padStart(digits, '0')}`;
    transport.agent(id, machines[at % machines.length] ?? machines[0], { run: executor });
  }
  return master;
}
