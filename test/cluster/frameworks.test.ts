import { describe, expect, it } from 'vitest';
import { frameworks, nextDeadline, offers, roles, stats, tasks } from '../../src/cluster/index.js';
import { cluster, task, type Cluster, type Untimed } from './harness.js';

const subscribe = (more: object): Untimed =>
  ({ type: 'subscribe', connection: 'c', roles: ['a'], ...more }) as unknown as Untimed;

describe('SUBSCRIBE', () => {
  it('without an id makes one (FW-1)', () => {
    const box = cluster({ heartbeatIntervalMs: 9_000 });
    expect(box.ask(subscribe({ name: 'batch' }))).toEqual([
      { type: 'subscribed', framework: 'm-0000', connection: 'c', masterId: 'm', heartbeatIntervalMs: 9_000 },
    ]);
    expect(box.send(subscribe({ framework: '' }))).toEqual(['subscribed m-0001 over c']);
    expect(frameworks(box.state)[0]).toMatchObject({
      id: 'm-0000',
      name: 'batch',
      state: 'connected',
      failoverTimeoutMs: 0,
      checkpoint: false,
      capabilities: ['multi-role', 'partition-aware'],
    });
  });

  it('with an id that nobody knows is given it (FW-9), and the counter steps over it', () => {
    const box = cluster();
    expect(box.send(subscribe({ framework: 'm-0000' }))).toEqual(['subscribed m-0000 over c']);
    expect(box.send(subscribe({}))).toEqual(['subscribed m-0001 over c']);
  });

  it.each([
    ['a bad id', { framework: 'a/b' }, 'bad-id'],
    ['a bad role', { roles: ['a', '/b'] }, 'bad-role'],
    ['an empty role', { roles: [''] }, 'bad-role'],
    ['a role twice', { roles: ['a', 'a'] }, 'duplicate-role'],
    ['a role that may not be used', { roles: ['z'] }, 'role-not-whitelisted'],
    ['role beside roles', { role: 'a' }, 'role-and-roles'],
    ['roles without multi-role', { capabilities: [] }, 'roles-without-multi-role'],
    ['an unknown capability', { capabilities: ['multi-role', 'flying'] }, 'unknown-capability'],
    ['a suppressed role that is not its own', { suppressedRoles: ['b'] }, 'suppressed-not-subscribed'],
    ['a negative failover timeout', { failoverTimeoutMs: -1 }, 'bad-failover-timeout'],
    ['an endless failover timeout', { failoverTimeoutMs: Infinity }, 'bad-failover-timeout'],
    ['a priority that is no number', { priority: NaN }, 'bad-priority'],
    ['a negative minimum', { offerFilters: { a: { minAllocatable: [{ cpus: -1 }] } } }, 'bad-offer-filter'],
    [
      'a minimum of what cannot even be compared',
      { offerFilters: { a: { minAllocatable: [{ cpus: { valueOf: 1, toString: 1 } as never }] } } },
      'bad-offer-filter',
    ],
    ['a minimum that is no quantity', { offerFilters: { a: { minAllocatable: ['cpus'] } } }, 'bad-offer-filter'],
    ['a minimum for a bad role', { offerFilters: { '..': {} } }, 'bad-role'],
  ])('with %s is refused, and nothing is changed (FW-2)', (_, wrong, code) => {
    const box = cluster({ roles: ['a', 'b', '*'] });
    expect(box.send(subscribe(wrong))).toEqual([`error to c: ${code}`]);
    expect(frameworks(box.state)).toEqual([]);
    expect(roles(box.state)).toEqual([]);
  });

  it.each([
    ['no role: the default one', { roles: undefined }, ['*']],
    ['one role', { roles: undefined, role: 'b' }, ['b']],
    ['none, on purpose', { roles: [] }, []],
    ['none, by an old hand', { roles: undefined, capabilities: ['multi-role'] }, []],
    ['one role, without multi-role', { roles: undefined, role: 'b', capabilities: [] }, ['b']],
  ])('may name %s (ROLE-2)', (_, info, expected) => {
    const box = cluster();
    box.send(subscribe(info));
    expect(frameworks(box.state)[0]?.roles).toEqual(expected);
  });

  it('may say what is worth offering to it; a filter that says nothing leaves the common minimum (ALLOC-6)', () => {
    const box = cluster();
    box.agent('a1', 'cpus:2');
    box.framework('f1', ['a'], { offerFilters: { a: { minAllocatable: ['cpus:4'] } } });
    expect(offers(box.state)).toEqual([]);
    box.framework('f2', ['b'], { offerFilters: [['b', { minAllocatable: [{ cpus: 1 }] }]] });
    expect(offers(box.state)).toHaveLength(1);
    box.agent('a2', 'cpus:0.001');
    box.framework('f3', ['c'], { offerFilters: { c: {} } });
    expect(offers(box.state)).toHaveLength(1);
    box.framework('f4', ['d'], { offerFilters: { d: { minAllocatable: [] } } });
    expect(box.offersOf('f4')).toHaveLength(1);
  });

  it('of the id of a framework that was removed is refused (FW-2)', () => {
    const box = cluster();
    box.framework('f1', ['a']);
    box.send({ type: 'teardown', framework: 'f1', connection: 'c-f1' });
    expect(box.framework('f1', ['a'])).toEqual(['error to c-f1: framework-removed']);
  });

  it('of a principal that is another is refused, and the subscription goes on (FW-2)', () => {
    const box = cluster();
    box.framework('f1', ['a'], { principal: 'alice' });
    expect(box.framework('f1', ['a'], { principal: 'bob', connection: 'c2' })).toEqual([
      'error to c2: principal-changed',
    ]);
    expect(frameworks(box.state)).toMatchObject([{ state: 'connected', principal: 'alice' }]);
    expect(box.send({ type: 'suppress', framework: 'f1', connection: 'c-f1' })).toEqual([]);
  });
});

describe('failover (FW-3)', () => {
  function twice(): Cluster {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a'], { user: 'u', name: 'old' });
    box.runs('f1', 'a1', task('t1', 'cpus:1'));
    box.framework('f1', ['a', 'b'], { connection: 'c2', user: 'other', checkpoint: true, name: 'new' });
    return box;
  }

  it('gives all to the newest connection; the old one is not heard any more (H3)', () => {
    const box = twice();
    expect(box.decline('f1', [])).toEqual(['rejected decline of f1: stale-connection']);
    expect(stats(box.state).counters.staleCalls).toBe(1);
    expect(box.send({ type: 'framework-disconnected', framework: 'f1', connection: 'c-f1' })).toEqual([]);
    expect(frameworks(box.state)).toMatchObject([{ state: 'connected' }]);
    expect(tasks(box.state)).toMatchObject([{ id: 't1', state: 'running' }]);
  });

  it('changes what may change: user and checkpoint silently stay (FW-4)', () => {
    expect(frameworks(twice().state)).toMatchObject([{ user: 'u', checkpoint: false, name: 'new', roles: ['a', 'b'] }]);
  });

  it('leaves tasks of a role that is left, and tracks the role until they end (ROLE-6)', () => {
    const box = twice();
    box.framework('f1', ['b'], { connection: 'c3' });
    expect(roles(box.state).map(({ role, frameworks: who }) => [role, who])).toEqual([
      ['a', ['f1']],
      ['b', ['f1']],
    ]);
    box.status('a1', 'f1', 't1', 'finished');
    expect(roles(box.state).map(({ role }) => role)).toEqual(['b']);
  });

  it('over the connection that is there already ends nobody', () => {
    const box = cluster();
    box.framework('f1', ['a']);
    expect(box.framework('f1', ['a'])).toEqual(['subscribed f1 over c-f1']);
  });
});

describe('a framework that goes away (FW-5, FW-6)', () => {
  it('is removed at once when it asked for no time', () => {
    const box = cluster();
    box.framework('f1', ['a']);
    box.send({ type: 'framework-disconnected', framework: 'f1' });
    expect(nextDeadline(box.state)).toBe(0);
    box.pass(0);
    expect(frameworks(box.state)).toEqual([]);
    expect(box.framework('f1', ['a'])).toEqual(['error to c-f1: framework-removed']);
  });

  it('is removed when its time is over, not a millisecond before', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a'], { failoverTimeoutMs: 60_000 });
    box.runs('f1', 'a1', task('t1', 'cpus:1'));
    box.pass(500);
    box.send({ type: 'framework-disconnected', framework: 'f1', connection: 'c-f1' });
    expect(box.pass(59_999)).toEqual([]);
    expect(frameworks(box.state)).toMatchObject([{ state: 'disconnected', tasks: 1 }]);
    expect(box.pass(1)).toEqual(['60500: a1: shut down f1']);
    expect(frameworks(box.state)).toEqual([]);
  });

  it('and comes back in time is as it was: tasks, suppression, and offers at once (SUPP-3)', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a'], { failoverTimeoutMs: 60_000 });
    box.runs('f1', 'a1', task('t1', 'cpus:1'));
    box.decline('f1', [], 3_600);
    box.send({ type: 'framework-disconnected', framework: 'f1' });
    expect(box.decline('f1', [])).toEqual(['rejected decline of f1: stale-connection']);
    box.pass(59_000);
    expect(box.framework('f1', ['a'], { failoverTimeoutMs: 60_000 })).toEqual([
      'subscribed f1 over c-f1',
      'offers to f1: m-O1 a1 as a cpus:3',
    ]);
    expect(box.pass(600_000)).toEqual([]);
    expect(frameworks(box.state)).toMatchObject([{ state: 'connected', tasks: 1 }]);
  });

  it('twice is given its whole time twice', () => {
    const box = cluster();
    const again = { failoverTimeoutMs: 10_000 };
    box.framework('f1', ['a'], again);
    box.send({ type: 'framework-disconnected', framework: 'f1' });
    box.pass(9_000);
    box.framework('f1', ['a'], again);
    box.pass(500);
    box.send({ type: 'framework-disconnected', framework: 'f1' });
    box.pass(9_999);
    expect(frameworks(box.state)).toHaveLength(1);
    box.pass(1);
    expect(frameworks(box.state)).toEqual([]);
  });

  it('gets no events', () => {
    const box = cluster();
    box.framework('f1', ['a'], { failoverTimeoutMs: 60_000 });
    box.send({ type: 'framework-disconnected', framework: 'f1' });
    expect(box.agent('a1', 'cpus:4')).toEqual(['a1: registered']);
    expect(box.send({ type: 'mark-unreachable', agent: 'a1' })).toEqual([]);
  });
});

describe('UPDATE_FRAMEWORK (FW-10)', () => {
  const update = (box: Cluster, more: object): readonly string[] =>
    box.send({ type: 'update-framework', framework: 'f1', connection: 'c-f1', ...more } as Untimed);

  it('changes what it names and leaves the rest', () => {
    const box = cluster();
    box.framework('f1', ['a'], { name: 'one', priority: 3, failoverTimeoutMs: 5, labels: [{ key: 'k', value: 'v' }] });
    expect(update(box, { name: 'two' })).toEqual([]);
    expect(frameworks(box.state)).toMatchObject([
      { name: 'two', priority: 3, failoverTimeoutMs: 5, roles: ['a'], labels: [{ key: 'k', value: 'v' }] },
    ]);
  });

  it('takes back the offers of roles that are left, and waits for the next batch with those that are joined (FW-4)', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    expect(update(box, { roles: ['b'] })).toEqual(['rescind from f1: m-O0']);
    expect(box.pass(1_000)).toEqual(['1000: offers to f1: m-O1 a1 as b cpus:4']);
  });

  it('leaves offers of roles that stay', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    expect(update(box, { roles: ['a', 'b'] })).toEqual([]);
    expect(box.offersOf('f1')).toHaveLength(1);
  });

  it('forgets the suppression of a role that is left', () => {
    const box = cluster();
    box.framework('f1', ['a', 'b'], { suppressedRoles: ['b'] });
    expect(update(box, { roles: ['a'] })).toEqual([]);
    expect(frameworks(box.state)).toMatchObject([{ roles: ['a'], suppressedRoles: [] }]);
  });

  it('keeps a suppression that was called for, when it changes something else', () => {
    const box = cluster();
    box.framework('f1', ['a']);
    box.send({ type: 'suppress', framework: 'f1', connection: 'c-f1' });
    update(box, { name: 'x' });
    expect(box.agent('a1', 'cpus:4')).toEqual(['a1: registered']);
    expect(box.pass(10_000)).toEqual([]);
  });

  it('turns one role into several and back (ROLE-2)', () => {
    const box = cluster();
    box.do({ type: 'subscribe', framework: 'f1', connection: 'c-f1', role: 'a', capabilities: [] });
    expect(update(box, { roles: ['a', 'b'] })).toEqual(['rejected update-framework of f1: roles-without-multi-role']);
    expect(update(box, { roles: ['a', 'b'], capabilities: ['multi-role'] })).toEqual([]);
    expect(frameworks(box.state)).toMatchObject([{ roles: ['a', 'b'] }]);
    expect(update(box, { role: 'b', capabilities: [] })).toEqual([]);
    expect(frameworks(box.state)).toMatchObject([{ roles: ['b'], capabilities: [] }]);
  });

  it.each([
    ['the principal', { principal: 'bob' }, 'principal-changed'],
    ['the user', { user: 'root' }, 'user-changed'],
    ['the checkpoint', { checkpoint: true }, 'checkpoint-changed'],
    ['a role to a bad one', { roles: ['a b'], name: 'x' }, 'bad-role'],
    ['suppression to a role that is not its own', { suppressedRoles: ['z'] }, 'suppressed-not-subscribed'],
  ])('of %s is rejected as a whole (FW-4)', (_, more, code) => {
    const box = cluster();
    box.framework('f1', ['a'], { principal: 'alice' });
    const before = frameworks(box.state);
    expect(update(box, more)).toEqual([`rejected update-framework of f1: ${code}`]);
    expect(frameworks(box.state)).toEqual(before);
  });
});

describe('TEARDOWN (FW-7)', () => {
  it('ends everything at once and tells nobody but the agents', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.agent('a2', 'cpus:4');
    box.framework('f1', ['a']);
    const executor = { id: 'e1', command: { value: 'x' }, resources: 'cpus:1' };
    box.launch('f1', 'a1', [{ id: 't1', resources: 'cpus:1', executor }], { refuseSeconds: 0 });
    expect(box.send({ type: 'teardown', framework: 'f1', connection: 'c-f1' })).toEqual(['a1: shut down f1']);
    expect([frameworks(box.state), tasks(box.state), offers(box.state), roles(box.state)]).toEqual([[], [], [], []]);
    expect(box.free('a1')).toBe('cpus:4');
    expect(stats(box.state).completedFrameworks).toMatchObject([{ id: 'f1' }]);
  });

  it('leaves no trace on the agents of kills and executors', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    box.runs('f1', 'a1', task('t1', 'cpus:1'));
    box.send({ type: 'kill', framework: 'f1', connection: 'c-f1', task: 't1' });
    box.send({ type: 'teardown', framework: 'f1', connection: 'c-f1' });
    expect(box.state.agents.get('a1')).toMatchObject({ tasks: [], executors: [], kills: [] });
    expect(box.state.allocator.agents.get('a1')?.offers).toEqual([]);
  });

  it('by the operator also tells the framework that it is over', () => {
    const box = cluster();
    box.framework('f1', ['a']);
    expect(box.send({ type: 'teardown-framework', framework: 'f1' })).toEqual(['error to c-f1: framework-removed']);
    expect(box.decline('f1', [])).toEqual(['rejected decline of f1: unknown-framework']);
  });

  it('is final: an agent that comes back with its tasks is told to end them', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a'], { checkpoint: true });
    box.runs('f1', 'a1', task('t1', 'cpus:1'));
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    expect(box.send({ type: 'teardown', framework: 'f1', connection: 'c-f1' })).toEqual([]);
    const was = { framework: 'f1', role: 'a', resources: 'cpus:1' };
    const back = { type: 'reregister', agent: 'a1', resources: 'cpus:4' } as const;
    expect(box.send({ ...back, tasks: [{ ...was, id: 't1', state: 'running' }] })).toEqual([
      'a1: registered',
      'a1: shut down f1',
    ]);
    expect(box.send({ ...back, executors: [{ ...was, id: 'e1' }] })).toEqual(['a1: registered', 'a1: shut down f1']);
    expect(box.free('a1')).toBe('cpus:4');
  });

  it('is remembered of the newest so many', () => {
    const box = cluster({ maxCompletedFrameworks: 2 });
    for (const id of ['f1', 'f2', 'f3']) {
      box.framework(id, ['a']);
      box.send({ type: 'teardown', framework: id, connection: `c-${id}` });
    }
    expect(stats(box.state).completedFrameworks.map(({ id }) => id)).toEqual(['f2', 'f3']);
    expect(box.framework('f1', ['a'])).toEqual(['subscribed f1 over c-f1']);
  });
});

describe('SUPPRESS, REVIVE and their halves', () => {
  it.each(['suppress', 'revive', 'unsuppress', 'clear-filters'] as const)(
    '%s of a role that is not its own has no effect at all (SUPP-1)',
    (type) => {
      const box = cluster();
      box.framework('f1', ['a', 'b'], { suppressedRoles: ['b'] });
      expect(box.send({ type, framework: 'f1', connection: 'c-f1', roles: ['a', 'z'] })).toEqual([
        `rejected ${type} of f1: role-not-subscribed`,
      ]);
      expect(frameworks(box.state)[0]?.suppressedRoles).toEqual(['b']);
    },
  );

  it('REVIVE clears filters and suppression, and offers at once (SUPP-2)', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    box.decline('f1', ['m-O0'], 3_600);
    box.send({ type: 'suppress', framework: 'f1', connection: 'c-f1', roles: ['a'] });
    expect(box.pass(10_000)).toEqual([]);
    expect(box.do({ type: 'revive', framework: 'f1', connection: 'c-f1' })).toEqual([
      'offers to f1: m-O1 a1 as a cpus:4',
    ]);
  });
});

describe('REQUEST', () => {
  const request = (box: Cluster, requests: object): readonly string[] =>
    box.send({ type: 'request', framework: 'f1', connection: 'c-f1', requests } as Untimed);

  it('is recorded as demand, replaces the last, and prefers nobody (design §12)', () => {
    const box = cluster();
    box.framework('f1', ['b']);
    box.framework('f2', ['a']);
    request(box, [{ resources: 'cpus:9' }]);
    request(box, [{ role: 'b', agent: 'a1', resources: 'cpus:2;mem:64', count: 3 }]);
    const [demand, ...others] = box.state.allocator.demand.get('f1') ?? [];
    expect(others).toEqual([]);
    expect(demand).toMatchObject({ role: 'b', agent: 'a1', count: 3 });
    expect(box.agent('a1', 'cpus:4')).toContainEqual(expect.stringMatching(/^offers to f2/));
    request(box, []);
    expect(box.state.allocator.demand.get('f1')).toBeUndefined();
  });

  it.each([
    ['resources', { resources: 'cpus' }, 'bad-resources'],
    ['a count', { count: 1.5 }, 'bad-count'],
    ['a count', { count: -1 }, 'bad-count'],
    ['a role', { role: 'a//b' }, 'bad-role'],
  ])('with a bad entry (%s) leaves the last as it was', (_, wrong, code) => {
    const box = cluster();
    box.framework('f1', ['a']);
    request(box, [{ resources: 'cpus:1' }]);
    expect(request(box, [{ resources: 'cpus:2' }, wrong])).toEqual([`rejected request of f1: ${code}`]);
    expect(String(box.state.allocator.demand.get('f1')?.[0]?.resources)).toBe('cpus:1');
  });
});

describe('a call that may not be heard', () => {
  const calls: readonly Untimed[] = [
    { type: 'update-framework', framework: 'f1', connection: 'x' },
    { type: 'teardown', framework: 'f1', connection: 'x' },
    { type: 'accept', framework: 'f1', connection: 'x', offers: [], operations: [] },
    { type: 'decline', framework: 'f1', connection: 'x', offers: [] },
    { type: 'suppress', framework: 'f1', connection: 'x' },
    { type: 'revive', framework: 'f1', connection: 'x' },
    { type: 'request', framework: 'f1', connection: 'x', requests: [] },
    { type: 'kill', framework: 'f1', connection: 'x', task: 't' },
    { type: 'shutdown', framework: 'f1', connection: 'x', agent: 'a', executor: 'e' },
    { type: 'acknowledge', framework: 'f1', connection: 'x', agent: 'a', task: 't', uuid: 'u' },
    { type: 'reconcile', framework: 'f1', connection: 'x', tasks: [] },
    { type: 'framework-message', framework: 'f1', connection: 'x', agent: 'a', executor: 'e', data: '' },
  ];

  it.each(calls.map((call) => [call.type, call] as const))('%s: its connection is told why', (type, call) => {
    const box = cluster();
    expect(box.send(call)).toEqual([`rejected ${type} of f1: unknown-framework`]);
    box.framework('f1', ['a'], { failoverTimeoutMs: 1_000 });
    const before = frameworks(box.state);
    const [output] = box.ask(call);
    expect(output).toMatchObject({ type: 'rejected', connection: 'x', call: type, code: 'stale-connection' });
    expect(frameworks(box.state)).toEqual(before);
    box.send({ type: 'framework-disconnected', framework: 'f1' });
    expect(box.send(call)).toEqual([`rejected ${type} of f1: stale-connection`]);
  });
});
