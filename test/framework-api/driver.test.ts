import { describe, expect, it } from 'vitest';
import {
  schedulerDriver,
  type DriverCall,
  type DriverOptions,
  type Scheduler,
  type SchedulerDriver,
  type SchedulerWire,
} from '../../src/framework-api/index.js';
import type { SchedulerEvent } from '../../src/cluster/index.js';
import { taskStatus, type TaskStatus } from '../../src/tasks/index.js';

type Sent = DriverCall;
type Heard = readonly [handler: string, ...args: unknown[]];

/** A wire whose other end is the test. */
function wire() {
  const sent: Sent[] = [];
  let hear: (event: SchedulerEvent) => void = () => {};
  let closed: () => void = () => {};
  let opened: () => void = () => {};
  let left = 0;
  return {
    sent,
    get left() {
      return left;
    },
    hear: (event: WithoutAddress) => hear({ framework: 'f1', connection: 'c1', ...event } as SchedulerEvent),
    lose: () => closed(),
    open: () => opened(),
    /** Over a wire that opens again. */
    reopening: { onOpen: (listen: () => void) => void (opened = listen) },
    ends: {
      send: (call: DriverCall) => void sent.push(call),
      onEvent: (listen) => void (hear = listen),
      onClosed: (listen) => void (closed = listen),
      close: () => void (left += 1),
    } satisfies SchedulerWire,
  };
}
type WithoutAddress = SchedulerEvent extends infer Each
  ? Each extends SchedulerEvent
    ? Omit<Each, 'connection' | 'framework'>
    : never
  : never;

/** A scheduler that notes what it hears; `also` says what its handlers do beyond that. */
function noting(also: Scheduler = {}): { heard: Heard[]; scheduler: Scheduler } {
  const heard: Heard[] = [];
  const note =
    (name: keyof Scheduler) =>
    (...args: unknown[]): unknown => {
      heard.push([name, ...args.slice(0, -1)]);
      return (also[name] as ((...args: unknown[]) => unknown) | undefined)?.(...args);
    };
  const names = [
    'subscribed',
    'offers',
    'rescind',
    'update',
    'operationUpdate',
    'agentMessage',
    'failure',
    'rejected',
    'error',
    'disconnected',
  ] as const;
  return { heard, scheduler: Object.fromEntries(names.map((name) => [name, note(name)])) as Scheduler };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const subscribed: WithoutAddress = { type: 'subscribed', masterId: 'm', heartbeatIntervalMs: 15_000 };

/** A subscribed driver on a wire of the test. */
function connected(also: Scheduler = {}, options: Partial<DriverOptions & SchedulerWire> = {}) {
  const line = wire();
  const errors: unknown[] = [];
  const { heard, scheduler } = noting(also);
  const driver = schedulerDriver(scheduler, {
    info: { name: 'etl', roles: ['etl'], capabilities: ['multi-role'] },
    onError: (error) => errors.push(error),
    now: () => 1_234,
    ...line.ends,
    ...options,
  });
  line.hear(subscribed);
  line.sent.length = 0;
  heard.length = 0;
  return { driver, heard, errors, line };
}

const running = (uuid?: string): TaskStatus =>
  taskStatus({ task: 't1', state: 'running', source: 'executor', agent: 'a1', timestamp: 5, uuid });

describe('a subscription', () => {
  it('is asked for when the driver is made, with all that the framework says of itself', () => {
    const line = wire();
    const driver = schedulerDriver({}, { info: { name: 'etl', roles: ['etl'], failoverTimeoutMs: 5 }, ...line.ends });
    expect(line.sent).toEqual([{ type: 'subscribe', name: 'etl', roles: ['etl'], failoverTimeoutMs: 5 }]);
    expect([driver.framework, driver.connected]).toEqual([undefined, false]);
  });

  it('stands when the master says so', () => {
    const line = wire();
    const { heard, scheduler } = noting();
    const driver = schedulerDriver(scheduler, { info: {}, ...line.ends });
    line.hear(subscribed);
    expect([driver.framework, driver.connected]).toEqual(['f1', true]);
    expect(heard).toEqual([['subscribed', { framework: 'f1', masterId: 'm', heartbeatIntervalMs: 15_000 }]]);
  });

  it('takes over the framework that it names', () => {
    const line = wire();
    const driver = schedulerDriver({}, { info: { framework: 'old' }, ...line.ends });
    expect(line.sent).toEqual([{ type: 'subscribe', framework: 'old' }]);
    expect(driver.framework).toBe('old');
  });

  it('holds calls until it stands, and then sends them in order', () => {
    const line = wire();
    const driver = schedulerDriver({}, { info: {}, ...line.ends });
    driver.suppress(['a']);
    driver.reconcile();
    expect(line.sent).toHaveLength(1);
    line.hear(subscribed);
    expect(line.sent.slice(1)).toEqual([
      { type: 'suppress', framework: 'f1', roles: ['a'] },
      { type: 'reconcile', framework: 'f1', tasks: [] },
    ]);
  });

  it('that is refused ends the driver, which says so once', async () => {
    const line = wire();
    const { heard, scheduler } = noting();
    const driver = schedulerDriver(scheduler, { info: {}, ...line.ends });
    line.hear({ type: 'error', code: 'bad-role', message: 'no' });
    line.lose();
    line.hear(subscribed);
    await settled();
    expect(heard).toEqual([['error', { code: 'bad-role', message: 'no' }]]);
    expect([driver.connected, line.left]).toEqual([false, 1]);
  });

  it('is asked for again over a wire that opens again, under the id it had', () => {
    const line = wire();
    const { heard, scheduler } = noting();
    const driver = schedulerDriver(scheduler, { info: { name: 'etl' }, ...line.ends, ...line.reopening });
    expect(line.sent).toEqual([]);
    line.open();
    line.hear(subscribed);
    line.lose();
    expect(driver.connected).toBe(false);
    line.open();
    line.hear(subscribed);
    expect(driver.connected).toBe(true);
    expect(line.sent).toEqual([
      { type: 'subscribe', name: 'etl' },
      { type: 'subscribe', name: 'etl', framework: 'f1' },
    ]);
    expect(heard.map(([handler]) => handler)).toEqual(['subscribed', 'disconnected', 'subscribed']);
  });
});

describe('calls', () => {
  const calls: readonly (readonly [what: string, (driver: SchedulerDriver) => void, call: object])[] = [
    [
      'accept',
      (d) => d.accept('o1', [], { refuseSeconds: 3 }),
      { type: 'accept', offers: ['o1'], operations: [], refuseSeconds: 3 },
    ],
    [
      'launch one task on one offer',
      (d) => d.launch({ id: 'o1' }, { id: 't1', resources: 'cpus:1' }),
      { type: 'accept', offers: ['o1'], operations: [{ type: 'launch', tasks: [{ id: 't1', resources: 'cpus:1' }] }] },
    ],
    [
      'launch tasks on offers',
      (d) =>
        d.launch(
          [{ id: 'o1' }, 'o2'],
          [
            { id: 't1', resources: '' },
            { id: 't2', resources: '' },
          ],
          { refuseSeconds: 0 },
        ),
      {
        type: 'accept',
        offers: ['o1', 'o2'],
        operations: [
          {
            type: 'launch',
            tasks: [
              { id: 't1', resources: '' },
              { id: 't2', resources: '' },
            ],
          },
        ],
        refuseSeconds: 0,
      },
    ],
    [
      'launch a group',
      (d) => d.launchGroup('o1', { executor: { id: 'e' }, tasks: [{ id: 't1', resources: '' }] }),
      {
        type: 'accept',
        offers: ['o1'],
        operations: [
          { type: 'launch-group', executor: { id: 'e', framework: 'f1' }, tasks: [{ id: 't1', resources: '' }] },
        ],
      },
    ],
    [
      'decline',
      (d) => d.decline(['o1', 'o2'], { refuseSeconds: 60 }),
      { type: 'decline', offers: ['o1', 'o2'], refuseSeconds: 60 },
    ],
    ['revive', (d) => d.revive(), { type: 'revive' }],
    ['suppress', (d) => d.suppress(['r']), { type: 'suppress', roles: ['r'] }],
    ['unsuppress', (d) => d.unsuppress(['r']), { type: 'unsuppress', roles: ['r'] }],
    ['clear filters', (d) => d.clearFilters([]), { type: 'clear-filters', roles: [] }],
    [
      'request',
      (d) => d.request([{ resources: 'cpus:1', count: 3 }]),
      { type: 'request', requests: [{ resources: 'cpus:1', count: 3 }] },
    ],
    [
      'kill',
      (d) => d.kill('t1', { agent: 'a1', killPolicy: { graceMs: 1 } }),
      { type: 'kill', task: 't1', agent: 'a1', killPolicy: { graceMs: 1 } },
    ],
    ['shutdown', (d) => d.shutdown({ agent: 'a1', executor: 'e' }), { type: 'shutdown', agent: 'a1', executor: 'e' }],
    ['acknowledge', (d) => d.acknowledge(running('u1')), { type: 'acknowledge', agent: 'a1', task: 't1', uuid: 'u1' }],
    [
      'reconcile',
      (d) => d.reconcile(['t1', { task: 't2', agent: 'a1' }]),
      { type: 'reconcile', tasks: [{ task: 't1' }, { task: 't2', agent: 'a1' }] },
    ],
    [
      'acknowledgeOperation',
      (d) => d.acknowledgeOperation({ operation: 'o', agent: 'a1', uuid: 'u1' }),
      { type: 'acknowledge-operation', operation: 'o', uuid: 'u1', agent: 'a1' },
    ],
    [
      'acknowledgeOperation, of nobody knows which agent',
      (d) => d.acknowledgeOperation({ operation: 'o', uuid: 'u1' }),
      { type: 'acknowledge-operation', operation: 'o', uuid: 'u1' },
    ],
    [
      'reconcileOperations',
      (d) => d.reconcileOperations(['o1', { operation: 'o2', agent: 'a1' }]),
      { type: 'reconcile-operations', operations: [{ operation: 'o1' }, { operation: 'o2', agent: 'a1' }] },
    ],
    ['reconcileOperations of all', (d) => d.reconcileOperations(), { type: 'reconcile-operations', operations: [] }],
    [
      'sendMessage',
      (d) => d.sendMessage({ agent: 'a1', executor: 'e', data: 'x' }),
      { type: 'framework-message', agent: 'a1', executor: 'e', data: 'x' },
    ],
    ['updateFramework', (d) => d.updateFramework({ roles: ['b'] }), { type: 'update-framework', roles: ['b'] }],
    ['teardown', (d) => d.teardown(), { type: 'teardown' }],
  ];

  it.each(calls)('%s', (_what, act, call) => {
    const { driver, line } = connected();
    act(driver);
    expect(line.sent).toEqual([{ framework: 'f1', ...call }]);
  });

  it('acknowledge nothing for a status that wants none', () => {
    const { driver, line } = connected();
    driver.acknowledge(running());
    driver.acknowledgeOperation({ operation: 'o', agent: 'a1' });
    expect(line.sent).toEqual([]);
  });

  it('teardown and close end the driver without a word', async () => {
    for (const end of ['teardown', 'close'] as const) {
      const { driver, heard, line } = connected();
      driver[end]();
      driver[end]();
      line.hear({ type: 'update', status: running('u1') });
      line.lose();
      await settled();
      expect([heard, driver.connected, line.left]).toEqual([[], false, 1]);
    }
  });

  it('teardown before the subscription stands is done as soon as it does', () => {
    const line = wire();
    const driver = schedulerDriver({}, { info: {}, ...line.ends });
    driver.teardown();
    expect(line.left).toBe(0);
    line.hear(subscribed);
    expect(line.sent.at(-1)).toEqual({ type: 'teardown', framework: 'f1' });
    expect([line.left, driver.connected]).toEqual([1, false]);
  });

  it('whose sending fails go to onError', async () => {
    const wrong = new Error('wire');
    const thrown = connected(
      {},
      {
        send: () => {
          throw wrong;
        },
      },
    );
    thrown.driver.revive();
    const rejected = connected({}, { send: () => Promise.reject(wrong) });
    rejected.driver.revive();
    await settled();
    // The subscription of each was sent as well.
    expect([thrown.errors, rejected.errors]).toEqual([
      [wrong, wrong],
      [wrong, wrong],
    ]);
  });
});

describe('events', () => {
  const events: readonly (readonly [event: WithoutAddress, heard: Heard])[] = [
    [{ type: 'offers', offers: [] }, ['offers', []]],
    [{ type: 'rescind', offer: 'o1' }, ['rescind', 'o1']],
    [{ type: 'update', status: running() }, ['update', running()]],
    [
      { type: 'operation-update', operation: 'op', state: 'error', message: 'no' },
      ['operationUpdate', { operation: 'op', state: 'error', message: 'no' }],
    ],
    [
      { type: 'agent-message', agent: 'a1', executor: 'e', data: 'x' },
      ['agentMessage', { agent: 'a1', executor: 'e', data: 'x' }],
    ],
    [
      { type: 'failure', agent: 'a1', executor: 'e', status: 9 },
      ['failure', { agent: 'a1', executor: 'e', status: 9 }],
    ],
    [{ type: 'failure', agent: 'a1' }, ['failure', { agent: 'a1' }]],
    [
      { type: 'rejected', call: 'kill', code: 'c', message: 'm' },
      ['rejected', { call: 'kill', code: 'c', message: 'm' }],
    ],
    [{ type: 'error', code: 'c', message: 'm' }, ['error', { code: 'c', message: 'm' }]],
  ];

  it.each(events)('$type', (event, expected) => {
    const { heard, line } = connected();
    line.hear(event);
    expect(heard).toEqual([expected]);
  });

  it('need no handler', () => {
    const line = wire();
    schedulerDriver({}, { info: {}, ...line.ends });
    line.hear(subscribed);
    for (const [event] of events) expect(() => line.hear(event)).not.toThrow();
  });

  it('that this version does not know are ignored', () => {
    const { heard, errors, line } = connected();
    line.hear({ type: 'of the future' } as never);
    expect([heard, errors]).toEqual([[], []]);
  });

  it('are given the driver', () => {
    let given: unknown;
    const { driver, line } = connected({ offers: (_offers, of) => void (given = of) });
    line.hear({ type: 'offers', offers: [] });
    expect(given).toBe(driver);
  });
});

describe('acknowledgements of operations (OP-2)', () => {
  const finished = { operation: 'o', state: 'finished', agent: 'a1', uuid: 'u1' } as const;
  const event: WithoutAddress = { type: 'operation-update', ...finished };
  const acknowledgement = { type: 'acknowledge-operation', framework: 'f1', operation: 'o', uuid: 'u1', agent: 'a1' };

  it('are sent when the handler has returned, or its promise resolved', async () => {
    let before: number | undefined;
    const prompt = connected({ operationUpdate: () => void (before = prompt.line.sent.length) });
    prompt.line.hear(event);
    expect([before, prompt.line.sent]).toEqual([0, [acknowledgement]]);
    let done: () => void = () => {};
    const slow = connected({ operationUpdate: () => new Promise<void>((resolve) => void (done = resolve)) });
    slow.line.hear(event);
    await settled();
    expect(slow.line.sent).toEqual([]);
    done();
    await settled();
    expect(slow.line.sent).toEqual([acknowledgement]);
  });

  it('are sent without a handler too', () => {
    const line = wire();
    schedulerDriver({}, { info: {}, ...line.ends });
    line.hear(subscribed);
    line.hear(event);
    expect(line.sent.at(-1)).toEqual(acknowledgement);
  });

  it('are not sent for what comes without a uuid', () => {
    const { line, heard } = connected();
    const { uuid: _, ...rest } = finished;
    line.hear({ type: 'operation-update', ...rest });
    expect([heard, line.sent]).toEqual([[['operationUpdate', rest]], []]);
  });

  it('are the scheduler’s when it asked for that', () => {
    const { driver, line } = connected({}, { acknowledge: 'explicit' });
    line.hear(event);
    expect(line.sent).toEqual([]);
    driver.acknowledgeOperation(finished);
    expect(line.sent).toEqual([acknowledgement]);
  });

  it('are not sent when the handler threw or rejected, and the error is heard', async () => {
    const wrong = new Error('mine');
    const thrown = connected({
      operationUpdate: () => {
        throw wrong;
      },
    });
    const rejected = connected({ operationUpdate: () => Promise.reject(wrong) });
    for (const { line } of [thrown, rejected]) line.hear(event);
    await settled();
    for (const { line, errors } of [thrown, rejected]) expect([line.sent, errors]).toEqual([[], [wrong]]);
  });

  it('are let go when the wire was lost before the handler was done', async () => {
    let done: () => void = () => {};
    const { line, heard } = connected({ operationUpdate: () => new Promise<void>((resolve) => void (done = resolve)) });
    line.hear(event);
    line.lose();
    done();
    await settled();
    expect(line.sent).toEqual([]);
    expect(heard.map(([handler]) => handler)).toEqual(['operationUpdate', 'disconnected']);
  });
});

describe('acknowledgements', () => {
  const acknowledgement = { type: 'acknowledge', framework: 'f1', agent: 'a1', task: 't1', uuid: 'u1' };

  it('are sent when the handler has returned', () => {
    let before: number | undefined;
    const { line } = connected({ update: () => void (before = line.sent.length) });
    line.hear({ type: 'update', status: running('u1') });
    expect([before, line.sent]).toEqual([0, [acknowledgement]]);
  });

  it('are sent without a handler too', () => {
    const line = wire();
    schedulerDriver({}, { info: {}, ...line.ends });
    line.hear(subscribed);
    line.hear({ type: 'update', status: running('u1') });
    expect(line.sent.at(-1)).toEqual(acknowledgement);
  });

  it('wait for the promise of the handler', async () => {
    let done: () => void = () => {};
    const { line } = connected({ update: () => new Promise<void>((resolve) => void (done = resolve)) });
    line.hear({ type: 'update', status: running('u1') });
    await settled();
    expect(line.sent).toEqual([]);
    done();
    await settled();
    expect(line.sent).toEqual([acknowledgement]);
  });

  it('are not sent for a status without a uuid', () => {
    const { line } = connected();
    line.hear({ type: 'update', status: running() });
    expect(line.sent).toEqual([]);
  });

  it('are the scheduler’s when it asked for that', () => {
    const { driver, line } = connected({}, { acknowledge: 'explicit' });
    line.hear({ type: 'update', status: running('u1') });
    expect(line.sent).toEqual([]);
    driver.acknowledge(running('u1'));
    expect(line.sent).toEqual([acknowledgement]);
  });

  it('are not sent when the handler threw or rejected, and the error is heard', async () => {
    const wrong = new Error('mine');
    const thrown = connected({
      update: () => {
        throw wrong;
      },
    });
    const rejected = connected({ update: () => Promise.reject(wrong) });
    for (const { line } of [thrown, rejected]) line.hear({ type: 'update', status: running('u1') });
    await settled();
    for (const { line, errors } of [thrown, rejected]) expect([line.sent, errors]).toEqual([[], [wrong]]);
  });

  it('are let go when the wire was lost before the handler was done', async () => {
    let done: () => void = () => {};
    const { line, heard } = connected({ update: () => new Promise<void>((resolve) => void (done = resolve)) });
    line.hear({ type: 'update', status: running('u1') });
    line.lose();
    done();
    await settled();
    expect(line.sent).toEqual([]);
    expect(heard.map(([handler]) => handler)).toEqual(['update', 'disconnected']);
  });
});

describe('without a wire', () => {
  const task = { id: 't1', resources: 'cpus:1' };

  it('a launch is lost, as the driver says itself', async () => {
    const { driver, heard, line } = connected();
    line.lose();
    driver.launch({ id: 'o1', agent: 'a1' }, task);
    expect(heard).toEqual([['disconnected']]);
    await settled();
    expect(line.sent).toEqual([]);
    expect(heard.slice(1)).toEqual([
      [
        'update',
        {
          task: 't1',
          state: 'lost',
          terminal: true,
          source: 'master',
          reason: 'master-disconnected',
          message: 'Master disconnected',
          agent: 'a1',
          timestamp: 1_234,
        },
      ],
    ]);
  });

  it.each([
    ['of a partition-aware framework', { capabilities: ['partition-aware'] as const }],
    ['of one that says nothing of its capabilities', {}],
  ])('a launch %s is dropped', async (_what, info) => {
    const { driver, heard, line } = connected({}, { info });
    line.lose();
    driver.launch('o1', task);
    await settled();
    expect(heard.at(-1)).toMatchObject(['update', { state: 'dropped', reason: 'master-disconnected' }]);
  });

  it('capabilities that changed count', async () => {
    const { driver, heard, line } = connected();
    driver.updateFramework({ capabilities: ['partition-aware'] });
    line.lose();
    driver.launch('o1', task);
    await settled();
    expect(heard.at(-1)).toMatchObject(['update', { state: 'dropped' }]);
  });

  it('every task of every launch of an accept is answered, in order', async () => {
    const { driver, heard, line } = connected();
    line.lose();
    driver.accept('o1', [
      { type: 'launch', tasks: [task, { ...task, id: 't2', agent: 'a2' }] },
      { type: 'reserve', resources: 'cpus(r):1' },
      { type: 'launch-group', executor: { id: 'e' }, tasks: [{ ...task, id: 't3' }] },
    ]);
    await settled();
    const statuses = heard.slice(1).map(([, status]) => status as TaskStatus);
    expect(statuses.map((status) => [status.task, status.agent])).toEqual([
      ['t1', undefined],
      ['t2', 'a2'],
      ['t3', undefined],
    ]);
    expect(statuses.every((status) => !('uuid' in status))).toBe(true);
  });

  it('operations with an id of an accept are answered too: nobody ever had them', async () => {
    const { driver, heard, line } = connected();
    line.lose();
    driver.accept({ id: 'o1', agent: 'a1' }, [
      { type: 'reserve', id: 'r1', resources: 'cpus(r):1' },
      { type: 'reserve', resources: 'cpus(r):1' },
      { type: 'launch', id: 'l1', tasks: [] },
    ]);
    await settled();
    const dropped = { operation: 'r1', state: 'dropped', message: 'Master disconnected', agent: 'a1' };
    expect(heard.slice(1)).toEqual([['operationUpdate', dropped]]);
    expect(line.sent).toEqual([]);
  });

  it('other calls are rejected, and what is void is let go', async () => {
    const { driver, heard, line } = connected();
    line.lose();
    driver.decline('o1');
    driver.acknowledge(running('u1'));
    driver.acknowledgeOperation({ operation: 'o', uuid: 'u1' });
    driver.kill('t1');
    driver.revive();
    await settled();
    const message = 'There is no connection to the master';
    expect(heard).toEqual([
      ['disconnected'],
      ['rejected', { call: 'kill', code: 'disconnected', message }],
      ['rejected', { call: 'revive', code: 'disconnected', message }],
    ]);
  });

  it('is said once', () => {
    const { heard, line } = connected();
    line.lose();
    line.lose();
    expect(heard).toEqual([['disconnected']]);
  });

  it('nothing more is heard from it', () => {
    const { heard, line } = connected();
    line.lose();
    line.hear({ type: 'update', status: running('u1') });
    line.hear(subscribed);
    expect(heard).toEqual([['disconnected']]);
  });

  it('what was held for a subscription that never stood is answered', async () => {
    const line = wire();
    const { heard, scheduler } = noting();
    const driver = schedulerDriver(scheduler, { info: {}, now: () => 0, ...line.ends });
    driver.kill('t1');
    driver.launch('o1', task);
    line.lose();
    await settled();
    expect(heard.map(([handler]) => handler)).toEqual(['disconnected', 'rejected', 'update']);
  });
});

describe('a handler that fails', () => {
  it('ends nothing', async () => {
    const wrong = new Error('mine');
    const { driver, errors, line } = connected({
      offers: () => {
        throw wrong;
      },
      failure: () => Promise.reject(wrong),
    });
    line.hear({ type: 'offers', offers: [] });
    line.hear({ type: 'failure', agent: 'a1' });
    await settled();
    expect(errors).toEqual([wrong, wrong]);
    line.hear({ type: 'update', status: running('u1') });
    expect([driver.connected, line.sent.length]).toEqual([true, 1]);
  });

  it('is thrown on a microtask when nobody listens', async () => {
    const wrong = new Error('nobody listens');
    const uncaught: unknown[] = [];
    const listen = (error: unknown): void => void uncaught.push(error);
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', listen);
    try {
      const line = wire();
      schedulerDriver(
        {
          offers: () => {
            throw wrong;
          },
        },
        { info: {}, ...line.ends },
      );
      line.hear(subscribed);
      expect(() => line.hear({ type: 'offers', offers: [] })).not.toThrow();
      await settled();
    } finally {
      process.off('uncaughtException', listen);
      for (const other of others) process.on('uncaughtException', other);
    }
    expect(uncaught).toEqual([wrong]);
  });
});
