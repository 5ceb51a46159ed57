import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { IsolationKind } from '../../agent/node/index.js';
import { agents, type QuotaLike } from '../../cluster/index.js';
import { attribute } from '../../resources/index.js';
import { lockFolder } from '../../agent/node/lock.js';
import { safeName, WorkFolder } from '../../agent/node/sandbox.js';
import { createMaster, type Master } from '../../master/index.js';
import { socketTransport } from '../../transport/node/index.js';
import { Fleet } from './fleet.js';
import type { RoleSpec, RunPlan } from './plan.js';
import { StateFile } from './state-file.js';

/** What a cluster on this machine is made of. */
export interface LocalClusterOptions extends Pick<RunPlan, 'agents' | 'roles' | 'isolation' | 'config'> {
  /** Where everything is kept. A cluster that is opened there again goes on. */
  readonly workDir: string;
  /** The words that start this command. */
  readonly self: readonly string[];
  log(message: string): void;
}

/** Longest path of a socket that every system takes, bytes. */
const longestPath = 100;
/** How long tasks have to end by themselves before their agents end them, ms. */
const farewellMs = 6_000;

/** A master in this process, and agents in processes of their own. */
export class LocalCluster {
  readonly master: Master;
  readonly workDir: string;
  /** Says something that is worth a line. */
  readonly log: (message: string) => void;
  readonly #fleet: Fleet;
  readonly #free: () => void;

  private constructor(
    master: Master,
    fleet: Fleet,
    { workDir, log }: Pick<LocalClusterOptions, 'workDir' | 'log'>,
    free: () => void,
  ) {
    this.master = master;
    this.workDir = workDir;
    this.log = log;
    this.#fleet = fleet;
    this.#free = free;
  }

  /** Starts a cluster. */
  static async open(options: LocalClusterOptions): Promise<LocalCluster> {
    const { roles, config, log } = options;
    const workDir = resolve(options.workDir);
    mkdirSync(join(workDir, 'frameworks'), { recursive: true });
    const unlock = lockFolder(join(workDir, 'lock'));
    const usual = join(workDir, 'master.sock');
    const isLong = new TextEncoder().encode(usual).length > longestPath;
    const socketFolder = isLong ? mkdtempSync(join(tmpdir(), 'proffer-')) : undefined;
    const socket = socketFolder === undefined ? usual : join(socketFolder, 'master.sock');
    const transport = socketTransport({ path: socket }, { onRefused: log });
    const master = createMaster({ transports: [transport], config });
    master.on('error', (error) => log(String(error)));
    sayIsolation(master, log);
    for (const role of roles) await entitle(master, role);
    const fleet = new Fleet({ ...options, workDir, socket });
    fleet.start();
    return new LocalCluster(master, fleet, { workDir, log }, () => {
      if (socketFolder !== undefined) rmSync(socketFolder, { recursive: true, force: true });
      unlock();
    });
  }

  /** Where a task worked, or would: its newest run. */
  sandbox(agent: string, framework: string, task: string): string | undefined {
    const folder = this.#fleet.folder(agent);
    return folder === undefined ? undefined : new WorkFolder(folder).newest({ framework, id: task, isExecutor: false });
  }

  /** Rejects when an agent can't start. */
  get failed(): Promise<never> {
    return this.#fleet.failed;
  }

  /** The process of an agent, while it runs. */
  pid(agent: string): number | undefined {
    return this.#fleet.pid(agent);
  }

  /** Where a framework keeps what it must not forget. */
  keeper(framework: string): StateFile {
    return new StateFile(join(this.workDir, 'frameworks', safeName(framework)));
  }

  /** Ends it: tasks, agents, master, in this order. Tasks get the time to end that is theirs unless `now`. */
  async close({ now = false }: { readonly now?: boolean } = {}): Promise<void> {
    await this.#fleet.end(now ? 0 : farewellMs);
    await this.master.close();
    this.#free();
  }
}

/** What each isolation means for whoever relies on it. */
const enforced: Readonly<Record<IsolationKind, string>> = {
  'cgroups-v2': 'control groups (version 2) keep tasks to the cpus and the memory that they asked for',
  'cgroups-v1': 'control groups (version 1) keep tasks to the cpus and the memory that they asked for',
  rlimits: 'limits of processes keep tasks to the memory that they asked for; cpus are not enforced',
  none: 'neither cpus nor memory are enforced',
};

/** Says once what is enforced here, as the first agents that come say it. */
function sayIsolation(master: Master, log: (message: string) => void): void {
  const said = new Set<string>();
  master.on('agent', ({ type, agent }) => {
    if (type !== 'registered') return;
    const row = agents(master.state).find(({ id }) => id === agent);
    const kind = row && attribute(row.attributes, 'isolation');
    if (kind?.type !== 'text' || said.has(kind.text)) return;
    said.add(kind.text);
    log(`isolation ${kind.text}: ${enforced[kind.text as IsolationKind] ?? 'nobody here knows it'}`);
  });
}

async function entitle(master: Master, { role, weight, guarantees, limits }: RoleSpec): Promise<void> {
  if (weight !== undefined) await master.control({ type: 'set-weight', role, weight });
  if (guarantees === undefined && limits === undefined) return;
  const quota: QuotaLike = { role, ...(guarantees && { guarantees }), ...(limits && { limits }) };
  // Of agents nobody has come yet: what the cluster has can't be held against a guarantee.
  await master.control({ type: 'set-quota', quotas: [quota], force: true });
}
