import { describe, expect, it } from 'vitest';
import { explain, explainText, tasks, type ExplainQuery } from '../../src/cluster/index.js';
import { drf } from '../../src/drf/index.js';
import type { AllocationPolicy } from '../../src/offers/index.js';
import type { ResourcesLike } from '../../src/resources/index.js';
import { cluster, task, type Cluster, type Untimed } from './harness.js';

const say = (box: Cluster, query: ExplainQuery): string => explainText(explain(box.state, query, box.policy ?? drf));

describe('why a framework is, or is not, offered something', () => {
  const f1 = { framework: 'f1' };

  it.each<[string, (box: Cluster) => void, string]>([
    ['nothing hinders it', () => undefined, 'a1 as a: would be offered cpus:4; mem:1024 now.'],
    ['paused', (box) => box.send({ type: 'pause' }), 'a1 as a: allocation is paused.'],
    [
      'suppressed',
      (box) => box.send({ type: 'suppress', framework: 'f1', connection: 'c-f1' }),
      'As a: the framework suppresses offers.',
    ],
    [
      'the framework is away',
      (box) => box.send({ type: 'framework-disconnected', framework: 'f1' }),
      'As a: the framework is not connected.',
    ],
    [
      'the agent is away',
      (box) => box.send({ type: 'agent-disconnected', agent: 'a1' }),
      'a1 as a: the agent is not connected.',
    ],
    [
      'the host is not wanted',
      (box) => box.send({ type: 'set-whitelist', hosts: [] }),
      'a1 as a: the host is not on the whitelist.',
    ],
    ['it is offered that already', (box) => box.run(), 'a1 as a: nothing is free for this role.'],
    [
      'it refused that',
      (box) => {
        box.run();
        box.declineAll('f1', 60);
      },
      'a1 as a: refused before, hidden for another 60 s.',
    ],
    [
      'too little is left',
      (box) => {
        box.run();
        box.launch('f1', 'a1', [task('t1', 'cpus:3.995;mem:1000')], { refuseSeconds: 0 });
      },
      'a1 as a: what is free is too little to offer: short of 0.005 cpus.',
    ],
    [
      'the agent has gpus',
      (box) => box.send({ type: 'update-agent', agent: 'a1', resources: 'cpus:1;gpus:1' }),
      'a1 as a: the agent has gpus, and is kept for frameworks that use them.',
    ],
    [
      'the agent does not know several roles',
      (box) => box.send({ type: 'update-agent', agent: 'a1', capabilities: [] }),
      'a1 as a: the agent does not know frameworks with several roles.',
    ],
    [
      'what is there is of another kind',
      (box) =>
        box.send({ type: 'update-agent', agent: 'a1', resources: [{ name: 'cpus', value: 1, revocable: true }] }),
      'a1 as a: what is free is of a kind that the framework does not know.',
    ],
    ['there is nobody to offer', (box) => box.send({ type: 'unregister', agent: 'a1' }), 'There are no agents.'],
    [
      'it has no role',
      (box) => box.send({ type: 'update-framework', framework: 'f1', connection: 'c-f1', roles: [] }),
      'The framework is subscribed to no role.',
    ],
  ])('%s', (_, happen, text) => {
    const box = cluster();
    box.send({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:1024' });
    box.send({ type: 'subscribe', framework: 'f1', connection: 'c-f1', roles: ['a'], failoverTimeoutMs: 60_000 });
    happen(box);
    expect(say(box, f1)).toBe(text);
  });

  it('it did not answer', () => {
    const box = cluster({ offerTimeoutMs: 1_000, unansweredFilterMs: 5_000 });
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    box.pass(1_000);
    expect(say(box, f1)).toBe('a1 as a: not answered before, hidden for another 5 s.');
  });

  it('somebody comes first', () => {
    const box = cluster();
    box.framework('f1', ['b']);
    box.framework('f2', ['a']);
    box.send({ type: 'register', agent: 'a1', resources: 'cpus:4' });
    expect(say(box, f1)).toBe('a1 as b: goes to f2 as a first.');
  });

  it('goes by the order of agents that is set', () => {
    const box = cluster({ agentOrder: 'worst-fit' });
    box.framework('f1', ['a']);
    box.framework('f2', ['b']);
    box.send({ type: 'register', agent: 'a1', resources: 'cpus:2' });
    box.send({ type: 'register', agent: 'a2', resources: 'cpus:5' });
    // Whoever comes first by name has the agent that comes first.
    const [small, large] = ['a1 as a: would be offered cpus:2 now.', 'a2 as a: would be offered cpus:5 now.'];
    expect(say(box, f1)).toBe(`a1 as a: goes to f2 as b first.\n${large}`);
    box.send({ type: 'configure', config: { agentOrder: 'best-fit' } });
    expect(say(box, f1)).toBe(`${small}\na2 as a: goes to f2 as b first.`);
    expect(box.run('all').toSorted()).toEqual([
      'offers to f1: m-O0 a1 as a cpus:2',
      'offers to f2: m-O1 a2 as b cpus:5',
    ]);
  });

  it('the policy fails, or leaves it', () => {
    const box = cluster({}, { name: 'mine', rank: () => NaN });
    box.framework('f1', ['a']);
    box.send({ type: 'register', agent: 'a1', resources: 'cpus:4' });
    expect(say(box, f1)).toMatch(/^a1 as a: the policy fails: /);
    const none: AllocationPolicy = { name: 'none', allocate: () => [] };
    box.policy = none;
    expect(say(box, f1)).toBe('a1 as a: the policy leaves it.');
  });

  it('nobody of that name is there', () => {
    const box = cluster();
    expect(say(box, { framework: 'f9' })).toBe('There is no such framework.');
    box.framework('f1', ['a']);
    expect(say(box, { framework: 'f1', agent: 'a9' })).toBe('There is no such agent.');
    expect(say(box, { framework: 'f1', role: 'z' })).toBe('As z: the framework is not subscribed to this role.');
  });

  it('bad resources are the mistake of who asks', () => {
    const box = cluster();
    expect(() => explain(box.state, { framework: 'f1', resources: 'cpus' })).toThrow(
      expect.objectContaining({ code: 'bad-resources' }),
    );
  });

  it.each([
    ['ports:[0-9007199254740991]', '9007199254740.991 ports'],
    ['ports:[0-4503599627370495,4503599627370497-9007199254740991]', '9007199254740.991 ports'],
    [['cpus:9007199254740;ports:[1-2]', { name: 'cpus', value: 9e12, role: 'a' }], '9007199254740.991 cpus, 2 ports'],
  ])('more than can be counted may be asked for: %j', (resources, short) => {
    const box = cluster();
    box.framework('f1', ['a']);
    box.send({ type: 'register', agent: 'a1', resources: 'mem:64' });
    expect(say(box, { framework: 'f1', resources: resources as ResourcesLike })).toBe(
      `a1 as a: would be offered mem:64 now; the machine is too small by ${short}.`,
    );
    const wish = {
      type: 'request',
      framework: 'f1',
      connection: 'c-f1',
      requests: [{ resources: resources as ResourcesLike }],
    } as const;
    expect(box.send(wish)).toEqual([]);
  });

  it.each([
    [0.05, '1 s'],
    [3.2, '3.2 s'],
    [150, '2.5 min'],
    [9_000, '2.5 h'],
    [1e9, '365 days'],
  ])('says for how long a refusal of %d s counts: %s', (seconds, text) => {
    const box = cluster();
    box.framework('f1', ['a']);
    box.agent('a1', 'cpus:1');
    box.declineAll('f1', seconds);
    expect(say(box, f1)).toBe(`a1 as a: refused before, hidden for another ${text}.`);
  });

  it('counts the reasons, most often first, and changes nothing', () => {
    const box = cluster();
    for (const id of ['a1', 'a2', 'a3']) box.agent(id, 'cpus:4');
    box.framework('f1', ['a']);
    box.decline(
      'f1',
      box
        .offersOf('f1')
        .slice(0, 2)
        .map(({ id }) => id),
      60,
    );
    const before = box.state;
    const { counts, agents } = explain(before, f1);
    expect(counts).toEqual([
      { code: 'filtered', count: 2 },
      { code: 'nothing-free', count: 1 },
    ]);
    expect(agents.map(({ agent }) => agent)).toEqual(['a1', 'a2', 'a3']);
    expect(box.state).toBe(before);
  });

  it('says "would be offered" for exactly what the next run of all agents offers', () => {
    const box = cluster();
    box.framework('f1', ['a', 'b']);
    box.framework('f2', ['b']);
    for (const [id, total] of [
      ['a1', 'cpus:4'],
      ['a2', 'cpus(b):1;cpus:3'],
      ['a3', 'cpus:2;mem:64'],
      ['a4', 'mem:1'],
    ] as const) {
      box.send({ type: 'register', agent: id, resources: total } as Untimed);
    }
    const promised = ['f1', 'f2'].flatMap((framework) =>
      explain(box.state, { framework }).agents.flatMap(({ agent, role, reason }) =>
        reason.code === 'offered-now' ? [`${framework} ${agent} as ${role} ${String(reason.resources)}`] : [],
      ),
    );
    box.run('all');
    const offered = ['f1', 'f2'].flatMap((framework) =>
      box
        .offersOf(framework)
        .map(({ agent, role, resources }) => `${framework} ${agent} as ${role} ${String(resources)}`),
    );
    expect(offered.length).toBeGreaterThan(2);
    expect(promised.toSorted()).toEqual(offered.toSorted());
  });
});

describe('worked examples', () => {
  it('two kinds, three nodes: both tasks find the one node that can take them, nothing is over-committed', () => {
    // Nodes of (4 cpus, 8 GB), (2, 4) and (3, 6); one task of <3, 4> and one of <2, 5>.
    const box = cluster();
    box.framework('f1', ['a']);
    for (const [id, total] of [
      ['n1', 'cpus:4;mem:8'],
      ['n2', 'cpus:2;mem:4'],
      ['n3', 'cpus:3;mem:6'],
    ] as const) {
      box.send({ type: 'register', agent: id, resources: total });
    }
    const needs = { t1: 'cpus:3;mem:4', t2: 'cpus:2;mem:5' };
    expect(say(box, { framework: 'f1', resources: needs.t2 })).toContain(
      'n2 as a: would be offered cpus:2; mem:4 now; the machine is too small by 1 mem.',
    );
    box.run();
    box.launch('f1', 'n3', [task('t1', needs.t1)], { refuseSeconds: 0 });
    // 1 cpu and 4 GB are left of n1 after t1, 0 cpus and 2 GB of n3: t2 takes the other of the two.
    box.launch('f1', 'n1', [task('t2', needs.t2)], { refuseSeconds: 0 });
    expect(tasks(box.state).map(({ id, agent }) => [id, agent])).toEqual([
      ['t1', 'n3'],
      ['t2', 'n1'],
    ]);
    expect([box.free('n1'), box.free('n2'), box.free('n3')]).toEqual(['cpus:2; mem:3', '{}', 'mem:2']);
  });

  it('four kinds, two agents: each task runs on one of them, and the other says what it lacks', () => {
    // Agents of (5 cpus, 8 mem, 10 disk, 1 net) and (7, 12, 15, 2); tasks of (2, 4, 6, 1) and (3, 6, 9, 2).
    const box = cluster();
    box.framework('f1', ['a']);
    box.send({ type: 'register', agent: 'small', resources: 'cpus:5;mem:8;disk:10;net:1' });
    box.send({ type: 'register', agent: 'large', resources: 'cpus:7;mem:12;disk:15;net:2' });
    const first = 'cpus:2;mem:4;disk:6;net:1';
    const second = 'cpus:3;mem:6;disk:9;net:2';
    box.run();
    box.launch('f1', 'small', [task('t1', first)], { refuseSeconds: 0 });
    box.launch('f1', 'large', [task('t2', second)], { refuseSeconds: 0 });
    expect(tasks(box.state)).toHaveLength(2);

    const explanation = explain(box.state, { framework: 'f1', resources: second });
    expect(explainText(explanation).split('\n')).toEqual([
      'large as a: would be offered cpus:4; disk:6; mem:6 now; short of 3 disk, 2 net now.',
      'small as a: would be offered cpus:3; disk:4; mem:4 now; the machine is too small by 1 net.',
    ]);
    expect(explanation.nearest?.agent).toBe('large');
    expect(say(box, { framework: 'f1', agent: 'large', resources: first })).toBe(
      'large as a: would be offered cpus:4; disk:6; mem:6 now; short of 1 net now.',
    );
  });
});
