/** What would come of a change, from a saved state. */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../src/cluster/index.js';
import { fifo } from '../../src/drf/index.js';
import {
  changeForms,
  parseChange,
  whatIf,
  type TenantDifference,
  type WhatIfResult,
} from '../../src/simulation/index.js';
import { changeText } from '../../src/simulation/what-if/changes.js';
import { sceneOf } from '../../src/simulation/what-if/scene.js';
import { cluster, task } from '../cluster/harness.js';

/** Four agents; two tenants use half of them each, and want more than there is. */
function busy(): ClusterState {
  const box = cluster();
  for (const role of ['ads', 'etl']) {
    box.send({ type: 'subscribe', framework: role, connection: `c-${role}`, name: role, roles: [role] });
  }
  for (let n = 0; n < 4; n += 1) {
    box.send({ type: 'register', agent: `m${n}`, resources: 'cpus:4;mem:4096;ports:[1-9]' });
    box.run();
  }
  const mine = (framework: string): readonly string[] =>
    box.state.offers
      .values()
      .filter(({ offer }) => offer.framework === framework)
      .map(({ offer }) => offer.agent);
  for (const framework of ['ads', 'etl']) {
    for (const agent of mine(framework)) {
      const tasks = Array.from({ length: 4 }, (_, n) => task(`${framework}-${agent}-${n}`, 'cpus:1;mem:512'));
      box.launch(framework, agent, tasks, { refuseSeconds: 0 });
    }
    const requests = [{ resources: 'cpus:1;mem:512', count: 20 }];
    box.send({ type: 'request', framework, connection: `c-${framework}`, requests });
  }
  return box.state;
}

const state = busy();
const change = (...texts: readonly string[]): WhatIfResult =>
  whatIf({ state, changes: texts.map(parseChange), untilMs: 1_200_000, lastsMs: 60_000 });
const of = ({ tenants }: WhatIfResult, role: string): TenantDifference => {
  const found = tenants.find((tenant) => tenant.role === role);
  if (found === undefined) throw new Error(`there is no ${role}`);
  return found;
};

describe('a state as it is simulated', () => {
  it('is its agents, roles, tasks and requests; of resources only scalars', () => {
    const scene = sceneOf(state);
    expect(scene.machines).toEqual(
      ['m0', 'm1', 'm2', 'm3'].map((name) => ({ name, count: 1, resources: 'cpus:4;mem:4096' })),
    );
    expect(scene.tenants).toEqual([
      { role: 'ads', weight: 1 },
      { role: 'etl', weight: 1 },
    ]);
    expect(scene.running).toHaveLength(16);
    expect(scene.running[0]).toMatchObject({ role: 'ads', resources: 'cpus:1;mem:512' });
    expect(scene.demand).toEqual(['ads', 'etl'].map((role) => ({ role, resources: 'cpus:1;mem:512', count: 20 })));
  });
});

describe('what if', () => {
  it('nothing changed: then nothing differs, and what runs goes on running', () => {
    const made = change();
    for (const { before, after } of made.tenants) expect(after).toEqual(before);
    expect(of(made, 'ads').before.share).toBeCloseTo(0.5, 1);
    const [before] = made.result.policies;
    expect(before?.policy).toBe('drf as it is');
    // Half of the cluster each, from the first span on.
    expect(before?.series.running[0]).toBeGreaterThan(14);
    expect(before?.tasks).toBeGreaterThan(16 + 40);
  });

  it('a tenant had three times the weight: then it has three quarters', () => {
    const made = change('weight:ads=3');
    expect(of(made, 'ads')).toMatchObject({ before: { weight: 1 }, after: { weight: 3 } });
    expect(of(made, 'ads').after.share).toBeCloseTo(0.75, 1);
    expect(of(made, 'etl').after.share).toBeCloseTo(0.25, 1);
    expect(of(made, 'etl').after.ended).toBeLessThan(of(made, 'etl').before.ended);
    expect(made).toEqual(change('weight:ads=3'));
  });

  it('there were more agents, or fewer', () => {
    const more = change('agents:+4');
    expect(of(more, 'etl').after.ended / of(more, 'etl').before.ended).toBeGreaterThan(1.6);
    const fewer = change('agents:-m1', 'agents:-1');
    expect(of(fewer, 'etl').after.ended / of(fewer, 'etl').before.ended).toBeLessThan(0.7);
    // What ran on agents that are gone is wanted elsewhere.
    const want = ({ before, after }: TenantDifference): readonly number[] =>
      [before, after].map(({ started, ended, waiting }) => started - ended + waiting);
    for (const tenant of fewer.tenants) expect(want(tenant)).toEqual([28, 28]);
  });

  it('a tenant had a limit, or a guarantee', () => {
    const limited = change('limit:ads=cpus:2');
    expect(of(limited, 'ads').after.share).toBeLessThan(0.2);
    expect(of(limited, 'etl').after.share).toBeGreaterThan(0.75);
    const guaranteed = change('guarantee:etl=cpus:12');
    expect(of(guaranteed, 'etl').after.share).toBeGreaterThan(0.6);
    expect(change('limit:ads=cpus:2', 'limit:ads=none').tenants).toEqual(change().tenants);
  });

  it('there were another policy', () => {
    const { result } = whatIf({ state, changes: [], changedPolicy: fifo, untilMs: 1_200_000, lastsMs: 60_000 });
    expect(result.policies.map(({ policy }) => policy)).toEqual(['drf as it is', 'fifo changed']);
    expect(result.policies[1]?.jain).toBeLessThan((result.policies[0]?.jain ?? 0) - 0.1);
  });

  it('nobody wanted again what has ended: then all of it ends', () => {
    const { result } = whatIf({ state, changes: [], drains: true, lastsMs: 60_000 });
    expect(result.policies[0]).toMatchObject({ tasks: 56, ended: 56, waiting: 0 });
  });

  it('is asked of what there is', () => {
    const refused = (...texts: readonly string[]): unknown => {
      try {
        return change(...texts);
      } catch (error) {
        return (error as { readonly code: string }).code;
      }
    };
    expect(refused('weight:nobody=2')).toBe('unknown-role');
    expect(refused('agents:-nowhere')).toBe('unknown-agent');
    expect(refused('agents:-4')).toBe('bad-cluster');
    expect(() => whatIf({ state: cluster().state, changes: [] })).toThrow(
      expect.objectContaining({ code: 'bad-state' }),
    );
  });
});

describe('a change', () => {
  it('is read as it is written', () => {
    expect(changeForms.map((form) => parseChange(form.replace('ROLE', 'a/b')))).toEqual([
      { kind: 'weight', role: 'a/b', weight: 2 },
      { kind: 'guarantee', role: 'a/b', amounts: { cpus: 4, mem: 1_024 } },
      { kind: 'limit', role: 'a/b', amounts: { cpus: 8 } },
      { kind: 'limit', role: 'a/b', amounts: null },
      { kind: 'add-agents', count: 5 },
      { kind: 'add-agents', count: 5, resources: 'cpus:8;mem:4096' },
      { kind: 'remove-agents', count: 2 },
      { kind: 'remove-agent', agent: 'ID' },
      { kind: 'policy', policy: 'NAME' },
    ]);
  });

  it('is written as it is read, and with the result', () => {
    const texts = [...changeForms, 'guarantee:web=none'].map((form) => form.replace('ROLE', 'a/b'));
    expect(texts.map(parseChange).map(changeText)).toEqual(texts);
  });

  it.each([
    ...['', 'weight', 'weight:', 'weight:ads', 'weight:=2', 'weight:ads=0', 'weight:ads=-1', 'weight:ads=1e400'],
    ...['agents:5', 'agents:+0', 'agents:+x', 'agents:-2=cpus:1', 'agents:+5=much', 'limit:ads=much', 'policy:'],
    ...['__proto__:a=1', 'weight:a//b=2', 'size:ads=2'],
  ])('is not %j', (text) => {
    expect(() => parseChange(text)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^bad-/) }));
  });
});
