import { describe, expect, it } from 'vitest';
import {
  agents,
  deserialize,
  explain,
  maintenance,
  mesosDefaults,
  recoverCluster,
  registryOf,
  serialize,
  type MachineLike,
} from '../../src/cluster/index.js';
import { Cluster, cluster, task } from './harness.js';

const DAY_MS = 86_400_000;

function schedule(box: Cluster, ...windows: (readonly [start: number, ...machines: (string | MachineLike)[]])[]) {
  return box.do({
    type: 'set-maintenance',
    windows: windows.map(([start, ...machines]) => ({
      machines: machines.map((one) => (typeof one === 'string' ? { hostname: one } : one)),
      unavailability: { start },
    })),
  });
}

function down(box: Cluster, ...hostnames: string[]): readonly string[] {
  return box.do({ type: 'machine-down', machines: hostnames.map((hostname) => ({ hostname })) });
}

function up(box: Cluster, ...hostnames: string[]): readonly string[] {
  return box.do({ type: 'machine-up', machines: hostnames.map((hostname) => ({ hostname })) });
}

function answer(
  box: Cluster,
  type: 'accept-inverse-offers' | 'decline-inverse-offers',
  offers: readonly string[],
  refuseSeconds?: number,
): readonly string[] {
  const refuse = refuseSeconds === undefined ? {} : { refuseSeconds };
  return box.do({ type, framework: 'f1', connection: 'c-f1', offers, ...refuse });
}

/** `f1` runs `t1` on `a1` of host `h1`, and the rest of it is offered to nobody. */
function running(): Cluster {
  const box = cluster();
  box.agent('a1', 'cpus:4;mem:1024', { hostname: 'h1' });
  box.framework('f1', ['r']);
  box.runs('f1', 'a1', task('t1', 'cpus:1;mem:512'));
  box.do({ type: 'suppress', framework: 'f1', connection: 'c-f1' });
  return box;
}

/** As `running`, and `f1` was asked by `m-O1` to leave by 60,000. */
function asked(): Cluster {
  const box = running();
  expect(schedule(box, [60_000, 'h1'])).toEqual(['inverse offers to f1: m-O1 a1 from 60000']);
  return box;
}

/** Ids of the inverse offers that stand. */
function standing(box: Cluster): readonly string[] {
  return box.state.inverseOffers.keys();
}

describe('a night of maintenance', () => {
  it('goes from plan to answer, to a machine that is down, and up again', () => {
    const box = asked();
    expect(maintenance(box.state).draining).toEqual([
      {
        hostname: 'h1',
        unavailability: { start: 60_000 },
        agents: [{ agent: 'a1', responses: [{ framework: 'f1', response: 'unknown', at: null, holds: true }] }],
      },
    ]);

    box.pass(1_000);
    expect(answer(box, 'accept-inverse-offers', ['m-O1'], 3_600)).toEqual([]);
    expect(maintenance(box.state).draining[0]?.agents[0]?.responses).toEqual([
      { framework: 'f1', response: 'accept', at: 1_000, holds: true },
    ]);
    box.send({ type: 'kill', framework: 'f1', connection: 'c-f1', task: 't1' });
    box.status('a1', 'f1', 't1', 'killed');
    box.acknowledge('a1', 'f1', 't1', 'u-t1-killed');
    expect(maintenance(box.state).draining[0]?.agents[0]?.responses).toMatchObject([{ holds: false }]);

    box.pass(59_000);
    expect(down(box, 'h1')).toEqual(['a1: shut down', 'failure to f1: a1']);
    expect(maintenance(box.state)).toMatchObject({ draining: [], down: [{ hostname: 'h1' }] });
    expect(agents(box.state)).toEqual([]);
    expect(box.agent('a1', 'cpus:4;mem:1024', { hostname: 'h1' })).toEqual(['a1: refused, machine-down, shut down']);

    expect(up(box, 'h1')).toEqual([]);
    expect(maintenance(box.state)).toEqual({ windows: [], draining: [], down: [] });
    expect(box.agent('a1', 'cpus:4;mem:1024', { hostname: 'h1' })).toEqual(['a1: registered']);
    expect(agents(box.state)[0]?.unavailability).toBeUndefined();
  });
});

describe('a schedule (MNT-1)', () => {
  const at = { start: 1_000 };
  it.each([
    ['a window without machines', [{ machines: [], unavailability: at }], 'empty-window', 'windows[0].machines'],
    [
      'a machine without a name',
      [
        { machines: [{ hostname: 'h1' }], unavailability: at },
        { machines: [{ hostname: 'h2' }, {}], unavailability: at },
      ],
      'bad-machine',
      'windows[1].machines[1]',
    ],
    [
      'an empty hostname',
      [{ machines: [{ hostname: '', ip: '10.0.0.1' }], unavailability: at }],
      'bad-machine',
      'windows[0].machines[0].hostname',
    ],
    ['an empty address', [{ machines: [{ ip: '' }], unavailability: at }], 'bad-machine', 'windows[0].machines[0].ip'],
    [
      'a machine twice in a window, in another case',
      [{ machines: [{ hostname: 'h1' }, { hostname: 'H1' }], unavailability: at }],
      'machine-twice',
      'windows[0].machines[1]',
    ],
    [
      'a machine in two windows',
      [
        { machines: [{ ip: '10.0.0.1' }], unavailability: at },
        { machines: [{ hostname: 'h1' }, { ip: '10.0.0.1' }], unavailability: at },
      ],
      'machine-twice',
      'windows[1].machines[1]',
    ],
    [
      'a machine once by both names and once by its hostname',
      [{ machines: [{ hostname: 'h1', ip: '10.0.0.1' }, { hostname: 'h1' }], unavailability: at }],
      'machine-twice',
      'windows[0].machines[1]',
    ],
    [
      'a machine once by its address and once by both names',
      [{ machines: [{ ip: '10.0.0.1' }, { hostname: 'h1', ip: '10.0.0.1' }], unavailability: at }],
      'machine-twice',
      'windows[0].machines[1]',
    ],
    [
      'a start before the epoch',
      [{ machines: [{ hostname: 'h1' }], unavailability: { start: -1 } }],
      'bad-time',
      'windows[0].unavailability.start',
    ],
    [
      'a start of part of a millisecond',
      [{ machines: [{ hostname: 'h1' }], unavailability: { start: 0.5 } }],
      'bad-time',
      'windows[0].unavailability.start',
    ],
    [
      'a start beyond any calendar',
      [{ machines: [{ hostname: 'h1' }], unavailability: { start: 1e16 } }],
      'bad-time',
      'windows[0].unavailability.start',
    ],
    [
      'a negative length',
      [{ machines: [{ hostname: 'h1' }], unavailability: { start: 0, durationMs: -1 } }],
      'bad-time',
      'windows[0].unavailability.durationMs',
    ],
  ])('with %s is refused, and nothing changed', (_what, windows, code, path) => {
    const box = asked();
    const before = box.state;
    expect(() => box.do({ type: 'set-maintenance', windows })).toThrow(expect.objectContaining({ code, path }));
    expect(box.state).toBe(before);
  });

  it('is read back as it was written, windows in their order and machines by name', () => {
    const box = cluster();
    const windows = [
      { machines: [{ hostname: 'Rack2' }, { ip: '10.0.0.9' }], unavailability: { start: 5_000, durationMs: 1_000 } },
      { machines: [{ hostname: 'b', ip: '10.0.0.1' }, { hostname: 'A' }], unavailability: { start: 1_000 } },
    ];
    box.do({ type: 'set-maintenance', windows });
    const read = maintenance(box.state).windows;
    expect(read).toEqual(windows.map((window) => ({ ...window, machines: window.machines.toReversed() })));
    box.do({ type: 'set-maintenance', windows: read });
    expect(maintenance(box.state).windows).toEqual(read);
  });

  it('may give both names of two machines that share one of them', () => {
    const box = cluster();
    const machines = [
      { hostname: 'h1', ip: '10.0.0.1' },
      { hostname: 'h1', ip: '10.0.0.2' },
      { hostname: 'h2', ip: '10.0.0.2' },
    ];
    box.do({ type: 'set-maintenance', windows: [{ machines, unavailability: at }] });
    expect(maintenance(box.state).draining).toHaveLength(3);
  });

  it('replaces the last: who is no longer in it has nothing planned', () => {
    const box = asked();
    expect(schedule(box)).toEqual(['inverse rescind from f1: m-O1']);
    expect(agents(box.state)[0]?.unavailability).toBeUndefined();
    expect(box.pass(10_000)).toEqual([]);
  });

  it('that says the same of a machine, in another window and case, takes nothing back', () => {
    const box = asked();
    expect(schedule(box, [5, 'h7'], [60_000, 'H1'])).toEqual([]);
    expect(standing(box)).toEqual(['m-O1']);
  });

  it('with another time for a machine takes offers and inverse offers back, and makes them anew (MNT-3)', () => {
    const box = asked();
    box.framework('f2', ['s']);
    expect(box.offersOf('f2').map(({ id, unavailability }) => [id, unavailability])).toEqual([
      ['m-O2', { start: 60_000 }],
    ]);
    expect(schedule(box, [61_000, 'h1'])).toEqual([
      'rescind from f2: m-O2',
      'inverse rescind from f1: m-O1',
      'inverse rescind from f2: m-O3',
      'offers to f2: m-O4 a1 as s cpus:3; mem:512',
      'inverse offers to f1: m-O5 a1 from 61000',
      'inverse offers to f2: m-O6 a1 from 61000',
    ]);
    expect(box.offersOf('f2')[0]?.unavailability).toEqual({ start: 61_000 });
  });

  it('leaves alone what is offered of other machines', () => {
    const box = cluster();
    box.framework('f1', ['r']);
    box.agent('a1', 'cpus:1', { hostname: 'h1' });
    box.agent('a2', 'cpus:1', { hostname: 'h2' });
    schedule(box, [1_000, 'h1']);
    expect(box.offersOf('f1').map(({ id, unavailability }) => [id, unavailability])).toEqual([
      ['m-O1', undefined],
      ['m-O2', { start: 1_000 }],
    ]);
  });

  it('must keep the machines that are down; they stay down with what is planned now', () => {
    const box = asked();
    down(box, 'h1');
    expect(() => schedule(box, [60_000, 'h2'])).toThrow(
      expect.objectContaining({ code: 'machine-is-down', path: 'windows' }),
    );
    schedule(box, [60_000, 'h2'], [70_000, 'H1']);
    expect(maintenance(box.state)).toMatchObject({
      windows: [{ unavailability: { start: 60_000 } }, { unavailability: { start: 70_000 } }],
      down: [{ hostname: 'H1' }],
    });
    expect(box.agent('a1', 'cpus:4', { hostname: 'h1' })).toEqual(['a1: refused, machine-down, shut down']);
  });
});

describe('which machine an agent is on (MNT-1)', () => {
  it.each<[string, MachineLike, { hostname?: string; ip?: string }, boolean]>([
    ['by hostname', { hostname: 'h1' }, { hostname: 'h1' }, true],
    ['by hostname, whatever its case', { hostname: 'H1' }, { hostname: 'h1', ip: '10.0.0.1' }, true],
    ['by the id of an agent that gives no hostname', { hostname: 'a1' }, {}, true],
    ['by address', { ip: '10.0.0.1' }, { hostname: 'h1', ip: '10.0.0.1' }, true],
    ['by both', { hostname: 'h1', ip: '10.0.0.1' }, { hostname: 'h1', ip: '10.0.0.1' }, true],
    [
      'by hostname when the agent does not say its address',
      { hostname: 'h1', ip: '10.0.0.1' },
      { hostname: 'h1' },
      true,
    ],
    ['not by an address that it does not say', { ip: '10.0.0.1' }, { hostname: 'h1' }, false],
    ['not when its address is another', { hostname: 'h1', ip: '10.0.0.1' }, { hostname: 'h1', ip: '10.0.0.2' }, false],
    ['not when its hostname is another', { hostname: 'h1', ip: '10.0.0.1' }, { hostname: 'h2', ip: '10.0.0.1' }, false],
    ['not when the hostname is another', { hostname: 'h2' }, { hostname: 'h1', ip: '10.0.0.1' }, false],
  ])('is told %s', (_how, machine, says, isIt) => {
    const planned = { start: 7_000 };
    const box = cluster();
    box.do({ type: 'set-maintenance', windows: [{ machines: [machine], unavailability: planned }] });
    box.agent('a1', 'cpus:1', says);
    expect(agents(box.state)[0]?.unavailability).toEqual(isIt ? planned : undefined);
    // What is planned later says the same.
    const other = cluster();
    other.agent('a1', 'cpus:1', says);
    other.do({ type: 'set-maintenance', windows: [{ machines: [machine], unavailability: planned }] });
    expect(agents(other.state)[0]?.unavailability).toEqual(isIt ? planned : undefined);
    other.do({ type: 'machine-down', machines: [machine] });
    expect(agents(other.state)).toHaveLength(isIt ? 0 : 1);
  });

  it('may have two names in the schedule: the earlier time counts, and either takes it down', () => {
    const box = cluster();
    box.agent('a1', 'cpus:1', { hostname: 'h1', ip: '10.0.0.1' });
    schedule(box, [5_000, 'h1'], [4_000, { ip: '10.0.0.1' }]);
    expect(agents(box.state)[0]?.unavailability).toEqual({ start: 4_000 });
    expect(box.do({ type: 'machine-down', machines: [{ ip: '10.0.0.1' }] })).toEqual(['a1: shut down']);
  });

  it('is known when the agent says its address for the first time', () => {
    const box = cluster();
    box.agent('a1', 'cpus:1', { hostname: 'h1' });
    schedule(box, [5_000, { ip: '10.0.0.1' }]);
    expect(agents(box.state)[0]?.unavailability).toBeUndefined();
    box.agent('a1', 'cpus:1', { hostname: 'h1', ip: '10.0.0.1' });
    expect(agents(box.state)[0]).toMatchObject({ ip: '10.0.0.1', unavailability: { start: 5_000 } });
  });

  it('is known of an agent that says its address after the schedule was made: its machine takes it down', () => {
    const box = running();
    schedule(box, [60_000, { ip: '10.0.0.1' }, { hostname: 'h1', ip: '10.0.0.2' }]);
    box.do({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:1024', hostname: 'h1', ip: '10.0.0.1' });
    box.do({ type: 'machine-down', machines: [{ hostname: 'h1', ip: '10.0.0.2' }] });
    expect(agents(box.state)).toHaveLength(1);
    box.do({ type: 'machine-down', machines: [{ ip: '10.0.0.1' }] });
    expect(agents(box.state)).toEqual([]);
  });

  it('does not change: an agent that comes back from another address is refused (AG-9)', () => {
    const box = cluster();
    box.agent('a1', 'cpus:1', { hostname: 'h1', ip: '10.0.0.1' });
    const back = { type: 'reregister', agent: 'a1', resources: 'cpus:1', hostname: 'h1' } as const;
    expect(box.do({ ...back, ip: '10.0.0.2' })).toEqual(['a1: refused, ip-changed, shut down']);
    expect(box.do(back)).toEqual(['a1: registered']);
    expect(agents(box.state)[0]?.ip).toBe('10.0.0.1');
  });

  it('is remembered when an agent starts over without its address, beside a machine of the same host that is down', () => {
    const box = cluster();
    box.agent('a1', 'cpus:1', { hostname: 'h1', ip: '10.0.0.2' });
    schedule(box, [5_000, { hostname: 'h1', ip: '10.0.0.1' }]);
    box.send({ type: 'machine-down', machines: [{ hostname: 'h1', ip: '10.0.0.1' }] });
    expect(box.agent('a1', 'cpus:1', { hostname: 'h1', connection: 'n2' })).toEqual(['a1: registered']);
    expect(agents(box.state)[0]?.ip).toBe('10.0.0.2');
  });
});

describe('a machine that goes down (MNT-2, MNT-4)', () => {
  it('loses its tasks with its agents, which hear of it if they can', () => {
    const box = running();
    box.agent('a2', 'cpus:1', { hostname: 'H1' });
    box.agent('a3', 'cpus:1', { hostname: 'h1' });
    box.send({ type: 'agent-disconnected', agent: 'a3' });
    schedule(box, [60_000, 'h1']);
    expect(down(box, 'h1')).toEqual([
      'a1: shut down',
      'update to f1: t1 lost (master agent-removed)',
      'inverse rescind from f1: m-O1',
      'failure to f1: a1',
      'a2: shut down',
      'failure to f1: a2',
      'failure to f1: a3',
    ]);
    expect(box.state.agents.size).toBe(0);
    expect(explain(box.state, { framework: 'f1', agent: 'a1' }).unknown).toBe('agent');
  });

  it.each([
    ['nobody is named', [], 'no-machines', 'machines'],
    ['one is not scheduled', [{ hostname: 'h1' }, { hostname: 'h3' }], 'machine-not-scheduled', 'machines[1]'],
    ['one is scheduled by another name', [{ ip: '10.0.0.1' }], 'machine-not-scheduled', 'machines[0]'],
    ['one has no name', [{}], 'bad-machine', 'machines[0]'],
    ['one is named twice', [{ hostname: 'h1' }, { hostname: 'H1' }], 'machine-twice', 'machines[1]'],
    ['one is down already', [{ hostname: 'h1' }, { hostname: 'h2' }], 'machine-is-down', 'machines[1]'],
  ])('does not when %s', (_what, machines, code, path) => {
    const box = asked();
    schedule(box, [60_000, 'h1', 'h2']);
    down(box, 'h2');
    const before = box.state;
    expect(() => box.do({ type: 'machine-down', machines })).toThrow(expect.objectContaining({ code, path }));
    expect(box.state).toBe(before);
  });

  it.each([
    ['is not down', [{ hostname: 'h1' }], 'machine-not-down'],
    ['is not scheduled', [{ hostname: 'h9' }], 'machine-not-scheduled'],
  ])('comes up only from there: not when it %s', (_what, machines, code) => {
    const box = asked();
    const refused = expect.objectContaining({ code, path: 'machines[0]' }) as unknown;
    expect(() => box.do({ type: 'machine-up', machines })).toThrow(refused as Error);
  });

  it('and comes up leaves the others of its window in the schedule', () => {
    const box = cluster();
    schedule(box, [60_000, 'h1', 'h2']);
    down(box, 'h1');
    up(box, 'H1');
    expect(maintenance(box.state).windows).toEqual([
      { machines: [{ hostname: 'h2' }], unavailability: { start: 60_000 } },
    ]);
  });

  it('keeps out agents that come back to it, whatever they were: unreachable, or new with other ids', () => {
    const box = asked();
    box.do({ type: 'mark-unreachable', agent: 'a1' });
    down(box, 'h1');
    const tasks = [{ framework: 'f1', id: 't1', role: 'r', resources: 'cpus:1', state: 'running' }] as const;
    const back = { type: 'reregister', agent: 'a1', hostname: 'h1', resources: 'cpus:4', tasks } as const;
    expect(box.do(back)).toEqual(['a1: refused, machine-down, shut down']);
    expect(box.agent('a7', 'cpus:4', { hostname: 'h1' })).toEqual(['a7: refused, machine-down, shut down']);
    up(box, 'h1');
    expect(box.do(back)).toContain('a1: registered');
  });
});

describe('an inverse offer (INV-1)', () => {
  it('comes after the offers of its run, and has its id from the same sequence', () => {
    const box = cluster();
    schedule(box, [9_000, 'a1']);
    box.framework('f1', ['r']);
    const outputs = [
      ...box.ask({ type: 'register', agent: 'a1', resources: 'cpus:1;mem:64' }),
      ...box.ask({ type: 'allocate' }),
    ];
    const unavailability = { start: 9_000 };
    expect(outputs.slice(1)).toMatchObject([
      { type: 'offers', framework: 'f1', connection: 'c-f1', offers: [{ id: 'm-O0', unavailability }] },
      {
        type: 'inverse-offers',
        framework: 'f1',
        connection: 'c-f1',
        offers: [{ id: 'm-O1', framework: 'f1', agent: 'a1', hostname: 'a1', unavailability, at: 0 }],
      },
    ]);
  });

  it('is asked again when what its answer hides has ended, on an otherwise idle cluster', () => {
    const box = asked();
    answer(box, 'decline-inverse-offers', ['m-O1']);
    expect(box.pass(60_000)).toEqual(['5000: inverse offers to f1: m-O2 a1 from 60000']);
  });

  it('answered with ids that are not its own, or not there, is ignored silently', () => {
    const box = asked();
    box.framework('f2', ['s']);
    box.decline('f2', ['m-O1'], 1_000);
    const before = standing(box);
    expect(answer(box, 'accept-inverse-offers', ['m-O3', 'm-O2', 'm-O99', '__proto__'])).toEqual([]);
    expect(standing(box)).toEqual(before);
    expect(answer(box, 'accept-inverse-offers', ['m-O1', 'm-O1'])).toEqual([]);
    expect(answer(box, 'decline-inverse-offers', ['m-O1'])).toEqual([]);
    expect(maintenance(box.state).draining[0]?.agents[0]?.responses[0]).toMatchObject({ response: 'accept' });
  });

  it('answered over an old connection is not heard', () => {
    const box = asked();
    box.framework('f1', ['r'], { connection: 'new' });
    expect(answer(box, 'accept-inverse-offers', ['m-O1'])).toEqual([
      'rejected accept-inverse-offers of f1: stale-connection',
    ]);
  });

  it.each([
    ['its agent disconnects', { type: 'agent-disconnected', agent: 'a1' }],
    ['its agent unregisters', { type: 'unregister', agent: 'a1' }],
    ['its agent is unreachable', { type: 'mark-unreachable', agent: 'a1' }],
    ['its agent is gone', { type: 'mark-gone', agent: 'a1' }],
    ['its agent is deactivated', { type: 'deactivate', agent: 'a1' }],
    ['its agent is drained', { type: 'drain', agent: 'a1' }],
  ] as const)('is rescinded when %s', (_when, input) => {
    const box = asked();
    expect(box.do(input)).toContain('inverse rescind from f1: m-O1');
    expect(standing(box)).toEqual([]);
    expect(box.pass(5_000).filter((line) => line.includes('inverse'))).toEqual([]);
  });

  it.each([
    ['disconnects', { type: 'framework-disconnected', framework: 'f1' }],
    ['fails over', { type: 'subscribe', framework: 'f1', connection: 'new', roles: ['r'], failoverTimeoutMs: DAY_MS }],
    ['is torn down', { type: 'teardown', framework: 'f1', connection: 'c-f1' }],
  ] as const)('is discarded without a word when its framework %s', (_when, input) => {
    const box = asked();
    expect(box.send(input).filter((line) => line.includes('rescind'))).toEqual([]);
    expect(standing(box)).toEqual([]);
  });

  it('is made anew for a framework that failed over: it may not know that it was asked', () => {
    const box = asked();
    box.framework('f1', ['r'], { connection: 'new', suppressedRoles: ['r'] });
    expect(box.pass(1_000)).toEqual(['1000: inverse offers to f1: m-O2 a1 from 60000']);
  });

  it('is made anew for a framework that was away, which heard nothing', () => {
    const box = asked();
    answer(box, 'accept-inverse-offers', ['m-O1'], 10_000);
    box.framework('f1', ['r'], { suppressedRoles: ['r'], failoverTimeoutMs: DAY_MS });
    box.do({ type: 'framework-disconnected', framework: 'f1' });
    expect(box.framework('f1', ['r'], { suppressedRoles: ['r'] })).toEqual([
      'subscribed f1 over c-f1',
      'inverse offers to f1: m-O2 a1 from 60000',
    ]);
  });

  it('times out with the offers of its run, is told so, and made anew (OFFER-6)', () => {
    const box = cluster({ offerTimeoutMs: 3_000 });
    schedule(box, [9_000, 'a1']);
    box.framework('f1', ['r']);
    box.agent('a1', 'cpus:1;mem:64');
    expect(box.pass(4_000)).toEqual([
      '3000: rescind from f1: m-O0',
      '3000: inverse rescind from f1: m-O1',
      '4000: offers to f1: m-O2 a1 as r cpus:1; mem:64',
      '4000: inverse offers to f1: m-O3 a1 from 9000',
    ]);
    answer(box, 'accept-inverse-offers', ['m-O3'], 100);
    expect(box.state.offerRuns.entries()).toMatchObject([[expect.any(Number), { open: 1 }]]);
    box.decline('f1', ['m-O2'], 100);
    expect(box.state.offerRuns.size).toBe(0);
  });

  it('is sent for what comes back with an agent, at the latest in the next batch', () => {
    const box = cluster();
    schedule(box, [60_000, 'a1']);
    box.framework('f1', ['r'], { suppressedRoles: ['r'] });
    box.agent('a1', 'cpus:4');
    const tasks = [{ framework: 'f1', id: 't1', role: 'r', resources: 'cpus:1', state: 'running' }] as const;
    box.do({ type: 'reregister', agent: 'a1', resources: 'cpus:4', tasks });
    expect(box.pass(1_000)).toEqual(['1000: inverse offers to f1: m-O0 a1 from 60000']);
  });

  it('does not move anything: a framework that accepts may go on', () => {
    const box = asked();
    answer(box, 'accept-inverse-offers', ['m-O1'], DAY_MS);
    box.pass(100_000);
    expect(box.state.frameworks.get('f1')?.tasks.get('t1')?.state).toBe('running');
    expect(box.state.agents.has('a1')).toBe(true);
  });
});

describe('an agent with planned maintenance', () => {
  it('that was away returns with what was planned meanwhile', () => {
    const box = asked();
    box.do({ type: 'agent-disconnected', agent: 'a1' });
    expect(schedule(box, [70_000, 'h1'])).toEqual([]);
    const tasks = [{ framework: 'f1', id: 't1', role: 'r', resources: 'cpus:1;mem:512', state: 'running' }] as const;
    box.do({ type: 'reregister', agent: 'a1', hostname: 'h1', resources: 'cpus:4;mem:1024', tasks });
    expect(agents(box.state)[0]?.unavailability).toEqual({ start: 70_000 });
  });

  it('is offered as any other: maintenance hides nothing', () => {
    const box = cluster();
    schedule(box, [0, 'a1']);
    box.framework('f1', ['r']);
    expect(box.agent('a1', 'cpus:1;mem:64')).toContain('offers to f1: m-O0 a1 as r cpus:1; mem:64');
  });

  it('is asked once it is back in service', () => {
    const box = running();
    box.do({ type: 'deactivate', agent: 'a1' });
    expect(schedule(box, [60_000, 'h1'])).toEqual([]);
    box.do({ type: 'reactivate', agent: 'a1' });
    expect([...box.run('all'), ...box.pass(1_000)].join()).toContain('inverse offers to f1: m-O1 a1 from 60000');
  });
});

describe('what a new master knows', () => {
  it('is the schedule, who is down, and where agents are', () => {
    const box = cluster();
    box.agent('a1', 'cpus:1', { hostname: 'h1', ip: '10.0.0.1' });
    box.agent('a2', 'cpus:1', { hostname: 'h2' });
    schedule(box, [60_000, 'h1', 'H2'], [70_000, 'h3']);
    down(box, 'h2', 'h3');
    const registry = JSON.parse(JSON.stringify(registryOf(box.state))) as ReturnType<typeof registryOf>;
    const next = new Cluster(recoverCluster(registry, mesosDefaults, 5));
    expect(maintenance(next.state)).toMatchObject({
      windows: maintenance(box.state).windows,
      draining: [{ hostname: 'h1', agents: [] }],
      down: [{ hostname: 'H2' }, { hostname: 'h3' }],
    });
    expect(registryOf(next.state)).toEqual({ ...registry, incarnation: 1 });
    const back = { type: 'reregister', resources: 'cpus:1' } as const;
    expect(next.do({ ...back, agent: 'a1', hostname: 'h1', ip: '10.0.0.2' })).toEqual([
      'a1: refused, ip-changed, shut down',
    ]);
    expect(next.do({ ...back, agent: 'a1', hostname: 'h1' })).toEqual(['a1: registered']);
    expect(agents(next.state)[0]).toMatchObject({ ip: '10.0.0.1', unavailability: { start: 60_000 } });
    expect(next.do({ ...back, agent: 'a9', hostname: 'h3' })).toEqual(['a9: refused, machine-down, shut down']);
  });

  it('is nothing of maintenance when its registry is older', () => {
    const { maintenance: _maintenance, ...older } = registryOf(cluster().state);
    expect(maintenance(recoverCluster(older))).toEqual({ windows: [], draining: [], down: [] });
  });
});

describe('a saved state', () => {
  it('has plans, questions and answers in it, and goes on like the first', () => {
    const box = asked();
    box.framework('f2', ['s']);
    answer(box, 'decline-inverse-offers', ['m-O1'], 7);
    schedule(box, [60_000, 'h1', 'h9'], [1, { ip: '10.0.0.1' }]);
    down(box, 'h9');
    const text = [...serialize(box.state)].join('');
    const copy = new Cluster(deserialize([text]));
    expect([...serialize(copy.state)].join('')).toBe(text);
    expect(copy.pass(20_000)).toEqual(box.pass(20_000));
    expect([...serialize(copy.state)].join('')).toBe([...serialize(box.state)].join(''));
  });
});
