/**
 * What always holds: of a state by itself (`violation`) and of one step (`stepViolation`). It looks at the tables alone
 * and has its own arithmetic, so that a mistake of the machine is not repeated by its judge.
 */
import type { AllocatorAgent } from '../offers/index.js';
import type { ResourceItem, Resources } from '../resources/index.js';
import { canApply, canReturn, isTerminal } from '../tasks/index.js';
import type { Input } from './inputs.js';
import type { Output } from './outputs.js';
import { ringValues } from './ring.js';
import type { Agent, ClusterState, Task } from './state.js';

/** A broken rule: which one (I1 …), where, and what is wrong. */
export interface Violation {
  readonly rule: string;
  readonly where: string;
  readonly what: string;
}

/** The first rule that a state breaks; undefined = none. */
export function violation(state: ClusterState): Violation | undefined {
  return (
    wholeNumbers(state) ??
    agentsHoldNoMoreThanTheyHave(state) ??
    offersNameTheLiving(state) ??
    terminalTasksWait(state) ??
    sumsAgree(state) ??
    noOfferIsFiltered(state) ??
    memoryIsBounded(state) ??
    referencesHold(state)
  );
}

/** The first rule that a step breaks; undefined = none. */
export function stepViolation(
  before: ClusterState,
  input: Input,
  after: ClusterState,
  outputs: readonly Output[],
): Violation | undefined {
  return violation(after) ?? offersLeaveOnce(before, after, outputs) ?? statesAreLegal(before, input, after);
}

/** I2: amounts are whole thousandths, 0 or more; so are all times and counters. */
function wholeNumbers(state: ClusterState): Violation | undefined {
  for (const agent of state.allocator.agents.values()) {
    for (const part of [agent.total, agent.free, ...agent.held.map(({ resources }) => resources)]) {
      for (const item of part.items) {
        if (item.value.type === 'scalar' && !isWhole(item.value.milli)) {
          return broken('I2', agent.id, `${item.name} is ${String(item.value.milli)} thousandths`);
        }
      }
    }
  }
  const numbers = { now: state.now, seq: state.seq, nextOffer: state.nextOffer, stalledMs: state.stalledMs };
  for (const [name, value] of Object.entries(numbers)) {
    if (!isWhole(value)) return broken('I2', name, `it is ${String(value)}`);
  }
  return undefined;
}

/** I1: per agent and kind, what is held adds up to no more than there is, and no port is held twice; or it is marked. */
function agentsHoldNoMoreThanTheyHave(state: ClusterState): Violation | undefined {
  for (const machine of state.allocator.agents.values()) {
    const agent = state.agents.get(machine.id);
    if (agent?.overcommitted === true) {
      const short = shortKinds(machine);
      const offered = agent.offers.flatMap((id) => state.offers.get(id)?.offer.resources.items ?? []);
      const bad = offered.find((item) => short.has(item.name));
      if (bad !== undefined) return broken('I1', machine.id, `${bad.name} is offered though it is short`);
      continue;
    }
    const [kind] = shortKinds(machine);
    if (kind !== undefined) return broken('I1', machine.id, `more ${kind} is held than there is`);
  }
  return undefined;
}

/** Kinds of which more is held than there is, or a port or member is held twice. */
function shortKinds(machine: AllocatorAgent): ReadonlySet<string> {
  const short = new Set<string>();
  const scalars = new Map<string, number>();
  for (const item of machine.total.items) {
    if (item.value.type === 'scalar') scalars.set(item.name, (scalars.get(item.name) ?? 0) + item.value.milli);
  }
  const taken = new Map<string, Set<string>>();
  for (const { resources } of machine.held) {
    for (const item of resources.items) {
      if (item.value.type === 'scalar') {
        const left = (scalars.get(item.name) ?? 0) - (item.shared === undefined ? item.value.milli : 0);
        scalars.set(item.name, left);
        if (left < 0) short.add(item.name);
      } else if (!takeAll(taken, machine.total, item)) short.add(item.name);
    }
  }
  return short;
}

/** Takes the members of a range or set once each; false = one was taken before, or is not there. */
function takeAll(taken: Map<string, Set<string>>, total: Resources, item: ResourceItem): boolean {
  const mine = taken.get(item.name) ?? new Set<string>();
  taken.set(item.name, mine);
  for (const member of members(item)) {
    if (mine.has(member) || !isThere(total, item.name, member)) return false;
    mine.add(member);
  }
  return true;
}

function* members({ value }: ResourceItem): Generator<string> {
  if (value.type === 'set') yield* value.items;
  else if (value.type === 'ranges') {
    for (const { begin, end } of value.ranges) for (let n = begin; n <= end; n += 1) yield String(n);
  }
}

function isThere(total: Resources, name: string, member: string): boolean {
  return total.items.some(({ name: other, value }) => {
    if (other !== name) return false;
    if (value.type === 'set') return value.items.includes(member);
    return (
      value.type === 'ranges' && value.ranges.some(({ begin, end }) => begin <= Number(member) && Number(member) <= end)
    );
  });
}

/** I4: an offer names one agent, framework and role that exist and are active. */
function offersNameTheLiving(state: ClusterState): Violation | undefined {
  for (const { offer } of state.offers.values()) {
    if (state.agents.get(offer.agent)?.connected !== true)
      return broken('I4', offer.id, `agent ${offer.agent} is not there`);
    const framework = state.frameworks.get(offer.framework);
    if (framework?.state !== 'connected') return broken('I4', offer.id, `framework ${offer.framework} is not there`);
    if (!framework.settings.roles.includes(offer.role))
      return broken('I4', offer.id, `it is not in role ${offer.role}`);
  }
  return undefined;
}

/** I7: a terminal task stays until it is acknowledged; one that nobody could acknowledge is gone at once. */
function terminalTasksWait(state: ClusterState): Violation | undefined {
  for (const framework of state.frameworks.values()) {
    for (const task of framework.tasks.values()) {
      if (task.holds === isTerminal(task.state)) {
        return broken('I7', task.id, `it is ${task.state} and holds ${task.holds ? 'its resources' : 'nothing'}`);
      }
      if (task.status?.terminal === true && task.status.uuid === undefined && task.status.source === 'master') {
        return broken('I7', task.id, 'the master ended it and nobody will acknowledge that');
      }
    }
  }
  return undefined;
}

/** I8: what agents hold is what offers, tasks and executors hold, and the sums per role and framework agree with it. */
function sumsAgree(state: ClusterState): Violation | undefined {
  const byRole = new Map<string, Map<string, number>>();
  const byClient = new Map<string, Map<string, number>>();
  for (const agent of state.agents.values()) {
    const machine = state.allocator.agents.get(agent.id);
    if (machine === undefined) return broken('I12', agent.id, 'the allocator does not know it');
    const booked = new Map<string, number>();
    for (const { framework, role, resources } of machine.held) {
      addScalars(booked, resources);
      if (!state.frameworks.has(framework)) continue;
      addScalars(bucket(byRole, role), resources);
      addScalars(bucket(byClient, `${role} ${framework}`), resources);
    }
    const difference = firstDifference(booked, used(state, agent));
    if (difference !== undefined) return broken('I8', agent.id, `held and used differ in ${difference}`);
  }
  return sharesAgree(state, byRole, byClient);
}

function used(state: ClusterState, agent: Agent): Map<string, number> {
  const sum = new Map<string, number>();
  for (const id of agent.offers) {
    const offer = state.offers.get(id)?.offer;
    if (offer !== undefined) addScalars(sum, offer.resources);
  }
  for (const ref of agent.tasks) {
    const task = state.frameworks.get(ref.framework)?.tasks.get(ref.task);
    if (task?.holds === true) addScalars(sum, task.resources);
  }
  for (const { info } of agent.executors) addScalars(sum, info.resources);
  return sum;
}

function sharesAgree(
  state: ClusterState,
  byRole: ReadonlyMap<string, ReadonlyMap<string, number>>,
  byClient: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Violation | undefined {
  for (const [role, tree] of state.allocator.clients.entries()) {
    let roleSum = new Map<string, number>();
    for (const [other, sum] of byRole) {
      if (other === role || other.startsWith(`${role}/`)) roleSum = merged(roleSum, sum);
    }
    const node = state.allocator.shares.nodes.get(role);
    const difference = firstDifference(asMap(node?.allocated), roleSum);
    if (difference !== undefined) return broken('I8', role, `its share counts another amount of ${difference}`);
    for (const row of tree.nodes.values()) {
      if (row.path === '') continue;
      const differs = firstDifference(asMap(row.allocated), byClient.get(`${role} ${row.path}`) ?? new Map());
      if (differs !== undefined)
        return broken('I8', `${row.path} in ${role}`, `its share counts another amount of ${differs}`);
    }
  }
  return undefined;
}

/** I10: no offer stands that a filter older than it hides. */
function noOfferIsFiltered(state: ClusterState): Violation | undefined {
  for (const { offer, seq } of state.offers.values()) {
    const machine = state.allocator.agents.get(offer.agent);
    const framework = state.allocator.frameworks.get(offer.framework);
    const epoch = framework?.epochs.find(({ role }) => role === offer.role)?.epoch ?? 0;
    for (const filter of machine?.filters.get(`${offer.role} ${offer.framework}`) ?? []) {
      const older = filter.seq < seq && filter.epoch === epoch && offer.at < filter.expiresAt;
      if (older && covers(filter.refused, offer.resources)) {
        return broken('I10', offer.id, `it was refused at ${filter.at} until ${filter.expiresAt}`);
      }
    }
  }
  return undefined;
}

/** I11: what is remembered of the past is bounded by the configuration. */
function memoryIsBounded(state: ClusterState): Violation | undefined {
  const { config } = state;
  if (ringValues(state.completedFrameworks).length > config.maxCompletedFrameworks) {
    return broken('I11', 'completedFrameworks', 'too many');
  }
  if (state.unreachable.size > config.maxUnreachableAgents) return broken('I11', 'unreachable', 'too many');
  for (const framework of state.frameworks.values()) {
    if (framework.unreachableTasks.size > config.maxUnreachableTasks)
      return broken('I11', framework.id, 'too many unreachable tasks');
    if (ringValues(framework.completedTasks).length > config.maxCompletedTasks) {
      return broken('I11', framework.id, 'too many completed tasks');
    }
  }
  return undefined;
}

/** I12: every id in one table exists in the table it refers to. */
function referencesHold(state: ClusterState): Violation | undefined {
  if (state.agents.size !== state.allocator.agents.size) return broken('I12', 'agents', 'the allocator has others');
  if (state.frameworks.size !== state.allocator.frameworks.size)
    return broken('I12', 'frameworks', 'the allocator has others');
  let named = 0;
  for (const agent of state.agents.values()) {
    named += agent.offers.length;
    const stray = agent.offers.find((id) => state.offers.get(id)?.offer.agent !== agent.id);
    if (stray !== undefined) return broken('I12', agent.id, `it names offer ${stray}, which is not there`);
    const lost = agent.tasks.find(
      ({ framework, task }) => state.frameworks.get(framework)?.tasks.get(task)?.agent !== agent.id,
    );
    if (lost !== undefined) return broken('I12', agent.id, `it names task ${lost.task}, which is not there`);
  }
  if (named !== state.offers.size) return broken('I12', 'offers', 'some are of no agent');
  for (const framework of state.frameworks.values()) {
    for (const task of framework.tasks.values()) {
      const agent = state.agents.get(task.agent);
      const known = agent?.tasks.some((ref) => ref.task === task.id && ref.framework === framework.id) ?? false;
      if (!known) return broken('I12', task.id, `agent ${task.agent} does not know it`);
    }
  }
  return undefined;
}

/** I3: an offer leaves the table at most once, and an id never comes back. */
function offersLeaveOnce(before: ClusterState, after: ClusterState, outputs: readonly Output[]): Violation | undefined {
  const rescinded = new Set<string>();
  for (const output of outputs) {
    if (output.type !== 'rescind') continue;
    if (rescinded.has(output.offer)) return broken('I3', output.offer, 'it was rescinded twice');
    if (after.offers.has(output.offer)) return broken('I3', output.offer, 'it was rescinded and still stands');
    rescinded.add(output.offer);
  }
  for (const { offer } of after.offers.values()) {
    if (before.offers.has(offer.id)) continue;
    const number = Number(offer.id.slice(offer.id.lastIndexOf('O') + 1));
    if (number < before.nextOffer) return broken('I3', offer.id, 'an id that was used before came back');
  }
  return undefined;
}

/** I5: a task's state follows the legal edges; a terminal one changes only through its agent's re-registration. */
function statesAreLegal(before: ClusterState, input: Input, after: ClusterState): Violation | undefined {
  if (input.type === 'batch') return undefined;
  for (const framework of after.frameworks.values()) {
    const old = before.frameworks.get(framework.id);
    for (const task of framework.tasks.values()) {
      const was: Task | undefined = old?.tasks.get(task.id) ?? old?.unreachableTasks.get(task.id);
      if (was === undefined || was.state === task.state || was.launchedAt !== task.launchedAt) continue;
      const legal =
        canApply(was.state, task.state) || (input.type === 'reregister' && canReturn(was.state, task.state));
      if (!legal) return broken('I5', task.id, `it went from ${was.state} to ${task.state}`);
    }
  }
  return undefined;
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function addScalars(sum: Map<string, number>, { items }: Resources): void {
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
  return new Map(quantities?.names.map((name, index) => [name, quantities.millis[index] ?? 0]));
}

function firstDifference(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): string | undefined {
  return [...a.keys(), ...b.keys()].find((name) => (a.get(name) ?? 0) !== (b.get(name) ?? 0));
}

/** Whether every scalar of `part` is within `whole`, and every member of its ranges and sets is in it. */
function covers(whole: Resources, part: Resources): boolean {
  return part.items.every((item) => {
    const { value } = item;
    if (value.type !== 'scalar') return [...members(item)].every((member) => isThere(whole, item.name, member));
    const reserved = JSON.stringify(item.reservations);
    return whole.items.some(
      (other) =>
        other.name === item.name &&
        other.value.type === 'scalar' &&
        other.value.milli >= value.milli &&
        JSON.stringify(other.reservations) === reserved,
    );
  });
}

function broken(rule: string, where: string, what: string): Violation {
  return { rule, where, what };
}
