/**
 * An allocator as it is written down: by names only. What refusals are filed by, numbers of clients, means nothing outside,
 * and what is void or over is left out.
 */
import { Edit, Numbered, Table, compareText, type Resources } from '../resources/index.js';
import { each, Pace, ROWS_A_STEP, type Steps } from '../resources/steps.js';
import { endsBefore, eachRefusal, isRunning, noRefusals, withRefusal, type End, type Refusals } from './refusals.js';
import { slotOf, type ClientSlot } from './slots.js';
import type { AllocatorAgent, AllocatorFramework, AllocatorState } from './state.js';

/** Who refused something, and until when; see `End`. */
export interface SavedRefusal {
  readonly role: string;
  readonly framework: string;
  readonly end: End;
}

/** All who refused the same. */
export interface SavedRefusalGroup {
  readonly refused: Resources;
  readonly silence: boolean;
  /** By role, framework, end. */
  readonly by: readonly SavedRefusal[];
}

/** {@link Refusals} by names. */
export interface SavedRefusals {
  readonly seq: number;
  /** By text of what was refused, silence last. */
  readonly groups: readonly SavedRefusalGroup[];
}

/** An agent as it is written down. */
export type SavedAllocatorAgent = Omit<AllocatorAgent, 'refusals'> & { readonly refusals: SavedRefusals };
/** A framework as it is written down. */
export type SavedAllocatorFramework = Omit<AllocatorFramework, 'slots'>;
/** An allocator as it is written down. */
export type SavedAllocator = Omit<AllocatorState, 'agents' | 'frameworks' | 'slots' | 'slotEpochs' | 'freeSlots'> & {
  readonly agents: Table<SavedAllocatorAgent>;
  readonly frameworks: Table<SavedAllocatorFramework>;
};

/** An agent's row as it is written down. */
export function savedAgent(state: AllocatorState, agent: AllocatorAgent): SavedAllocatorAgent {
  return { ...agent, refusals: savedRefusals(state, agent.refusals) };
}

/** A framework's row as it is written down. */
export function savedFramework({ slots: _slots, ...framework }: AllocatorFramework): SavedAllocatorFramework {
  return framework;
}

function savedRefusals(state: AllocatorState, { groups, seq }: Refusals): SavedRefusals {
  const byWhat = new Map<
    string,
    { readonly refused: Resources; readonly silence: boolean; readonly by: SavedRefusal[] }
  >();
  for (const group of groups) {
    const { refused, silence } = group;
    const key = `${JSON.stringify(refused)} ${silence ? 1 : 0}`;
    eachRefusal(group, state, { now: state.now, batch: true }, (slot, end) => {
      const client = state.slots.get(slot);
      if (client === undefined) return;
      const saved = byWhat.get(key) ?? { refused, silence, by: [] };
      byWhat.set(key, saved);
      saved.by.push({ role: client.role, framework: client.framework, end });
    });
  }
  const sorted = [...byWhat].sort(([a], [b]) => compareText(a, b)).map(([, group]) => group);
  for (const { by } of sorted) by.sort(compareRefusals);
  return { seq: sorted.length === 0 ? 0 : seq, groups: sorted };
}

function compareRefusals(a: SavedRefusal, b: SavedRefusal): number {
  const order = compareText(a.role, b.role) || compareText(a.framework, b.framework);
  return order !== 0 ? order : endsBefore(a.end, b.end) ? -1 : endsBefore(b.end, a.end) ? 1 : 0;
}

/**
 * The allocator that was written down.
 *
 * @param refuse what to do about refusals of nobody, or that are over, or out of order
 */
export function* restoreAllocator(
  saved: SavedAllocator,
  refuse: (agent: string, why: string) => never,
): Steps<AllocatorState> {
  const edit = new Edit();
  const pace = new Pace(ROWS_A_STEP);
  let slots = Numbered.empty<ClientSlot>();
  const frameworks = Table.from(
    saved.frameworks.entries().map(([id, framework]) => {
      const own = framework.roles.map((role) => {
        const slot = slots.size;
        slots = slots.set(slot, { framework: id, role, epoch: 0 }, edit);
        return { role, slot };
      });
      return [id, { ...framework, slots: own }] as const;
    }),
  );
  const state: AllocatorState = {
    ...saved,
    frameworks,
    agents: Table.empty(),
    slots,
    slotEpochs: Numbered.empty(),
    freeSlots: null,
  };
  let agents = Table.empty<AllocatorAgent>();
  yield* each(saved.agents.walk(), pace, (agent, id) => {
    const refusals = restoreRefusals(state, agent.refusals, (why) => refuse(id, why));
    agents = agents.set(id, { ...agent, refusals }, edit);
  });
  return { ...state, agents };
}

function restoreRefusals(
  state: AllocatorState,
  { seq, groups }: SavedRefusals,
  refuse: (why: string) => never,
): Refusals {
  let refusals = noRefusals;
  const moment = { now: state.now, batch: true };
  for (const { refused, silence, by } of groups) {
    for (const { role, framework, end } of by) {
      const row = state.frameworks.get(framework);
      const slot = row && slotOf(row, role);
      if (slot === undefined) return refuse(`were made by ${framework}, which is not in ${role}`);
      if (!isRunning(end, state.now, true)) return refuse('are over');
      refusals = withRefusal(refusals, { slot, end, refused, silence, seq }, state, moment);
    }
  }
  const again = savedRefusals(state, refusals);
  return isSaved(again, { seq, groups }) ? refusals : refuse('are out of order');
}

function isSaved(a: SavedRefusals, b: SavedRefusals): boolean {
  return a.seq === b.seq && JSON.stringify(a.groups.map(listOf)) === JSON.stringify(b.groups.map(listOf));
}

function listOf({ refused, silence, by }: SavedRefusalGroup): unknown {
  return [refused, silence, by.map(({ role, framework, end }) => [role, framework, end])];
}
