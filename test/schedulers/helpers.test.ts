import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Offer } from '../../src/cluster/index.js';
import { add, attributes, contains, equals, resources, subtract } from '../../src/resources/index.js';
import { isLike } from '../../src/schedulers/common/glob.js';
import { backOffMs, fits, luck, pack, reconciler, take } from '../../src/schedulers/index.js';
import { lab, type Lab } from './harness.js';

const second = 1_000;
const minute = 60 * second;

const offer = (id: string, agent: string, like: string): Offer => ({
  id,
  agent,
  framework: 'f',
  role: 'etl',
  hostname: agent,
  resources: resources(like),
  attributes: attributes(''),
  executors: [],
  at: 0,
});

describe('a back-off', () => {
  it('doubles up to its end, and waits for nothing where nothing failed', () => {
    const backOff = { firstMs: 1_000, maxMs: 10_000, jitter: 0 };
    expect([0, 1, 2, 3, 4, 5, 500].map((failures) => backOffMs(backOff, failures, 0.9))).toEqual([
      0, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
    ]);
    expect(backOffMs({ ...backOff, factor: 1 }, 1e9, 0)).toBe(1_000);
    expect(backOffMs({ ...backOff, firstMs: 0 }, 1e9, 0)).toBe(0);
  });

  it('leaves out a part by luck, the same for the same seed', () => {
    const backOff = { firstMs: 1_000, maxMs: 1_000, jitter: 0.5 };
    const waits = Array.from({ length: 1_000 }, (_, number) => backOffMs(backOff, 1, luck(7, number)));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_000);
    expect(new Set(waits).size).toBeGreaterThan(300);
    expect(backOffMs(backOff, 1, luck(7, 3))).toBe(waits[3]);
  });
});

describe('a pattern', () => {
  it('is like what it says', () => {
    for (const [text, pattern, like] of [
      ['', '', true],
      ['', '*', true],
      ['', '?', false],
      ['rack-17', 'rack-*', true],
      ['rack-17', '*1?', true],
      ['rack-17', 'rack', false],
      ['a.c', 'a?c', true],
      ['abc', 'a.c', false],
      ['𝟘x', '?x', true],
      ['aXbXc', 'a*X*c', true],
      ['aXbXd', 'a*X*c', false],
    ] as const) {
      expect(isLike(text, pattern), `${text} like ${pattern}`).toBe(like);
    }
    expect(isLike('a'.repeat(5_000), `${'a*'.repeat(500)}b`)).toBe(false);
  });
});

describe('taking from an offer', () => {
  const taken = (offered: string, ...[wish, role]: [Parameters<typeof take>[1], string?]): string | undefined =>
    take(resources(offered), wish, role)?.resources.toString();

  it('takes what is reserved for the role first, then what is reserved for nobody', () => {
    const offered = 'cpus(etl):1;cpus:4;mem:100';
    expect(taken(offered, { resources: 'cpus:3;mem:50' }, 'etl')).toBe(
      'cpus:2; cpus(reservations: [(STATIC,etl)]):1; mem:50',
    );
    expect(taken(offered, { resources: 'cpus:1' }, 'etl')).toBe('cpus(reservations: [(STATIC,etl)]):1');
    expect(taken(offered, { resources: 'cpus:6' }, 'etl')).toBeUndefined();
  });

  it('takes what may be taken back only for who asks for it, and never a mixture of one name', () => {
    const offered = resources([{ name: 'cpus', value: 2, revocable: true }, 'cpus:3;mem:10']);
    const ask = (like: string, revocable: boolean): string | undefined =>
      take(offered, { resources: like, revocable })?.resources.toString();
    expect(ask('cpus:2', false)).toBe('cpus:2');
    expect(ask('cpus:2;mem:5', true)).toBe('cpus{REV}:2; mem:5');
    expect(ask('cpus:3', true)).toBe('cpus:3');
    expect(ask('cpus:4', true)).toBeUndefined();
    expect(ask('cpus:4', false)).toBeUndefined();
  });

  it('picks ports, the lowest and reserved ones first, besides those that are named', () => {
    const offered = 'cpus:1;ports:[10-12, 20-20];ports(etl):[30-31]';
    const found = take(resources(offered), { resources: 'cpus:1;ports:[11-11]', ports: 4 }, 'etl');
    expect(found?.ports).toEqual([30, 31, 10, 12]);
    expect(found?.rest.toString()).toBe('ports:[20-20]');
    expect(take(resources(offered), { resources: 'cpus:1', ports: 7 }, 'etl')).toBeUndefined();
    expect(take(resources('cpus:1'), { resources: 'cpus:1', ports: 1 })).toBeUndefined();
  });

  it('divides what was offered into what is taken and what is left', () => {
    const amounts = fc.record({ reserved: fc.nat(5), free: fc.nat(5), revocable: fc.nat(5), ports: fc.nat(4) });
    const wishes = fc.record({ cpus: fc.nat(8), ports: fc.nat(5), revocable: fc.boolean() });
    fc.assert(
      fc.property(amounts, wishes, ({ reserved, free, revocable, ports }, wish) => {
        const offered = resources([
          `cpus(etl):${reserved};cpus:${free};mem:5`,
          { name: 'cpus', value: revocable, revocable: true },
          ports === 0 ? '' : `ports:[1-${ports}]`,
        ]);
        const wanted = { resources: `cpus:${wish.cpus};mem:1`, ports: wish.ports, revocable: wish.revocable };
        const found = take(offered, wanted, 'etl');
        const enough = reserved + free >= wish.cpus || (wish.revocable && revocable >= wish.cpus);
        expect(found !== undefined).toBe(enough && wish.ports <= ports);
        expect(fits({ resources: offered, role: 'etl' }, wanted)).toBe(found !== undefined);
        if (found === undefined) return;
        expect(contains(offered, found.resources)).toBe(true);
        expect(equals(add(found.resources, found.rest), offered)).toBe(true);
        expect(equals(subtract(offered, found.resources), found.rest)).toBe(true);
        expect(found.ports).toHaveLength(wish.ports);
      }),
    );
  });

  it('refuses a wish that is none', () => {
    expect(() => take(resources('cpus:1'), { resources: 'cpus:x' })).toThrow(
      expect.objectContaining({ code: 'bad-resources' }),
    );
  });
});

describe('packing', () => {
  const offers = [
    offer('o1', 'a1', 'cpus:4;mem:40'),
    offer('o2', 'a2', 'cpus:2;mem:20'),
    offer('o3', 'a1', 'cpus:1;mem:10'),
  ];
  const one = { resources: 'cpus:1;mem:10' };

  it('puts offers of one agent together, and says what goes nowhere', () => {
    const { uses, unmet } = pack(offers, [{ resources: 'cpus:5;mem:50' }, { resources: 'cpus:3;mem:1' }, one]);
    expect(uses.map(({ agent, offers: used, tasks }) => [agent, used, tasks.map(({ wish }) => wish)])).toEqual([
      ['a1', ['o1', 'o3'], [0]],
      ['a2', ['o2'], [2]],
    ]);
    expect(unmet).toEqual([1]);
  });

  it('fills up, or spreads', () => {
    const agentsOf = (packing: Parameters<typeof pack>[2]): string[] => {
      const { uses } = pack(offers, [one, one, one], packing);
      const places = uses.flatMap(({ agent, tasks }) => tasks.map(({ wish }) => [wish, agent] as const));
      return places.sort(([a], [b]) => a - b).map(([, agent]) => agent);
    };
    expect(agentsOf('first-fit')).toEqual(['a1', 'a1', 'a1']);
    expect(agentsOf('best-fit')).toEqual(['a2', 'a2', 'a1']);
    expect(agentsOf('spread')).toEqual(['a1', 'a2', 'a1']);
  });
});

describe('a reconciler', () => {
  const questions = ({ master, clock }: Lab): [number, readonly string[]][] => {
    const asked: [number, readonly string[]][] = [];
    master.on('transition', ({ input }) => {
      if (input.type === 'reconcile') asked.push([clock.now() / second, input.tasks.map(({ task }) => task)]);
    });
    return asked;
  };

  it('asks about all, again about those that it does not hear of, and later about everything', async () => {
    const cluster = lab();
    const asked = questions(cluster);
    const backOff = { firstMs: 10 * second, maxMs: 40 * second, jitter: 0 };
    const asking = reconciler({ tasks: () => [{ task: 't1' }, { task: 't2' }], clock: cluster.clock, backOff });
    const heard: string[] = [];
    cluster.memory.framework(
      { roles: ['etl'] },
      {
        subscribed: (...args) => asking.subscribed(...args),
        disconnected: (...args) => asking.disconnected(...args),
        update(status, driver) {
          heard.push(`${status.task} ${status.state}`);
          // Of the second it hears, but not the first: as if that had been lost.
          if (status.task === 't2') return asking.update(status, driver);
          return undefined;
        },
      },
    );
    await cluster.clock.advance(0);
    expect(asking.pending).toEqual(['t1']);
    await cluster.clock.advance(2 * minute);
    expect(asked).toEqual([
      [0, ['t1', 't2']],
      [10, ['t1']],
      [30, ['t1']],
      [70, ['t1']],
      [110, ['t1']],
    ]);
    await cluster.clock.advance(13 * minute);
    expect(asked.at(-1)).toEqual([900, []]);
    expect(heard[0]).toBe('t1 unknown');
  });

  it('begins anew with each subscription and asks nothing without one', async () => {
    const cluster = lab();
    const asked = questions(cluster);
    const asking = reconciler({ tasks: () => [{ task: 't1', agent: 'a1' }], clock: cluster.clock });
    const framework = cluster.memory.framework(
      { roles: ['etl'], failoverTimeoutMs: 1e9 },
      { subscribed: (...args) => asking.subscribed(...args), disconnected: (...args) => asking.disconnected(...args) },
    );
    await cluster.clock.settle();
    framework.disconnect();
    await cluster.clock.advance(30 * minute);
    expect(asked).toHaveLength(1);
    framework.return();
    await cluster.clock.settle();
    expect(asked).toHaveLength(2);
    asking.close();
    await cluster.clock.advance(30 * minute);
    expect(asked).toHaveLength(2);
  });
});
