/**
 * The worked numbers of the paper (Ghodsi et al., NSDI 2011), each beside what the exact divisions give, as goldens; and the
 * two theorems that are no numbers.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drf } from '../../src/drf/index.js';
import { amount, fromMilli, quantities, type Quantities } from '../../src/resources/index.js';
import { plainTrials } from '../../src/testing/arbitraries/trials.js';
import {
  compare,
  fraction,
  fromDouble,
  over,
  textOf,
  times,
  toDouble,
  zero,
  type Fraction,
} from '../../src/testing/divisions/fraction.js';
import { Filling } from '../../src/testing/drives/fill.js';
import { solveDivision, type DivisionName } from '../../src/testing/index.js';
import { amountsText, totalOf } from '../../src/testing/laws/show.js';
import { asOneAgent, everybodyNeeds, totalsOf, type Trial } from '../../src/testing/laws/trial.js';
import { datadriven, type Directive } from '../datadriven.js';
import { greatest, type Row } from './highs.js';

const goldens = fileURLToPath(new URL('../testdata/paper/', import.meta.url));

/** A user, and what the paper prints of it: `tasks`, what it `has` of each kind, its dominant `share`. */
interface User {
  readonly name: string;
  readonly demand: string;
  readonly weight: number;
  readonly printed: ReadonlyMap<string, string>;
}

function readUser(line: string): User {
  const [name = '', ...words] = line.split(' ');
  const {
    task = '',
    weight = '1',
    ...printed
  } = Object.fromEntries(words.map((word) => word.split('=') as [string, string]));
  return { name, demand: task, weight: Number(weight), printed: new Map(Object.entries(printed)) };
}

/** Divides; prints what each user gets, and whether that is what the paper prints. */
function divide({ args, input }: Directive): string {
  const total = quantities(args['total'] ?? '');
  const users = input.split('\n').map(readUser);
  const { tasks, fractions } = solveDivision(args['by'] as DivisionName, total, users);
  return users.map((user, i) => lineOf(user, total, fractionOf(fractions?.[i]), tasks[i] ?? 0)).join('\n');
}

/** `A: 63/25 tasks = 2.52 (as printed), cpus 2.52, mem 10.08 (as printed), 14/25 of mem`. */
function lineOf(user: User, total: Quantities, exact: Fraction | undefined, tasks: number): string {
  const beside = (key: string, numbers: readonly number[]): string => besidePaper(user.printed.get(key), numbers);
  const decimal = tasks.toFixed(exact === undefined ? 4 : 2);
  const count = exact === undefined ? decimal : `${textOf(exact)} tasks = ${decimal}`;
  const has = total.names.map((kind) => fromMilli(amount(quantities(user.demand), kind)) * tasks);
  const amounts = total.names.map((kind, k) => `${kind} ${(has[k] ?? 0).toFixed(2)}`).join(', ');
  const line = `${user.name}: ${count}${beside('tasks', [tasks])}, ${amounts}${beside('has', has)}`;
  if (exact === undefined) return line;
  const { kind, share } = dominantOf(user, total, exact);
  return `${line}, ${textOf(share)} of ${kind}${beside('share', [toDouble(share)])}`;
}

/** The largest part of anything that a user has; of equal ones the first. */
function dominantOf({ demand }: User, total: Quantities, tasks: Fraction): { kind: string; share: Fraction } {
  const parts = total.names.map((kind) => {
    const part = over(fromDouble(amount(quantities(demand), kind)), fromDouble(amount(total, kind)));
    return { kind, share: times(tasks, part) };
  });
  return parts.reduce((most, part) => (compare(part.share, most.share) > 0 ? part : most));
}

/** Numbers beside what the paper prints, to as many digits as it prints. */
function besidePaper(printed: string | undefined, numbers: readonly number[]): string {
  if (printed === undefined) return '';
  const texts = printed.split(',');
  const isAsPrinted = texts.every((text, i) => {
    const value = numbers[i] ?? NaN;
    const [, decimals = ''] = text.split('.');
    return text.includes('/') ? value === toDouble(fractionOf(text) ?? zero) : value.toFixed(decimals.length) === text;
  });
  return isAsPrinted ? ' (as printed)' : ` (printed: ${printed})`;
}

function fractionOf(text: string | undefined): Fraction | undefined {
  if (text === undefined) return undefined;
  const [above = '', below = '1'] = text.split('/');
  return fraction(BigInt(above), BigInt(below));
}

describe('the numbers of the paper', () => {
  it.each([
    ['E1', 'DRF gives 3 and 2 tasks of <1, 4> and <3, 1> in <9, 18>'],
    ['E2', 'with weights 2 and 1 the shares are 12/13 and 6/13'],
    ['E3', 'Asset Fairness gives 2.52 and 2.16'],
    ['E4', 'CEEI gives 45/11 and 18/11'],
    ['E5', 'Asset Fairness leaves user 2 less than half of both (theorem 1)'],
    ['E6', 'Asset Fairness gives user 1 3/7 of the bottleneck (theorem 2)'],
    ['E7', 'Asset Fairness takes from user 1 when there is more (theorem 3)'],
    ['E8', 'CEEI rewards a lie (theorem 4); 1500/31 is 48.39, where the paper prints 48.8'],
    ['E9', 'CEEI takes from user 2 when user 3 leaves (theorem 5)'],
    ['E10', 'all three take from user 1 when there is four times as much of resource 2 (theorem 6)'],
    ['E12', 'who needs one resource alone gets all of it, the others share the other (appendix A)'],
  ])('%s: %s', async (name) => {
    await datadriven(`${goldens}${name.toLowerCase()}.golden`, divide);
  });

  it('are all as printed but one', () => {
    const files = readdirSync(goldens).map((file) => readFileSync(`${goldens}${file}`, 'utf8'));
    expect(files.join('').match(/\(as printed\)/g)?.length).toBeGreaterThan(40);
    expect(files.join('').match(/.*\(printed: .*/g)).toEqual([
      '2: 1500/31 tasks = 48.39 (printed: 48.8), cpus 48.39, mem 96.77, 30/31 of mem',
    ]);
  });
});

describe('E10 (theorem 6)', () => {
  const most = (user: number, { cpus, mem, least }: { cpus: number; mem: number; least: readonly number[] }): number =>
    greatest(
      [0, 1].map((i) => (i === user ? 1 : 0)),
      [
        { coefficients: [2, 1], sense: '<=', bound: cpus },
        { coefficients: [1, 2], sense: '<=', bound: mem },
        ...least.map((bound, i): Row => ({ coefficients: [0, 1].map((j) => (i === j ? 1 : 0)), sense: '>=', bound })),
      ],
    );

  it('no division that gives each what half of everything would run, and leaves nothing over, is monotone', () => {
    // What half of everything would run: of 12 and 12 three tasks each; with 48 of one kind three and six.
    expect(most(0, { cpus: 12, mem: 48, least: [3, 6] })).toBeCloseTo(3, 9);
    expect(most(1, { cpus: 48, mem: 12, least: [6, 3] })).toBeCloseTo(3, 9);
    // So with 12 of both a monotone one may give neither more than three, and that leaves some of both.
    expect(2 * 3 + 3).toBeLessThan(12);
    expect(most(0, { cpus: 12, mem: 12, least: [3, 3] })).toBeGreaterThan(3);
  });
});

/** Dominant shares by weight, as the machine divided. */
function sharesOf(trial: Trial): { readonly shares: readonly number[]; readonly steps: readonly number[] } {
  const totals = totalsOf(trial);
  const { tasks: counts } = new Filling(trial, drf).fill().filled;
  const steps = trial.users.map(({ demand, weight }) => {
    return Math.max(...demand.map((need, kind) => need / (totals[kind] ?? 1))) / weight;
  });
  return { steps, shares: steps.map((step, i) => step * (counts[i] ?? 0)) };
}

describe('E11 (theorem 7)', () => {
  it('holds of the machine: no two users are more than a task apart, however many agents there are', () => {
    fc.assert(
      fc.property(plainTrials(), (trial) => {
        const { shares, steps } = sharesOf(trial);
        for (const [i, share] of shares.entries()) {
          for (const other of shares) expect(share - (steps[i] ?? 0)).toBeLessThanOrEqual(other + 1e-9);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('on one agent nobody is further from the exact division than the largest task', () => {
    fc.assert(
      fc.property(plainTrials(), (drawn) => {
        const trial = everybodyNeeds(asOneAgent(drawn));
        const users = trial.users.map(({ demand, weight }) => ({ demand: amountsText(trial.kinds, demand), weight }));
        const exact = solveDivision('drf', totalOf(trial), users).tasks;
        const { shares, steps } = sharesOf(trial);
        const largest = Math.max(...steps);
        for (const [i, share] of shares.entries()) {
          expect(Math.abs(share - (exact[i] ?? 0) * (steps[i] ?? 0))).toBeLessThanOrEqual(largest + 1e-9);
        }
      }),
      { numRuns: 300 },
    );
  });
});
