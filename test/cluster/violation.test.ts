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
  type Offer,
  type Output,
  type Task,
} from '../../src/cluster/index.js';
import type { AllocatorAgent } from '../../src/offers/index.js';
import { Table, quantities, resources, type Resources } from '../../src/resources/index.js';

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

function scalar(milli: number): Resources {
  const [item] = resources('cpus:1').items;
  return { ...resources('cpus:1'), items: [{ ...item, value: { type: 'scalar', milli } }] } as unknown as Resources;
}

function filterOf(refused: Resources, seq: number, epoch: number): AllocatorAgent['filters'] {
  const filter = { refused, at: 0, seq, expiresAt: 60_000, once: false, epoch, silence: false };
  return Table.from([[`web ${framework}`, [filter]]]);
}

describe('violation', () => {
  it('finds nothing in a healthy state', () => {
    expect(violation(healthy)).toBeUndefined();
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
      () => {
        const epoch = healthy.allocator.frameworks.get(framework)?.epochs[0]?.epoch ?? 0;
        return changeMachine(healthy, ({ total }) => ({ filters: filterOf(total, 0, epoch) }));
      },
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
      () => ({ ...changeOffer(healthy, {}), offers: healthy.offers.set('x', offerOf('x')) }),
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
      () => change(healthy, 'agents', 'a2', { kills: [{ framework, task: 't9', graceMs: null }] }),
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
      'a framework is silent to an agent that is gone',
      () =>
        change(healthy, 'frameworks', framework, {
          unanswered: Table.from([['web a9', { role: 'web', agent: 'a9', streak: 1 }]]),
        }),
    ],
    [
      'I12',
      'a task is here and unreachable',
      () => {
        const tasks = healthy.frameworks.get(framework)?.tasks ?? Table.empty<Task>();
        return change(healthy, 'frameworks', framework, { unreachableTasks: tasks });
      },
    ],
  ];

  it.each(broken)('finds %s: %s', (rule, _what, breakIt) => {
    expect(violation(breakIt())?.rule).toBe(rule);
  });

  it('lets a filter stand that is newer than the offer, over, or of an older epoch', () => {
    const epoch = healthy.allocator.frameworks.get(framework)?.epochs[0]?.epoch ?? 0;
    const { total } = healthy.allocator.agents.get(agent) ?? { total: resources('') };
    for (const filters of [
      filterOf(total, healthy.seq + 1, epoch),
      filterOf(total, 0, epoch - 1),
      filterOf(resources('cpus:1'), 0, epoch),
    ]) {
      expect(violation(changeMachine(healthy, () => ({ filters })))).toBeUndefined();
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

const tornDown: Input = { type: 'teardown-framework', at: 4, framework };
const lost: Input = { type: 'mark-unreachable', at: 4, agent };
const ended: readonly Input[] = [
  { type: 'status', at: 4, agent, framework, task: 't1', state: 'finished', uuid: 'u2' },
  { type: 'acknowledge', at: 4, connection: 'c', agent, framework, task: 't1', uuid: 'u2' },
];

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

  it('finds I5: a task that goes back, or lives again after its end', () => {
    const back = changeTask(healthy, { state: 'staging' });
    expect(stepViolation(healthy, tick, back, [])?.rule).toBe('I5');
    const over = after(healthy, ...ended.slice(0, 1));
    expect(violation(over)).toBeUndefined();
    expect(stepViolation(over, tick, healthy, [])?.rule).toBe('I5');
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
