/**
 * Planned maintenance of agents (MNT-3, INV-1). A run of an agent that will be away asks everybody who holds something of
 * it to leave: an inverse offer. It is asked of each once, until it answered and what its answer hides has ended.
 */
import { compareText } from '../resources/index.js';
import { filterLife, firstBatchWithout, isInForce } from './filters.js';
import type { AllocatorAgent, AllocatorDraft, AllocatorFramework, InverseStanding, Unavailability } from './state.js';
import { markAgentDirty, requestRun } from './when.js';

/** Asks a framework to leave an agent. */
export interface InverseGrant {
  readonly framework: string;
  readonly agent: string;
}

/** What a run asks for, and the first batch in which it would ask for more: a filter withholds it now. */
export interface InversePlan {
  readonly inverse: readonly InverseGrant[];
  readonly parkedUntil: number | null;
}

/**
 * Plans an agent's maintenance, or calls it off. What frameworks said of the old plan says nothing of the new one: their
 * answers, and what these hid, are forgotten (FILT-5). Asks for a run of the agent (ALLOC-1).
 *
 * @returns whether anything changed.
 */
export function setUnavailability(draft: AllocatorDraft, id: string, unavailability: Unavailability | null): boolean {
  const agent = draft.agents.get(id);
  if (agent === undefined || sameUnavailability(agent.maintenance?.unavailability ?? null, unavailability))
    return false;
  forgetStandings(draft, agent);
  const maintenance = unavailability === null ? null : { unavailability, standings: [] };
  draft.agents = draft.agents.set(id, { ...agent, maintenance }, draft.edit);
  requestRun(draft, id);
  return true;
}

/** Whether two plans are the same; null = nothing is planned. */
export function sameUnavailability(a: Unavailability | null, b: Unavailability | null): boolean {
  return a === b || (a !== null && b !== null && a.start === b.start && a.durationMs === b.durationMs);
}

/**
 * Asks whom there is to ask of these agents, and notes it: every active framework that holds something, offered or in
 * use, unless it was asked already or does not want to be asked again yet.
 */
export function askToLeave(draft: AllocatorDraft, agents: readonly AllocatorAgent[]): InversePlan {
  const inverse: InverseGrant[] = [];
  let parkedUntil: number | null = null;
  for (const { id } of agents) {
    for (const framework of holders(draft, id)) {
      const hiddenBy = inverseFilter(draft, id, framework);
      if (hiddenBy === 'outstanding') continue;
      if (hiddenBy === undefined) {
        inverse.push({ framework, agent: id });
        putStanding(draft, id, framework, { outstanding: true });
        continue;
      }
      const batch = firstBatchWithout(hiddenBy, draft.config.allocationIntervalMs);
      parkedUntil = Math.min(batch, parkedUntil ?? Infinity);
    }
  }
  return { inverse, parkedUntil };
}

/** Active frameworks that hold something of an agent, sorted. */
function holders(draft: AllocatorDraft, id: string): readonly string[] {
  const held = draft.agents.get(id)?.held ?? [];
  const frameworks = new Set(held.map(({ framework }) => framework));
  return [...frameworks].filter((one) => draft.frameworks.get(one)?.active === true).sort(compareText);
}

/** Why a framework is not asked now; undefined = it is. */
function inverseFilter(
  draft: AllocatorDraft,
  agent: string,
  framework: string,
): 'outstanding' | NonNullable<InverseStanding['filter']> | undefined {
  const standing = standingOf(draft.agents.get(agent), framework);
  if (standing === undefined) return undefined;
  if (standing.outstanding) return 'outstanding';
  const { filter } = standing;
  const epoch = draft.frameworks.get(framework)?.inverseEpoch;
  return filter !== null && filter.epoch === epoch && isInForce(filter, draft.now, draft.batchDue) ? filter : undefined;
}

/**
 * Records how a framework answered. It is asked again when what the answer hides has ended, as for a refused offer
 * (FILT-2, FILT-3); `hideForMs` 0 = in the next batch. An answer that nobody waits for is ignored.
 */
export function respondInverse(
  draft: AllocatorDraft,
  where: InverseGrant,
  response: 'accept' | 'decline',
  hideForMs: number,
): void {
  const framework = draft.frameworks.get(where.framework);
  if (framework === undefined || !isAsked(draft, where)) return;
  const filter = hideForMs <= 0 ? null : { ...filterLife(draft, hideForMs), epoch: framework.inverseEpoch };
  const answered = { outstanding: false, response, respondedAt: draft.now, filter };
  putStanding(draft, where.agent, where.framework, answered);
  markAgentDirty(draft, where.agent);
}

/** The question does not stand any more, unanswered: the next batch may ask anew. */
export function withdrawInverse(draft: AllocatorDraft, where: InverseGrant): void {
  if (!isAsked(draft, where)) return;
  putStanding(draft, where.agent, where.framework, { outstanding: false });
  markAgentDirty(draft, where.agent);
}

function isAsked(draft: AllocatorDraft, { agent, framework }: InverseGrant): boolean {
  return standingOf(draft.agents.get(agent), framework)?.outstanding === true;
}

/** Nobody waits for a framework's answers any more, and what they hid is void: one write, whatever the number of agents (FILT-5). */
export function clearInverseFilters(draft: AllocatorDraft, framework: AllocatorFramework): AllocatorFramework {
  draft.epoch += 1;
  return { ...framework, inverseEpoch: draft.epoch };
}

/** A framework goes: what it said of agents goes with it. */
export function forgetAnswersOf(draft: AllocatorDraft, framework: AllocatorFramework): void {
  for (const id of framework.standings.keys()) {
    const agent = draft.agents.get(id);
    if (agent === undefined || agent.maintenance === null) continue;
    const standings = agent.maintenance.standings.filter((standing) => standing.framework !== framework.id);
    draft.agents = draft.agents.set(id, { ...agent, maintenance: { ...agent.maintenance, standings } }, draft.edit);
  }
}

/** An agent goes, or its plan: frameworks have said nothing of it any more. */
export function forgetStandings(draft: AllocatorDraft, { id, maintenance }: AllocatorAgent): void {
  for (const standing of maintenance?.standings ?? []) {
    const framework = draft.frameworks.get(standing.framework);
    if (framework === undefined) continue;
    const standings = framework.standings.remove(id, draft.edit);
    draft.frameworks = draft.frameworks.set(framework.id, { ...framework, standings }, draft.edit);
  }
}

function standingOf(agent: AllocatorAgent | undefined, framework: string): InverseStanding | undefined {
  return agent?.maintenance?.standings.find((standing) => standing.framework === framework);
}

const unasked = { outstanding: false, response: null, respondedAt: 0, filter: null } as const;

/** Writes what is new about a framework's standing at an agent; agent and framework name each other. */
function putStanding(draft: AllocatorDraft, id: string, framework: string, change: Partial<InverseStanding>): void {
  const agent = draft.agents.get(id);
  const row = draft.frameworks.get(framework);
  if (agent === undefined || agent.maintenance === null || row === undefined) return;
  const others = agent.maintenance.standings.filter((standing) => standing.framework !== framework);
  const standing = { ...unasked, ...standingOf(agent, framework), ...change, framework };
  const standings = [...others, standing].sort((a, b) => compareText(a.framework, b.framework));
  draft.agents = draft.agents.set(id, { ...agent, maintenance: { ...agent.maintenance, standings } }, draft.edit);
  if (row.standings.has(id)) return;
  draft.frameworks = draft.frameworks.set(
    framework,
    { ...row, standings: row.standings.set(id, true, draft.edit) },
    draft.edit,
  );
}
