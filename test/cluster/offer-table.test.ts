import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OfferBatch, OfferTable, offerNumber, type BatchParts } from '../../src/cluster/offer-table.js';
import { emptyCluster, type ClusterState } from '../../src/cluster/index.js';
import type { OfferRow } from '../../src/cluster/state.js';
import { Edit, resources } from '../../src/resources/index.js';
import { Cluster } from './harness.js';

const prefix = 'm-O';

/** Agents of three kinds: plain, with an executor of `f1`, and with a domain and planned maintenance. */
const machines: ClusterState = (() => {
  const cluster = new Cluster(emptyCluster({ domain: { region: 'r', zone: 'y' } }));
  cluster.framework('f1', ['web']);
  cluster.agent('a2', 'cpus:4;mem:512');
  const task = { id: 't1', name: 't1', resources: 'cpus:1', executor: { id: 'e1', command: { value: 'run' } } };
  const [offer = ''] = cluster.state.offers.keys();
  cluster.send({
    type: 'accept',
    framework: 'f1',
    connection: 'c-f1',
    offers: [offer],
    operations: [{ type: 'launch', tasks: [{ ...task, agent: 'a2' }] }],
  });
  cluster.agent('a1', 'cpus:4;mem:512', { attributes: 'rack:r1' });
  cluster.agent('a3', 'cpus:4;mem:512', { hostname: 'host-3', domain: { region: 'r', zone: 'z' } });
  cluster.send({
    type: 'set-maintenance',
    windows: [{ machines: [{ hostname: 'host-3' }], unavailability: { start: 5_000 } }],
  });
  return cluster.state;
})();

/** What offers may be made of. */
interface Part {
  readonly framework: string;
  readonly agent: 'a1' | 'a2' | 'a3';
  readonly cpus: number;
}

const parts: fc.Arbitrary<Part> = fc.record({
  framework: fc.constantFrom('f1', 'f2', '__proto__'),
  agent: fc.constantFrom('a1', 'a2', 'a3'),
  cpus: fc.integer({ min: 1, max: 4 }),
});

function rowOf<V>(row: V | undefined): V {
  if (row === undefined) throw new Error('no row');
  return row;
}

function partsOf(list: readonly Part[]): BatchParts {
  const executors = list.flatMap(({ framework, agent }, index) => {
    const own = rowOf(machines.agents.get(agent)).executors.filter((executor) => executor.framework === framework);
    return own.length === 0 ? [] : [[index, own.map(({ info }) => info.id)] as const];
  });
  return {
    grants: list.map(({ framework, agent, cpus }) => {
      return { framework, role: 'web', agent, resources: resources(`cpus:${cpus}`) };
    }),
    rows: list.map(({ agent }) => rowOf(machines.allocator.agents.get(agent))),
    executors: new Map(executors),
  };
}

/** The row of an offer, field by field. */
function slowRow({ framework, agent, cpus }: Part, number: number, run: number): OfferRow {
  return {
    offer: {
      id: `${prefix}${number}`,
      framework,
      agent,
      role: 'web',
      hostname: agent === 'a3' ? 'host-3' : agent,
      resources: resources(`cpus:${cpus}`),
      attributes: rowOf(machines.allocator.agents.get(agent)).attributes,
      executors: agent === 'a2' && framework === 'f1' ? ['e1'] : [],
      ...(agent === 'a3' ? { domain: { region: 'r', zone: 'z' }, unavailability: { start: 5_000 } } : {}),
      at: run * 10,
    },
    run,
    seq: run + 100,
  };
}

function batchOf(list: readonly Part[], first: number, run: number): OfferBatch {
  return new OfferBatch({ run, seq: run + 100, at: run * 10, prefix, first }, partsOf(list));
}

type Rows = ReadonlyMap<number, OfferRow>;

/** All that a table tells. */
function expectSame(table: OfferTable, rows: Rows): void {
  const sorted = [...rows].sort(([a], [b]) => a - b).map(([, row]) => row);
  expect(table.size).toBe(sorted.length);
  expect(table.keys()).toEqual(sorted.map(({ offer }) => offer.id));
  expect(table.values()).toEqual(sorted);
  const visited: [string, OfferRow][] = [];
  table.forEach((row, id) => visited.push([id, row]));
  expect(visited).toEqual(sorted.map((row) => [row.offer.id, row]));
  for (const framework of ['f1', 'f2', '__proto__', 'nobody', 'constructor']) {
    const numbers = sorted
      .filter(({ offer }) => offer.framework === framework)
      .map(({ offer }) => offerNumber(offer.id));
    expect(table.numbersOf(framework)).toEqual(numbers);
  }
}

function expectSameRow(table: OfferTable, rows: Rows, number: number): void {
  const row = rows.get(number);
  expect(table.get(`${prefix}${number}`)).toEqual(row);
  expect(table.has(`${prefix}${number}`)).toBe(row !== undefined);
  expect(table.at(number)).toEqual(row);
  for (const id of strangers(number)) {
    expect(table.get(id)).toBeUndefined();
    expect(table.has(id)).toBe(false);
    expect(table.remove(id)).toBe(table);
  }
}

/** Ids that end with a number that is there, or nearly, and are of nobody. */
function strangers(number: number): readonly string[] {
  return [
    ...['__proto__', 'constructor', '', 'O', prefix, `${number}`, `O${number}`, `x-O${number}`, `m-m-O${number}`],
    ...[`${prefix}0${number}`, `${prefix}${number}.0`, `${prefix}-${number}`, `${prefix}${number} `, `m-o${number}`],
    ...[`${prefix}1e3`, `${prefix}0x1`, `${prefix}+1`, `${prefix}٣`, `${prefix}${'9'.repeat(16)}`, `mO-O${number}`],
  ];
}

const steps = fc.oneof(
  { weight: 1, arbitrary: fc.record({ add: fc.array(parts, { minLength: 1, maxLength: 6 }) }) },
  // Enough of them that a batch is compacted when few are left.
  { weight: 1, arbitrary: fc.record({ add: fc.array(parts, { minLength: 65, maxLength: 130, size: 'max' }) }) },
  { weight: 4, arbitrary: fc.record({ remove: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ keep: fc.nat(30), luck: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ look: fc.nat() }) },
);
const histories = fc.array(fc.tuple(steps, fc.boolean()), { maxLength: 14, size: 'max' });

describe('a table of offers', () => {
  it('does what a Map of rows does, however much of a run is left', () => {
    fc.assert(
      fc.property(histories, fc.boolean(), (list, looks) => {
        let table = OfferTable.empty();
        let rows = new Map<number, OfferRow>();
        let next = 1;
        let run = 0;
        const older: { readonly table: OfferTable; readonly rows: Rows }[] = [];
        for (const [step, hasEdit] of list) {
          const edit = hasEdit ? new Edit() : undefined;
          older.push({ table, rows });
          rows = new Map(rows);
          const numbers = [...rows.keys()];
          if ('add' in step) {
            run += 1;
            table = table.add(batchOf(step.add, next, run), edit);
            for (const part of step.add) rows.set(next, slowRow(part, next++, run));
          } else if ('remove' in step) {
            const number = numbers[step.remove % numbers.length] ?? next;
            table = table.remove(`${prefix}${number}`, edit);
            rows.delete(number);
          } else if ('keep' in step) {
            for (const number of shuffled(numbers, step.luck).slice(step.keep)) {
              table = table.remove(`${prefix}${number}`, edit);
              rows.delete(number);
            }
          } else expectSameRow(table, rows, numbers[step.look % numbers.length] ?? next);
          expect(table.size).toBe(rows.size);
          // Whether a row was read before its batch was compacted must not matter.
          if (looks) expectSame(table, rows);
        }
        expectSame(table, rows);
        for (const number of [...rows.keys(), next]) expectSameRow(table, rows, number);
        for (const one of older) expectSame(one.table, one.rows);
        expectSame(OfferTable.from(shuffled([...rows.values()], next)), rows);
      }),
      { numRuns: 80 },
    );
  });

  it('gives an offer as one and the same row, whenever it is read', () => {
    const list = Array.from({ length: 100 }, (_, i): Part => ({
      framework: `f${i % 2}`,
      agent: 'a1',
      cpus: 1 + (i % 4),
    }));
    const full = OfferTable.empty().add(batchOf(list, 1, 1));
    const early = full.get(`${prefix}100`);
    let left = full;
    for (let number = 1; number <= 90; number += 1) left = left.remove(`${prefix}${number}`);
    expect(left.get(`${prefix}100`)).toBe(early);
    expect(left.at(100)).toBe(early);
    expect(left.values().at(-1)).toBe(early);
    expect(left.get(`${prefix}91`)).toBe(full.get(`${prefix}91`));
    expect(Object.isFrozen(left.get(`${prefix}91`)?.offer)).toBe(true);
  });

  it('takes a changed row in the place of the one that was there', () => {
    const table = OfferTable.empty()
      .add(batchOf([{ framework: 'f1', agent: 'a1', cpus: 1 }], 1, 1))
      .add(batchOf([{ framework: 'f2', agent: 'a3', cpus: 2 }], 2, 2));
    const row = slowRow({ framework: 'f2', agent: 'a1', cpus: 4 }, 1, 1);
    const changed = table.set(`${prefix}1`, row);
    expect(changed.get(`${prefix}1`)).toEqual(row);
    expect(changed.keys()).toEqual([`${prefix}1`, `${prefix}2`]);
    expect(changed.numbersOf('f2')).toEqual([1, 2]);
    expect(table.numbersOf('f2')).toEqual([2]);
  });

  it.each([
    ['m-O1', 1],
    ['m-O0', 0],
    ['O7', 7],
    ['m-O999999999999999', 999_999_999_999_999],
    ['m-O1000000000000000', -1],
    ['m-O01', -1],
    ['m-O', -1],
    ['m-O1x', -1],
    ['m-1', -1],
    ['', -1],
    ['__proto__', -1],
  ])('reads the number of %j as %d', (id, number) => {
    expect(offerNumber(id)).toBe(number);
  });
});

/** In an order that follows from a number alone. */
function shuffled<V>(list: readonly V[], luck: number): V[] {
  return list
    .map((value, index) => ({ value, key: Math.imul(index + 1, 2_654_435_761 + 2 * luck) >>> 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}
