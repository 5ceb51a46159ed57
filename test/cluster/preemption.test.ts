import { describe, expect, it } from 'vitest';
import {
  deserialize,
  emptyCluster,
  entitlements,
  explain,
  explainText,
  serialize,
  type ConfigLike,
} from '../../src/cluster/index.js';
import { InputError } from '../../src/resources/index.js';
import { cluster, task, type Cluster } from './harness.js';

const settings = { margin: 0.1, patienceMs: 10_000, noticeMs: 5_000, graceMs: 2_000 };

function preemptive(config: ConfigLike = {}): Cluster {
  return cluster({ preemption: settings, nestedQuota: true, ...config });
}

/** `hog` runs as many tasks of 1 cpu as fit on one machine of 4, `poor` asks for one. */
function hogged(box: Cluster, more: Parameters<typeof task>[2] = { preemptible: true }): void {
  box.agent('a1', 'cpus:4;mem:4096');
  box.framework('hog', ['hog'], { failoverTimeoutMs: 60_000 });
  const tasks = ['t1', 't2', 't3', 't4'].map((id) => task(id, 'cpus:1;mem:1024', more));
  box.launch('hog', 'a1', tasks);
  for (const { id } of tasks) {
    box.status('a1', 'hog', id, 'running');
    box.acknowledge('a1', 'hog', id, `u-${id}-running`);
  }
  box.framework('poor', ['poor']);
}

function asks(box: Cluster, framework: string, resources: string, count = 1, more: object = {}): readonly string[] {
  const requests = [{ resources, count, ...more }];
  return box.do({ type: 'request', framework, connection: `c-${framework}`, requests });
}

const parts = (box: Cluster): readonly string[] =>
  entitlements(box.state).map(({ role, used, entitled }) => `${role} ${used.toFixed(3)} of ${entitled.toFixed(3)}`);

describe('what roles are entitled to', () => {
  it('is nothing for who uses and asks for nothing', () => {
    const box = preemptive();
    box.agent('a1', 'cpus:4;mem:4096');
    box.framework('idle', ['idle']);
    expect(parts(box)).toEqual([]);
    expect(entitlements(emptyCluster())).toEqual([]);
  });

  it('is what DRF would divide: the example of the paper (Ghodsi et al., §4.1)', () => {
    const box = preemptive();
    box.agent('a1', 'cpus:9;mem:18');
    for (const [id, wish] of [
      ['a', 'cpus:1;mem:4'],
      ['b', 'cpus:3;mem:1'],
    ] as const) {
      box.framework(id, [id]);
      asks(box, id, wish, 100);
    }
    expect(parts(box)).toEqual(['a 0.000 of 0.667', 'b 0.000 of 0.667']);
  });

  it('goes by weight, and no further than the wish, which leaves more to the others', () => {
    const box = preemptive();
    box.agent('a1', 'cpus:10;mem:10240');
    box.do({ type: 'set-weight', role: 'heavy', weight: 3 });
    for (const id of ['heavy', 'light']) box.framework(id, [id]);
    asks(box, 'heavy', 'cpus:1', 100);
    asks(box, 'light', 'cpus:1', 100);
    expect(parts(box)).toEqual(['heavy 0.000 of 0.750', 'light 0.000 of 0.250']);
    asks(box, 'heavy', 'cpus:1', 4);
    expect(parts(box)).toEqual(['heavy 0.000 of 0.400', 'light 0.000 of 0.600']);
  });

  it('lets those go on who want nothing of what is used up', () => {
    const box = preemptive();
    box.agent('a1', 'cpus:10;mem:10240');
    for (const id of ['a', 'b', 'c']) box.framework(id, [id]);
    asks(box, 'a', 'cpus:1', 100);
    asks(box, 'b', 'cpus:1', 100);
    asks(box, 'c', 'mem:1024', 8);
    expect(parts(box)).toEqual(['a 0.000 of 0.500', 'b 0.000 of 0.500', 'c 0.000 of 0.800']);
  });

  it('is divided among the roles below a role as among those at the top', () => {
    const box = preemptive();
    box.agent('a1', 'cpus:8;mem:8192');
    for (const role of ['eng/web', 'eng/ads', 'ops', 'eng']) {
      box.framework(role.replace('/', '-'), [role]);
      asks(box, role.replace('/', '-'), 'cpus:1', 100);
    }
    expect(parts(box)).toEqual([
      'eng 0.000 of 0.167',
      'eng/ads 0.000 of 0.167',
      'eng/web 0.000 of 0.167',
      'ops 0.000 of 0.500',
    ]);
  });

  it('is no less than a guarantee of what is wanted, and no more than a limit', () => {
    const box = preemptive();
    box.agent('a1', 'cpus:10;mem:10240');
    const quotas = [
      { role: 'sure', guarantees: { cpus: 7 } },
      { role: 'bound', limits: { cpus: 1 } },
    ];
    box.do({ type: 'set-quota', quotas });
    for (const id of ['sure', 'bound', 'free']) {
      box.framework(id, [id]);
      asks(box, id, 'cpus:1;mem:1', 100);
    }
    expect(parts(box)).toEqual(['bound 0.000 of 0.100', 'free 0.000 of 0.200', 'sure 0.000 of 0.700']);
  });

  it('does not count what is only offered', () => {
    const box = preemptive();
    box.agent('a1', 'cpus:4;mem:4096');
    box.framework('hog', ['hog']);
    expect(box.offersOf('hog')).toHaveLength(1);
    expect(parts(box)).toEqual([]);
  });
});

describe('without preemption', () => {
  it('nothing is taken from anybody, however long somebody lacks something', () => {
    const box = cluster();
    hogged(box);
    asks(box, 'poor', 'cpus:1;mem:1024');
    expect(box.pass(1_000_000)).toEqual([]);
    expect(box.state.preemption).toEqual(emptyCluster().preemption);
  });
});

describe('making room', () => {
  it('asks first, then ends the youngest task that may be ended, and offers what is free to who asked', () => {
    const box = preemptive();
    hogged(box);
    asks(box, 'poor', 'cpus:1;mem:1024');
    expect(box.pass(14_999)).toEqual(['10000: inverse offers to hog: m-O1 a1 from 15000']);
    expect(box.state.inverseOffers.get('m-O1')?.offer.tasks).toEqual(['t1']);
    expect(box.pass(1)).toEqual(['15000: inverse rescind from hog: m-O1', '15000: a1: kill t1 of hog']);
    expect(box.state.counters.preemptions).toBe(1);
    expect(box.status('a1', 'hog', 't1', 'killed')).toEqual([
      'update to hog: t1 gone (agent container-preempted u-t1-killed)',
    ]);
    expect(box.pass(1_000)).toEqual(['16000: offers to poor: m-O2 a1 as poor cpus:1; mem:1024']);
    expect(box.state.preemption.claims.size).toBe(0);
  });

  it('says what is preempted as lost to a framework that does not know partitions', () => {
    const box = preemptive();
    hogged(box);
    box.do({
      type: 'update-framework',
      framework: 'hog',
      connection: 'c-hog',
      roles: ['hog'],
      capabilities: ['multi-role'],
    });
    asks(box, 'poor', 'cpus:1;mem:1024');
    box.pass(15_000);
    expect(box.status('a1', 'hog', 't1', 'killed')).toEqual([
      'update to hog: t1 lost (agent container-preempted u-t1-killed)',
    ]);
  });

  it('ends nothing if the one who was asked ends it itself in time', () => {
    const box = preemptive();
    hogged(box);
    asks(box, 'poor', 'cpus:1;mem:1024');
    box.pass(10_000);
    const answer = { framework: 'hog', connection: 'c-hog', offers: ['m-O1'] };
    expect(box.send({ type: 'accept-inverse-offers', ...answer })).toEqual([]);
    box.status('a1', 'hog', 't3', 'finished');
    expect(box.pass(10_000)).toEqual(['11000: offers to poor: m-O2 a1 as poor cpus:1; mem:1024']);
    expect(box.state.counters.preemptions).toBe(0);
  });

  it('takes offers back first, and then nothing else', () => {
    const box = preemptive();
    box.agent('a1', 'cpus:4;mem:4096');
    box.framework('hoard', ['hoard']);
    box.framework('poor', ['poor']);
    asks(box, 'poor', 'cpus:1;mem:1024');
    const lines = box.pass(10_000);
    expect(lines).toEqual([
      '10000: rescind from hoard: m-O0',
      '10000: offers to poor: m-O1 a1 as poor cpus:1; mem:1024',
      '10000: offers to hoard: m-O2 a1 as hoard cpus:3; mem:3072',
    ]);
  });

  it('ends no task that may not be ended: its framework is asked, and that is all', () => {
    const box = preemptive();
    hogged(box, {});
    asks(box, 'poor', 'cpus:1;mem:1024');
    expect(box.pass(1_000_000)).toEqual([
      '10000: inverse offers to hog: m-O1 a1 from 15000',
      '15000: inverse rescind from hog: m-O1',
    ]);
    expect(box.state.allocator.agents.get('a1')?.active).toBe(true);
  });

  it.each([
    ['that is preemptible', 0, { preemptible: true }, true],
    ['that is less urgent than who asks', 1, { priority: 0 }, true],
    ['that is as urgent', 1, { priority: 1 }, false],
  ])('ends a task %s', (_, priority, more, isEnded) => {
    const box = preemptive();
    hogged(box, more);
    box.framework('other', ['poor'], { priority });
    asks(box, 'other', 'cpus:1;mem:1024');
    box.pass(20_000);
    expect(box.state.counters.preemptions).toBe(isEnded ? 1 : 0);
  });

  it('leaves everybody what it is entitled to', () => {
    const box = preemptive();
    hogged(box);
    asks(box, 'poor', 'cpus:1;mem:1024', 9);
    for (let round = 0; round < 9; round += 1) {
      for (const line of box.pass(30_000)) {
        const id = /kill (t\d)/.exec(line)?.[1];
        if (id !== undefined) box.status('a1', 'hog', id, 'killed');
      }
      const [offer] = box.offersOf('poor');
      if (offer !== undefined) box.launch('poor', 'a1', [task(`p${round}`, 'cpus:1;mem:1024')]);
    }
    expect(parts(box)).toEqual(['hog 0.500 of 0.500', 'poor 0.500 of 0.500']);
    expect(box.state.counters.preemptions).toBe(2);
  });

  it('makes room on the agent where the fewest tasks end', () => {
    const box = preemptive();
    box.agent('a1', 'cpus:4;mem:4096');
    box.agent('a2', 'cpus:4;mem:4096');
    box.framework('hog', ['hog']);
    box.launch(
      'hog',
      'a1',
      ['t1', 't2', 't3', 't4'].map((id) => task(id, 'cpus:1;mem:1024', { preemptible: true })),
    );
    box.launch(
      'hog',
      'a2',
      ['t5', 't6'].map((id) => task(id, 'cpus:2;mem:2048', { preemptible: true })),
    );
    box.framework('poor', ['poor']);
    asks(box, 'poor', 'cpus:2;mem:2048');
    expect(box.pass(10_000)).toEqual(['10000: inverse offers to hog: m-O2 a2 from 15000']);
  });

  it('gives what is guaranteed from the first bit on, whatever the margin', () => {
    const box = preemptive({ preemption: { ...settings, margin: 1 } });
    hogged(box);
    asks(box, 'poor', 'cpus:1;mem:1024');
    expect(box.pass(100_000)).toEqual([]);
    box.do({ type: 'set-quota', quotas: [{ role: 'poor', guarantees: { cpus: 1 } }] });
    expect(box.pass(20_000)).toContain('116000: a1: kill t1 of hog');
  });

  it('waits until a role has lacked something for as long as it must', () => {
    const box = preemptive();
    hogged(box);
    asks(box, 'poor', 'cpus:1;mem:1024');
    box.pass(5_000);
    asks(box, 'poor', 'cpus:1;mem:1', 0);
    box.pass(1_000);
    asks(box, 'poor', 'cpus:1;mem:1024');
    expect(box.pass(9_999)).toEqual([]);
    expect(box.pass(1)).toHaveLength(1);
  });

  it('makes no more claims than were asked for until something is asked anew', () => {
    const box = preemptive();
    hogged(box);
    asks(box, 'poor', 'cpus:1;mem:1024');
    box.pass(15_000);
    box.status('a1', 'hog', 't1', 'killed');
    box.pass(1_000);
    box.declineAll('poor', 60);
    expect(box.pass(100_000)).toEqual(['17000: offers to hog: m-O3 a1 as hog cpus:1; mem:1024']);
    box.launch('hog', 'a1', [task('t5', 'cpus:1;mem:1024', { preemptible: true })]);
    expect(box.pass(100_000)).toEqual([]);
    asks(box, 'poor', 'cpus:1;mem:1024');
    expect(box.pass(10_000).filter((line) => line.includes('inverse offers'))).toHaveLength(1);
  });

  it('offers nothing of the agent to anybody meanwhile, and says for whom it is kept', () => {
    const box = preemptive();
    hogged(box);
    asks(box, 'poor', 'cpus:1;mem:1024');
    box.pass(10_000);
    box.status('a1', 'hog', 't2', 'finished');
    const { agents } = explain(box.state, { framework: 'hog' });
    expect(agents.map(({ reason }) => reason)).toEqual([{ code: 'claimed', by: { framework: 'poor', role: 'poor' } }]);
    expect(explainText(explain(box.state, { framework: 'hog' }))).toBe(
      'a1 as hog: room is being made on it for poor as poor.',
    );
  });

  it.each([
    ['the one who asked does not ask any more', (box: Cluster) => asks(box, 'poor', 'cpus:1', 0)],
    ['it wants no offers', (box: Cluster) => box.do({ type: 'suppress', framework: 'poor', connection: 'c-poor' })],
    ['it is gone', (box: Cluster) => box.do({ type: 'teardown-framework', framework: 'poor' })],
    [
      'it is cut off',
      (box: Cluster) => box.do({ type: 'framework-disconnected', framework: 'poor', connection: 'c-poor' }),
    ],
    ['the agent is cut off', (box: Cluster) => box.do({ type: 'agent-disconnected', agent: 'a1' })],
    ['the agent is lost', (box: Cluster) => box.do({ type: 'mark-unreachable', agent: 'a1' })],
    ['the agent is taken out of service', (box: Cluster) => box.do({ type: 'deactivate', agent: 'a1' })],
    ['preemption is switched off', (box: Cluster) => box.do({ type: 'configure', config: { preemption: null } })],
  ])('stops when %s', (_, happens) => {
    const box = preemptive();
    hogged(box);
    asks(box, 'poor', 'cpus:1;mem:1024');
    box.pass(10_000);
    expect(box.state.preemption.claims.size).toBe(1);
    happens(box);
    expect([box.state.preemption.claims.size, box.state.inverseOffers.size]).toEqual([0, 0]);
    box.pass(30_000);
    expect(box.state.counters.preemptions).toBe(0);
  });

  it('forgets whom it asked when they fail over, and ends what may be ended all the same', () => {
    const box = preemptive();
    hogged(box);
    asks(box, 'poor', 'cpus:1;mem:1024');
    box.pass(10_000);
    box.do({ type: 'framework-disconnected', framework: 'hog', connection: 'c-hog' });
    expect(box.state.inverseOffers.size).toBe(0);
    expect(box.pass(5_000)).toEqual(['15000: a1: kill t1 of hog']);
  });

  it('goes on after the state was written down and read', () => {
    const box = preemptive();
    hogged(box);
    asks(box, 'poor', 'cpus:1;mem:1024');
    box.pass(10_000);
    const text = [...serialize(box.state)].join('');
    box.state = deserialize([text]);
    expect([...serialize(box.state)].join('')).toBe(text);
    expect(box.pass(5_000)).toEqual(['15000: inverse rescind from hog: m-O1', '15000: a1: kill t1 of hog']);
  });

  it('asks for the agent that was named', () => {
    const box = preemptive();
    for (const agent of ['a1', 'a2']) box.agent(agent, 'cpus:2;mem:2048');
    box.framework('hog', ['hog']);
    for (const agent of ['a1', 'a2']) {
      const tasks = ['1', '2'].map((n) => task(`${agent}-${n}`, 'cpus:1;mem:1024', { preemptible: true }));
      box.launch('hog', agent, tasks);
    }
    box.framework('poor', ['poor']);
    asks(box, 'poor', 'cpus:1;mem:1024', 1, { agent: 'a2' });
    expect(box.pass(10_000)).toEqual(['10000: inverse offers to hog: m-O2 a2 from 15000']);
  });
});

describe('the settings', () => {
  it('are completed with defaults', () => {
    expect(emptyCluster({ preemption: {} }).config.preemption).toEqual({
      margin: 0.1,
      patienceMs: 30_000,
      noticeMs: 30_000,
      graceMs: 30_000,
    });
    expect(emptyCluster().config.preemption).toBeNull();
  });

  it.each([
    [{ margin: 2 }, 'config.preemption.margin'],
    [{ margin: NaN }, 'config.preemption.margin'],
    [{ patienceMs: -1 }, 'config.preemption.patienceMs'],
    [{ noticeMs: 0.5 }, 'config.preemption.noticeMs'],
    [{ graceMs: 1e400 }, 'config.preemption.graceMs'],
    [{ grace: 1 }, 'config.preemption.grace'],
    [[], 'config.preemption'],
  ])('refuse %j', (preemption, path) => {
    const wrong = (): unknown => emptyCluster({ preemption: preemption as object });
    expect(wrong).toThrow(InputError);
    expect(wrong).toThrow(expect.objectContaining({ code: 'bad-config', path }));
  });
});
