/** The divisions of the paper (Ghodsi et al., NSDI 2011), with a linear solver as an independent judge; its numbers are in paper.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fraction, fromDouble, textOf, toDouble } from '../../src/testing/divisions/fraction.js';
import { solve } from '../../src/testing/divisions/linear.js';
import { solveDivision, type DivisionName, type DivisionUser } from '../../src/testing/index.js';
import { greatest, type Row } from './highs.js';

function divided(name: DivisionName, total: string, ...demands: readonly string[]): readonly string[] | undefined {
  return solveDivision(
    name,
    total,
    demands.map((demand) => ({ demand })),
  ).fractions;
}

interface Drawn {
  readonly total: readonly number[];
  readonly users: readonly { readonly demand: readonly number[]; readonly weight: number }[];
}

function pools(least: 0 | 1): fc.Arbitrary<Drawn> {
  const kinds = 3;
  const some = (min: number, max: number): fc.Arbitrary<number[]> =>
    fc.array(fc.integer({ min, max }), { minLength: kinds, maxLength: kinds });
  const user = fc.record({
    demand: some(least, 9).map((all) => (all.some((one) => one > 0) ? all : all.with(0, 1))),
    weight: fc.constantFrom(1, 1, 2, 0.5),
  });
  return fc.record({ total: some(1, 40), users: fc.array(user, { minLength: 1, maxLength: 4 }) });
}

const names = ['cpus', 'disk', 'mem'] as const;

function text(amounts: readonly number[]): string {
  return names.map((name, i) => `${name}:${amounts[i] ?? 0}`).join(';');
}

function solved(name: DivisionName, { total, users }: Drawn): readonly number[] {
  const asked: DivisionUser[] = users.map(({ demand, weight }) => ({ demand: text(demand), weight }));
  return solveDivision(name, text(total), asked).tasks;
}

/** No more is used than there is: one row a kind, one unknown a user. */
function capacity({ total, users }: Drawn): Row[] {
  return total.map((bound, kind) => ({
    coefficients: users.map(({ demand }) => demand[kind] ?? 0),
    sense: '<=',
    bound,
  }));
}

/** Max-min by linear programs: raises all who still can rise, holds whoever cannot, and begins again. */
function leximin(pool: Drawn, measure: (parts: readonly number[]) => number): readonly number[] {
  const { total, users } = pool;
  const scales = users.map(({ demand, weight }) => measure(demand.map((d, k) => d / (total[k] ?? 1))) / weight);
  const held = new Map<number, number>();
  const row = (user: number, sense: Row['sense'], bound: number): Row => ({
    coefficients: users.map((_, i) => (i === user ? (scales[i] ?? 0) : 0)),
    sense,
    bound,
  });
  while (held.size < users.length) {
    const rows = [...capacity(pool), ...[...held].map(([user, level]) => row(user, '=', level))];
    const open = [...users.keys()].filter((user) => !held.has(user));
    // One more unknown: the level that all who rise have at least.
    const levels = open.map((user): Row => ({
      coefficients: [...row(user, '>=', 0).coefficients, -1],
      sense: '>=',
      bound: 0,
    }));
    const level = greatest([...users.map(() => 0), 1], [...rows, ...levels]);
    const floor = open.map((user) => row(user, '>=', level * (1 - 1e-9)));
    const stuck = open.filter((user) => greatest(row(user, '>=', 0).coefficients, [...rows, ...floor]) < level + 1e-6);
    for (const user of stuck) held.set(user, level);
    if (stuck.length === 0) throw new Error('nobody is held');
  }
  return users.map((_, user) => (held.get(user) ?? 0) / (scales[user] ?? 1));
}

describe('a linear solver that knows nothing of it', () => {
  it.each([
    ['drf', (parts: readonly number[]) => Math.max(...parts)],
    ['asset-fairness', (parts: readonly number[]) => parts.reduce((sum, part) => sum + part, 0)],
  ] as const)('finds the same division: %s, with zero demands too', (name, measure) => {
    fc.assert(
      fc.property(pools(0), (pool) => {
        const expected = leximin(pool, measure);
        for (const [i, amount] of solved(name, pool).entries()) expect(amount).toBeCloseTo(expected[i] ?? 0, 4);
      }),
      { numRuns: 120 },
    );
  });

  it('finds no better product of tasks than that of CEEI', () => {
    fc.assert(
      fc.property(pools(0), (pool) => {
        const tasks = solved('ceei', pool);
        // At the largest product the sum of w y / x over all divisions y is nowhere above the sum of the weights.
        const slopes = pool.users.map(({ weight }, i) => weight / (tasks[i] ?? 0));
        const wealth = pool.users.reduce((sum, { weight }) => sum + weight, 0);
        expect(greatest(slopes, capacity(pool))).toBeLessThan(wealth * (1 + 1e-5));
      }),
      { numRuns: 300 },
    );
  });
});

describe('CEEI', () => {
  it('is exact for two users, and within its bound for more', () => {
    fc.assert(
      fc.property(pools(0), ({ total, users }) => {
        const asked = users.map(({ demand, weight }) => ({ demand: text(demand), weight }));
        const { fractions, error } = solveDivision('ceei', text(total), asked);
        if (users.length <= 2) expect(fractions).toBeDefined();
        expect(error).toBeLessThan(2e-6);
      }),
      { numRuns: 300 },
    );
  });

  it('agrees with itself when all amounts of a kind are in another unit', () => {
    fc.assert(
      fc.property(pools(1), fc.integer({ min: 2, max: 900 }), (pool, factor) => {
        const scale = (all: readonly number[]): readonly number[] => all.with(1, (all[1] ?? 0) * factor);
        const other = {
          total: scale(pool.total),
          users: pool.users.map((user) => ({ ...user, demand: scale(user.demand) })),
        };
        const expected = solved('ceei', pool);
        for (const [i, amount] of solved('ceei', other).entries())
          expect(amount / (expected[i] ?? 1)).toBeCloseTo(1, 5);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a division', () => {
  it('gives nothing to whom nothing can help, and all to the others', () => {
    for (const name of ['drf', 'asset-fairness', 'ceei'] as const) {
      expect(divided(name, 'cpus:4', 'cpus:1;gpus:1', 'cpus:2', 'gpus:1')).toEqual(['0', '2', '0']);
      expect(solveDivision(name, '', [{ demand: 'cpus:1' }]).tasks).toEqual([0]);
      expect(solveDivision(name, 'cpus:1', []).tasks).toEqual([]);
    }
  });

  it('takes names that objects have of their own', () => {
    const kinds = [['__proto__', 4]] as const;
    expect(
      solveDivision('drf', kinds, [{ demand: [['__proto__', 1]] }, { demand: [['__proto__', 3]] }]).fractions,
    ).toEqual(['2', '2/3']);
  });

  it('refuses what makes no sense, by code', () => {
    const thrown = (run: () => unknown): unknown => {
      try {
        return run();
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    expect(thrown(() => solveDivision('drf', 'cpus:1', [{ demand: '' }]))).toBe('bad-demand');
    expect(thrown(() => solveDivision('drf', 'cpus:1', [{ demand: 'cpus:1', weight: 0 }]))).toBe('bad-weight');
    expect(thrown(() => solveDivision('drf', 'cpus:-1', []))).toBe('bad-quantities');
    expect(thrown(() => solveDivision('vcg' as 'drf', 'cpus:1', []))).toBe('unknown-division');
  });
});

describe('fractions', () => {
  it('are exactly the doubles that they come from, and go back to', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: 1e-200, max: 1e200 }), (value) => {
        expect(toDouble(fromDouble(value))).toBe(value);
        expect(toDouble(fromDouble(-value))).toBe(-value);
      }),
    );
  });

  it('are in lowest terms, and near their double however long they are', () => {
    expect(textOf(fraction(-6n, -4n))).toBe('3/2');
    expect(textOf(fraction(6n, -3n))).toBe('-2');
    expect(toDouble(fraction(10n ** 400n, 3n * 10n ** 400n))).toBeCloseTo(1 / 3, 12);
  });

  it('solve equations that have one solution, and no others', () => {
    const row = (
      ...all: readonly number[]
    ): { row: ReturnType<typeof fraction>[]; sum: ReturnType<typeof fraction> } => ({
      row: all.slice(0, -1).map((value) => fraction(BigInt(value))),
      sum: fraction(BigInt(all.at(-1) ?? 0)),
    });
    expect(solve([row(0, 2, 4), row(3, 1, 5)], 2)?.map(textOf)).toEqual(['1', '2']);
    expect(solve([row(1, 1, 2), row(2, 2, 4)], 2)).toBeUndefined();
    expect(solve([row(1, 1), row(2, 3)], 1)).toBeUndefined();
    expect(solve([row(1, 1), row(2, 2)], 1)?.map(textOf)).toEqual(['1']);
  });
});
