import { describe, expect, it } from 'vitest';
import { validateQuota, type QuotaLike } from '../../src/cluster/index.js';

describe('which quotas make sense (QUOTA-1)', () => {
  it.each([
    ['nothing at all', { role: 'a' }],
    ['the default role', { role: '*', guarantees: { cpus: 1 } }],
    ['a guarantee without a limit', { role: 'a', guarantees: { cpus: 1 } }],
    ['a limit without a guarantee', { role: 'a', limits: { cpus: 0 } }],
    ['a guarantee up to the limit', { role: 'a', guarantees: { cpus: 2 }, limits: { cpus: 2 } }],
    ['a role down the tree (design §12)', { role: 'a/b', limits: { cpus: 1 } }],
    ['as much memory as there can be', { role: 'a', limits: { mem: 1024 ** 4, disk: 1024 ** 4 } }],
    ['as much of something else as there can be', { role: 'a', limits: { cpus: 1e12 } }],
    ['pairs, for names that objects trip over', { role: 'a', limits: [['__proto__', 1] as const] }],
  ])('%s does', (_, quota) => {
    expect(validateQuota(quota)).toBeUndefined();
  });

  it.each([
    ['a bad role', { role: 'a/' }, 'bad-role', 'role'],
    ['a negative guarantee', { role: 'a', guarantees: { cpus: -1 } }, 'bad-quantity', 'guarantees.cpus'],
    ['an endless limit', { role: 'a', limits: { cpus: Infinity } }, 'bad-quantity', 'limits.cpus'],
    ['a limit that is no number', { role: 'a', limits: { cpus: NaN } }, 'bad-quantity', 'limits.cpus'],
    ['too much memory', { role: 'a', limits: { mem: 1024 ** 4 + 1 } }, 'too-large', 'limits.mem'],
    ['too much of something else', { role: 'a', guarantees: { k: 1e12 + 1 } }, 'too-large', 'guarantees.k'],
    [
      'a guarantee above its limit',
      { role: 'a', guarantees: { cpus: 2 }, limits: { cpus: 1 } },
      'guarantee-above-limit',
      'guarantees',
    ],
  ])('%s does not', (_, quota, code, path) => {
    expect(validateQuota(quota)).toMatchObject({ code, path });
  });

  it.each([
    ['no role', { guarantees: { cpus: 1 } }, 'role', "'QuotaConfig.role' must be set"],
    ['a role that is no text', { role: 7 }, 'role', "'QuotaConfig.role' must be set"],
    ['amounts that are none', { role: 'a', limits: null }, 'limits', 'expected amounts by name'],
  ])('neither does %s, from a caller without types', (_, quota, path, message) => {
    const problem = validateQuota(quota as unknown as QuotaLike);
    expect(problem).toMatchObject({ path });
    expect(problem?.message).toContain(message);
  });

  it('says which guarantees are above which limits, as Mesos does', () => {
    const quota = { role: 'a', guarantees: { mem: 40, cpus: 20 }, limits: { cpus: 10.5, mem: 20 } };
    expect(validateQuota(quota)?.message).toBe(
      "'QuotaConfig.guarantees' { cpus: 20, mem: 40 } is not contained within the 'QuotaConfig.limits' { cpus: 10.5, mem: 20 }",
    );
  });
});
