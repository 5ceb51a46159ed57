import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMaster, type Master, type Transport } from 'proffer';
import type { Executor } from 'proffer/framework-api';
import { memoryTransport } from 'proffer/transport';
import { nodeTransport } from 'proffer/transport/node';

/** What the agents have; more of them begin again with the first. */
const machines = ['cpus:4;mem:8192', 'cpus:2;mem:4096', 'cpus:3;mem:6144'] as const;

/**
 * What tasks free is offered anew this much later: well below the second of a real cluster, whose tasks last minutes.
 */
export const allocationIntervalMs = 50;

/** What a cluster is made of. */
export interface ClusterOptions {
  readonly agents: number;
  /** Runs the tasks of all agents in this process; absent = agents run processes, which the frameworks bring. */
  readonly executor?: Executor | undefined;
  /** Hears what nobody else can be told. */
  failed(error: unknown): void;
}

/** A master and its agents. */
export interface Cluster {
  readonly master: Master;
  /** Ends it with all that it runs. */
  close(): Promise<void>;
}

/** Starts a master and its agents. Whoever starts it closes it. */
export function startCluster({ agents, executor, failed }: ClusterOptions): Cluster {
  const digits = String(agents).length;
  const all = Array.from({ length: agents }, (_, at) => ({
    id: `a${String(at + 1).padStart(digits, '0')}`,
    resources: machines[at % machines.length] ?? machines[0],
  }));
  const { transport, end } =
    executor === undefined ? agentsOfProcesses(all, failed) : agentsHere(all, executor, failed);
  const master = createMaster({ transports: [transport], config: { allocationIntervalMs } });
  master.on('error', failed);
  return {
    master,
    async close() {
      await end();
      await master.close();
    },
  };
}

interface Agents {
  readonly transport: Transport;
  end(): Promise<void>;
}

type Specs = readonly { readonly id: string; readonly resources: string }[];

/** Agents whose tasks are work of this process. */
function agentsHere(specs: Specs, executor: Executor, failed: (error: unknown) => void): Agents {
  const transport = memoryTransport({ onError: failed });
  for (const { id, resources } of specs) transport.agent(id, resources, { run: executor });
  return { transport, end: async () => {} };
}

/** Agents whose tasks are processes of this machine. What they promise is more than it may have: nothing is enforced. */
function agentsOfProcesses(specs: Specs, failed: (error: unknown) => void): Agents {
  const folder = mkdtempSync(join(tmpdir(), 'proffer-word-count-'));
  const transport = nodeTransport({ onError: failed });
  const running = specs.map((spec) => transport.agent({ ...spec, workDir: join(folder, spec.id), isolation: 'none' }));
  return {
    transport,
    async end() {
      await Promise.all(running.map((agent) => agent.close({ tasks: 'kill' })));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
