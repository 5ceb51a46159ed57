/** Whether the parts of a saved state fit together. */
import type { ShareTree } from '../../drf/index.js';
import type { AllocatorFramework, AllocatorState } from '../../offers/index.js';
import { problemIn, validateRole } from '../../resources/index.js';
import { Damage } from '../../resources/reading.js';
import { isTerminal } from '../../tasks/index.js';
import { deadlinesOf, type Deadline, type DeadlineHeap } from '../deadlines.js';
import { compareMachines, MachineNames } from '../maintenance.js';
import { runKey } from '../offer-runs.js';
import { allocatorConfig, type ClusterState, type Framework, type Task } from '../state.js';
import { violation } from '../violation.js';
import { demandBalance } from './books.js';

/**
 * Refuses a state that no history could have led to: what is added up, what is said twice and what is named must agree.
 *
 * @throws Damage
 */
export function demandWhole(state: ClusterState): void {
  demandSettings(state);
  demandFrameworks(state);
  demandExecutors(state);
  demandClients(state.allocator);
  demandBalance(state.allocator);
  demandRuns(state);
  demandQuotas(state.allocator);
  demandSchedule(state);
  demandDeadlines(state);
  const broken = violation(state);
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

function demandFrameworks({ frameworks, allocator }: ClusterState): void {
  frameworks.forEach((framework, id) => {
    const path = `frameworks[${JSON.stringify(id)}]`;
    const inAllocator = allocator.frameworks.get(id);
    if (inAllocator === undefined || !isSaidAlike(framework, inAllocator)) {
      throw new Damage('says something else than the allocator has', path);
    }
    framework.tasks.forEach((task) => demandTask(id, task, `${path}.tasks`));
    framework.unreachableTasks.forEach((task) => demandTask(id, task, `${path}.unreachableTasks`));
  });
}

/** Whose an executor is, is said beside what it is. */
function demandExecutors({ agents }: ClusterState): void {
  agents.forEach(({ executors }, id) => {
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
function demandClients({ frameworks, clients, shares }: AllocatorState): void {
  frameworks.forEach(({ id, roles, suppressed, active }) => {
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
  clients.forEach((tree, role) => {
    const path = `allocator.clients[${JSON.stringify(role)}]`;
    if (leafOf(shares, role)?.active !== true) throw new Damage('is no role by share', path);
    tree.nodes.forEach((row, id) => {
      if (id === '') return;
      const framework = frameworks.get(id);
      const isIdle = framework?.roles.includes(role) !== true && row.allocated.names.length === 0;
      if (framework === undefined || (isIdle && row.active)) throw new Damage(`has a row for ${id}`, path);
    });
  });
  const leaves = shares.nodes.values().filter(({ client }) => client).length;
  if (leaves !== clients.size) throw new Damage('has other roles than the clients are in', 'allocator.shares');
}

function leafOf({ nodes }: ShareTree, role: string): { readonly active: boolean } | undefined {
  return nodes.get(`${role}/.`) ?? nodes.get(role);
}

/** Offers, inverse ones too, are found by the number of their run when that times out. */
function demandRuns({ offers, inverseOffers, offerRuns, nextRun, nextOffer }: ClusterState): void {
  const open = new Map<number, number>();
  for (const table of [offers, inverseOffers]) {
    table.forEach(({ run }, id) => {
      const made = offerRuns.get(run);
      const number = Number(/-O(\d+)$/.exec(id)?.[1]);
      const isOfRun = made !== undefined && made.first <= number && number <= made.last;
      if (!isOfRun) throw new Damage('is not of the run that it names', `offers[${JSON.stringify(id)}]`);
      open.set(run, (open.get(run) ?? 0) + 1);
    });
  }
  offerRuns.forEach((run, number) => {
    const isRight = run.open === (open.get(number) ?? 0) && run.last < nextOffer && number < nextRun;
    if (!isRight) throw new Damage('does not count its offers', `offerRuns[${JSON.stringify(runKey(number))}]`);
  });
}

function demandQuotas({ quotas }: AllocatorState): void {
  for (const role of quotas.keys()) {
    const problem = validateRole(role);
    if (problem !== undefined) throw new Damage(problem.message, `allocator.quotas[${JSON.stringify(role)}]`);
  }
}

/** No machine is in the schedule twice, by whatever name (MNT-1), and those found under one name are in order. */
function demandSchedule({ machines: table }: ClusterState): void {
  const named = new MachineNames();
  for (const [place, { machines }] of table.entries()) {
    for (const [index, machine] of machines.entries()) {
      const path = `machines[${JSON.stringify(place)}].machines[${index}]`;
      const problem = problemIn(() => named.add(machine, path));
      if (problem !== undefined) throw new Damage(problem.message, path);
      const before = machines[index - 1];
      if (before !== undefined && compareMachines(before, machine) >= 0) throw new Damage('is out of order', path);
    }
  }
}

/** Whatever waits for a time has a deadline with its token; without it, it would wait for ever. */
function demandDeadlines(state: ClusterState): void {
  const { deadlines, removals, nextWatch } = state;
  const waiting = filed(deadlines);
  const overdue = filed(removals);
  const demand = (isFiled: boolean, path: string, id: string): void => {
    if (!isFiled) throw new Damage('has no deadline of its own', `${path}[${JSON.stringify(id)}].watch`);
  };
  state.agents.forEach(({ id, watch, connected, heartbeatMs }) => {
    const key = deadlineKey('agent', id, watch);
    if (connected && heartbeatMs === null) return;
    demand(waiting.has(key) || overdue.has(key), 'agents', id);
  });
  state.recovered.forEach(({ id, watch }) => {
    const key = deadlineKey('agent', id, watch);
    demand(waiting.has(key) || overdue.has(key), 'recovered', id);
  });
  state.frameworks.forEach(({ id, watch, state: standing }) => {
    if (standing === 'disconnected') demand(waiting.has(deadlineKey('failover', id, watch)), 'frameworks', id);
  });
  const stray = [deadlines, removals]
    .flatMap(deadlinesOf)
    .find(({ kind, token, id }) => (kind === 'offers' ? id !== runKey(token) : token >= nextWatch));
  if (stray !== undefined) throw new Damage(`is not after ${stray.token}, the token of a deadline`, 'nextWatch');
}

function filed(heap: DeadlineHeap): ReadonlySet<string> {
  return new Set(deadlinesOf(heap).map(({ kind, id, token }) => deadlineKey(kind, id, token)));
}

function deadlineKey(kind: Deadline['kind'], id: string, token: number): string {
  return `${kind} ${token} ${id}`;
}
