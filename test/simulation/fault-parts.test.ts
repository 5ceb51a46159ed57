/** The parts that the simulator of faults is made of. */
import { describe, expect, it } from 'vitest';
import { faultPlan } from '../../src/simulation/index.js';
import { MasterClock } from '../../src/simulation/faults/master-clock.js';
import { FaultyNetwork } from '../../src/simulation/faults/network.js';
import type { Weather } from '../../src/simulation/faults/plan.js';
import { smallest } from '../../src/simulation/faults/smaller.js';
import { Dice, draw } from '../../src/simulation/luck.js';
import { manualClock, type Transport } from '../../src/transport/index.js';

const calm: Weather = { drop: 0, duplicate: 0, delay: 0, delayMs: 0, reorder: false };

/** A network with one agent: what it says arrives in `arrived`, what it is told in `told`. */
function net(weather: Partial<Weather>) {
  const clock = manualClock();
  const master = new MasterClock(clock);
  let say: (input: unknown) => void = () => {};
  const told: string[] = [];
  const inner: Transport = {
    agents: { send: (command) => void told.push(command.type) },
    open: (receive) => void (say = receive),
    close: () => {},
  };
  const ears = { said: () => {}, told: () => {} };
  const network = new FaultyNetwork(inner, { clock, master, seed: 1, weather: { ...calm, ...weather }, ears });
  const arrived: number[] = [];
  void network.open((input) => void arrived.push((input as { readonly n: number }).n));
  const send = (...numbers: readonly number[]): void => {
    for (const n of numbers) say({ type: 'heartbeat', agent: 'a0', n });
  };
  return { clock, master, network, arrived, told, send };
}

const numbers = Array.from({ length: 200 }, (_, n) => n);

describe('the network', () => {
  it('carries everything in order where nothing is wrong', () => {
    const { send, arrived } = net({});
    send(...numbers);
    expect(arrived).toEqual(numbers);
  });

  it('loses, repeats and delays about as much as it is told', async () => {
    const lossy = net({ drop: 0.2, duplicate: 0.2 });
    lossy.send(...numbers);
    expect(new Set(lossy.arrived).size).toBeGreaterThan(140);
    expect(new Set(lossy.arrived).size).toBeLessThan(180);
    expect(lossy.arrived.length).toBeGreaterThan(new Set(lossy.arrived).size + 10);
    const slow = net({ delay: 0.5, delayMs: 1_000 });
    slow.send(...numbers);
    expect(slow.arrived.length).toBeLessThan(100);
    await slow.clock.advance(1_000);
    // Those that are late are waited for.
    expect(slow.arrived).toEqual(numbers);
  });

  it('lets messages overtake each other where it is told to', async () => {
    const { send, arrived, clock } = net({ delay: 0.5, delayMs: 1_000, reorder: true });
    send(...numbers);
    await clock.advance(1_000);
    expect(arrived).not.toEqual(numbers);
    expect(arrived.toSorted((a, b) => a - b)).toEqual(numbers);
  });

  it('never brings a launch twice', () => {
    const { network, told } = net({ duplicate: 1 });
    network.agents.send({ type: 'launch', agent: 'a0' } as never);
    network.agents.send({ type: 'kill', agent: 'a0' } as never);
    expect(told).toEqual(['launch', 'kill', 'kill']);
  });

  it('is cut one way, and brings what it held when the cut ends', () => {
    const { network, send, arrived, told } = net({});
    const end = network.cut({ links: { of: 'a0' }, direction: 'out', holds: true });
    const other = network.cut({ links: 'framework', direction: 'both', holds: false });
    send(1, 2);
    network.agents.send({ type: 'kill', agent: 'a0' } as never);
    expect(arrived).toEqual([]);
    expect(told).toEqual(['kill']);
    end();
    other();
    expect(arrived).toEqual([1, 2]);
    const lost = network.cut({ links: 'agent', direction: 'both', holds: false });
    send(3);
    lost();
    send(4);
    expect(arrived).toEqual([1, 2, 4]);
  });

  it('keeps what comes for a master that sleeps, and forgets what was under way when it failed', async () => {
    const { network, master, clock, send, arrived } = net({});
    master.sleep(5_000);
    send(1, 2);
    await clock.advance(4_999);
    expect(arrived).toEqual([]);
    await clock.advance(1);
    send(3);
    expect(arrived).toEqual([1, 2, 3]);
    master.sleep(5_000);
    send(4);
    network.fail();
    await clock.advance(10_000);
    expect(arrived).toEqual([1, 2, 3]);
  });

  it('reads at once what came while the master slept, when everything heals', () => {
    const { network, master, send, arrived } = net({});
    master.sleep(60_000);
    send(1);
    master.rouse();
    network.heal();
    send(2);
    expect(arrived).toEqual([1, 2]);
  });
});

describe("the master's clock", () => {
  it('is set ahead and back, and its alarms keep to it', async () => {
    const clock = manualClock();
    const master = new MasterClock(clock);
    const rung: number[] = [];
    master.wake(10_000, () => rung.push(clock.now()));
    master.wake(12_000, () => rung.push(clock.now()));
    master.jump(5_000);
    await clock.advance(5_000);
    expect(rung).toEqual([5_000]);
    master.jump(-1_000);
    await clock.advance(10_000);
    expect(rung).toEqual([5_000, 8_000]);
  });

  it('rings late after a sleep, and not at all what was taken back', async () => {
    const clock = manualClock();
    const master = new MasterClock(clock);
    const rung: string[] = [];
    master.wake(1_000, () => rung.push(`a ${clock.now()}`));
    const cancel = master.wake(1_000, () => rung.push('b'));
    master.sleep(3_000);
    cancel();
    await clock.advance(10_000);
    expect(rung).toEqual(['a 3000']);
  });
});

describe('cutting down', () => {
  it('finds the least part, and nothing where nothing is needed', () => {
    const needs = (part: readonly number[]): boolean => part.includes(17) && part.includes(140);
    expect(smallest(numbers, needs)).toEqual([17, 140]);
    expect(smallest(numbers, () => true)).toEqual([]);
    expect(smallest([1], (part) => part.length === 1)).toEqual([1]);
  });
});

describe('plans', () => {
  const plans = numbers.map((seed) => faultPlan(seed));

  it('are the same for the same seed, and plain data', () => {
    expect(faultPlan(7)).toEqual(plans[7]);
    expect(JSON.parse(JSON.stringify(plans[7]))).toEqual(plans[7]);
    expect(plans[8]).not.toEqual({ ...plans[7], seed: 8 });
  });

  it('leave out each fault in about half of all seeds', () => {
    const rates: (readonly [string, (n: number) => boolean])[] = [
      ...['drop', 'duplicate', 'delay'].map(
        (name) => [name, (n: number) => plans[n]?.weather[name as 'drop'] === 0] as const,
      ),
      ...Object.keys(plans[0]?.habits ?? {})
        .filter((name) => name !== 'lateMs')
        .map((name) => [name, (n: number) => plans[n]?.habits[name as 'kill'] === 0] as const),
      ...['agent-crash', 'agent-silence', 'framework-crash', 'agent-partition', 'control', 'revive-storm'].map(
        (type) => [type, (n: number) => plans[n]?.events.every((event) => event.type !== type) === true] as const,
      ),
    ];
    for (const [name, isLeftOut] of rates) {
      const share = numbers.filter(isLeftOut).length / numbers.length;
      expect(share, name).toBeGreaterThan(0.35);
      expect(share, name).toBeLessThan(0.7);
    }
  });

  it('know every kind of event, in the order of time', () => {
    const types = new Set(plans.flatMap(({ events }) => events.map(({ type }) => type)));
    expect([...types].toSorted()).toEqual([
      'agent-crash',
      'agent-gone',
      'agent-partition',
      'agent-restart',
      'agent-silence',
      'clock-jump',
      'control',
      'framework-crash',
      'framework-hang',
      'framework-partition',
      'mass-decline',
      'master-restart',
      'master-sleep',
      'revive-storm',
      'split-brain',
      'wide-partition',
    ]);
    for (const { events } of plans)
      expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted((a, b) => a - b));
  });

  it.each([
    [{ agents: 0 }, 'agents'],
    [{ tasks: 1.5 }, 'tasks'],
    [{ faultyMs: Number.NaN }, 'faultyMs'],
  ])('refuse %j', (options, path) => {
    expect(() => faultPlan(1, options)).toThrow(expect.objectContaining({ code: 'bad-number', path }));
  });

  it('refuse a seed that is no whole number', () => {
    expect(() => faultPlan(0.5)).toThrow(expect.objectContaining({ code: 'bad-number', path: 'seed' }));
  });
});

describe('luck', () => {
  it('is spread evenly, and depends on nothing but its key', () => {
    expect(draw(1, 2, 3)).toBe(draw(1, 2, 3));
    expect(draw(1, 2, 3)).not.toBe(draw(1, 3, 2));
    const dice = new Dice(5, 'test');
    const units = Array.from({ length: 4_000 }, () => dice.unit());
    expect(units.reduce((sum, unit) => sum + unit, 0) / units.length).toBeCloseTo(0.5, 1);
    const picked = new Set(Array.from({ length: 200 }, () => dice.pick('a', 'b', 'c')));
    expect([...picked].toSorted()).toEqual(['a', 'b', 'c']);
    const waits = Array.from({ length: 4_000 }, () => dice.exponential(10));
    expect(waits.reduce((sum, wait) => sum + wait, 0) / waits.length).toBeCloseTo(10, -0.5);
    const normals = Array.from({ length: 4_000 }, () => dice.normal());
    const mean = normals.reduce((sum, one) => sum + one, 0) / normals.length;
    const variance = normals.reduce((sum, one) => sum + (one - mean) ** 2, 0) / normals.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 0.7);
  });
});
