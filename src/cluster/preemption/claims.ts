/**
 * The life of a claim: frameworks are asked to leave, then what may be ended is ended, then the one who asked is offered what
 * it asked for. Meanwhile nothing of the agent is offered to anybody, so that nobody else takes what becomes free.
 */
import { grantOne, requestRun } from '../../offers/index.js';
import { compareText, equals, type Resources } from '../../resources/index.js';
import { refreshActivity } from '../activity.js';
import { rememberKill, sendKill } from '../calls/kill.js';
import { agentOf, count, tell, type Draft } from '../draft.js';
import { askBack, rescindAgentInverseOffers } from '../inverse-offers.js';
import { makeOffers, rescindOffer } from '../offers.js';
import { fileRun } from '../offer-runs.js';
import type { PreemptionSettings } from '../config.js';
import type { Task } from '../state.js';
import { liveTask } from './entitlements.js';
import type { Claim } from './state.js';
import type { Ask, Plan, RoomFinder } from './victims.js';

/** Begins to make room: offers come back at once, whoever runs something is told when that ends. */
export function beginClaim(draft: Draft, ask: Ask, plan: Plan, { noticeMs, patienceMs }: PreemptionSettings): void {
  const { agent, offers, victims, asked } = plan;
  const awake = draft.now - draft.stalledMs;
  const isAsking = victims.length + asked.length > 0;
  putClaim(draft, {
    agent,
    framework: ask.framework.id,
    role: ask.role,
    resources: ask.resources,
    stage: isAsking ? 'asking' : 'ending',
    until: awake + (isAsking ? noticeMs : patienceMs),
    victims: victims.map(({ framework, id }) => ({ framework, task: id })),
  });
  refreshActivity(draft, agent);
  for (const offer of offers) rescindOffer(draft, offer);
  if (isAsking) askHolders(draft, agent, [...victims, ...asked], noticeMs);
  requestRun(draft.allocator, agent);
}

/** One inverse offer a framework, of all that it is to give back. */
function askHolders(draft: Draft, agent: string, tasks: readonly Task[], noticeMs: number): void {
  const first = draft.nextOffer;
  const run = draft.nextRun;
  const start = draft.now + noticeMs;
  const made = [...new Set(tasks.map(({ framework }) => framework))].sort(compareText).flatMap((framework) => {
    const own = tasks.flatMap((task) => (task.framework === framework ? task.id : []));
    return askBack(draft, { framework, agent, tasks: own, start }, run) ?? [];
  });
  if (made.length === 0) return;
  fileRun(draft, run, first);
  for (const offer of made) tell(draft, offer.framework, { type: 'inverse-offers', offers: [offer] });
}

/** The next stage, if the one of now is over: what may be ended is ended; after that the claim is given up. */
export function advanceClaim(draft: Draft, claim: Claim, { graceMs, patienceMs }: PreemptionSettings): void {
  const awake = draft.now - draft.stalledMs;
  if (awake < claim.until) return;
  const victims = claim.victims.flatMap((ref) => liveTask(draft, ref) ?? []);
  if (claim.stage === 'ending' || victims.length === 0) {
    dropClaim(draft, claim.agent);
    return;
  }
  rescindAgentInverseOffers(draft, claim.agent);
  putClaim(draft, { ...claim, stage: 'ending', until: awake + graceMs + patienceMs });
  for (const { framework, id: task, agent } of victims) {
    const kill = { framework, task, graceMs: null, maxGraceMs: graceMs, preempted: true };
    rememberKill(draft, agent, kill);
    if (agentOf(draft, agent).connected) sendKill(draft, agent, kill);
  }
  count(draft, 'preemptions', victims.length);
}

/** Offers what was claimed, where it is free by now. */
export function meetClaim(draft: Draft, claim: Claim, finder: RoomFinder): void {
  const framework = draft.allocator.frameworks.get(claim.framework);
  const row = draft.allocator.agents.get(claim.agent);
  if (framework === undefined || row === undefined) return;
  const { agent, role, resources } = claim;
  if (!finder.fits(row, { framework, role, agent, resources })) return;
  dropClaim(draft, agent);
  const grant = { agent, framework: framework.id, role, resources };
  makeOffers(draft, grantOne(draft.allocator, grant, draft.nextOffer));
}

/** A claim is over, met or not: the agent is offered again. */
export function dropClaim(draft: Draft, agent: string): void {
  const { claims } = draft.preemption;
  if (!claims.has(agent)) return;
  draft.preemption = { ...draft.preemption, claims: claims.remove(agent, draft.edit) };
  if (!draft.agents.has(agent)) return;
  rescindAgentInverseOffers(draft, agent, ({ tasks }) => tasks !== undefined);
  refreshActivity(draft, agent);
}

/** Claims whose agent, or whose framework's wish, is not there any more are dropped. */
export function dropVainClaims(draft: Draft): void {
  for (const claim of draft.preemption.claims.values()) if (isVain(draft, claim)) dropClaim(draft, claim.agent);
}

function isVain({ agents, allocator, service }: Draft, { agent, framework, role, resources }: Claim): boolean {
  const row = allocator.frameworks.get(framework);
  const isThere = agents.get(agent)?.connected === true && !service.has(agent);
  if (!isThere || allocator.agents.get(agent)?.maintenance !== null) return true;
  if (row?.active !== true || !row.roles.includes(role) || row.suppressed.includes(role)) return true;
  return !isWanted(allocator.demand.get(framework) ?? [], agent, resources);
}

function isWanted(
  demand: readonly { readonly agent: string | null; readonly resources: Resources; readonly count: number }[],
  agent: string,
  resources: Resources,
): boolean {
  return demand.some((wish) => {
    return wish.count > 0 && (wish.agent ?? agent) === agent && equals(wish.resources, resources);
  });
}

/** A framework is gone: what was claimed for it is nobody's business any more. */
export function forgetAsks(draft: Draft, framework: string): void {
  const { spent } = draft.preemption;
  if (spent.has(framework)) draft.preemption = { ...draft.preemption, spent: spent.remove(framework, draft.edit) };
}

function putClaim(draft: Draft, claim: Claim): void {
  const claims = draft.preemption.claims.set(claim.agent, claim, draft.edit);
  draft.preemption = { ...draft.preemption, claims };
}
