import { describe, expect, it } from 'vitest';
import type { Transport } from '../../src/master/index.js';
import { lossyTransport, manualClock, type LossyOptions } from '../../src/transport/index.js';
import type { Command } from '../../src/tasks/index.js';

/** A transport that keeps what is sent, and is told what to receive. */
function bare(): Transport & { sent: Command[]; say(input: unknown): void } {
  let receive: (input: unknown) => void = () => {};
  const sent: Command[] = [];
  return {
    sent,
    agents: { send: (command) => void sent.push(command) },
    open: (to) => void (receive = to),
    close: () => void (receive = () => {}),
    say: (input) => receive(input),
  };
}

const kill = (task: string): Command => ({ type: 'kill', agent: 'a1', framework: 'f1', task });

/** Which of a hundred commands arrive, and in which order. */
async function arrivals(options: Partial<LossyOptions>): Promise<readonly string[]> {
  const clock = manualClock();
  const inner = bare();
  const transport = lossyTransport(inner, { seed: 1, clock, ...options });
  for (let task = 0; task < 100; task += 1) void transport.agents?.send(kill(String(task)));
  await clock.advance(10_000);
  return inner.sent.map((command) => (command.type === 'kill' ? command.task : ''));
}

const all = Array.from({ length: 100 }, (_, task) => String(task));

describe('a lossy transport', () => {
  it('is the inner one without faults', async () => {
    expect(await arrivals({})).toEqual(all);
  });

  it('loses about as much as it is told to', async () => {
    const arrived = await arrivals({ drop: 0.3 });
    expect(arrived.length).toBeGreaterThan(55);
    expect(arrived.length).toBeLessThan(85);
    expect(await arrivals({ drop: 1 })).toEqual([]);
  });

  it('repeats', async () => {
    const arrived = await arrivals({ duplicate: 0.5 });
    expect(new Set(arrived).size).toBe(100);
    expect(arrived.length).toBeGreaterThan(130);
    expect((await arrivals({ duplicate: 1 })).length).toBe(200);
  });

  it('delays, and so reorders', async () => {
    const arrived = await arrivals({ delayMs: 1_000 });
    expect(arrived).not.toEqual(all);
    expect([...arrived].sort()).toEqual([...all].sort());
  });

  it('has the same faults for the same seed, others for another', async () => {
    const faults = { drop: 0.2, duplicate: 0.2, delayMs: 100 };
    expect(await arrivals({ ...faults, seed: 7 })).toEqual(await arrivals({ ...faults, seed: 7 }));
    expect(await arrivals({ ...faults, seed: 7 })).not.toEqual(await arrivals({ ...faults, seed: 8 }));
  });

  it('has faults on the way to the master too', async () => {
    const clock = manualClock();
    const inner = bare();
    const received: unknown[] = [];
    await lossyTransport(inner, { seed: 1, drop: 0.5, clock }).open((input) => received.push(input));
    for (const task of all) inner.say(task);
    expect(received.length).toBeGreaterThan(25);
    expect(received.length).toBeLessThan(75);
  });

  it('brings nothing after close', async () => {
    const clock = manualClock();
    const inner = bare();
    const received: unknown[] = [];
    const transport = lossyTransport(inner, { seed: 1, delayMs: 100, clock });
    await transport.open((input) => received.push(input));
    inner.say('late');
    void transport.agents?.send(kill('late'));
    await transport.close();
    await clock.advance(1_000);
    expect([received, inner.sent]).toEqual([[], []]);
  });

  it('has the sides that the inner one has', () => {
    const transport = lossyTransport(bare(), { seed: 1, clock: manualClock() });
    expect(transport.frameworks).toBeUndefined();
    expect(transport.agents).toBeDefined();
  });

  it.each([
    ['drop', 1.1],
    ['drop', -0.1],
    ['duplicate', NaN],
    ['delayMs', -1],
    ['delayMs', Infinity],
    ['seed', NaN],
  ])('refuses %s %s', (path, value) => {
    const make = () => lossyTransport(bare(), { seed: 1, clock: manualClock(), [path]: value });
    expect(make).toThrow(expect.objectContaining({ code: 'bad-number', path }));
  });
});
