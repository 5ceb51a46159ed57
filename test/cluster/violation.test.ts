/** The judge is judged: one healthy cluster, and a hand-broken one for every rule that must be found out. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  emptyCluster,
  stepViolation,
  transition,
  violation,
  type Agent,
  type ClusterState,
  type Framework,
  type Input,
  type InverseOffer,
  type MachinePlace,
  type Offer,
  type Operation,
  type Output,
  type Task,
  type TaskRef,
} from '../../src/cluster/index.js';
import type { AgentMaintenance, AllocatorAgent } from '../../src/offers/index.js';
import { Table, quantities, resources, type Resources } from '../../src/resources/index.js';
import { noRefusals, withRefusal } from '../../src/offers/refusals.js';

type Row<K extends 'agents' | 'frameworks'> = K extends 'agents' ? Agent : Framework;

let healthy: ClusterState;
let offer: Offer;

const agent = 'a1';
const framework = 'f1';

function after(state: ClusterState, ...inputs: readonly Input[]): ClusterState {
  return inputs.reduce((before, input) => transition(before, input)[0], state);
}

/** Two agents; a task and an executor run on the first, the rest of it is offered; the second is declined. */
beforeAll(() => {
  const opened = after(
    emptyCluster(),
    { type: 'register', at: 0, agent, resources: 'cpus:4;mem:4096;ports:[1-10]' },
    { type: 'register', at: 0, agent: 'a2', resources: 'cpus:2;mem:1024' },
    { type: 'subscribe', at: 0, connection: 'c', framework, roles: ['web'], failoverTimeoutMs: 1_000 },
    { type: 'allocate', at: 0 },
  );
  const offered = (state: ClusterState, on: string): Offer => {
    const found = state.offers.values().find((row) => row.offer.agent === on);
    if (found === undefined) throw new Error(`${on} is not offered`);
    return found.offer;
  };
  const executor = { id: 'e1', command: { value: 'x' }, resources: 'cpus:0.5;mem:64' };
  const task = { id: 't1', resources: 'cpus:1;mem:512;ports:[1-2]', executor };
  healthy = after(
    opened,
    {
      type: 'accept',
      at: 1,
      framework,
      connection: 'c',
      offers: [offered(opened, agent).id],
      operations: [{ type: 'launch', tasks: [task] }],
      refuseSeconds: 0,
    },
    { type: 'decline', at: 1, framework, connection: 'c', offers: [offered(opened, 'a2').id], refuseSeconds: 60 },
    { type: 'status', at: 2, agent, framework, task: 't1', state: 'running', uuid: 'u1' },
    { type: 'allocate', at: 3, agents: 'all' },
  );
  offer = offered(healthy, agent);
});

function change<K extends 'agents' | 'frameworks'>(
  state: ClusterState,
  table: K,
  id: string,
  part: Partial<Row<K>>,
): ClusterState {
  const row = state[table].get(id);
  if (row === undefined) throw new Error(`${id} is not in ${table}`);
  return { ...state, [table]: (state[table] as Table<Row<K>>).set(id, { ...(row as Row<K>), ...part }) };
}

function changeMachine(state: ClusterState, part: (machine: AllocatorAgent) => Partial<AllocatorAgent>): ClusterState {
  const machine = state.allocator.agents.get(agent);
  if (machine === undefined) throw new Error('the machine is gone');
  const agents = state.allocator.agents.set(agent, { ...machine, ...part(machine) });
  return { ...state, allocator: { ...state.allocator, agents } };
}

function changeTask(state: ClusterState, part: Partial<Task>): ClusterState {
  const tasks = state.frameworks.get(framework)?.tasks ?? Table.empty<Task>();
  const task = tasks.get('t1');
  if (task === undefined) throw new Error('the task is gone');
  return change(state, 'frameworks', framework, { tasks: tasks.set('t1', { ...task, ...part }) });
}

function changeOffer(state: ClusterState, part: Partial<Offer>, seq?: number): ClusterState {
  const row = state.offers.get(offer.id);
  if (row === undefined) throw new Error('the offer is gone');
  return {
    ...state,
    offers: state.offers.set(offer.id, { ...row, offer: { ...row.offer, ...part }, seq: seq ?? row.seq }),
  };
}

/** The second agent was sent an operation of the framework, and one of the operator's. */
function operating(): ClusterState {
  const conversions = [{ consumed: resources('cpus:1'), converted: resources('cpus(web):1') }];
  const rows = [
    { uuid: 'm-P0', framework, id: 'o1' },
    { uuid: 'm-P1', framework: null, id: null },
  ].map((row): Operation => {
    return {
      ...{ ...row, agent: 'a2', type: 'reserve', state: 'pending', conversions },
      ...{ statusUuid: null, message: null, owed: false },
    };
  });
  const sent = change(healthy, 'agents', 'a2', { operations: ['m-P0', 'm-P1'] });
  const named = change(sent, 'frameworks', framework, { operations: Table.from([['o1', 'm-P0']]) });
  return { ...named, operations: Table.from(rows.map((row) => [row.uuid, row] as const)) };
}

function changeOperation(state: ClusterState, uuid: string, part: Partial<Operation>): ClusterState {
  const row = state.operations.get(uuid);
  if (row === undefined) throw new Error(`${uuid} is not there`);
  return { ...state, operations: state.operations.set(uuid, { ...row, ...part }) };
}

/** The first operation failed and is owed; its agent knows. */
function owing(uuid: string, part: Partial<Operation>): ClusterState {
  return change(changeOperation(operating(), uuid, { ...part, owed: true }), 'agents', 'a2', { debts: 1 });
}

function lostTasks(tasks: Readonly<Record<string, readonly string[]>>): ClusterState {
  return { ...healthy, unreachableTasks: refsOf(tasks) };
}

function refsOf(tasks: Readonly<Record<string, readonly string[]>>): Table<readonly TaskRef[]> {
  return Table.from(Object.entries(tasks).map(([id, its]) => [id, its.map((task) => ({ framework, task }))] as const));
}

function scalar(milli: number): Resources {
  const [item] = resources('cpus:1').items;
  return { ...resources('cpus:1'), items: [{ ...item, value: { type: 'scalar', milli } }] } as unknown as Resources;
}

/** What was refused of an agent in input `seq`, until `end`; by the framework as `web`, or by whoever has that slot. */
function refusalOf(
  { allocator }: ClusterState,
  refused: Resources,
  seq: number,
  end = 60_000,
  slot = allocator.frameworks.get(framework)?.slots[0]?.slot ?? 0,
): AllocatorAgent['refusals'] {
  return withRefusal(noRefusals, { slot, end, refused, silence: false, seq }, allocator, { now: 0, batch: false });
}

describe('violation', () => {
  it('finds nothing in a healthy state', () => {
    expect(violation(healthy)).toBeUndefined();
    expect(violation(waiting())).toBeUndefined();
    expect(violation(operating())).toBeUndefined();
    const waits = owing('m-P0', { state: 'failed', statusUuid: 's' });
    expect(violation(waits)).toBeUndefined();
    expect(violation(emptyCluster())).toBeUndefined();
  });

  const broken: readonly (readonly [rule: string, what: string, breakIt: () => ClusterState])[] = [
    [
      'I1',
      'more is held than there is',
      () => changeMachine(healthy, () => ({ total: resources('cpus:1;mem:4096;ports:[1-10]') })),
    ],
    [
      'I1',
      'a port is held that is not there',
      () => changeMachine(healthy, () => ({ total: resources('cpus:4;mem:4096;ports:[3-10]') })),
    ],
    [
      'I1',
      'a port is held twice',
      () =>
        changeMachine(healthy, ({ held }) => ({
          held: [...held, { framework, role: 'db', resources: resources('ports:[2-3]') }],
        })),
    ],
    [
      'I1',
      'what is short is offered, on an agent that is marked',
      () =>
        change(
          changeMachine(healthy, () => ({ total: resources('cpus:2;mem:4096;ports:[1-10]') })),
          'agents',
          agent,
          {
            overcommitted: true,
          },
        ),
    ],
    ['I2', 'an amount is below nothing', () => changeMachine(healthy, () => ({ free: scalar(-1) }))],
    ['I2', 'an amount is not whole', () => changeMachine(healthy, () => ({ free: scalar(0.5) }))],
    ['I2', 'an amount is not a number', () => changeMachine(healthy, () => ({ free: scalar(Number.NaN) }))],
    ['I2', 'the clock is no number', () => ({ ...healthy, now: Number.NaN })],
    ['I4', 'an offer is of an agent that is away', () => change(healthy, 'agents', agent, { connected: false })],
    [
      'I4',
      'an offer is for a framework that is away',
      () => change(healthy, 'frameworks', framework, { state: 'disconnected' }),
    ],
    ['I4', 'an offer is for a role that its framework is not in', () => changeOffer(healthy, { role: 'db' })],
    ['I4', 'an offer is for nobody', () => changeOffer(healthy, { framework: 'nobody' })],
    ['I7', 'a task that is over holds something', () => changeTask(healthy, { state: 'finished' })],
    ['I7', 'a task that lives holds nothing', () => changeTask(healthy, { holds: false })],
    [
      'I7',
      'a task that the master ended waits for an acknowledgement',
      () =>
        changeTask(healthy, {
          state: 'lost',
          holds: false,
          status: { task: 't1', state: 'lost', terminal: true, source: 'master', timestamp: 0 },
        }),
    ],
    [
      'I8',
      'more is used than is booked',
      () => changeTask(healthy, { resources: resources('cpus:2;mem:512;ports:[1-2]') }),
    ],
    ['I8', 'an offer holds other than is booked', () => changeOffer(healthy, { resources: resources('cpus:1') })],
    ['I8', 'an executor is gone and its resources are not', () => change(healthy, 'agents', agent, { executors: [] })],
    ['I8', 'a task is in another role than is booked', () => changeTask(healthy, { role: 'db' })],
    [
      'I8',
      'a task has other ports than are booked',
      () => changeTask(healthy, { resources: resources('cpus:1;mem:512;ports:[1-1]') }),
    ],
    [
      'I8',
      'what is offered is reserved, and what is booked is not',
      () => changeOffer(healthy, { resources: resources(String(offer.resources).replace('cpus:', 'cpus(web):')) }),
    ],
    [
      'I8',
      'an executor is in another role than is booked',
      () => {
        const executors = healthy.agents.get(agent)?.executors ?? [];
        return change(healthy, 'agents', agent, { executors: executors.map((row) => ({ ...row, role: 'db' })) });
      },
    ],
    [
      'I1',
      'two tasks hold the same port',
      () => {
        const tasks = healthy.frameworks.get(framework)?.tasks ?? Table.empty<Task>();
        const twin = tasks.get('t1');
        if (twin === undefined) throw new Error('the task is gone');
        const both = tasks.set('t2', { ...twin, id: 't2', resources: resources('ports:[1-2]') });
        return change(change(healthy, 'frameworks', framework, { tasks: both }), 'agents', agent, {
          tasks: ['t1', 't2'].map((task) => ({ framework, task })),
        });
      },
    ],
    [
      'I8',
      "a role's share counts another amount",
      () => {
        const { shares } = healthy.allocator;
        const node = shares.nodes.get('web');
        if (node === undefined) throw new Error('the role is gone');
        const nodes = shares.nodes.set('web', { ...node, allocated: quantities('cpus:1') });
        return { ...healthy, allocator: { ...healthy.allocator, shares: { ...shares, nodes } } };
      },
    ],
    [
      'I8',
      "a framework's share counts another amount",
      () => {
        const tree = healthy.allocator.clients.get('web');
        const node = tree?.nodes.get(framework);
        if (tree === undefined || node === undefined) throw new Error('the framework is gone');
        const nodes = tree.nodes.set(framework, { ...node, allocated: quantities('cpus:1') });
        const clients = healthy.allocator.clients.set('web', { ...tree, nodes });
        return { ...healthy, allocator: { ...healthy.allocator, clients } };
      },
    ],
    [
      'I10',
      'an older filter hides an offer',
      () => changeMachine(healthy, ({ total }) => ({ refusals: refusalOf(healthy, total, 0) })),
    ],
    ['I11', 'too many tasks are remembered', () => bounded(after(healthy, ...ended), { maxCompletedTasks: 0 })],
    [
      'I11',
      'too many frameworks are remembered',
      () => bounded(after(healthy, tornDown), { maxCompletedFrameworks: 0 }),
    ],
    ['I11', 'too many agents are unreachable', () => bounded(after(healthy, lost), { maxUnreachableAgents: 0 })],
    ['I11', 'too many tasks are unreachable', () => bounded(after(healthy, lost), { maxUnreachableTasks: 0 })],
    [
      'I12',
      'the allocator does not know an agent',
      () => ({ ...healthy, allocator: { ...healthy.allocator, agents: healthy.allocator.agents.remove('a2') } }),
    ],
    [
      'I12',
      'the allocator does not know a framework',
      () => {
        const lonely = after(healthy, { type: 'subscribe', at: 4, connection: 'c2', framework: 'f2', roles: ['db'] });
        return { ...lonely, frameworks: lonely.frameworks.remove('f2') };
      },
    ],
    [
      'I12',
      'an agent does not know its offer',
      () => ({ ...changeOffer(healthy, {}), offers: healthy.offers.set('proffer-O9', offerOf('proffer-O9')) }),
    ],
    [
      'I12',
      'an agent names a task that is not there',
      () => change(healthy, 'agents', 'a2', { tasks: [{ framework, task: 't9' }] }),
    ],
    ['I12', 'an agent does not know its task', () => withoutTaskOf(healthy)],
    [
      'I12',
      'a task is to be killed that is not there',
      () =>
        change(healthy, 'agents', 'a2', {
          kills: [{ framework, task: 't9', graceMs: null, maxGraceMs: null, preempted: false }],
        }),
    ],
    [
      'I12',
      'an executor is of no framework',
      () => {
        const info = { id: 'e9', framework: 'nobody', role: 'web', resources: resources('') };
        return change(healthy, 'agents', 'a2', { executors: [{ framework: 'nobody', role: 'web', info }] });
      },
    ],
    ['I12', 'an agent is here and unreachable', () => ({ ...healthy, unreachable: healthy.unreachable.set('a2', 0) })],
    [
      'I12',
      'an agent does not know its operation',
      () => change(operating(), 'agents', 'a2', { operations: ['m-P1'] }),
    ],
    [
      'I12',
      'an agent names an operation that is not there',
      () => change(operating(), 'agents', 'a2', { operations: ['m-P0', 'm-P1', 'm-P9'] }),
    ],
    ['I12', "an agent names another's operation", () => change(operating(), 'agents', agent, { operations: ['m-P0'] })],
    ['I12', 'an operation is of nobody', () => changeOperation(operating(), 'm-P1', { framework: 'nobody' })],
    ['I12', 'an operation has a name and no owner', () => changeOperation(operating(), 'm-P1', { id: 'o2' })],
    [
      'I12',
      'a framework does not know its operation',
      () => change(operating(), 'frameworks', framework, { operations: Table.empty() }),
    ],
    [
      'I12',
      'a framework names an operation that is not its own',
      () => change(operating(), 'frameworks', framework, { operations: Table.from([['o1', 'm-P1']]) }),
    ],
    [
      'I12',
      'a framework gives two names to an operation',
      () =>
        change(operating(), 'frameworks', framework, {
          operations: Table.from([
            ['o1', 'm-P0'],
            ['o2', 'm-P0'],
          ]),
        }),
    ],
    [
      'I7',
      'an operation is over and nobody will acknowledge that',
      () => changeOperation(operating(), 'm-P0', { state: 'finished' }),
    ],
    ['I7', 'an operation is owed that may still succeed', () => owing('m-P0', {})],
    [
      'I7',
      'an operation is owed that nothing stands in the way of',
      () => changeOperation(owing('m-P0', { state: 'failed' }), 'm-P1', { state: 'failed', statusUuid: 's' }),
    ],
    ['I12', 'an agent miscounts what is owed', () => change(operating(), 'agents', 'a2', { debts: 1 })],
    ['I12', 'tasks of an agent that is here are unreachable', () => lostTasks({ [agent]: ['t1'] })],
    ['I12', 'an agent that is away has no unreachable task, and a list of them', () => lostTasks({ a9: [] })],
    ['I12', 'an agent names an unreachable task that is not there', () => lostTasks({ a9: ['t9'] })],
    [
      'I12',
      'an agent names an unreachable task of another one',
      () => ({ ...after(healthy, lost), unreachableTasks: refsOf({ a9: ['t1'] }) }),
    ],
    [
      'I12',
      'an agent names an unreachable task twice',
      () => ({ ...after(healthy, lost), unreachableTasks: refsOf({ [agent]: ['t1', 't1'] }) }),
    ],
    ['I12', 'no agent names an unreachable task', () => ({ ...after(healthy, lost), unreachableTasks: Table.empty() })],
    [
      'I12',
      'a framework is silent to an agent that is gone',
      () =>
        change(healthy, 'frameworks', framework, {
          unanswered: Table.from([['web a9', { role: 'web', agent: 'a9', streak: 1 }]]),
        }),
    ],
    ['I19', 'something is planned of an agent that is not planned for its machine', () => unplanned(asking())],
    ['I19', 'something is planned for a machine and not of its agent', () => scheduled(healthy, 'draining', 'A2')],
    ['I19', 'an agent is there whose machine is down', () => scheduled(healthy, 'down', 'A2')],
    ['I19', 'an offer says nothing of what is planned', () => withoutWarning(asking())],
    ['I19', 'an agent is not found at its machine', () => changePlace(`hostname ${agent}`, { agents: [] })],
    [
      'I19',
      'an agent is found at a machine of another name',
      () => changePlace(`hostname ${agent}`, { agents: [agent, 'a2'] }),
    ],
    [
      'I19',
      'machines are out of order',
      () => changePlace(`hostname ${agent}`, { machines: [addressed('2'), addressed('1')] }),
    ],
    ['I19', 'no machine is at a place', () => changePlace(`hostname ${agent}`, { machines: [] })],
    ['I19', 'a machine is under another name', () => scheduled(healthy, 'draining', 'x', 'hostname y')],
    [
      'I20',
      'an inverse offer says another time than is planned',
      () => changeInverse({ unavailability: { start: 8 } }),
    ],
    ['I20', 'an inverse offer is to a framework that is not there', () => changeInverse({ framework: 'nobody' })],
    ['I20', 'an inverse offer is of an agent that is not there', () => changeInverse({ agent: 'a9' })],
    ['I20', 'an inverse offer is of an agent without a plan', () => changeInverse({ agent: 'a2' })],
    [
      'I20',
      'nobody waits for the answer to an inverse offer',
      () => changePlan(asking(), (plan) => ({ ...plan, standings: [] })),
    ],
    ['I20', 'an answer is waited for that nobody was asked for', () => ({ ...asking(), inverseOffers: Table.empty() })],
    [
      'I20',
      'an answer is waited for, and the agent knows of no question',
      () => ({ ...change(asking(), 'agents', agent, { inverseOffers: [] }), inverseOffers: Table.empty() }),
    ],
    ['I20', 'an agent does not know its inverse offer', () => change(asking(), 'agents', agent, { inverseOffers: [] })],
    [
      'I20',
      'an agent names an inverse offer that is not there',
      () => change(asking(), 'agents', 'a2', { inverseOffers: ['x'] }),
    ],
    ['I20', 'a framework does not know that it was asked', () => changeStandings(asking(), Table.empty())],
    [
      'I20',
      'a framework remembers an agent that forgot it',
      () =>
        changeStandings(
          asking(),
          Table.from([
            [agent, true],
            ['a2', true],
          ]),
        ),
    ],
    [
      'I12',
      'a task is here and unreachable',
      () => {
        const tasks = healthy.frameworks.get(framework)?.tasks ?? Table.empty<Task>();
        return change(healthy, 'frameworks', framework, { unreachableTasks: tasks });
      },
    ],
    [
      'I15',
      'offers are miscounted',
      () => ({
        ...healthy,
        allocator: { ...healthy.allocator, offersOut: healthy.allocator.offersOut.set(framework, 3) },
      }),
    ],
    ['I16', 'enough agents are there and more are awaited', () => awaiting(waiting(), { agents: 1, until: 60_000 })],
    ['I16', 'agents are awaited for too long', () => awaiting(waiting(), { agents: 5, until: 4 })],
    [
      'I16',
      'a run is asked for while agents are awaited',
      () => ({ ...waiting(), allocator: { ...waiting().allocator, requestedAll: true } }),
    ],
    ['I16', 'something is offered while agents are awaited', () => awaiting(healthy, { agents: 5, until: 60_000 })],
  ];

  it.each(broken)('finds %s: %s', (rule, _what, breakIt) => {
    expect(violation(breakIt())?.rule).toBe(rule);
  });

  it.each([
    ['another volume', {}, { disk: { id: 'w', path: 'data' } }],
    ['a volume of another size', {}, { value: 4 }],
    ['a volume of another principal', {}, { reservations: [{ type: 'dynamic', role: 'web', principal: 'q' }] }],
    ['a volume with other labels', {}, { reservations: [{ type: 'dynamic', role: 'web', labels: [{ key: 'k' }] }] }],
    ['a volume that is shared', {}, { shared: true }],
    ['another number of copies', { shared: true }, { shared: 2 }],
    ['a disk of no volume', {}, { disk: {} }],
    ['a volume of another provider', {}, { provider: 'x' }],
    ['a volume that says whose it is', {}, { allocated: 'web' }],
  ])('finds I8: an offer is of %s than is booked', (_what, has, says) => {
    const { state, row } = ofVolume(has);
    expect(violation(state)).toBeUndefined();
    const told = { ...row.offer, resources: resources(['cpus:8;mem:4096', { ...volume, ...has, ...says }] as never) };
    const other = { ...state, offers: state.offers.set(told.id, { ...row, offer: told }) };
    expect(violation(other)).toEqual({ rule: 'I8', where: agent, what: 'held and used differ in disk' });
  });

  it('does not mind where a volume is seen in a container: that tells no two apart', () => {
    const { state, row } = ofVolume({});
    const disk = { id: 'v', path: 'elsewhere', mode: 'rw' };
    const told = { ...row.offer, resources: resources(['cpus:8;mem:4096', { ...volume, disk }] as never) };
    expect(violation({ ...state, offers: state.offers.set(told.id, { ...row, offer: told }) })).toBeUndefined();
  });

  it('lets a filter stand that is newer than the offer, over, of less, or void', () => {
    const { total } = healthy.allocator.agents.get(agent) ?? { total: resources('') };
    for (const refusals of [
      refusalOf(healthy, total, healthy.seq + 1),
      refusalOf(healthy, total, 0, 1),
      refusalOf(healthy, resources('cpus:1'), 0),
      refusalOf(healthy, total, 0, 60_000, 7),
    ]) {
      expect(violation(changeMachine(healthy, () => ({ refusals })))).toBeUndefined();
    }
  });

  it('lets a smaller volume be offered although a larger one was refused: it is another one', () => {
    const volume = (value: number) => ({ name: 'disk', value, role: 'web', disk: { id: 'v', path: 'data' } });
    const opened = after(
      emptyCluster(),
      { type: 'register', at: 0, agent, resources: ['cpus:8;mem:4096', volume(32)] },
      { type: 'subscribe', at: 0, connection: 'c', framework, roles: ['web'], failoverTimeoutMs: 1_000 },
      { type: 'allocate', at: 0 },
    );
    const offers = [...opened.offers.values()].map((row) => row.offer.id);
    const state = after(
      opened,
      { type: 'decline', at: 0, framework, connection: 'c', offers, refuseSeconds: 60 },
      { type: 'shrink-volume', at: 1, agent, volume: volume(32), subtract: 0.5 },
      { type: 'allocate', at: 1_000, agents: 'all' },
    );
    expect([...state.offers.values()].map((row) => String(row.offer.resources))).toEqual([
      expect.stringContaining('[v:data]:31.5'),
    ]);
    expect(violation(state)).toBeUndefined();
  });
});

const volume = {
  ...{ name: 'disk', value: 8, reservations: [{ type: 'dynamic', role: 'web' }] },
  ...{ disk: { id: 'v', path: 'data' } },
};

/** An agent with a volume, all of it in one offer. */
function ofVolume(has: object) {
  const state = after(
    emptyCluster(),
    { type: 'register', at: 0, agent, resources: ['cpus:8;mem:4096', { ...volume, ...has }] as never },
    {
      ...{ type: 'subscribe', at: 0, connection: 'c', framework, roles: ['web'] },
      capabilities: ['multi-role', 'reservation-refinement', 'shared-resources'],
    },
    { type: 'allocate', at: 0 },
  );
  const [row] = state.offers.values();
  if (row === undefined) throw new Error('nothing is offered');
  return { state, row };
}

/** The healthy cluster, with maintenance of the first agent's machine: its framework was asked to leave, and is offered it. */
function asking(): ClusterState {
  const windows = [{ machines: [{ hostname: 'A1' }], unavailability: { start: 7 } }];
  const planned = after(healthy, { type: 'set-maintenance', at: 4, windows }, { type: 'allocate', at: 4 });
  if (planned.inverseOffers.size !== 1 || violation(planned) !== undefined) throw new Error('nobody was asked');
  return planned;
}

function scheduled(
  state: ClusterState,
  mode: 'draining' | 'down',
  hostname: string,
  place = `hostname ${hostname.toLowerCase()}`,
): ClusterState {
  const row = { hostname, ip: null, mode, unavailability: { start: 7 }, window: 0 };
  return { ...state, machines: Table.from([[place, { machines: [row], agents: [] }]]) };
}

function addressed(ip: string): MachinePlace['machines'][number] {
  return { hostname: agent, ip, mode: 'draining', unavailability: { start: 7 }, window: 0 };
}

function changePlace(name: string, part: Partial<MachinePlace>): ClusterState {
  const state = asking();
  const place = state.machines.get(name);
  if (place === undefined) throw new Error(`nothing is planned at ${name}`);
  return { ...state, machines: state.machines.set(name, { ...place, ...part }) };
}

function unplanned(state: ClusterState): ClusterState {
  return { ...state, machines: Table.empty() };
}

function withoutWarning(state: ClusterState): ClusterState {
  const row = state.offers.values().find((one) => one.offer.agent === agent);
  if (row === undefined) throw new Error('nothing is offered');
  const { unavailability: _unavailability, ...unwarned } = row.offer;
  return { ...state, offers: state.offers.set(unwarned.id, { ...row, offer: unwarned }) };
}

function changePlan(state: ClusterState, part: (plan: AgentMaintenance) => AgentMaintenance): ClusterState {
  return changeMachine(state, ({ maintenance }) => {
    if (maintenance === null) throw new Error('nothing is planned');
    return { maintenance: part(maintenance) };
  });
}

function changeInverse(part: Partial<InverseOffer>): ClusterState {
  const state = asking();
  const [id, row] = state.inverseOffers.entries()[0] ?? [];
  if (id === undefined || row === undefined) throw new Error('nobody was asked');
  return { ...state, inverseOffers: state.inverseOffers.set(id, { ...row, offer: { ...row.offer, ...part } }) };
}

function changeStandings(state: ClusterState, standings: Table<true>): ClusterState {
  const row = state.allocator.frameworks.get(framework);
  if (row === undefined) throw new Error('there is no framework');
  const frameworks = state.allocator.frameworks.set(framework, { ...row, standings });
  return { ...state, allocator: { ...state.allocator, frameworks } };
}

const tornDown: Input = { type: 'teardown-framework', at: 4, framework };
const lost: Input = { type: 'mark-unreachable', at: 4, agent };
const ended: readonly Input[] = [
  { type: 'status', at: 4, agent, framework, task: 't1', state: 'finished', uuid: 'u2' },
  { type: 'acknowledge', at: 4, connection: 'c', agent, framework, task: 't1', uuid: 'u2' },
];

/** Nothing is offered, and agents of a lost master are awaited. */
function waiting(): ClusterState {
  const idle = after(healthy, { type: 'pause', at: 4 }, { type: 'suppress', at: 4, connection: 'c', framework });
  const quiet = after(idle, { type: 'set-weight', at: 4, role: 'web', weight: 2 }, { type: 'resume', at: 4 });
  return awaiting(quiet, { agents: 5, until: 60_000 });
}

function awaiting(state: ClusterState, what: { readonly agents: number; readonly until: number }): ClusterState {
  return { ...state, allocator: { ...state.allocator, awaiting: what } };
}

function bounded(state: ClusterState, config: Partial<ClusterState['config']>): ClusterState {
  return { ...state, config: { ...state.config, ...config } };
}

function offerOf(id: string) {
  return { offer: { ...offer, id, agent: 'a2', resources: resources('') }, run: 0, seq: 0 };
}

/** The task is booked at the second agent, which has room for it, and knows nothing of it. */
function withoutTaskOf(state: ClusterState): ClusterState {
  const idle = changeTask(state, { agent: 'a2', resources: resources('') });
  const booked = resources('cpus:1;mem:512;ports:[1-2]');
  const info = { id: 'e2', framework, role: 'web', resources: booked };
  const executors = state.agents.get(agent)?.executors ?? [];
  return change(idle, 'agents', agent, { tasks: [], executors: [...executors, { framework, role: 'web', info }] });
}

describe('stepViolation', () => {
  const tick: Input = { type: 'tick', at: 4 };

  it('finds nothing in a healthy step', () => {
    const [next, outputs] = transition(healthy, { type: 'set-weight', at: 4, role: 'web', weight: 2 });
    expect(outputs.map(({ type }) => type)).toEqual(['rescind']);
    expect(stepViolation(healthy, tick, next, outputs)).toBeUndefined();
  });

  it('finds an offer beyond the bound', () => {
    const open = after(healthy, { type: 'register', at: 4, agent: 'a3', resources: 'cpus:1' });
    const allocate: Input = { type: 'allocate', at: 4 };
    const [next, outputs] = transition(open, allocate);
    expect(stepViolation(open, allocate, next, outputs)).toBeUndefined();
    const strict = bounded(next, { maxOffersPerFramework: 1 });
    expect(stepViolation(open, allocate, strict, outputs)?.rule).toBe('I15');
    expect(stepViolation(strict, tick, strict, [])).toBeUndefined();
  });

  it('finds what is wrong with the state after it', () => {
    expect(stepViolation(healthy, tick, { ...healthy, now: -1 }, [])?.rule).toBe('I2');
  });

  it('finds I3: an offer that is rescinded twice, or stands still, or comes back', () => {
    const rescind: Output = { type: 'rescind', framework, connection: 'c', offer: offer.id };
    const [without] = transition(healthy, { type: 'set-weight', at: 4, role: 'web', weight: 2 });
    expect(stepViolation(healthy, tick, without, [rescind, rescind])?.rule).toBe('I3');
    expect(stepViolation(healthy, tick, healthy, [rescind])?.rule).toBe('I3');
    expect(stepViolation(without, tick, healthy, [])?.rule).toBe('I3');
  });

  it('finds I3: an inverse offer that is rescinded twice, or stands still, or comes back', () => {
    const before = asking();
    const [id = ''] = before.inverseOffers.keys();
    const rescind: Output = { type: 'rescind-inverse-offer', framework, connection: 'c', offer: id };
    const [without, outputs] = transition(before, { type: 'set-maintenance', at: 4, windows: [] });
    expect(outputs).toContainEqual(rescind);
    expect(stepViolation(before, tick, without, [rescind, rescind])?.rule).toBe('I3');
    expect(stepViolation(before, tick, before, [rescind])?.rule).toBe('I3');
    expect(stepViolation(without, tick, before, [])?.rule).toBe('I3');
  });

  it('finds I5: a task that goes back, or lives again after its end', () => {
    const back = changeTask(healthy, { state: 'staging' });
    expect(stepViolation(healthy, tick, back, [])?.rule).toBe('I5');
    const over = after(healthy, ...ended.slice(0, 1));
    expect(violation(over)).toBeUndefined();
    expect(stepViolation(over, tick, healthy, [])?.rule).toBe('I5');
  });

  it('finds I5: an operation that ends otherwise than it ended', () => {
    const over = changeOperation(operating(), 'm-P0', { state: 'finished', statusUuid: 's' });
    const other = changeOperation(over, 'm-P0', { state: 'failed' });
    expect(stepViolation(operating(), tick, over, [])).toBeUndefined();
    expect(stepViolation(over, tick, other, [])?.rule).toBe('I5');
  });

  it('lets a task return as what it is with its agent, and only so', () => {
    const away = after(healthy, lost);
    const again: Input = {
      type: 'reregister',
      at: 5,
      agent,
      resources: 'cpus:4;mem:4096;ports:[1-10]',
      tasks: [{ framework, id: 't1', role: 'web', resources: 'cpus:1;mem:512;ports:[1-2]', state: 'running' }],
    };
    const [back, outputs] = transition(away, again);
    expect(stepViolation(away, again, back, outputs)).toBeUndefined();
    expect(stepViolation(away, tick, back, outputs)?.rule).toBe('I5');
  });
});
