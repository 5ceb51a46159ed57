/**
 * What always holds: of a state by itself (`violation`) and of one step (`stepViolation`). It looks at the tables alone
 * and has its own arithmetic, so that a mistake of the machine is not repeated by its judge.
 */
import { filtersOn, type AllocatorAgent, type Unavailability } from '../offers/index.js';
import { compareText, isIndivisible, type ResourceItem, type Resources } from '../resources/index.js';
import { each, finish, first, firstOfBig, Pace, ROWS_A_STEP, type Steps } from '../resources/steps.js';
import { canApply, canReturn, isTerminal, isTerminalOperation } from '../tasks/index.js';
import type { Input } from './inputs.js';
import { kindOf, Ledger, type Entry } from './ledger.js';
import { offersOn } from './outstanding.js';
import type { InverseOffer, Output } from './outputs.js';
import { ringValues } from './ring.js';
import type { Agent, ClusterState, Framework, MachinePlace, MachineRow, Task } from './state.js';

/** A broken rule: which one (I1 …), where, and what is wrong. */
export interface Violation {
  readonly rule: string;
  readonly where: string;
  readonly what: string;
}

/** The first rule that a state breaks; undefined = none. */
export function violation(state: ClusterState): Violation | undefined {
  return finish(violationInSteps(state));
}

/** As {@link violation}, in steps that look at so many rows. */
export function* violationInSteps(state: ClusterState, rowsAStep: number = ROWS_A_STEP): Steps<Violation | undefined> {
  const pace = new Pace(rowsAStep);
  for (const rule of rules) {
    const found = yield* rule(state, pace);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Rule = (state: ClusterState, pace: Pace) => Steps<Violation | undefined>;

const rules: readonly Rule[] = [
  wholeNumbers,
  agentsHoldNoMoreThanTheyHave,
  offersNameTheLiving,
  terminalTasksWait,
  sumsAgree,
  noOfferIsFiltered,
  memoryIsBounded,
  referencesHold,
  operationsHold,
  offersAreCounted,
  waitIsEmpty,
  serviceHolds,
  planHolds,
  inverseOffersHold,
  claimsHold,
];

/** The first rule that a step breaks; undefined = none. */
export function stepViolation(
  before: ClusterState,
  input: Input,
  after: ClusterState,
  outputs: readonly Output[],
): Violation | undefined {
  return violation(after) ?? changeViolation(before, input, after, outputs);
}

/** As {@link stepViolation}, but for what a state by itself breaks: for who looks at states less often than at steps. */
export function changeViolation(
  before: ClusterState,
  input: Input,
  after: ClusterState,
  outputs: readonly Output[],
): Violation | undefined {
  return (
    limitsHold(before, input, after) ??
    offersAreBounded(before, input, after) ??
    offersLeaveOnce(before, after, outputs) ??
    statesAreLegal(before, input, after) ??
    endsStay(before, input, after)
  );
}

/** I2: amounts are whole thousandths, 0 or more; so are all times and counters. */
function* wholeNumbers(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const odd = yield* first(
    state.allocator.agents.walk(),
    pace,
    ({ id, total, free, held }) => {
      for (const part of [total, free, ...held.map(({ resources }) => resources)]) {
        for (const { name, value } of part.items) {
          if (value.type === 'scalar' && !isWhole(value.milli)) {
            return broken('I2', id, `${name} is ${String(value.milli)} thousandths`);
          }
        }
      }
      return undefined;
    },
    partsOfMachine,
  );
  if (odd !== undefined) return odd;
  const numbers = { now: state.now, seq: state.seq, nextOffer: state.nextOffer, stalledMs: state.stalledMs };
  for (const [name, value] of Object.entries(numbers)) {
    if (!isWhole(value)) return broken('I2', name, `it is ${String(value)}`);
  }
  return undefined;
}

/** I1: per agent and kind, what is held adds up to no more than there is, and no port is held twice; or it is marked. */
function* agentsHoldNoMoreThanTheyHave(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  return yield* first(
    state.allocator.agents.walk(),
    pace,
    (machine) => {
      const agent = state.agents.get(machine.id);
      if (agent?.overcommitted === true) {
        const name = offeredThoughShort(state, agent, machine);
        return name === undefined ? undefined : broken('I1', machine.id, `${name} is offered though it is short`);
      }
      const held = machine.held.flatMap(({ resources }) => resources.items);
      const item = held.find((one) => isShort(machine.total, held, one));
      return item === undefined ? undefined : broken('I1', machine.id, `more ${item.name} is held than there is`);
    },
    partsOfMachine,
  );
}

/** Of an agent that holds more than it has: what is offered must not be what is short. */
function offeredThoughShort(state: ClusterState, agent: Agent, { total }: AllocatorAgent): string | undefined {
  const offered = offersOn(state, agent.id).flatMap(({ resources }) => resources.items);
  const used = usedItems(state, agent);
  return offered.find((item) => isShort(total, [...offered, ...used], item))?.name;
}

/** Whether all of its kind in `held` is more than there is; or a port or member of it is held twice, or is not there. */
function isShort(total: Resources, held: readonly ResourceItem[], item: ResourceItem): boolean {
  const kind = kindOf(item);
  if (item.value.type !== 'scalar') {
    const others = held.filter((other) => other !== item && kindOf(other) === kind);
    return !hasMembers(total.items, item) || others.some((other) => !areDisjoint(other, item));
  }
  if (item.shared !== undefined) return false;
  return sumOf(held, kind) > sumOf(total.items, kind);
}

function sumOf(items: readonly ResourceItem[], kind: string): number {
  return items.reduce((sum, item) => {
    return item.value.type === 'scalar' && kindOf(item) === kind ? sum + item.value.milli : sum;
  }, 0);
}

/** Whether every port or member of an item is in one of the others of its kind. Ranges can be wider than can be walked. */
function hasMembers(others: readonly ResourceItem[], item: ResourceItem): boolean {
  const same = others.filter((other) => kindOf(other) === kindOf(item));
  const { value } = item;
  if (value.type === 'set') {
    return value.items.every((member) =>
      same.some((other) => other.value.type === 'set' && other.value.items.includes(member)),
    );
  }
  if (value.type !== 'ranges') return false;
  const there = same.flatMap((other) => (other.value.type === 'ranges' ? other.value.ranges : []));
  return value.ranges.every(({ begin, end }) => there.some((range) => range.begin <= begin && end <= range.end));
}

function areDisjoint({ value: a }: ResourceItem, { value: b }: ResourceItem): boolean {
  if (a.type === 'set' && b.type === 'set') return !a.items.some((member) => b.items.includes(member));
  if (a.type !== 'ranges' || b.type !== 'ranges') return true;
  return !a.ranges.some(({ begin, end }) => b.ranges.some((other) => begin <= other.end && other.begin <= end));
}

/** I4: an offer names one agent, framework and role that exist and are active. */
function* offersNameTheLiving(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  return yield* first(state.offers.walk(), pace, ({ offer }) => {
    if (state.agents.get(offer.agent)?.connected !== true)
      return broken('I4', offer.id, `agent ${offer.agent} is not there`);
    const framework = state.frameworks.get(offer.framework);
    if (framework?.state !== 'connected') return broken('I4', offer.id, `framework ${offer.framework} is not there`);
    if (framework.settings.roles.includes(offer.role)) return undefined;
    return broken('I4', offer.id, `it is not in role ${offer.role}`);
  });
}

/** I7: a terminal task stays until it is acknowledged; one that nobody could acknowledge is gone at once. */
function* terminalTasksWait(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  return yield* firstOfBig(state.frameworks.walk(), pace, ({ tasks }) => first(tasks.walk(), pace, waits));
}

function waits({ id, state, holds, status }: Task): Violation | undefined {
  if (holds === isTerminal(state)) {
    return broken('I7', id, `it is ${state} and holds ${holds ? 'its resources' : 'nothing'}`);
  }
  if (status?.terminal === true && status.uuid === undefined && status.source === 'master') {
    return broken('I7', id, 'the master ended it and nobody will acknowledge that');
  }
  return undefined;
}

/** I8: what agents hold is what offers, tasks and executors hold, and the sums per role and framework agree with it. */
function* sumsAgree(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const sums = new HeldSums();
  const differs = yield* first(
    state.agents.walk(),
    pace,
    (agent) => {
      const machine = state.allocator.agents.get(agent.id);
      if (machine === undefined) return broken('I12', agent.id, 'the allocator does not know it');
      const ledger = new Ledger();
      for (const holding of machine.held) {
        ledger.book(holding);
        if (state.frameworks.has(holding.framework)) sums.add(agent.id, holding);
      }
      enterUse(state, agent, ledger);
      const difference = ledger.difference();
      if (difference !== undefined) return broken('I8', agent.id, `held and used differ in ${difference}`);
      const twice = agent.overcommitted ? undefined : ledger.heldTwice();
      return twice === undefined ? undefined : broken('I1', agent.id, `two hold the same ${twice}`);
    },
    partsOfAgent,
  );
  if (differs !== undefined) return differs;
  return yield* sharesAgree(state, sums, pace);
}

/** What is held in all, by role and by role and framework. */
class HeldSums {
  readonly byRole = new Map<string, Map<string, number>>();
  readonly byClient = new Map<string, Map<string, number>>();
  readonly copies: SharedCopy[] = [];

  add(agent: string, { framework, role, resources }: Entry): void {
    const own = resources.items.filter((item) => item.shared === undefined);
    addScalars(bucket(this.byRole, role), own);
    addScalars(bucket(this.byClient, `${role} ${framework}`), own);
    for (const item of resources.items) {
      if (item.shared === undefined || item.value.type !== 'scalar') continue;
      const key = JSON.stringify([agent, kindOf(item), item.value.milli]);
      this.copies.push({ key, framework, role, name: item.name, milli: item.value.milli });
    }
  }
}

/** What offers, tasks and executors hold of an agent, by framework and role. */
function enterUse(state: ClusterState, agent: Agent, ledger: Ledger): void {
  for (const offer of offersOn(state, agent.id)) ledger.use(offer);
  for (const { framework, task } of agent.tasks) {
    const row = state.frameworks.get(framework)?.tasks.get(task);
    if (row?.holds === true) ledger.use(row);
  }
  for (const { framework, role, info } of agent.executors) {
    ledger.use({ framework, role, resources: info.resources });
  }
}

/** Something shared that is held of an agent, in one copy or more. `key` tells it from all others. */
interface SharedCopy {
  readonly key: string;
  readonly framework: string;
  readonly role: string;
  readonly name: string;
  readonly milli: number;
}

/** A sum, and in it each shared thing once, however many hold it (SORT-9). */
function withShared(
  sum: ReadonlyMap<string, number>,
  copies: readonly SharedCopy[],
  counts: (copy: SharedCopy) => boolean,
): ReadonlyMap<string, number> {
  const mine = copies.filter(counts);
  if (mine.length === 0) return sum;
  const total = new Map(sum);
  for (const { name, milli } of new Map(mine.map((copy) => [copy.key, copy])).values()) {
    total.set(name, (total.get(name) ?? 0) + milli);
  }
  return total;
}

/** What tasks and executors hold of an agent. */
function usedItems(state: ClusterState, agent: Agent): readonly ResourceItem[] {
  const tasks = agent.tasks.flatMap(({ framework, task }) => {
    const row = state.frameworks.get(framework)?.tasks.get(task);
    return row?.holds === true ? row.resources.items : [];
  });
  return [...tasks, ...agent.executors.flatMap(({ info }) => info.resources.items)];
}

function* sharesAgree(state: ClusterState, sums: HeldSums, pace: Pace): Steps<Violation | undefined> {
  const { clients, shares } = state.allocator;
  return yield* firstOfBig(clients.walk(), pace, function* (tree, role) {
    const difference = firstDifference(asMap(shares.nodes.get(role)?.allocated), sumBelow(sums, role));
    if (difference !== undefined) return broken('I8', role, `its share counts another amount of ${difference}`);
    return yield* first(tree.nodes.walk(), pace, ({ path, allocated }) => {
      if (path === '') return undefined;
      const own = sums.byClient.get(`${role} ${path}`) ?? new Map<string, number>();
      const its = withShared(own, sums.copies, (copy) => copy.role === role && copy.framework === path);
      const differs = firstDifference(asMap(allocated), its);
      if (differs === undefined) return undefined;
      return broken('I8', `${path} in ${role}`, `its share counts another amount of ${differs}`);
    });
  });
}

/** What is held in a role and those below it. */
function sumBelow({ byRole, copies }: HeldSums, role: string): ReadonlyMap<string, number> {
  let sum = new Map<string, number>();
  for (const [other, part] of byRole) if (isWithinRole(other, role)) sum = merged(sum, part);
  return withShared(sum, copies, (copy) => isWithinRole(copy.role, role));
}

/** I10: no offer stands that a filter older than it hides. */
function* noOfferIsFiltered(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  return yield* first(state.offers.walk(), pace, ({ offer, seq }) => {
    const machine = state.allocator.agents.get(offer.agent);
    // Of filters on an agent it is known when the newest came: one that came after the offer says nothing of it.
    if (machine === undefined || machine.refusals.seq >= seq) return undefined;
    for (const filter of filtersOn(state.allocator, machine)) {
      if (filter.framework !== offer.framework || filter.role !== offer.role) continue;
      if (offer.at < filter.expiresAt && covers(filter.refused, offer.resources)) {
        return broken('I10', offer.id, `it was refused until ${filter.expiresAt}`);
      }
    }
    return undefined;
  });
}

/** I11: what is remembered of the past is bounded by the configuration. */
function* memoryIsBounded(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const { config } = state;
  if (ringValues(state.completedFrameworks).length > config.maxCompletedFrameworks) {
    return broken('I11', 'completedFrameworks', 'too many');
  }
  if (state.unreachable.size > config.maxUnreachableAgents) return broken('I11', 'unreachable', 'too many');
  if (state.gone.size > config.maxUnreachableAgents) return broken('I11', 'gone', 'too many');
  return yield* first(state.frameworks.walk(), pace, ({ id, unreachableTasks, completedTasks }) => {
    if (unreachableTasks.size > config.maxUnreachableTasks) return broken('I11', id, 'too many unreachable tasks');
    const isOver = ringValues(completedTasks).length > config.maxCompletedTasks;
    return isOver ? broken('I11', id, 'too many completed tasks') : undefined;
  });
}

/** I12: every id in one table exists in the table it refers to. */
function* referencesHold(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  if (state.agents.size !== state.allocator.agents.size) return broken('I12', 'agents', 'the allocator has others');
  if (state.frameworks.size !== state.allocator.frameworks.size)
    return broken('I12', 'frameworks', 'the allocator has others');
  let named = 0;
  const stray = yield* first(
    state.agents.walk(),
    pace,
    (agent) => {
      named += state.allocator.agents.get(agent.id)?.offers.length ?? 0;
      return strayOf(state, agent);
    },
    partsOfAgent,
  );
  if (stray !== undefined) return stray;
  if (named !== state.offers.size) return broken('I12', 'offers', 'some are of no agent');
  const lost = yield* firstOfBig(state.frameworks.walk(), pace, (framework) => lostOf(state, framework, pace));
  if (lost !== undefined) return lost;
  return yield* unreachableTasksHold(state, pace);
}

/** What an agent names that is not there. */
function strayOf(state: ClusterState, agent: Agent): Violation | undefined {
  const numbers = state.allocator.agents.get(agent.id)?.offers ?? [];
  const stray = numbers.find((number) => state.offers.at(number)?.offer.agent !== agent.id);
  if (stray !== undefined) return broken('I12', agent.id, `it names offer ${stray}, which is not there`);
  const lost = agent.tasks.find(
    ({ framework, task }) => state.frameworks.get(framework)?.tasks.get(task)?.agent !== agent.id,
  );
  if (lost !== undefined) return broken('I12', agent.id, `it names task ${lost.task}, which is not there`);
  const killed = agent.kills.find(
    (kill) => !agent.tasks.some((ref) => ref.task === kill.task && ref.framework === kill.framework),
  );
  if (killed !== undefined) return broken('I12', agent.id, `it is to end task ${killed.task}, which is not there`);
  const masterless = agent.executors.find(({ framework }) => !state.frameworks.has(framework));
  if (masterless !== undefined) return broken('I12', agent.id, `its executor ${masterless.info.id} is of nobody`);
  const isAway = state.unreachable.has(agent.id) || state.recovered.has(agent.id);
  return isAway ? broken('I12', agent.id, 'it is here and away at once') : undefined;
}

/** What a framework names that is not there. */
function* lostOf(state: ClusterState, framework: Framework, pace: Pace): Steps<Violation | undefined> {
  const { id, tasks, unreachableTasks, unanswered } = framework;
  const silence = yield* first(unanswered.walk(), pace, ({ agent }) =>
    state.agents.has(agent) ? undefined : broken('I12', id, `it is silent to ${agent}, which is not there`),
  );
  if (silence !== undefined) return silence;
  const stranger = yield* first(unreachableTasks.walk(), pace, (_, task) =>
    tasks.has(task) ? broken('I12', task, 'it is here and unreachable at once') : undefined,
  );
  if (stranger !== undefined) return stranger;
  return yield* first(tasks.walk(), pace, (task) => {
    const named = state.agents.get(task.agent)?.tasks ?? [];
    const isKnown = named.some((ref) => ref.task === task.id && ref.framework === id);
    return isKnown ? undefined : broken('I12', task.id, `agent ${task.agent} does not know it`);
  });
}

/** I12 for what can not be reached: agents that are away name the unreachable tasks of frameworks, each once. */
function* unreachableTasksHold(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  let named = 0;
  const stray = yield* first(
    state.unreachableTasks.walk(),
    pace,
    (refs, id) => {
      if (state.agents.has(id)) return broken('I12', id, 'it is here, and its tasks are unreachable');
      if (refs.length === 0) return broken('I12', id, 'it is said to have unreachable tasks, and has none');
      for (const { framework, task } of refs) {
        if (state.frameworks.get(framework)?.unreachableTasks.get(task)?.agent === id) continue;
        return broken('I12', id, `it names unreachable task ${task}, which is not there`);
      }
      const its = new Set(refs.map(({ framework, task }) => JSON.stringify([framework, task])));
      if (its.size !== refs.length) return broken('I12', id, 'it names an unreachable task twice');
      named += its.size;
      return undefined;
    },
    (refs) => 1 + refs.length,
  );
  if (stray !== undefined) return stray;
  yield* each(state.frameworks.walk(), pace, ({ unreachableTasks }) => (named -= unreachableTasks.size));
  return named === 0 ? undefined : broken('I12', 'unreachableTasks', 'some are of no agent');
}

/**
 * I14: nothing is offered of an agent that is away, out of service or claimed, of any other everything may be; a drain is over
 * when nothing is left to wait for, and not before; who is gone is nowhere else (AG-6, DRAIN-1, DRAIN-2).
 */
function* serviceHolds(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const { agents, service, unreachable, recovered } = state;
  const against = yield* first(state.allocator.agents.walk(), pace, ({ id, active }) => {
    const mayBeOffered = agents.get(id)?.connected === true && !service.has(id) && !state.preemption.claims.has(id);
    return active === mayBeOffered ? undefined : broken('I14', id, 'it is offered against what is wanted of it');
  });
  if (against !== undefined) return against;
  const odd = yield* first(service.walk(), pace, ({ id, drain }) => {
    const agent = agents.get(id);
    if (agent === undefined && !unreachable.has(id) && !recovered.has(id)) {
      return broken('I14', id, 'it is out of service and not known');
    }
    if (agent === undefined || drain === null) return undefined;
    const isEmpty = agent.tasks.length === 0 && agent.operations.length === 0;
    const isRight = isEmpty === (drain.state === 'drained');
    return isRight ? undefined : broken('I14', id, `it is ${drain.state} with or without tasks`);
  });
  if (odd !== undefined) return odd;
  return yield* first(state.gone.walk(), pace, (_, id) => {
    const isThere = [agents, unreachable, recovered, service].some((table) => table.has(id));
    return isThere ? broken('I14', id, 'it is gone and there') : undefined;
  });
}

/**
 * I19: what is planned of an agent is what is planned for its machine, its offers say so, and none is there whose machine
 * is down (MNT-3, MNT-4). Where machines are filed, all agents that say that name of their own are filed, and no others.
 */
function* planHolds(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const stray = yield* first(
    state.machines.walk(),
    pace,
    ({ machines }, place) => {
      const isStray = machines.some((row) => namesOf(row.hostname, row.ip)[0] !== place);
      const before = (index: number): string => machines[index - 1]?.ip ?? '';
      const isLate = machines.some(({ ip }, index) => index > 0 && compareText(before(index), ip ?? '') >= 0);
      const isRight = machines.length > 0 && !isStray && !isLate;
      return isRight ? undefined : broken('I19', place, 'machines of another name are there, out of order, or none');
    },
    partsOfPlace,
  );
  if (stray !== undefined) return stray;
  const named = yield* machinesByName(state, pace);
  const near = new Map<string, string[]>();
  const unplanned = yield* first(state.agents.walk(), pace, (agent) => {
    const machine = state.allocator.agents.get(agent.id);
    if (machine === undefined) return undefined;
    for (const name of namesOf(machine.hostname, agent.ip)) {
      if (state.machines.has(name)) append(near, name, agent.id);
    }
    return planDiffers(state, agent, machine, named);
  });
  if (unplanned !== undefined) return unplanned;
  return yield* first(state.machines.walk(), pace, ({ agents }, place) => {
    const there = (near.get(place) ?? []).sort(compareText);
    const isSame = agents.length === there.length && agents.every((id, index) => id === there[index]);
    return isSame ? undefined : broken('I19', place, 'other agents are found there than say so');
  });
}

/** Whether something else is planned of an agent, or said in its offers, than for its machine. */
function planDiffers(
  state: ClusterState,
  { id, ip }: Agent,
  { hostname, maintenance }: AllocatorAgent,
  named: MachinesByName,
): Violation | undefined {
  const names = namesOf(hostname, ip);
  const candidates =
    ip === null
      ? (state.machines.get(names[0] ?? '')?.machines ?? [])
      : [namesOf(hostname, null), [`ip ${ip}`], names].flatMap((parts) => named.get(parts.join(' ')) ?? []);
  const its = candidates.filter((row) => isMachineOf(row, hostname, ip));
  if (its.some(({ mode }) => mode === 'down')) return broken('I19', id, 'its machine is down');
  const soonest = its.reduce((least, { unavailability }) => Math.min(least, unavailability.start), Infinity);
  const plan = maintenance?.unavailability;
  const isKept =
    plan === undefined
      ? its.length === 0
      : plan.start === soonest && its.some(({ unavailability }) => isSamePlan(unavailability, plan));
  if (!isKept) return broken('I19', id, 'something else is planned for its machine');
  const late = offersOn(state, id).find(({ unavailability }) => !isSamePlan(unavailability, plan))?.id;
  return late === undefined ? undefined : broken('I19', late, 'its agent will be away at another time');
}

type MachinesByName = ReadonlyMap<string, readonly MachineRow[]>;

/** Machines by all parts of their names: many may share one part. */
function* machinesByName(state: ClusterState, pace: Pace): Steps<MachinesByName> {
  const named = new Map<string, MachineRow[]>();
  yield* each(state.machines.walk(), pace, ({ machines }) => {
    for (const row of machines) append(named, namesOf(row.hostname, row.ip).join(' '), row);
  });
  return named;
}

function append<T>(map: Map<string, T[]>, key: string, item: T): void {
  const found = map.get(key);
  if (found === undefined) map.set(key, [item]);
  else found.push(item);
}

/** The names under which a machine can be filed: by its hostname, whatever its case, and by its address. */
function namesOf(hostname: string | null, ip: string | null): readonly string[] {
  const names = hostname === null ? [] : [`hostname ${hostname.toLowerCase()}`];
  return ip === null ? names : [...names, `ip ${ip}`];
}

/** Whether a machine of the schedule is the one of an agent: no part contradicts, and one agrees. */
function isMachineOf(row: MachineRow, hostname: string, ip: string | null): boolean {
  const host = row.hostname === null ? undefined : row.hostname.toLowerCase() === hostname.toLowerCase();
  const address = row.ip === null || ip === null ? undefined : row.ip === ip;
  return host !== false && address !== false && (host === true || address === true);
}

function isSamePlan(a: Unavailability | undefined, b: Unavailability | undefined): boolean {
  return a?.start === b?.start && a?.durationMs === b?.durationMs;
}

/** I20: an inverse offer asks one who is there to leave an agent that is there and will be away; who was asked what is known alike everywhere. */
function* inverseOffersHold(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const asked = new Set<string>();
  let askedBack = 0;
  const wrong = yield* first(state.inverseOffers.walk(), pace, ({ offer }) => {
    asked.add(JSON.stringify([offer.agent, offer.framework]));
    askedBack += offer.tasks === undefined ? 0 : 1;
    return askedWrongly(state, offer);
  });
  if (wrong !== undefined) return wrong;
  if (asked.size !== state.inverseOffers.size) return broken('I20', 'inverseOffers', 'somebody was asked twice');
  const count = { listed: 0, outstanding: 0, standing: 0 };
  const forgotten = yield* first(state.agents.walk(), pace, ({ id, inverseOffers }) => {
    count.listed += inverseOffers.length;
    for (const { framework, outstanding } of state.allocator.agents.get(id)?.maintenance?.standings ?? []) {
      count.standing += 1;
      count.outstanding += outstanding ? 1 : 0;
      if (state.allocator.frameworks.get(framework)?.standings.has(id) === true) continue;
      return broken('I20', id, `${framework} does not know that it was asked`);
    }
    return undefined;
  });
  if (forgotten !== undefined) return forgotten;
  if (count.listed !== asked.size) return broken('I20', 'agents', 'they name inverse offers that are not there');
  if (count.outstanding + askedBack !== asked.size)
    return broken('I20', 'agents', 'an answer is waited for that nobody was asked for');
  yield* each(state.allocator.frameworks.walk(), pace, ({ standings }) => (count.standing -= standings.size));
  return count.standing === 0 ? undefined : broken('I20', 'frameworks', 'they remember agents that forgot them');
}

function askedWrongly(state: ClusterState, offer: InverseOffer): Violation | undefined {
  const { id, agent, framework, unavailability } = offer;
  if (state.agents.get(agent)?.connected !== true) return broken('I20', id, `agent ${agent} is not there`);
  if (state.service.has(agent)) return broken('I20', id, `agent ${agent} is out of service`);
  if (state.frameworks.get(framework)?.state !== 'connected') {
    return broken('I20', id, `framework ${framework} is not there`);
  }
  const isKnown = state.agents.get(agent)?.inverseOffers.includes(id) === true;
  if (!isKnown) return broken('I20', id, 'its agent does not know it');
  if (offer.tasks !== undefined) {
    const isAsking = state.preemption.claims.get(agent)?.stage === 'asking';
    return isAsking ? undefined : broken('I20', id, `nothing is claimed on agent ${agent}`);
  }
  const plan = state.allocator.agents.get(agent)?.maintenance;
  if (plan == null || !isSamePlan(plan.unavailability, unavailability)) return broken('I20', id, 'that is not planned');
  const standing = plan.standings.find((one) => one.framework === framework);
  return standing?.outstanding === true ? undefined : broken('I20', id, 'nobody waits for the answer');
}

/** I21: room is made on agents that are there, for frameworks that are there and ask for it, and only if it is to be. */
function* claimsHold(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const { claims, spent, lacking, review } = state.preemption;
  const isOff = state.config.preemption === null;
  if (isOff && claims.size + spent.size + lacking.size + (review === null ? 0 : 1) > 0) {
    return broken('I21', 'preemption', 'it is under way, and is not wanted');
  }
  const stray = yield* first(spent.walk(), pace, (_, id) =>
    state.frameworks.has(id) ? undefined : broken('I21', id, 'claims were made for it, and it is not there'),
  );
  if (stray !== undefined) return stray;
  return yield* first(claims.walk(), pace, ({ agent, framework, role }) => {
    if (state.agents.get(agent)?.connected !== true) return broken('I21', agent, 'it is claimed, and is not there');
    const isMember = state.allocator.frameworks.get(framework)?.roles.includes(role) === true;
    if (!isMember) return broken('I21', agent, `it is claimed for ${framework} in ${role}, where that is not`);
    return state.allocator.demand.has(framework) ? undefined : broken('I21', agent, 'it is claimed, and nobody asks');
  });
}

/** I15: as many offers of a framework are counted as stand. */
function* offersAreCounted(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const standing = new Map<string, number>();
  yield* each(state.offers.walk(), pace, ({ offer: { framework } }) => {
    standing.set(framework, (standing.get(framework) ?? 0) + 1);
  });
  const { offersOut } = state.allocator;
  const miscounted = yield* first(offersOut.walk(), pace, (counted, id) => {
    const there = standing.get(id) ?? 0;
    return counted === there ? undefined : broken('I15', id, `it has ${there} offers, and ${counted} are counted`);
  });
  if (miscounted !== undefined) return miscounted;
  return yield* first(standing, pace, (there, id) =>
    offersOut.has(id) ? undefined : broken('I15', id, `it has ${there} offers, and none are counted`),
  );
}

/** I15: nobody is made another offer beyond the bound. One that was lowered takes none back. */
function offersAreBounded(before: ClusterState, input: Input, after: ClusterState): Violation | undefined {
  const most = after.config.maxOffersPerFramework;
  // Within a batch the bound may have changed after offers were made.
  if (input.type === 'batch' || most === null || after.offers === before.offers) return undefined;
  for (const { offer } of after.offers.values()) {
    const there = after.allocator.offersOut.get(offer.framework) ?? 0;
    if (!before.offers.has(offer.id) && there > most) return broken('I15', offer.id, `one of ${there}, ${most} may be`);
  }
  return undefined;
}

/** I16: while agents of a lost master are awaited, too few are there, it is not time yet, and nothing is offered (ALLOC-18). */
function* waitIsEmpty(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  if (pace.isOver()) yield;
  const { awaiting, agents, requested, requestedAll, batchDue, now } = state.allocator;
  if (awaiting === null) return undefined;
  if (agents.size >= awaiting.agents) return broken('I16', 'awaiting', `${agents.size} agents are enough`);
  if (now >= awaiting.until) return broken('I16', 'awaiting', `it should have ended at ${awaiting.until}`);
  if (requested.size > 0 || requestedAll || batchDue) return broken('I16', 'awaiting', 'a run is asked for');
  return state.offers.size === 0 ? undefined : broken('I16', 'awaiting', 'something is offered');
}

/**
 * I9: nothing is offered that would take a role, or one above it, beyond its limit. A role can be beyond it for other
 * reasons (a lowered limit, a returning agent, a reservation); then it is offered nothing more of what is limited.
 */
function limitsHold(before: ClusterState, input: Input, after: ClusterState): Violation | undefined {
  // Within a batch something else may have used up what was offered rightly.
  if (input.type === 'batch' || after.allocator.quotas.size === 0 || after.offers === before.offers) return undefined;
  for (const [role, { limits }] of after.allocator.quotas.entries()) {
    const fresh = new Map<string, number>();
    // Where a quota binds its own role alone, roles below may be offered more after it (QUOTA-11).
    const unbound = new Map<string, number>();
    for (const { offer } of after.offers.values()) {
      if (before.offers.has(offer.id) || !isWithinRole(offer.role, role)) continue;
      const isBound = after.config.nestedQuota || offer.role === role;
      addScalars(isBound ? fresh : unbound, plainItems(offer.resources));
    }
    const consumed = fresh.size === 0 ? fresh : consumedBy(after, role);
    for (const [index, name] of limits.names.entries()) {
      const most = (limits.millis[index] ?? 0) + (unbound.get(name) ?? 0);
      if ((fresh.get(name) ?? 0) > 0 && (consumed.get(name) ?? 0) > most) {
        return broken('I9', role, `it was offered ${name} beyond its limit`);
      }
    }
  }
  return undefined;
}

/** What a role and those below it hold of what is not reserved, and what is reserved to them. */
function consumedBy(state: ClusterState, role: string): Map<string, number> {
  const sum = new Map<string, number>();
  for (const machine of state.allocator.agents.values()) {
    const mine = machine.total.items.filter(({ reservations }) => isWithinRole(reservations.at(-1)?.role ?? '', role));
    addScalars(sum, mine);
    for (const held of machine.held) if (isWithinRole(held.role, role)) addScalars(sum, plainItems(held.resources));
  }
  return sum;
}

function plainItems({ items }: Resources): readonly ResourceItem[] {
  return items.filter(({ reservations, revocable }) => reservations.length === 0 && revocable === undefined);
}

function isWithinRole(role: string, top: string): boolean {
  return role === top || role.startsWith(`${top}/`);
}

/** I3: an offer, or inverse offer, leaves the table at most once, and an id never comes back. */
function offersLeaveOnce(before: ClusterState, after: ClusterState, outputs: readonly Output[]): Violation | undefined {
  const rescinded = new Set<string>();
  for (const output of outputs) {
    if (output.type !== 'rescind' && output.type !== 'rescind-inverse-offer') continue;
    const table = output.type === 'rescind' ? after.offers : after.inverseOffers;
    if (rescinded.has(output.offer)) return broken('I3', output.offer, 'it was rescinded twice');
    if (table.has(output.offer)) return broken('I3', output.offer, 'it was rescinded and still stands');
    rescinded.add(output.offer);
  }
  if (after.offers === before.offers && after.inverseOffers === before.inverseOffers) return undefined;
  for (const { offer } of [...after.offers.values(), ...after.inverseOffers.values()]) {
    if (before.offers.has(offer.id) || before.inverseOffers.has(offer.id)) continue;
    const number = Number(offer.id.slice(offer.id.lastIndexOf('O') + 1));
    if (number < before.nextOffer) return broken('I3', offer.id, 'an id that was used before came back');
  }
  return undefined;
}

/**
 * I12 for operations: the table, agents and frameworks name the same ones. I7 for operations: one that is over stays until
 * that is acknowledged, or while what it did in advance may still be undone (OP-2, OP-3).
 */
function* operationsHold(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  let named = 0;
  const wrong = yield* first(
    state.agents.walk(),
    pace,
    (agent) => {
      named += new Set(agent.operations).size;
      return oddOperationOf(state, agent);
    },
    partsOfAgent,
  );
  if (wrong !== undefined) return wrong;
  if (named !== state.operations.size) return broken('I12', 'operations', 'some are of no agent, or of several');
  let ids = 0;
  const stranger = yield* firstOfBig(state.frameworks.walk(), pace, (framework) => {
    ids += framework.operations.size;
    return first(framework.operations.walk(), pace, (uuid, id) => {
      const row = state.operations.get(uuid);
      if (row?.framework === framework.id && row.id === id) return undefined;
      return broken('I12', framework.id, `it calls ${id} what is not its operation`);
    });
  });
  if (stranger !== undefined) return stranger;
  const orphan = yield* first(state.operations.walk(), pace, ({ uuid, framework, id }) => {
    if (id !== null) ids -= 1;
    const isKnown = framework === null ? id === null : state.frameworks.has(framework);
    return isKnown ? undefined : broken('I12', uuid, 'its framework is not there');
  });
  if (orphan !== undefined) return orphan;
  return ids === 0 ? undefined : broken('I12', 'operations', 'a framework does not know one of its own');
}

function oddOperationOf(state: ClusterState, agent: Agent): Violation | undefined {
  const stray = agent.operations.find((uuid) => state.operations.get(uuid)?.agent !== agent.id);
  if (stray !== undefined) return broken('I12', agent.id, `it names operation ${stray}, which is not there`);
  const rows = agent.operations.flatMap((uuid) => state.operations.get(uuid) ?? []);
  const debts = rows.filter(({ owed }) => owed).length;
  if (agent.debts !== debts) return broken('I12', agent.id, `${debts} of its operations are owed, not ${agent.debts}`);
  const mayFail = rows.some((row) => !isTerminalOperation(row.state));
  for (const row of rows) {
    if (row.owed && (!mayFail || !isTerminalOperation(row.state) || row.conversions.length === 0)) {
      return broken('I7', row.uuid, 'what can not be undone any more is owed');
    }
    if (isTerminalOperation(row.state) && row.statusUuid === null && !row.owed) {
      return broken('I7', row.uuid, `it is ${row.state} and nobody will acknowledge that`);
    }
  }
  return undefined;
}

/** I5 for operations: what ended stays as it ended (OP-1). */
function endsStay(before: ClusterState, input: Input, after: ClusterState): Violation | undefined {
  if (input.type === 'batch' || after.operations === before.operations) return undefined;
  for (const { uuid, agent, state } of after.operations.values()) {
    // Of an agent that was given up and came back within the step it is another row.
    if (before.agents.get(agent)?.registeredAt !== after.agents.get(agent)?.registeredAt) continue;
    const was = before.operations.get(uuid)?.state ?? state;
    if (isTerminalOperation(was) && was !== state) return broken('I5', uuid, `it went from ${was} to ${state}`);
  }
  return undefined;
}

/** I5: a task's state follows the legal edges; a terminal one changes only through its agent's re-registration (TASK-2). */
function statesAreLegal(before: ClusterState, input: Input, after: ClusterState): Violation | undefined {
  if (input.type === 'batch') return undefined;
  for (const framework of after.frameworks.values()) {
    const old = before.frameworks.get(framework.id);
    if (old === framework) continue;
    for (const task of framework.tasks.values()) {
      const lost = old?.unreachableTasks.get(task.id);
      // Whatever it was when it was lost sight of, it comes back as what its agent says (TASK-4).
      const was: Task | undefined = old?.tasks.get(task.id) ?? (lost && { ...lost, state: 'unreachable' });
      if (was === undefined || was.state === task.state || was.launchedAt !== task.launchedAt) continue;
      if (!canApply(was.state, task.state) && !(input.type === 'reregister' && hasReturned(before, was, after, task)))
        return broken('I5', task.id, `it went from ${was.state} to ${task.state}`);
    }
  }
  return undefined;
}

/** The task may come back as this; also when its agent was given up and came back within the step. */
function hasReturned(before: ClusterState, was: Task, after: ClusterState, task: Task): boolean {
  const isNew = before.agents.get(task.agent)?.registeredAt !== after.agents.get(task.agent)?.registeredAt;
  return canReturn(isNew ? 'unreachable' : was.state, task.state);
}

/** How much work a row of the allocator is. */
function partsOfMachine({ held }: AllocatorAgent): number {
  return 1 + held.length;
}

/** How much work an agent is, with what is on it. */
function partsOfAgent({ tasks, executors, operations }: Agent): number {
  return 1 + 2 * tasks.length + executors.length + operations.length;
}

/** How much work a place of the schedule is. */
function partsOfPlace({ machines, agents }: MachinePlace): number {
  return 1 + machines.length + agents.length;
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function addScalars(sum: Map<string, number>, items: readonly ResourceItem[]): void {
  for (const { name, value } of items) {
    if (value.type === 'scalar') sum.set(name, (sum.get(name) ?? 0) + value.milli);
  }
}

function bucket(map: Map<string, Map<string, number>>, key: string): Map<string, number> {
  const found = map.get(key) ?? new Map<string, number>();
  map.set(key, found);
  return found;
}

function merged(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): Map<string, number> {
  const sum = new Map(a);
  for (const [name, milli] of b) sum.set(name, (sum.get(name) ?? 0) + milli);
  return sum;
}

function asMap(
  quantities: { readonly names: readonly string[]; readonly millis: readonly number[] } | undefined,
): Map<string, number> {
  const millis = quantities?.millis;
  return new Map(quantities?.names.map((name, index) => [name, millis?.[index] ?? 0]));
}

function firstDifference(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): string | undefined {
  return [...a.keys(), ...b.keys()].find((name) => (a.get(name) ?? 0) !== (b.get(name) ?? 0));
}

/**
 * Whether every scalar of `part` is within `whole`, and every member of its ranges and sets is in it. A volume or a disk of
 * another size is another one: it is in nothing larger (RES-5).
 */
function covers(whole: Resources, part: Resources): boolean {
  return part.items.every((item) => {
    const { value } = item;
    if (value.type !== 'scalar') return hasMembers(whole.items, item);
    const kind = kindOf(item);
    const fits = (milli: number): boolean => (isIndivisible(item) ? milli === value.milli : milli >= value.milli);
    return whole.items.some(
      (other) => kindOf(other) === kind && other.value.type === 'scalar' && fits(other.value.milli),
    );
  });
}

function broken(rule: string, where: string, what: string): Violation {
  return { rule, where, what };
}
