import { describe, expect, it } from 'vitest';
import { agents, emptyCluster, offers, roles, serialize, stats } from '../../src/cluster/index.js';
import { cluster, task, type Untimed } from './harness.js';

describe('a control that means nothing throws and leaves the state as it was', () => {
  it.each<[string, object, string, string]>([
    ['a bad role', { type: 'set-weight', role: 'a/', weight: 2 }, 'bad-role', 'role'],
    ['a role that may not be used', { type: 'set-weight', role: 'z', weight: 2 }, 'role-not-whitelisted', 'role'],
    ['no weight', { type: 'set-weight', role: 'a', weight: 0 }, 'bad-weight', 'weight'],
    ['an endless weight', { type: 'set-weight', role: 'a', weight: Infinity }, 'bad-weight', 'weight'],
    ['neither weight nor priority', { type: 'set-weight', role: 'a' }, 'missing-field', 'weight'],
    ['a type that nobody knows', { type: 'set-wieght', role: 'a', weight: 2 }, 'unknown-type', 'type'],
    ['a batch in a batch', { type: 'batch', inputs: [{ type: 'batch', at: 0, inputs: [] }] }, 'unknown-type', 'type'],
    ['a priority that is none', { type: 'set-weight', role: 'a', priority: NaN }, 'bad-number', 'priority'],
    ['an unknown framework', { type: 'teardown-framework', framework: 'f9' }, 'unknown-framework', 'framework'],
    ['an unknown agent', { type: 'mark-unreachable', agent: 'a9' }, 'unknown-agent', 'agent'],
    ['an unknown setting', { type: 'configure', config: { nope: 1 } }, 'bad-config', 'config.nope'],
    ['a hole among roles', { type: 'configure', config: { roles: Array(1) } }, 'bad-config', 'config.roles'],
    ['a setting that objects have', { type: 'configure', config: { toString: 1 } }, 'bad-config', 'config.toString'],
    ['another name for the master', { type: 'configure', config: { masterId: 'n' } }, 'bad-config', 'config.masterId'],
    [
      'no interval',
      { type: 'configure', config: { allocationIntervalMs: 0 } },
      'bad-config',
      'config.allocationIntervalMs',
    ],
    [
      'a timeout of no time',
      { type: 'configure', config: { offerTimeoutMs: 0 } },
      'bad-config',
      'config.offerTimeoutMs',
    ],
    ['half a timeout', { type: 'configure', config: { stallMs: 0.5 } }, 'bad-config', 'config.stallMs'],
    ['a seed that is none', { type: 'configure', config: { seed: -1 } }, 'bad-config', 'config.seed'],
    [
      'a minimum that is none',
      { type: 'configure', config: { minAllocatable: ['cpus'] } },
      'bad-config',
      'config.minAllocatable',
    ],
    [
      'minimums that are none',
      { type: 'configure', config: { minAllocatable: 'cpus:1' } },
      'bad-config',
      'config.minAllocatable',
    ],
    ['a bad role among roles', { type: 'configure', config: { roles: ['..'] } }, 'bad-config', 'config.roles'],
    ['roles that are none', { type: 'configure', config: { roles: 'abc' } }, 'bad-config', 'config.roles'],
    ['a flag that is none', { type: 'configure', config: { filterGpus: 'yes' } }, 'bad-config', 'config.filterGpus'],
    [
      'names that are none',
      { type: 'configure', config: { fairnessExclude: [1] } },
      'bad-config',
      'config.fairnessExclude',
    ],
    ['no order of agents', { type: 'configure', config: { agentOrder: 'fit' } }, 'bad-config', 'config.agentOrder'],
    [
      'an order of agents that is null',
      { type: 'configure', config: { agentOrder: null } },
      'bad-config',
      'config.agentOrder',
    ],
    ['a domain that is none', { type: 'configure', config: { domain: {} } }, 'bad-config', 'config.domain'],
  ])('%s', (_, control, code, path) => {
    const box = cluster({ roles: ['a', 'b'] });
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    const before = box.state;
    const bytes = [...serialize(before)].join('');
    expect(() => box.send(control as Untimed)).toThrow(expect.objectContaining({ name: 'InputError', code, path }));
    expect(box.state).toBe(before);
    expect([...serialize(before)].join('')).toBe(bytes);
  });

  it('in the middle of a batch, all of it', () => {
    const box = cluster();
    const before = box.state;
    const inputs = [
      { type: 'register', at: 0, agent: 'a1', resources: 'cpus:1' },
      { type: 'mark-unreachable', at: 0, agent: 'a9' },
    ] as const;
    expect(() => box.send({ type: 'batch', inputs })).toThrow(expect.objectContaining({ code: 'unknown-agent' }));
    expect(box.state).toBe(before);
    expect(agents(before)).toEqual([]);
  });
});

describe('SET-WEIGHT (WEIGHT-2)', () => {
  it('of a role in use takes back everything that is offered, to whomever; what runs stays', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    box.runs('f1', 'a1', task('t1', 'cpus:1'));
    box.pass(1_000);
    box.framework('f2', ['b']);
    box.agent('a2', 'cpus:4');
    expect(offers(box.state)).toHaveLength(2);
    expect(box.send({ type: 'set-weight', role: 'b', weight: 2 })).toHaveLength(2);
    expect(offers(box.state)).toEqual([]);
    expect(agents(box.state)[0]).toMatchObject({ tasks: 1 });
    expect(box.run()).toEqual([]);
    expect(box.pass(1_000).join()).toContain('offers to f2');
  });

  it('of a parent of a role in use does so too', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['x/y']);
    expect(box.send({ type: 'set-weight', role: 'x', weight: 2 })).toEqual(['rescind from f1: m-O0']);
  });

  it('of a role that nobody uses, or a priority, takes nothing back', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    expect(box.send({ type: 'set-weight', role: 'z', weight: 2 })).toEqual([]);
    expect(box.send({ type: 'set-weight', role: 'a', priority: 2 })).toEqual([]);
    expect(roles(box.state).map(({ role, weight }) => [role, weight])).toEqual([
      ['a', 1],
      ['z', 2],
    ]);
  });
});

describe('other controls', () => {
  it('CONFIGURE changes what it names, for everything from now on', () => {
    const box = cluster();
    box.agent('a1', 'cpus:0.5');
    box.send({ type: 'configure', config: { minAllocatable: ['cpus:1'], offerTimeoutMs: 2_000 } });
    box.framework('f1', ['a']);
    expect(offers(box.state)).toEqual([]);
    expect(box.agent('a2', 'cpus:1')).toHaveLength(2);
    expect(box.pass(2_000)).toContain('2000: rescind from f1: m-O0');
    expect(box.state.config.masterId).toBe('m');
  });

  it('CONFIGURE changes the order in which agents are given away', () => {
    const box = cluster();
    box.send({ type: 'configure', config: { agentOrder: 'worst-fit' } });
    for (const [id, resources] of [
      ['a1', 'cpus:2'],
      ['a2', 'cpus:1'],
      ['a3', 'cpus:3'],
    ] as const) {
      box.agent(id, resources);
    }
    expect(box.framework('f1', ['a'])).toEqual([
      'subscribed f1 over c-f1',
      'offers to f1: m-O0 a3 as a cpus:3 | m-O1 a1 as a cpus:2 | m-O2 a2 as a cpus:1',
    ]);
    box.declineAll('f1', 0);
    box.send({ type: 'configure', config: { agentOrder: 'best-fit' } });
    expect(box.pass(1_000)).toEqual([
      '1000: offers to f1: m-O3 a2 as a cpus:1 | m-O4 a1 as a cpus:2 | m-O5 a3 as a cpus:3',
    ]);
    expect(box.state.config.agentOrder).toBe('best-fit');
  });

  it('PAUSE keeps everything but offers going (ALLOC-19)', () => {
    const box = cluster();
    box.send({ type: 'pause' });
    box.agent('a1', 'cpus:4');
    expect(box.framework('f1', ['a'])).toEqual(['subscribed f1 over c-f1']);
    expect(box.pass(60_000)).toEqual([]);
    box.send({ type: 'resume' });
    expect(box.pass(1_000)).toEqual(['61000: offers to f1: m-O0 a1 as a cpus:4']);
  });

  it('SET-WHITELIST decides who is offered from the next batch on, and takes nothing back (ALLOC-2)', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4', { hostname: 'h1' });
    box.framework('f1', ['a']);
    expect(box.send({ type: 'set-whitelist', hosts: [] })).toEqual([]);
    expect(offers(box.state)).toHaveLength(1);
    box.declineAll('f1', 0);
    expect(box.pass(10_000)).toEqual([]);
    box.send({ type: 'set-whitelist', hosts: ['h1'] });
    expect(box.pass(1_000)).toHaveLength(1);
  });

  it('MARK-UNREACHABLE of an agent that is so already is no mistake', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.send({ type: 'mark-unreachable', agent: 'a1' });
    expect(box.send({ type: 'mark-unreachable', agent: 'a1' })).toEqual([]);
    expect(stats(box.state).unreachableAgents).toBe(1);
  });
});

describe('the lists of a configuration', () => {
  it("stay the host's: what it does to them later changes no state", () => {
    const fairnessExclude = ['gpus'];
    const allowed = ['web'];
    const domain = { region: 'r', zone: 'z' };
    const state = emptyCluster({ fairnessExclude, roles: allowed, domain });
    fairnessExclude.push('cpus');
    allowed.push('db');
    domain.zone = 'other';
    expect(state.config).toMatchObject({
      fairnessExclude: ['gpus'],
      roles: ['web'],
      domain: { region: 'r', zone: 'z' },
    });
  });
});
