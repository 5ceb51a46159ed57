/** Whether the parts of a saved state fit together. */
import type { ShareTree } from '../../drf/index.js';
import type { AllocatorFramework, AllocatorState } from '../../offers/index.js';
import { problemIn, validateRole } from '../../resources/index.js';
import { Damage } from '../../resources/reading.js';
import { each, Pace, ROWS_A_STEP, type Steps } from '../../resources/steps.js';
import { isTerminal } from '../../tasks/index.js';
import { compareDeadlines, walkDeadlines, type Deadline, type DeadlineHeap } from '../deadlines.js';
import { compareMachines, MachineNames } from '../maintenance.js';
import { runKey } from '../offer-runs.js';
import { offerNumber } from '../offer-table.js';
import { allocatorConfig, type ClusterState, type Framework, type MachinePlace, type Task } from '../state.js';
import { violationInSteps } from '../violation.js';
import { demandBalance } from './books.js';

/**
 * Refuses a state that no history could have led to: what is added up, what is said twice and what is named must agree.
 * In steps that look at so many rows.
 *
 * @throws Damage
 */
export function* demandWhole(state: ClusterState, rowsAStep: number = ROWS_A_STEP): Steps<void> {
  const pace = new Pace(rowsAStep);
  demandSettings(state);
  yield* demandFrameworks(state, pace);
  yield* demandExecutors(state, pace);
  yield* demandClients(state.allocator, pace);
  yield* demandBalance(state.allocator, pace);
  yield* demandRuns(state, pace);
  yield* demandQuotas(state.allocator, pace);
  yield* demandSchedule(state, pace);
  yield* demandDeadlines(state, pace);
  const broken = yield* violationInSteps(state, rowsAStep);
  if (broken !== undefined) throw new Damage(`breaks the rule ${broken.rule}: ${broken.what}`, broken.where);
}

function demandSettings({ config, allocator, seq }: ClusterState): void {
  if (JSON.stringify(allocator.config) !== JSON.stringify(inOrder(allocator.config, allocatorConfig(config)))) {
    throw new Damage('is not what the settings of the cluster say', 'allocator.config');
  }
  if (allocator.seq !== seq) throw new Damage(`is not ${seq}`, 'allocator.seq');
}

/** The fields of `b` in the order of `a`. */
function inOrder<T extends object>(a: T, b: T): unknown {
  return Object.fromEntries(Object.keys(a).map((key) => [key, b[key as keyof T]]));
}

function* demandFrameworks({ frameworks, allocator }: ClusterState, pace: Pace): Steps<void> {
  for (const [id, framework] of frameworks.walk()) {
    const path = `frameworks[${JSON.stringify(id)}]`;
    const inAllocator = allocator.frameworks.get(id);
    if (inAllocator === undefined || !isSaidAlike(framework, inAllocator)) {
      throw new Damage('says something else than the allocator has', path);
    }
    for (const field of ['tasks', 'unreachableTasks'] as const) {
      yield* each(framework[field].walk(), pace, (task) => demandTask(id, task, `${path}.${field}`));
    }
    if (pace.isOver()) yield;
  }
}

/** Whose an executor is, is said beside what it is. */
function demandExecutors({ agents }: ClusterState, pace: Pace): Steps<void> {
  return each(agents.walk(), pace, ({ executors }, id) => {
    const stray = executors.findIndex(
      ({ framework, role, info }) => info.framework !== framework || info.role !== role,
    );
    if (stray === -1) return;
    throw new Damage('is said to be of another framework or role', `agents[${JSON.stringify(id)}].executors[${stray}]`);
  });
}

function isSaidAlike({ state, connection, settings }: Framework, other: AllocatorFramework): boolean {
  return (
    (state === 'connected') === (connection !== null) &&
    other.active === (state === 'connected') &&
    other.priority === settings.priority &&
    isSameList(other.roles, settings.roles) &&
    isSameList(other.suppressed, settings.suppressedRoles) &&
    isSameList(other.capabilities, settings.capabilities)
  );
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function demandTask(framework: string, { id, framework: owner, status }: Task, path: string): void {
  const isOwn =
    owner === framework && (status === null || (status.task === id && status.terminal === isTerminal(status.state)));
  if (!isOwn)
    throw new Damage('is of another framework, or its status is of another task', `${path}[${JSON.stringify(id)}]`);
}

/** Who may be offered something in a role has a row there, active as the framework is; and every role has one itself. */
function* demandClients({ frameworks, clients, shares }: AllocatorState, pace: Pace): Steps<void> {
  yield* each(frameworks.walk(), pace, ({ id, roles, suppressed, active }) => {
    const off = new Set(suppressed);
    for (const role of roles) {
      const row = clients.get(role)?.nodes.get(id);
      if (row?.client !== true || row.active !== (active && !off.has(role))) {
        throw new Damage(
          `has no row for ${id}, or one that is not as active`,
          `allocator.clients[${JSON.stringify(role)}]`,
        );
      }
    }
  });
  for (const [role, tree] of clients.walk()) {
    const path = `allocator.clients[${JSON.stringify(role)}]`;
    if (leafOf(shares, role)?.active !== true) throw new Damage('is no role by share', path);
    if (pace.isOver()) yield;
    yield* each(tree.nodes.walk(), pace, (row, id) => {
      if (id === '') return;
      const framework = frameworks.get(id);
      const isIdle = framework?.roles.includes(role) !== true && row.allocated.names.length === 0;
      if (framework === undefined || (isIdle && row.active)) throw new Damage(`has a row for ${id}`, path);
    });
  }
  let leaves = 0;
  yield* each(shares.nodes.walk(), pace, ({ client }) => (leaves += client ? 1 : 0));
  if (leaves !== clients.size) throw new Damage('has other roles than the clients are in', 'allocator.shares');
}

function leafOf({ nodes }: ShareTree, role: string): { readonly active: boolean } | undefined {
  return nodes.get(`${role}/.`) ?? nodes.get(role);
}

/** Offers, inverse ones too, are found by the number of their run when that times out. */
function* demandRuns(state: ClusterState, pace: Pace): Steps<void> {
  const { offers, inverseOffers, offerRuns, nextRun, nextOffer } = state;
  const open = new Map<number, number>();
  const enter = ({ run }: { readonly run: number }, id: string): void => {
    const made = offerRuns.get(run);
    const number = offerNumber(id);
    const isOfRun = made !== undefined && made.first <= number && number <= made.last;
    if (!isOfRun) throw new Damage('is not of the run that it names', `offers[${JSON.stringify(id)}]`);
    open.set(run, (open.get(run) ?? 0) + 1);
  };
  yield* each(offers.walk(), pace, enter);
  yield* each(inverseOffers.walk(), pace, enter);
  const runs = offerRuns.entries().map(([number, run]) => [runKey(number), run] as const);
  yield* each(runs, pace, (run, key) => {
    const isRight = run.open === (open.get(Number(key)) ?? 0) && run.last < nextOffer && Number(key) < nextRun;
    if (!isRight) throw new Damage('does not count its offers', `offerRuns[${JSON.stringify(key)}]`);
  });
}

function demandQuotas({ quotas }: AllocatorState, pace: Pace): Steps<void> {
  return each(quotas.walk(), pace, (_, role) => {
    const problem = validateRole(role);
    if (problem !== undefined) throw new Damage(problem.message, `allocator.quotas[${JSON.stringify(role)}]`);
  });
}

/** No machine is in the schedule twice, by whatever name (MNT-1), and those found under one name are in order. */
function* demandSchedule({ machines: table }: ClusterState, pace: Pace): Steps<void> {
  const named = new MachineNames();
  for (const entry of table.inOrder()) {
    if (entry === undefined || pace.isOver()) yield;
    if (entry !== undefined) demandPlace(entry[0], entry[1], named);
  }
}

function demandPlace(place: string, { machines }: MachinePlace, named: MachineNames): void {
  for (const [index, machine] of machines.entries()) {
    const path = `machines[${JSON.stringify(place)}].machines[${index}]`;
    const problem = problemIn(() => named.add(machine, path));
    if (problem !== undefined) throw new Damage(problem.message, path);
    const before = machines[index - 1];
    if (before !== undefined && compareMachines(before, machine) >= 0) throw new Damage('is out of order', path);
  }
}

/** Whatever waits for a time has a deadline with its token; without it, it would wait for ever. */
function* demandDeadlines(state: ClusterState, pace: Pace): Steps<void> {
  const waiting = yield* filed(state.deadlines, state.nextWatch, pace);
  const overdue = yield* filed(state.removals, state.nextWatch, pace);
  const demand = (isFiled: boolean, path: string, id: string): void => {
    if (!isFiled) throw new Damage('has no deadline of its own', `${path}[${JSON.stringify(id)}].watch`);
  };
  const isWatched = (id: string, watch: number): boolean => {
    const key = deadlineKey('agent', id, watch);
    return waiting.keys.has(key) || overdue.keys.has(key);
  };
  yield* each(state.agents.walk(), pace, ({ id, watch, connected, heartbeatMs }) => {
    if (!connected || heartbeatMs !== null) demand(isWatched(id, watch), 'agents', id);
  });
  yield* each(state.recovered.walk(), pace, ({ id, watch }) => demand(isWatched(id, watch), 'recovered', id));
  yield* each(state.frameworks.walk(), pace, ({ id, watch, state: standing }) => {
    if (standing === 'disconnected') demand(waiting.keys.has(deadlineKey('failover', id, watch)), 'frameworks', id);
  });
  const { review } = state.preemption;
  if (review !== null && !waiting.keys.has(deadlineKey('review', '', review.watch))) {
    throw new Damage('has no deadline of its own', 'preemption.review');
  }
  const stray = waiting.stray ?? overdue.stray;
  if (stray !== undefined) throw new Damage(`is not after ${stray.token}, the token of a deadline`, 'nextWatch');
}

/** What is filed in a heap, and the soonest of it that has a token which nobody can have got. */
interface Filed {
  readonly keys: ReadonlySet<string>;
  readonly stray: Deadline | undefined;
}

function* filed(heap: DeadlineHeap, nextWatch: number, pace: Pace): Steps<Filed> {
  const keys = new Set<string>();
  let stray: Deadline | undefined;
  for (const deadline of walkDeadlines(heap)) {
    const { kind, id, token } = deadline;
    keys.add(deadlineKey(kind, id, token));
    const isRight = kind === 'offers' ? id === runKey(token) : token < nextWatch;
    if (!isRight && (stray === undefined || compareDeadlines(deadline, stray) < 0)) stray = deadline;
    if (pace.isOver()) yield;
  }
  return { keys, stray };
}

function deadlineKey(kind: Deadline['kind'], id: string, token: number): string {
  return `${kind} ${token} ${id}`;
}
