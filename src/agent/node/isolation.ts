/** Finding out how tasks can be kept to what they asked for on this machine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, validateId } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import { cgroupsV1 } from './isolation/cgroups-v1.js';
import { cgroupsV2 } from './isolation/cgroups-v2.js';
import type { Attempt, Isolation, IsolationKind } from './isolation/confinement.js';
import { systemFiles } from './isolation/group-files.js';
import { noIsolation } from './isolation/none.js';
import { rlimits } from './isolation/rlimits.js';

export type { Confinement, Isolation, IsolationKind, TaskBounds } from './isolation/confinement.js';

/** What isolation is looked for. */
export interface IsolationOptions {
  /** Names the agent among those of this machine, and its control groups: the same after a restart. */
  readonly agent: string;
  /** Default `auto`: the first of version 2, version 1 and limits of processes that enforces most. */
  readonly kind?: IsolationKind | 'auto';
  /** Where control groups are mounted. Default `/sys/fs/cgroup`. */
  readonly root?: string;
}

/** How much an isolation that is found is worth: memory counts more, for a task that takes it is the end of others. */
const worth = { mem: 2, cpus: 1 } as const;
const enough = worth.mem + worth.cpus;

/**
 * Finds out how tasks can be kept to what they asked for: each way is tried out, not guessed from what the machine says
 * of itself.
 *
 * @throws InputError `isolation-unavailable` when a kind that is asked for by name is not to be had; `bad-isolation` when
 *   there is no such kind; `bad-id` when `agent` cannot be the name of a folder.
 */
export function detectIsolation({ agent, kind = 'auto', root = '/sys/fs/cgroup' }: IsolationOptions): Isolation {
  const problem = validateId(agent, 'agent');
  if (problem !== undefined) throw new InputError(problem.code, problem.path, problem.message);
  const attempts = new Map<IsolationKind, () => Attempt>([
    ['cgroups-v2', () => tryV2(root, agent)],
    ['cgroups-v1', () => cgroupsV1(systemFiles, { root, agent })],
    ['rlimits', () => rlimits(systemFiles, process.platform)],
    ['none', () => ({ isolation: noIsolation('nobody asked for it') })],
  ]);
  if (kind === 'auto') return best(attempts);
  const attempt = attempts.get(kind);
  if (attempt === undefined) throw new InputError('bad-isolation', 'isolation', `There is no isolation ${quote(kind)}`);
  const tried = attempt();
  if ('isolation' in tried) return tried.isolation;
  throw new InputError('isolation-unavailable', 'isolation', `There is no isolation ${kind} here: ${tried.why}`);
}

/** The isolation that enforces most; of equals the first. Its notes also say why it was not a better one. */
function best(attempts: ReadonlyMap<IsolationKind, () => Attempt>): Isolation {
  const reasons: string[] = [];
  let found: Isolation | undefined;
  for (const kind of ['cgroups-v2', 'cgroups-v1', 'rlimits'] as const) {
    const tried = attempts.get(kind)?.();
    if (tried === undefined) continue;
    if ('why' in tried) reasons.push(`no ${kind}: ${tried.why}`);
    else if (found === undefined || worthOf(tried.isolation) > worthOf(found)) found = tried.isolation;
    if (found !== undefined && worthOf(found) === enough) return found;
  }
  if (found === undefined) return noIsolation(reasons.join('; '));
  return { ...found, notes: [...found.notes, ...reasons] };
}

function worthOf({ enforces }: Isolation): number {
  return enforces.reduce((sum, it) => sum + worth[it], 0);
}

/** Where both versions are mounted the second one is below the first, and has what controllers the first left it. */
function tryV2(root: string, agent: string): Attempt {
  const mixed = join(root, 'unified');
  const isMixed = systemFiles.has(join(mixed, 'cgroup.controllers'));
  return cgroupsV2(systemFiles, { root: isMixed ? mixed : root, agent, own: ownGroup(), kin: kin() });
}

/** The group of this process in the second version's hierarchy. */
function ownGroup(): string {
  const line = textOf('/proc/self/cgroup')
    .split('\n')
    .find((it) => it.startsWith('0::'));
  return line?.slice('0::'.length) ?? '/';
}

/** This process and those above it. */
function kin(): readonly number[] {
  const found: number[] = [];
  for (let pid = process.pid; pid > 0 && !found.includes(pid); pid = parentOf(pid)) found.push(pid);
  return found;
}

function parentOf(pid: number): number {
  const stat = textOf(`/proc/${pid}/stat`);
  // After the name, which may have anything in it: the state, then the parent.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
