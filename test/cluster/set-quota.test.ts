import { describe, expect, it } from 'vitest';
import {
  deserialize,
  explain,
  offers,
  parseInput,
  recoverCluster,
  registryOf,
  roles,
  serialize,
  transition,
} from '../../src/cluster/index.js';
import { cluster, task, type Cluster } from './harness.js';

type Quotas = readonly {
  readonly role: string;
  readonly guarantees?: Readonly<Record<string, number>>;
  readonly limits?: Readonly<Record<string, number>>;
}[];

function setQuota(box: Cluster, quotas: Quotas, force = false): readonly string[] {
  return box.send({ type: 'set-quota', quotas, ...(force ? { force } : {}) });
}

/** A cluster whose one agent is offered to `f1` in role `a`. */
function offered(): Cluster {
  const box = cluster();
  box.agent('a1', 'cpus:4;mem:400');
  box.framework('f1', ['a']);
  box.send({ type: 'allocate' });
  return box;
}

describe('SET-QUOTA (QUOTA-3)', () => {
  it('is all or nothing', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4;mem:400');
    const before = [...serialize(box.state)].join('');
    const quotas = [
      { role: 'a', guarantees: { cpus: 1 } },
      { role: 'b', guarantees: { cpus: 9 } },
    ];
    expect(() => setQuota(box, quotas)).toThrow(expect.objectContaining({ code: 'guarantees-above-capacity' }));
    expect([...serialize(box.state)].join('')).toBe(before);
  });

  it.each([
    [[{ role: 'a b', guarantees: { cpus: 1 } }], 'bad-role', 'quotas[0].role'],
    [[{ guarantees: { cpus: 1 } } as unknown as { role: string }], 'bad-role', 'quotas[0].role'],
    [[{ role: 'a', guarantees: { cpus: -1 } }], 'bad-quantity', 'quotas[0].guarantees.cpus'],
    [[{ role: 'a', guarantees: { cpus: 2 }, limits: { cpus: 1 } }], 'guarantee-above-limit', 'quotas[0].guarantees'],
    [[{ role: 'a', guarantees: { mem: 1e15 } }], 'too-large', 'quotas[0].guarantees.mem'],
    [
      [
        { role: 'a', guarantees: { cpus: 1 } },
        { role: 'a/b', guarantees: { cpus: 2 } },
      ],
      'guarantees-above-parent',
      'quotas',
    ],
    [
      [
        { role: 'a', limits: { cpus: 1 } },
        { role: 'a/b', guarantees: { cpus: 2 } },
      ],
      'guarantees-above-parent',
      'quotas',
    ],
  ] as const)('refuses %j', (quotas, code, path) => {
    const box = cluster({ nestedQuota: true });
    box.agent('a1', 'cpus:4;mem:400');
    expect(() => setQuota(box, quotas)).toThrow(expect.objectContaining({ code, path }));
  });

  it('refuses a quota of a nested role where Mesos would (QUOTA-1)', () => {
    const box = cluster({ nestedQuota: false });
    expect(() => setQuota(box, [{ role: 'a/b', limits: { cpus: 1 } }])).toThrow(
      expect.objectContaining({ code: 'nested-quota', path: 'quotas[0].role' }),
    );
  });

  it('refuses a limit below what tasks use, but not below what is only offered; with force it is set and nothing is killed', () => {
    const box = offered();
    const [offer] = offers(box.state);
    expect(offer).toBeDefined();
    setQuota(box, [{ role: 'a', limits: { cpus: 1 } }]);
    const used = cluster();
    used.agent('a1', 'cpus:4;mem:400');
    used.framework('f1', ['a']);
    used.runs('f1', 'a1', task('t1', 'cpus:3'));
    expect(() => setQuota(used, [{ role: 'a', limits: { cpus: 2 } }])).toThrow(
      expect.objectContaining({ code: 'limit-below-consumption' }),
    );
    expect(setQuota(used, [{ role: 'a', limits: { cpus: 2 } }], true).filter((line) => line.includes('kill'))).toEqual(
      [],
    );
    expect(
      roles(used.state)
        .find(({ role }) => role === 'a')
        ?.quota.limits.toString(),
    ).toBe('cpus:2');
  });

  it('takes back what is offered beyond a limit', () => {
    const box = offered();
    const lines = setQuota(box, [{ role: 'a', limits: { cpus: 1 } }]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('rescind');
    box.pass(1_000);
    expect(offers(box.state).map(({ resources }) => String(resources))).toEqual(['cpus:1; mem:400']);
  });

  it('takes back what others are offered until a guarantee could be met', () => {
    const box = offered();
    box.framework('f2', ['owed']);
    const lines = setQuota(box, [{ role: 'owed', guarantees: { cpus: 4, mem: 400 } }]);
    expect(lines).toHaveLength(1);
    box.pass(1_000);
    expect(offers(box.state).map(({ framework }) => framework)).toEqual(['f2']);
  });

  it('leaves offers that are in nobody’s way', () => {
    const box = offered();
    expect(setQuota(box, [{ role: 'b', limits: { cpus: 1 } }])).toEqual([]);
    expect(offers(box.state)).toHaveLength(1);
  });

  it('ends with neither guarantees nor limits', () => {
    const box = cluster();
    setQuota(box, [{ role: 'a', limits: { cpus: 1 } }]);
    expect(roles(box.state).map(({ role }) => role)).toEqual(['a']);
    setQuota(box, [{ role: 'a' }]);
    expect(roles(box.state)).toEqual([]);
  });

  it('is explained: over the limit, or kept for others', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4;mem:400');
    setQuota(box, [{ role: 'owed', guarantees: { cpus: 4, mem: 400 } }]);
    setQuota(box, [{ role: 'none', limits: { cpus: 0, mem: 0 } }]);
    box.framework('f1', ['a']);
    box.framework('f2', ['none']);
    const reason = (framework: string): unknown => explain(box.state, { framework }).agents[0]?.reason.code;
    expect(reason('f1')).toBe('kept-for-guarantees');
    expect(reason('f2')).toBe('over-limit');
  });

  it('is written down and survives the master', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4;mem:400');
    setQuota(box, [{ role: 'a', guarantees: { cpus: 1.5 }, limits: { cpus: 2, mem: 0 } }]);
    const text = [...serialize(box.state)].join('');
    expect([...serialize(deserialize([text]))].join('')).toBe(text);
    const recovered = recoverCluster(JSON.parse(JSON.stringify(registryOf(box.state))));
    expect(recovered.allocator.quotas.get('a')).toEqual(box.state.allocator.quotas.get('a'));
  });

  it('takes any name as a resource', () => {
    const box = cluster();
    const raw: unknown = JSON.parse('{"type":"set-quota","quotas":[{"role":"a","limits":{"__proto__":3}}]}');
    const [state] = transition(box.state, parseInput(raw, 0));
    expect(String(state.allocator.quotas.get('a')?.limits)).toBe('__proto__:3');
  });
});
