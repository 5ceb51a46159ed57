/**
 * Which folder may import which: design of the layers as one table. The lint rules of `.oxlintrc.json` say the same
 * for an editor; `architecture.test.ts` checks that they do, and reads every source file against this table.
 */

/** What one folder may reach. */
export interface Layer {
  /** Folders of `src/` (and `bench`) that it may import, itself aside. */
  readonly folders: readonly string[];
  /** Packages that it may import. */
  readonly packages: readonly string[];
  /** Whether it may import `node:*`. */
  readonly node: boolean;
  /** Whether it must be a pure function of its arguments: no clock, no luck, no timers. */
  readonly pure: boolean;
}

const values = ['resources'];
const machine = ['resources', 'drf', 'tasks', 'offers', 'cluster'];
const shell = [...machine, 'framework-api', 'master'];
/** The agent's machine beside the shell: the shell itself needs it, to stand in for agents that are too simple for it. */
const parties = [...shell, 'agent'];
const simulated = [...parties, 'schedulers', 'simulation'];

/** Every folder of `src/`, nested ones by their path, `index` for `src/index.ts`, and `bench`. */
export const layers: Readonly<Record<string, Layer>> = {
  resources: pure([]),
  drf: pure(values),
  tasks: pure(values),
  offers: pure([...values, 'drf', 'tasks'], ['immer']),
  cluster: pure([...values, 'drf', 'tasks', 'offers'], ['immer']),
  agent: pure([...values, 'tasks']),
  'agent/node': node([...values, 'tasks', 'agent']),
  'framework-api': plain(machine),
  master: plain([...machine, 'framework-api', 'agent'], ['eventemitter3']),
  transport: plain(parties),
  'transport/node': node([...parties, 'transport', 'agent/node']),
  http: node([...parties, 'transport']),
  // `croner` by a dynamic import only: whoever has no cron jobs need not have it.
  schedulers: plain(parties, ['croner']),
  // The simulator runs the real shell, on the agents in memory and the clock that stands still of the transports.
  simulation: plain([...parties, 'transport', 'schedulers']),
  testing: plain([...simulated, 'transport'], ['fast-check']),
  bench: node([...simulated, 'transport']),
  cli: node([...simulated, 'agent/node', 'transport', 'transport/node', 'http', 'testing', 'bench', 'index']),
  index: plain(shell),
};

function pure(folders: readonly string[], packages: readonly string[] = []): Layer {
  return { folders, packages, node: false, pure: true };
}

function plain(folders: readonly string[], packages: readonly string[] = []): Layer {
  return { folders, packages, node: false, pure: false };
}

function node(folders: readonly string[]): Layer {
  return { folders, packages: [], node: true, pure: false };
}

/** The layer of a file, by its path from the root of the repository: the longest folder that the table names. */
export function layerOf(file: string): string | undefined {
  if (file === 'src/index.ts') return 'index';
  if (file.startsWith('bench/')) return 'bench';
  if (!file.startsWith('src/')) return undefined;
  const folders = file.split('/').slice(1, -1);
  for (let depth = folders.length; depth > 0; depth -= 1) {
    const name = folders.slice(0, depth).join('/');
    if (Object.hasOwn(layers, name)) return name;
  }
  return undefined;
}
