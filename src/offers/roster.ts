/**
 * What a run must know of every client, a framework in a role, by number: looked up once, since texts are slow to find and
 * there are thousands.
 */
import type { Forest } from '../drf/index.js';
import { InvariantError } from '../resources/index.js';
import { slotOf } from './slots.js';
import type { AllocatorFramework, AllocatorState } from './state.js';

/** Clients of whom one can have exactly what another can, of anything that is not reserved. */
export interface Kind {
  /** One of them. */
  readonly framework: AllocatorFramework;
  readonly role: string;
}

/** The clients of a forest. Arrays are by its slots. */
export interface ClientRoster {
  readonly layout: Forest['layout'];
  readonly frameworks: readonly (AllocatorFramework | undefined)[];
  readonly kinds: readonly Kind[];
  readonly kindOf: Int32Array;
  /** The number by which a client's refusals are filed; -1 = it has none, and is never offered anything. */
  readonly refusalSlots: Int32Array;
  /** By kind, and by such a number / 32: a bit for each client that takes offers now. */
  readonly takers: readonly Int32Array[];
  /** How many clients take offers now. */
  readonly takerCount: number;
  /** What some kind of client can use depends on what agents say of themselves. */
  readonly hasConstraints: boolean;
}

/** By what they are made from, which never changes once its transition is over. */
const rosters = new WeakMap<object, ClientRoster>();

/** The clients of a run. */
export function rosterOf(state: AllocatorState, { layout }: Forest): ClientRoster {
  const { frameworks } = state;
  // A table that the transition under way may still write in place stands for nothing yet.
  const isSettled = !('edit' in state) || frameworks.edit !== state.edit;
  const known = isSettled ? rosters.get(frameworks) : undefined;
  if (known !== undefined && known.layout === layout) return known;
  const made = makeRoster(state, layout);
  if (isSettled) rosters.set(frameworks, made);
  return made;
}

function makeRoster(state: AllocatorState, layout: Forest['layout']): ClientRoster {
  const size = layout.paths.length;
  const frameworks = Array<AllocatorFramework | undefined>(size).fill(undefined);
  const kindOf = new Int32Array(size).fill(-1);
  const refusalSlots = new Int32Array(size).fill(-1);
  const words = ((state.slots.size + freeCount(state)) >>> 5) + 1;
  const takers: Int32Array[] = [];
  let takerCount = 0;
  const kinds: Kind[] = [];
  const kindsByKey = new Map<string, number>();
  for (let client = layout.firstClient; client < size; client += 1) {
    const id = layout.paths[client] as string;
    if (id === '') continue;
    const framework = state.frameworks.get(id);
    if (framework === undefined) throw new InvariantError(`framework ${id} is in a role and nowhere else`);
    const role = (layout.plots[layout.plotOf[client] as number] as Forest['layout']['plots'][number]).role;
    frameworks[client] = framework;
    const kind = kindNumber({ framework, role }, kinds, kindsByKey);
    kindOf[client] = kind;
    const slot = slotOf(framework, role);
    if (slot === undefined) continue;
    refusalSlots[client] = slot;
    if (!framework.active || framework.suppressed.includes(role)) continue;
    takerCount += 1;
    const bits = (takers[kind] ??= new Int32Array(words));
    bits[slot >>> 5] = (bits[slot >>> 5] as number) | (1 << (slot & 31));
  }
  for (const kind of kinds.keys()) takers[kind] ??= new Int32Array(words);
  const hasConstraints = kinds.some(({ framework }) => framework.constraints.length > 0);
  return { layout, frameworks, kinds, kindOf, refusalSlots, takers, takerCount, hasConstraints };
}

/** How many numbers nobody has: the highest in use is at most so much above the count of those in use. */
function freeCount({ freeSlots }: AllocatorState): number {
  let count = 0;
  for (let free = freeSlots; free !== null; free = free.next) count += 1;
  return count;
}

function kindNumber(kind: Kind, kinds: Kind[], byKey: Map<string, number>): number {
  const { framework, role } = kind;
  // Whoever has constraints, or a minimum of its own, is a kind by itself.
  const isCommon = framework.constraints.length === 0 && !framework.minimums.some((own) => own.role === role);
  const key = isCommon ? `${role.includes('/') ? '/' : ''} ${framework.capabilities.join(' ')}` : undefined;
  const known = key === undefined ? undefined : byKey.get(key);
  if (known !== undefined) return known;
  if (key !== undefined) byKey.set(key, kinds.length);
  return kinds.push(kind) - 1;
}
