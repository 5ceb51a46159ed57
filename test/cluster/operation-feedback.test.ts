import { describe, expect, it } from 'vitest';
import {
  deserialize,
  operations,
  recoverCluster,
  registryOf,
  serialize,
  type OperationLike,
  type ResourceOperationLike,
} from '../../src/cluster/index.js';
import type { ResourceInput } from '../../src/resources/index.js';
import { agentCapabilities, type OperationState } from '../../src/tasks/index.js';
import { Cluster, cluster, task, type Untimed } from './harness.js';

const reserved = (name: string, value: number, more: Partial<ResourceInput> = {}): ResourceInput => ({
  name,
  value,
  reservations: [{ type: 'dynamic', role: 'a' }],
  ...more,
});
const volume = (value = 64): ResourceInput => reserved('disk', value, { disk: { id: 'v1', path: 'data' } });
const reserveDisk = (id?: string): ResourceOperationLike => ({
  type: 'reserve',
  resources: reserved('disk', 64),
  ...(id === undefined ? {} : { id }),
});
const createVolume = (id?: string): ResourceOperationLike => ({
  type: 'create',
  volumes: volume(),
  ...(id === undefined ? {} : { id }),
});

const machine = 'cpus:4;mem:1024;disk:100';
const afterReserve = 'cpus:4; disk:36; disk(reservations: [(DYNAMIC,a)]):64; mem:1024';
const untouched = 'cpus:4; disk:100; mem:1024';

/** An agent that gives feedback, offered to `f1` as `a`. */
function offered(): Cluster {
  const box = cluster();
  box.agent('a1', machine, { capabilities: agentCapabilities });
  box.framework('f1', ['a'], { failoverTimeoutMs: 1e9 });
  return box;
}

function accept(box: Cluster, ...operations: readonly OperationLike[]): readonly string[] {
  return box.accept(
    'f1',
    box.offersOf('f1').map(({ id }) => id),
    operations,
    { refuseSeconds: 0 },
  );
}

type Said = Omit<Extract<Untimed, { readonly type: 'operation-status' }>, 'type' | 'agent' | 'operation' | 'state'>;

/** The agent says so of its operation number `n`, under the status uuid `s<n>`; `null` = under none. */
function says(box: Cluster, n: number, state: OperationState, uuid: string | null = `s${n}`, more: Said = {}) {
  const operation = `m-P${n}`;
  const said = uuid === null ? {} : { uuid };
  return box.send({ type: 'operation-status', agent: 'a1', operation, state, ...said, ...more });
}

function acknowledge(box: Cluster, operation: string, uuid: string, agent?: string): readonly string[] {
  const where = agent === undefined ? {} : { agent };
  const who = { framework: 'f1', connection: 'c-f1' };
  return box.send({ type: 'acknowledge-operation', ...who, operation, uuid, ...where });
}

function reconcile(box: Cluster, ...operations: readonly { operation: string; agent?: string }[]): readonly string[] {
  return box.send({ type: 'reconcile-operations', framework: 'f1', connection: 'c-f1', operations });
}

const total = (box: Cluster): string => String(box.state.allocator.agents.get('a1')?.total);
const rows = (box: Cluster): readonly string[] =>
  box.state.operations.values().map(({ uuid, id, state, owed }) => `${uuid} ${id} ${state}${owed ? ' owed' : ''}`);

describe('an operation on an agent that gives feedback (OP-2)', () => {
  it('is sent under a name and waits for its end', () => {
    const box = offered();
    const [offer] = box.offersOf('f1');
    const [command] = box.ask({
      type: 'accept',
      framework: 'f1',
      connection: 'c-f1',
      offers: [offer?.id ?? ''],
      operations: [reserveDisk('r1'), createVolume()],
    });
    expect(command).toMatchObject({ type: 'apply-operation', uuid: 'm-P0', framework: 'f1', id: 'r1' });
    expect(rows(box)).toEqual(['m-P0 r1 pending', 'm-P1 null pending']);
    expect(box.state.agents.get('a1')?.operations).toEqual(['m-P0', 'm-P1']);
    expect(box.state.frameworks.get('f1')?.operations.entries()).toEqual([['r1', 'm-P0']]);
  });

  it('is seen until then', () => {
    const box = offered();
    accept(box, reserveDisk('r1'), createVolume());
    says(box, 0, 'failed', 's0', { message: 'no space' });
    expect(operations(box.state)).toEqual([
      { uuid: 'm-P0', agent: 'a1', framework: 'f1', id: 'r1', type: 'reserve', state: 'failed', message: 'no space' },
      { uuid: 'm-P1', agent: 'a1', framework: 'f1', type: 'create', state: 'pending' },
    ]);
  });

  it('ends for its framework with its acknowledgement', () => {
    const box = offered();
    accept(box, reserveDisk('r1'));
    expect(says(box, 0, 'finished')).toEqual(['operation of f1: r1 finished']);
    expect(rows(box)).toEqual(['m-P0 r1 finished']);
    expect(acknowledge(box, 'r1', 's0', 'a1')).toEqual(['a1: acknowledge s0 of operation m-P0']);
    expect(rows(box)).toEqual([]);
    expect(box.state.frameworks.get('f1')?.operations.size).toBe(0);
    expect(total(box)).toBe(afterReserve);
  });

  it('tells its framework what to acknowledge, and why it failed', () => {
    const box = offered();
    accept(box, reserveDisk('r1'));
    const report = { type: 'operation-status', agent: 'a1', operation: 'm-P0', state: 'failed' } as const;
    const told = box
      .ask({ ...report, uuid: 's0', message: 'no space' })
      .find(({ type }) => type === 'operation-update');
    expect(told).toEqual({
      ...{ type: 'operation-update', framework: 'f1', connection: 'c-f1', operation: 'r1', state: 'failed' },
      ...{ agent: 'a1', uuid: 's0', message: 'no space' },
    });
  });

  it('is said again as often as its agent repeats it, and changes nothing more', () => {
    const box = offered();
    accept(box, reserveDisk('r1'));
    says(box, 0, 'finished');
    const before = rows(box);
    expect(says(box, 0, 'finished')).toEqual(['operation of f1: r1 finished']);
    expect(rows(box)).toEqual(before);
  });

  it('can be under way for a while, which may want an acknowledgement too', () => {
    const box = offered();
    accept(box, reserveDisk('r1'));
    expect(says(box, 0, 'pending', 'p')).toEqual(['operation of f1: r1 pending']);
    expect(acknowledge(box, 'r1', 'p')).toEqual(['a1: acknowledge p of operation m-P0']);
    expect(rows(box)).toEqual(['m-P0 r1 pending']);
    expect(acknowledge(box, 'r1', 'p')).toEqual([]);
  });

  it('without a status uuid ends at once: its agent will not say it again', () => {
    const box = offered();
    accept(box, reserveDisk('r1'));
    expect(says(box, 0, 'finished', null)).toEqual(['operation of f1: r1 finished']);
    expect(rows(box)).toEqual([]);
  });

  it("is acknowledged by the master if its framework did not name it, or if it is the operator's", () => {
    const box = offered();
    accept(box, reserveDisk());
    expect(says(box, 0, 'finished')).toEqual(['a1: acknowledge s0 of operation m-P0']);
    expect(box.send({ type: 'reserve', agent: 'a1', resources: reserved('cpus', 1) })).toEqual([
      'a1: reserve cpus:1 -> cpus(reservations: [(DYNAMIC,a)]):1',
    ]);
    expect(says(box, 1, 'pending', 'p')).toEqual(['a1: acknowledge p of operation m-P1']);
    expect(rows(box)).toEqual(['m-P1 null pending']);
    expect(says(box, 1, 'finished')).toEqual(['a1: acknowledge s1 of operation m-P1']);
    expect(rows(box)).toEqual([]);
  });

  it('is repeated to a framework that was away (UPD-7)', () => {
    const box = offered();
    accept(box, reserveDisk('r1'));
    box.send({ type: 'framework-disconnected', framework: 'f1', connection: 'c-f1' });
    expect(says(box, 0, 'finished')).toEqual([]);
    expect(rows(box)).toEqual(['m-P0 r1 finished']);
    box.framework('f1', ['a'], { failoverTimeoutMs: 1e9 });
    expect(says(box, 0, 'finished')).toEqual(['operation of f1: r1 finished']);
    expect(acknowledge(box, 'r1', 's0')).toEqual(['a1: acknowledge s0 of operation m-P0']);
  });

  it('needs a name that is not in use; then it may be used again', () => {
    const box = offered();
    expect(accept(box, reserveDisk('__proto__'), { ...createVolume(), id: '__proto__' })).toEqual([
      'a1: reserve disk:64 -> disk(reservations: [(DYNAMIC,a)]):64',
      'operation of f1: __proto__ error',
    ]);
    says(box, 0, 'finished');
    acknowledge(box, '__proto__', 's0');
    box.pass(1_000);
    expect(accept(box, createVolume('__proto__'))).toHaveLength(1);
    expect(rows(box)).toEqual(['m-P1 __proto__ pending']);
  });

  it('is written and read with the state', () => {
    const box = offered();
    accept(box, reserveDisk('r1'), createVolume('__proto__'));
    says(box, 0, 'dropped');
    expect(rows(box)).toEqual(['m-P0 r1 dropped owed', 'm-P1 __proto__ pending']);
    const bytes = [...serialize(box.state)].join('');
    expect([...serialize(deserialize([bytes]))].join('')).toBe(bytes);
    const copy = new Cluster(deserialize([bytes]));
    expect(says(copy, 1, 'dropped')).toEqual(says(box, 1, 'dropped'));
    expect([...serialize(copy.state)].join('')).toBe([...serialize(box.state)].join(''));
  });
});

describe('an agent that gives no feedback', () => {
  it('is told operations without a name, and nobody waits for it', () => {
    const box = cluster();
    box.agent('a1', machine);
    box.framework('f1', ['a']);
    const [offer] = box.offersOf('f1');
    const operations = [reserveDisk(), createVolume('c1')];
    const offers = [offer?.id ?? ''];
    const [command, told] = box.ask({ type: 'accept', framework: 'f1', connection: 'c-f1', offers, operations });
    expect(command).not.toHaveProperty('uuid');
    expect(told).toMatchObject({ type: 'operation-update', operation: 'c1', state: 'error' });
    expect(rows(box)).toEqual([]);
  });
});

describe('a report on an operation that can not be', () => {
  it.each<[string, Untimed]>([
    ['in a state that only the master gives', statusOf('m-P0', 'unreachable')],
    ['gone by the operator', statusOf('m-P0', 'gone-by-operator')],
    ['recovering', statusOf('m-P0', 'recovering')],
    ['unknown', statusOf('m-P0', 'unknown')],
    ['of an agent that is not there', { ...statusOf('m-P0', 'finished'), agent: 'a9' }],
    ["of another agent's operation", { ...statusOf('m-P0', 'finished'), agent: 'a2' }],
  ])('%s is counted and ignored', (_, report) => {
    const box = offered();
    accept(box, reserveDisk('r1'));
    box.agent('a2', 'cpus:1;mem:64', { capabilities: agentCapabilities });
    expect(box.send(report)).toEqual([]);
    expect(box.state.counters.invalidStatusReports).toBe(1);
    expect(rows(box)).toEqual(['m-P0 r1 pending']);
  });

  it('does not change how the operation ended, and is not waited for either', () => {
    const box = offered();
    accept(box, reserveDisk('r1'));
    says(box, 0, 'finished');
    expect(says(box, 0, 'failed', 'other')).toEqual(['a1: acknowledge other of operation m-P0']);
    expect(says(box, 0, 'pending', null)).toEqual([]);
    expect(rows(box)).toEqual(['m-P0 r1 finished']);
    expect(total(box)).toBe(afterReserve);
    expect(box.state.counters.invalidStatusReports).toBe(2);
  });
});

function statusOf(operation: string, state: OperationState): Extract<Untimed, { readonly type: 'operation-status' }> {
  return { type: 'operation-status', agent: 'a1', operation, state, uuid: 's' };
}

describe('an acknowledgement that names no status in flight', () => {
  it.each<[string, string, string, string | undefined]>([
    ['of an unknown operation', 'r9', 's0', undefined],
    ['of another status', 'r1', 's9', undefined],
    ['of another agent', 'r1', 's0', 'a9'],
  ])('%s is counted and dropped (UPD-4)', (_, operation, uuid, agent) => {
    const box = offered();
    accept(box, reserveDisk('r1'));
    says(box, 0, 'finished');
    expect(acknowledge(box, operation, uuid, agent)).toEqual([]);
    expect(box.state.counters.invalidAcknowledgements).toBe(1);
    expect(rows(box)).toEqual(['m-P0 r1 finished']);
  });

  it('while the agent is away is dropped: it will say it again (UPD-6)', () => {
    const box = offered();
    accept(box, reserveDisk('r1'));
    says(box, 0, 'finished');
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    expect(acknowledge(box, 'r1', 's0')).toEqual([]);
    expect(box.state.counters.invalidAcknowledgements).toBe(1);
  });
});

describe('an operation that failed on its agent (OP-3)', () => {
  it.each<OperationState>(['failed', 'error', 'dropped'])('%s is undone: what it made is taken back', (state) => {
    const box = offered();
    accept(box, reserveDisk('r1'));
    expect(box.pass(1_000)).toEqual([
      '1000: offers to f1: m-O1 a1 as a cpus:4; disk:36; disk(reservations: [(DYNAMIC,a)]):64; mem:1024',
    ]);
    expect(says(box, 0, state)).toEqual(['rescind from f1: m-O1', `operation of f1: r1 ${state}`]);
    expect(total(box)).toBe(untouched);
    expect(box.free('a1')).toBe(untouched);
    expect(box.do({ type: 'tick' })).toEqual([`offers to f1: m-O2 a1 as a ${untouched}`]);
  });

  it('is undone under a task that uses what it made: the volume stays in use, in whatever size (VOL-4)', () => {
    const box = offered();
    accept(box, reserveDisk(), createVolume());
    box.pass(1_000);
    const smaller = { type: 'shrink-volume', volume: volume(), subtract: 4 } as const;
    accept(box, smaller);
    box.pass(1_000);
    accept(box, { type: 'launch', tasks: [{ ...task('t1', 'cpus:1'), resources: ['cpus:1', volume(60)] }] });
    says(box, 2, 'dropped');
    expect(total(box)).toContain('[v1:data]:64');
    expect(box.pass(1_000)).toEqual(['2000: offers to f1: m-O3 a1 as a cpus:3; disk:36; mem:1024']);
  });

  it('is undone once, however often it is said', () => {
    const box = offered();
    accept(box, reserveDisk('r1'));
    says(box, 0, 'dropped');
    box.send({ type: 'reserve', agent: 'a1', resources: reserved('disk', 64) });
    says(box, 0, 'dropped');
    expect(total(box)).toBe(afterReserve);
  });

  it('is undone after the later ones that are built on it', () => {
    const box = offered();
    accept(box, reserveDisk('r1'), createVolume('c1'));
    says(box, 0, 'dropped');
    expect(rows(box)).toEqual(['m-P0 r1 dropped owed', 'm-P1 c1 pending']);
    expect(total(box)).toContain('[v1:data]:64');
    says(box, 1, 'dropped');
    expect(total(box)).toBe(untouched);
    expect(rows(box)).toEqual(['m-P0 r1 dropped', 'm-P1 c1 dropped']);
  });

  it('is still undone when its own end was acknowledged before the later one failed', () => {
    const box = offered();
    accept(box, reserveDisk('r1'), createVolume());
    says(box, 0, 'dropped');
    expect(acknowledge(box, 'r1', 's0')).toEqual(['a1: acknowledge s0 of operation m-P0']);
    expect(rows(box)).toEqual(['m-P0 null dropped owed', 'm-P1 null pending']);
    expect(box.state.frameworks.get('f1')?.operations.size).toBe(0);
    expect(says(box, 1, 'failed')).toEqual(['a1: acknowledge s1 of operation m-P1']);
    expect(total(box)).toBe(untouched);
    expect(rows(box)).toEqual([]);
  });

  it('is let go when nothing that was built on it can fail any more', () => {
    const box = offered();
    accept(box, reserveDisk(), createVolume());
    says(box, 0, 'failed');
    says(box, 1, 'finished');
    expect(rows(box)).toEqual([]);
    expect(total(box)).toContain('[v1:data]:64');
  });

  it('leaves a task that is on it where it is, and the agent short until that ends (I1)', () => {
    const box = offered();
    accept(
      box,
      { type: 'reserve', resources: reserved('cpus', 3) },
      {
        type: 'launch',
        tasks: [{ ...task('t1', ''), resources: [reserved('cpus', 3), 'mem:100'] }],
      },
    );
    says(box, 0, 'dropped');
    expect(total(box)).toBe(untouched);
    expect(box.state.agents.get('a1')?.overcommitted).toBe(true);
    box.status('a1', 'f1', 't1', 'error');
    expect(box.state.agents.get('a1')?.overcommitted).toBe(false);
    expect(box.free('a1')).toBe(untouched);
  });

  it("gives back what a reservation counted of its role's quota (QUOTA-2)", () => {
    const box = offered();
    accept(box, { type: 'reserve', resources: reserved('cpus', 3), id: 'r1' });
    box.do({ type: 'set-quota', quotas: [{ role: 'a', limits: { cpus: 3 } }] });
    box.pass(1_000);
    expect(box.offersOf('f1').map(({ resources }) => String(resources))).toEqual([
      'cpus(reservations: [(DYNAMIC,a)]):3; disk:100; mem:1024',
    ]);
    says(box, 0, 'dropped');
    box.pass(1_000);
    expect(box.offersOf('f1').map(({ resources }) => String(resources))).toEqual(['cpus:3; disk:100; mem:1024']);
  });

  it('is not undone when its agent said meanwhile what it has: that is the truth', () => {
    const box = offered();
    accept(box, reserveDisk('r1'));
    box.send({ type: 'update-agent', agent: 'a1', resources: [machine, reserved('disk', 64)] });
    says(box, 0, 'dropped');
    expect(total(box)).toBe('cpus:4; disk:100; disk(reservations: [(DYNAMIC,a)]):64; mem:1024');
  });
});

describe('an agent that comes back', () => {
  const back = (operations: readonly object[] = [], resources: string = machine): Untimed =>
    ({ type: 'reregister', agent: 'a1', resources, capabilities: agentCapabilities, operations }) as Untimed;

  function away(): Cluster {
    const box = offered();
    accept(box, reserveDisk('r1'));
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    return box;
  }

  it('never had what it does not name: that was dropped, and its total is as it says', () => {
    const box = away();
    expect(box.send(back())).toEqual(['a1: registered', 'operation of f1: r1 dropped']);
    expect(rows(box)).toEqual([]);
    expect(total(box)).toBe(untouched);
  });

  it('names what it had: it says the end again by itself', () => {
    const box = away();
    const resources = 'cpus:4;mem:1024;disk:36';
    const named = { operation: 'm-P0', framework: 'f1', id: 'r1', state: 'dropped', statusUuid: 's0' };
    expect(box.send(back([named], resources))).toEqual(['a1: registered']);
    expect(rows(box)).toEqual(['m-P0 r1 dropped']);
    expect(says(box, 0, 'dropped')).toEqual(['operation of f1: r1 dropped']);
    // Its total was the truth already.
    expect(total(box)).toBe('cpus:4; disk:36; mem:1024');
    expect(acknowledge(box, 'r1', 's0')).toEqual(['a1: acknowledge s0 of operation m-P0']);
  });

  it('tells an end that it will not say again at once', () => {
    const box = away();
    expect(box.send(back([{ operation: 'm-P0', state: 'finished' }]))).toEqual([
      'a1: registered',
      'operation of f1: r1 finished',
    ]);
    expect(rows(box)).toEqual([]);
  });

  it('and forgot an end that was not acknowledged is answered for once more', () => {
    const box = offered();
    accept(box, reserveDisk('r1'));
    says(box, 0, 'finished');
    expect(box.send(back())).toEqual(['a1: registered', 'operation of f1: r1 finished']);
    expect(rows(box)).toEqual([]);
  });

  it('can not say what only the master knows', () => {
    const box = away();
    expect(box.send(back([{ operation: 'm-P0', state: 'unknown' }]))).toEqual(['a1: refused, bad-operation-state']);
  });

  it('brings operations that the master gave up (AG-5)', () => {
    const box = away();
    expect(box.send({ type: 'mark-unreachable', agent: 'a1' })).toEqual([
      'operation of f1: r1 unreachable',
      'failure to f1: a1',
    ]);
    expect(rows(box)).toEqual([]);
    const named = { operation: 'm-P0', framework: 'f1', id: 'r1', state: 'finished', statusUuid: 's0' };
    const other = { operation: 'm-P7', state: 'pending' };
    box.send(back([named, other, { ...other, operation: 'm-P8', state: 'finished' }]));
    expect(rows(box)).toEqual(['m-P0 r1 finished', 'm-P7 null pending']);
    expect(says(box, 0, 'finished')).toEqual(['operation of f1: r1 finished']);
    expect(acknowledge(box, 'r1', 's0')).toHaveLength(1);
  });
});

describe('an agent that is lost', () => {
  it.each<[string, Untimed, string]>([
    ['unreachable (AG-4)', { type: 'mark-unreachable', agent: 'a1' }, 'unreachable'],
    ['gone (AG-6)', { type: 'mark-gone', agent: 'a1' }, 'gone-by-operator'],
    ['removed (AG-10)', { type: 'unregister', agent: 'a1' }, 'unknown'],
    ['replaced (AG-9)', { type: 'register', agent: 'a1', resources: machine, connection: 'new' }, 'unknown'],
  ])('%s takes its operations along, and reconciliation says the same from then on', (_, input, state) => {
    const box = offered();
    accept(box, reserveDisk('r1'), createVolume());
    says(box, 0, 'finished');
    expect(box.send(input)).toContain(`operation of f1: r1 ${state}`);
    expect(rows(box)).toEqual([]);
    expect(box.state.frameworks.get('f1')?.operations.size).toBe(0);
    expect(reconcile(box, { operation: 'r1', agent: 'a1' })).toEqual([`operation of f1: r1 ${state}`]);
  });
});

describe('reconciliation of operations (REC-4)', () => {
  it('without names answers for all that are known, and wants no acknowledgement', () => {
    const box = offered();
    accept(box, reserveDisk('r2'), createVolume('c1'));
    says(box, 0, 'finished');
    const asked = { type: 'reconcile-operations', framework: 'f1', connection: 'c-f1', operations: [] } as const;
    const answers = box.ask(asked);
    const told = { type: 'operation-update', framework: 'f1', connection: 'c-f1', agent: 'a1' };
    const message = 'Reconciliation: Latest operation state';
    expect(answers).toEqual([
      { ...told, operation: 'c1', state: 'pending', message },
      { ...told, operation: 'r2', state: 'finished', message },
    ]);
  });

  it('by name answers for each, by what is known of its agent', () => {
    const before = cluster();
    for (const id of ['a2', 'a3']) before.agent(id, machine);
    const box = new Cluster(recoverCluster(registryOf(before.state), {}, 1));
    for (const id of ['a1', 'a4', 'a5']) box.agent(id, machine, { capabilities: agentCapabilities });
    box.framework('f1', ['a']);
    box.send({ type: 'mark-unreachable', agent: 'a4' });
    box.send({ type: 'mark-gone', agent: 'a5' });
    expect(
      reconcile(
        box,
        { operation: 'o', agent: 'a1' },
        { operation: 'o', agent: 'a2' },
        { operation: 'o', agent: 'a4' },
        { operation: 'o', agent: 'a5' },
        { operation: 'o', agent: 'a9' },
        { operation: 'o' },
      ),
    ).toEqual(['unknown', 'recovering', 'unreachable', 'gone-by-operator', 'unknown', 'unknown'].map(answered));
  });

  const answered = (state: string): string => `operation of f1: o ${state}`;
});

describe('operations of a framework that is removed (OP-4)', () => {
  it('are acknowledged by the master when their agents speak of them', () => {
    const box = offered();
    accept(box, reserveDisk('r1'), createVolume());
    box.send({ type: 'teardown', framework: 'f1', connection: 'c-f1' });
    expect(rows(box)).toEqual(['m-P0 null pending', 'm-P1 null pending']);
    expect(says(box, 0, 'finished')).toEqual(['a1: acknowledge s0 of operation m-P0']);
    expect(says(box, 1, 'finished', null)).toEqual([]);
    expect(rows(box)).toEqual([]);
  });

  it('are acknowledged at once where they wait for that', () => {
    const box = offered();
    accept(box, reserveDisk('r1'), createVolume('c1'));
    says(box, 0, 'finished');
    says(box, 1, 'pending', 'p');
    expect(box.send({ type: 'teardown', framework: 'f1', connection: 'c-f1' })).toEqual([
      'a1: acknowledge s0 of operation m-P0',
      'a1: acknowledge p of operation m-P1',
    ]);
    expect(rows(box)).toEqual(['m-P1 null pending']);
  });

  it('are acknowledged when the master does not know them any more', () => {
    const box = offered();
    box.send({ type: 'teardown', framework: 'f1', connection: 'c-f1' });
    const stray = { framework: 'f1', id: 'r1' };
    expect(says(box, 5, 'finished', 's', stray)).toEqual(['a1: acknowledge s of operation m-P5']);
  });
});

describe('an operation of an earlier master (OP-4)', () => {
  function recovered(): Cluster {
    const before = offered();
    const box = new Cluster(recoverCluster(registryOf(before.state), {}, 1_000));
    box.send({ type: 'reregister', agent: 'a1', resources: machine, capabilities: agentCapabilities });
    return box;
  }
  const of = { framework: 'f1', id: 'r1' };

  it('waits for its framework, but not for ever', () => {
    const box = recovered();
    expect(says(box, 0, 'finished', 's0', of)).toEqual([]);
    box.pass(599_999);
    expect(says(box, 0, 'finished', 's0', of)).toEqual([]);
    box.pass(1);
    expect(says(box, 0, 'finished', 's0', of)).toEqual(['a1: acknowledge s0 of operation m-P0']);
  });

  it('comes to its framework, and is acknowledged by it', () => {
    const box = recovered();
    box.framework('f1', ['a']);
    expect(says(box, 0, 'failed', 's0', of)).toEqual(['operation of f1: r1 failed']);
    expect(rows(box)).toEqual(['m-P0 r1 failed']);
    expect(total(box)).toBe(untouched);
    expect(acknowledge(box, 'r1', 's0')).toEqual(['a1: acknowledge s0 of operation m-P0']);
    expect(rows(box)).toEqual([]);
  });

  it('is told once if nobody waits for an acknowledgement', () => {
    const box = recovered();
    box.framework('f1', ['a']);
    expect(says(box, 0, 'finished', null, of)).toEqual(['operation of f1: r1 finished']);
    expect(rows(box)).toEqual([]);
  });

  it('without a name is acknowledged at once', () => {
    const box = recovered();
    expect(says(box, 0, 'finished', 's0', { framework: 'f1' })).toEqual(['a1: acknowledge s0 of operation m-P0']);
  });

  it('does not come in the way of a newer one of the same name', () => {
    const box = recovered();
    box.framework('f1', ['a']);
    accept(box, reserveDisk('r1'));
    expect(says(box, 0, 'failed', 's0', of)).toEqual(['a1: acknowledge s0 of operation m-P0']);
    expect(rows(box)).toEqual(['m.1-P0 r1 pending']);
    expect(total(box)).toBe(afterReserve);
  });
});

describe('a drain (DRAIN-1)', () => {
  const stateOf = (box: Cluster): string | undefined => box.state.service.get('a1')?.drain?.state;

  it('waits for operations, and begins again with a new one', () => {
    const box = offered();
    accept(box, reserveDisk());
    box.send({ type: 'drain', agent: 'a1' });
    expect(stateOf(box)).toBe('draining');
    says(box, 0, 'finished');
    expect(stateOf(box)).toBe('drained');
    box.send({ type: 'reserve', agent: 'a1', resources: reserved('cpus', 1) });
    expect(stateOf(box)).toBe('draining');
    says(box, 1, 'finished', null);
    expect(stateOf(box)).toBe('drained');
  });
});
