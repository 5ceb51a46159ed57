import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { agents } from '../../src/cluster/index.js';
import type { SchedulerDriver } from '../../src/framework-api/index.js';
import { createMaster, type Master } from '../../src/master/index.js';
import {
  autoscaler,
  capacityNeeded,
  memoryPool,
  type Autoscaler,
  type ScalingDecision,
} from '../../src/schedulers/index.js';
import type { MemoryAgent } from '../../src/transport/index.js';
import { manualClock, memoryTransport, type ManualClock, type MemoryTransport } from '../../src/transport/index.js';

const shapes = [
  { name: 'small', resources: 'cpus:4;mem:4096' },
  { name: 'large', resources: 'cpus:16;mem:65536' },
];

interface Lab {
  readonly clock: ManualClock;
  readonly memory: MemoryTransport;
  readonly master: Master;
  readonly driver: SchedulerDriver;
  /** Takes what is offered as tasks of one cpu, as long as there are any left to start. */
  tasks: number;
}

const open: { close(): unknown }[] = [];

function lab(): Lab {
  const clock = manualClock();
  const memory = memoryTransport({ clock });
  const master = createMaster({ transports: [memory], clock });
  let started = 0;
  const it: Omit<Lab, 'driver'> & { driver?: SchedulerDriver } = { clock, memory, master, tasks: 0 };
  it.driver = master.subscribe(
    { name: 'f', roles: ['r'] },
    {
      offers(offers, driver) {
        for (const offer of offers) {
          if (it.tasks > 0) {
            it.tasks -= 1;
            driver.launch(offer, { id: `t${started++}`, resources: 'cpus:1', payload: {} }, { refuseSeconds: 1 });
          } else driver.decline(offer, { refuseSeconds: 30 });
        }
      },
    },
  );
  open.push(master);
  return it as Lab;
}

afterEach(() => {
  for (const one of open.splice(0).toReversed()) one.close();
});

describe('what capacity is needed', () => {
  it('is nothing when nothing is wanted, and idle agents are spare', async () => {
    const { clock, memory, master } = lab();
    memory.agent('a1', 'cpus:4;mem:4096');
    await clock.advance(10);
    expect(capacityNeeded(master.state, shapes)).toEqual({ add: [], unplaceable: [], spare: ['a1'] });
  });

  it('is what does not fit on what is free, on the first kind that each wish fits on', async () => {
    const { clock, memory, master, driver } = lab();
    memory.agent('a1', 'cpus:4;mem:4096');
    await clock.advance(10);
    driver.request([
      { resources: 'cpus:2;mem:1024', count: 5 },
      { resources: 'cpus:8;mem:1024', count: 1 },
    ]);
    // Eight cpus fit on the large kind only, which then has room for four of the others; the last takes a1.
    expect(capacityNeeded(master.state, shapes)).toEqual({
      add: [{ shape: 'large', count: 1 }],
      unplaceable: [],
      spare: [],
    });
    driver.request([{ resources: 'cpus:2;mem:1024', count: 7 }]);
    expect(capacityNeeded(master.state, shapes).add).toEqual([{ shape: 'small', count: 3 }]);
  });

  it('leaves out what no kind can hold, what a limit forbids, and what is for an agent without room', async () => {
    const { clock, memory, master, driver } = lab();
    memory.agent('a1', 'cpus:1;mem:4096');
    await clock.advance(10);
    await master.control({ type: 'set-quota', quotas: [{ role: 'r', limits: { cpus: 35 } }] });
    driver.request([
      { resources: 'cpus:17', count: 2 },
      { resources: 'cpus:2', count: 16 },
      { resources: 'cpus:1.5', count: 1, agent: 'a1' },
    ]);
    const { add, unplaceable } = capacityNeeded(master.state, shapes);
    expect(unplaceable.map(({ why, count, resources }) => `${count} of ${String(resources)}: ${why}`)).toEqual([
      '2 of cpus:17: no-shape',
      '1 of cpus:1.5: agent',
    ]);
    expect(add).toEqual([{ shape: 'small', count: 8 }]);
    driver.request([{ resources: 'cpus:2', count: 20 }]);
    expect(capacityNeeded(master.state, shapes).unplaceable).toMatchObject([{ count: 3, why: 'limit' }]);
  });

  it('counts ports one by one, and a million wishes at once', async () => {
    const { clock, memory, master, driver } = lab();
    memory.agent('a1', 'cpus:4;mem:4096;ports:[1-3]');
    await clock.advance(10);
    driver.request([{ resources: 'cpus:0.1;ports:[2-2]', count: 2 }]);
    expect(capacityNeeded(master.state, [{ name: 'p', resources: 'cpus:1;ports:[1-3]' }]).add).toEqual([
      { shape: 'p', count: 1 },
    ]);
    driver.request([{ resources: 'cpus:0.001', count: 1_000_000 }]);
    expect(capacityNeeded(master.state, [{ name: 'huge', resources: 'cpus:100' }]).add).toEqual([
      { shape: 'huge', count: 10 },
    ]);
  });

  it('takes any number of agents for one kind, and what is left on each of them', async () => {
    const { clock, driver, master } = lab();
    await clock.advance(10);
    driver.request([
      { resources: 'cpus:3', count: 5_000_000 },
      { resources: 'cpus:1', count: 5_000_002 },
    ]);
    // The first leave a cpu on each of their agents; two more don't fit there.
    expect(capacityNeeded(master.state, shapes).add).toEqual([{ shape: 'small', count: 5_000_001 }]);
  });

  it('is enough: with what it adds nothing more is needed', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ cpus: fc.integer({ min: 1, max: 20 }), count: fc.integer({ min: 1, max: 9 }) }), {
          maxLength: 5,
        }),
        fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 4 }),
        async (wishes, machines) => {
          const { clock, memory, master, driver } = lab();
          machines.forEach((cpus, n) => memory.agent(`a${n}`, `cpus:${cpus}`));
          await clock.advance(10);
          driver.request(wishes.map(({ cpus, count }) => ({ resources: `cpus:${cpus}`, count })));
          const kinds = [
            { name: 'small', resources: 'cpus:4' },
            { name: 'large', resources: 'cpus:16' },
          ];
          const { add, unplaceable } = capacityNeeded(master.state, kinds);
          let made = 0;
          for (const { shape, count } of add) {
            const kind = kinds.find(({ name }) => name === shape);
            for (let n = 0; n < count; n += 1) memory.agent(`new${made++}`, kind?.resources ?? '');
          }
          await clock.advance(10);
          const after = capacityNeeded(master.state, kinds);
          expect(after.add).toEqual([]);
          expect(after.unplaceable.length).toBe(unplaceable.length);
          await master.close();
        },
      ),
      {
        numRuns: 60,
        // What was added stands before what is in use by name, and must not be filled before it.
        examples: [
          [
            [
              { cpus: 2, count: 3 },
              { cpus: 5, count: 5 },
              { cpus: 3, count: 3 },
            ],
            [5],
          ],
        ],
      },
    ));

  it('refuses kinds that are none', () => {
    expect(() => capacityNeeded(lab().master.state, [{ name: 'x', resources: 'cpus' }])).toThrow(
      expect.objectContaining({ code: 'bad-resources', path: 'shapes[0].resources' }),
    );
  });
});

describe('an autoscaler', () => {
  function scaled(
    it: Lab,
    more: Partial<Parameters<typeof autoscaler>[0]> = {},
  ): {
    readonly decisions: ScalingDecision[];
    readonly pool: ReturnType<typeof memoryPool>;
    readonly machines: Map<string, MemoryAgent>;
    readonly scaler: Autoscaler;
  } {
    const decisions: ScalingDecision[] = [];
    const machines = new Map<string, MemoryAgent>();
    const pool = memoryPool((id, { resources }) => {
      const agent = it.memory.agent(id, resources, { autorun: () => 60_000 });
      machines.set(id, agent);
      return { stop: () => agent.crash() };
    });
    const scaler = autoscaler({
      master: it.master,
      pool,
      shapes,
      maxAgents: 5,
      everyMs: 1_000,
      cooldownMs: 120_000,
      clock: it.clock,
      onDecision: (decision) => decisions.push(decision),
      ...more,
    });
    open.push(scaler);
    return { decisions, pool, machines, scaler };
  }

  const count = ({ master }: Lab): number => agents(master.state).length;

  it('adds what is asked for once, and takes it away when it was spare for long enough, one at a time', async () => {
    const it_ = lab();
    const { decisions } = scaled(it_);
    it_.driver.request([{ resources: 'cpus:4', count: 3 }]);
    await it_.clock.advance(10_000);
    expect(decisions).toEqual([{ type: 'add', shape: 'small', count: 3 }]);
    expect(count(it_)).toBe(3);
    it_.driver.request([]);
    await it_.clock.advance(60_000);
    expect(count(it_)).toBe(3);
    await it_.clock.advance(600_000);
    expect(decisions.slice(1).map(({ type }) => type)).toEqual(['drain', 'drain', 'drain']);
    expect(count(it_)).toBe(0);
  });

  it('never goes above the most nor below the least', async () => {
    const it_ = lab();
    scaled(it_, { minAgents: 2 });
    it_.driver.request([{ resources: 'cpus:4', count: 50 }]);
    await it_.clock.advance(10_000);
    expect(count(it_)).toBe(5);
    it_.driver.request([]);
    await it_.clock.advance(3_600_000);
    expect(count(it_)).toBe(2);
  });

  it('never ends an agent on which something runs', async () => {
    const it_ = lab();
    const { machines } = scaled(it_);
    it_.driver.request([{ resources: 'cpus:1', count: 12 }]);
    await it_.clock.advance(5_000);
    it_.driver.request([]);
    for (let round = 0; round < 40; round += 1) {
      // Tasks of a minute come and go on whatever is there.
      if (round < 25) it_.tasks = 2;
      await it_.clock.advance(20_000);
      for (const [id, agent] of machines) {
        const gone = !agents(it_.master.state).some((row) => row.id === id);
        expect(gone && agent.tasks.length > 0).toBe(false);
      }
    }
    expect(count(it_)).toBeLessThan(3);
  });

  it('never ends an agent on which an executor waits for tasks, nor one that is not of its pool', async () => {
    const it_ = lab();
    it_.memory.agent('own', 'cpus:4;mem:4096');
    const { machines } = scaled(it_);
    const executor = { id: 'e', command: { value: 'x' }, resources: 'cpus:0.5;mem:64' };
    let launched = false;
    it_.master.subscribe(
      { name: 'g', roles: ['g'] },
      {
        subscribed: (_, driver) => driver.request([{ role: 'g', resources: 'cpus:8', count: 1 }]),
        offers(offers, driver) {
          const big = launched ? undefined : offers.find(({ agent }) => agent.startsWith('pool'));
          for (const offer of offers) if (offer !== big) driver.decline(offer);
          if (big === undefined) return;
          launched = true;
          driver.launch(big, { id: 't', executor, resources: 'cpus:1;mem:64' });
          driver.request([]);
        },
      },
    );
    await it_.clock.advance(3_600_000);
    expect(launched).toBe(true);
    expect(agents(it_.master.state).map(({ id, tasks, active }) => [id, tasks, active])).toEqual([
      ['own', 0, true],
      ['pool-1', 0, true],
    ]);
    expect(machines.size).toBe(1);
  });

  it('does not flap: what is wanted now and then stays', async () => {
    const it_ = lab();
    const { decisions } = scaled(it_);
    for (let round = 0; round < 20; round += 1) {
      it_.driver.request(round % 2 === 0 ? [{ resources: 'cpus:4', count: 2 }] : []);
      await it_.clock.advance(50_000);
    }
    expect(decisions).toEqual([{ type: 'add', shape: 'small', count: 2 }]);
  });

  it('orders again what did not come in time, and what the pool refused, and says so', async () => {
    const it_ = lab();
    const errors: unknown[] = [];
    let asked = 0;
    const pool = {
      add: async () => {
        asked += 1;
        if (asked === 1) throw new Error('no more machines');
        return `never-${asked}`;
      },
      drain: async () => {},
    };
    scaled(it_, { pool, startMs: 30_000, onError: (error) => errors.push(error) });
    it_.driver.request([{ resources: 'cpus:4', count: 1 }]);
    await it_.clock.advance(5_000);
    expect([asked, errors.length]).toEqual([2, 1]);
    await it_.clock.advance(40_000);
    expect(asked).toBe(3);
  });

  it('puts an agent back into service that the pool can not take', async () => {
    const it_ = lab();
    it_.memory.agent('own', 'cpus:4;mem:4096');
    const errors: unknown[] = [];
    const pool = { add: async () => 'x', drain: async () => Promise.reject(new Error('not mine')) };
    scaled(it_, { pool, onError: (error) => errors.push(error) });
    await it_.clock.advance(125_000);
    expect(errors.length).toBeGreaterThan(0);
    expect(agents(it_.master.state).map(({ id, active }) => [id, active])).toEqual([['own', true]]);
  });

  it('refuses options that make no sense', () => {
    const it_ = lab();
    const options = {
      master: it_.master,
      pool: memoryPool(() => ({ stop() {} })),
      shapes,
      maxAgents: 1,
      clock: it_.clock,
    };
    expect(() => autoscaler({ ...options, minAgents: 2 })).toThrow(
      expect.objectContaining({ code: 'bad-options', path: 'maxAgents' }),
    );
    expect(() => autoscaler({ ...options, everyMs: 0 })).toThrow(expect.objectContaining({ path: 'everyMs' }));
    expect(() => autoscaler({ ...options, cooldownMs: Number.NaN })).toThrow(
      expect.objectContaining({ path: 'cooldownMs' }),
    );
    expect(() => autoscaler({ ...options, shapes: [{ name: 'x', resources: '?' }] })).toThrow();
  });
});
