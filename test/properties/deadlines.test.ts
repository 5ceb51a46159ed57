/** `nextDeadline` is the whole truth about what happens by itself (design §3). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maintenance, nextDeadline, transition, type ClusterState } from '../../src/cluster/index.js';
import { drf, type OrderRule } from '../../src/drf/index.js';
import { isRunRequested, type AllocationPolicy, type Policy } from '../../src/offers/index.js';
import { bytes, fullHistories, run } from './history.js';
import { histories } from './intents.js';

/** All of a state but what every input writes: the clock, the number of inputs, and whether a batch is of this instant. */
function restOf(state: ClusterState): string {
  const { allocator, now: _now, seq: _seq, ...rest } = state;
  const { now, seq, batchDue, ...others } = allocator;
  const still = {
    ...rest,
    now: 0,
    seq: 0,
    allocator: { ...others, now: now - now, seq: seq - seq, batchDue: batchDue && false },
  };
  return bytes(still);
}

function tick(state: ClusterState, at: number): ClusterState {
  return transition(state, { type: 'tick', at })[0];
}

/** What a shell does, and nobody else says anything. */
function wake(state: ClusterState, policy: Policy): ClusterState {
  const at = Math.max(nextDeadline(state) ?? state.now, state.now);
  return transition(tick(state, at), { type: 'allocate', at }, policy)[0];
}

/** All machines that are up will be away. */
function awayAll(state: ClusterState): ClusterState {
  const { windows, down } = maintenance(state);
  if (down.length > 0) return state;
  const hosts = new Set(state.allocator.agents.values().map(({ hostname }) => hostname.toLowerCase()));
  const machines = [...hosts].map((hostname) => ({ hostname }));
  const all = machines.length === 0 ? windows : [{ machines, unavailability: { start: state.now } }];
  return transition(state, { type: 'set-maintenance', at: state.now, windows: all })[0];
}

const idle: AllocationPolicy = { name: 'idle', allocate: () => [] };
const odd: OrderRule = { name: 'odd', rank: () => Number.NaN };

describe('nextDeadline', () => {
  it('is undefined only if time alone changes nothing, however much of it passes', () => {
    let never = 0;
    fc.assert(
      fc.property(
        fullHistories(histories(30)),
        fc.constantFrom(1, 1_000, 1e9, 1e13),
        ({ beginning, intents }, step) => {
          const { state } = run(beginning, intents);
          if (nextDeadline(state) !== undefined) return;
          never += 1;
          const [after, outputs] = transition(state, { type: 'tick', at: state.now + step });
          expect(outputs).toEqual([]);
          expect(restOf(after)).toBe(restOf(state));
          expect(nextDeadline(after)).toBeUndefined();
        },
      ),
      { numRuns: 300 },
    );
    expect(never).toBeGreaterThan(5);
  });

  it('is never before the clock, and nothing happens before it', () => {
    let quiet = 0;
    fc.assert(
      fc.property(
        fullHistories(histories(30)),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ beginning, intents }, part) => {
          const { state } = run(beginning, intents);
          const next = nextDeadline(state);
          if (next === undefined) return;
          expect(Number.isSafeInteger(next)).toBe(true);
          expect(next).toBeGreaterThanOrEqual(state.now);
          for (const at of [next - 1, Math.floor(state.now + (next - 1 - state.now) * part)]) {
            if (at <= state.now) continue;
            quiet += 1;
            const [after, outputs] = transition(state, { type: 'tick', at });
            expect(outputs).toEqual([]);
            expect(restOf(after)).toBe(restOf(state));
            expect(nextDeadline(after)).toBe(next);
          }
        },
      ),
      { numRuns: 375 },
    );
    expect(quiet).toBeGreaterThan(50);
  });

  for (const policy of [drf, idle, odd]) {
    it(`moves on whenever a shell wakes up at it, under the policy ${policy.name}`, () => {
      fc.assert(
        fc.property(fullHistories(histories(30)), ({ beginning, intents }) => {
          let { state } = run(beginning, intents, undefined, policy);
          for (let n = 0; n < 25; n += 1) {
            const before = nextDeadline(state);
            if (before === undefined) return;
            state = wake(state, policy);
            expect(nextDeadline(state) ?? Infinity).toBeGreaterThan(before);
          }
        }),
        { numRuns: 150 },
      );
    });
  }

  it('leaves out only batches in which nobody would be asked to leave an agent', () => {
    let left = 0;
    fc.assert(
      fc.property(fullHistories(histories(40)), fc.nat(12), ({ beginning, intents }, batches) => {
        // Much happens, then all that follows from it; so twice, and at the end little more.
        let { state } = run(beginning, intents.slice(0, -7));
        state = awayAll(state);
        for (let n = 0; n < 3; n += 1) state = wake(state, drf);
        state = run(state, intents.slice(-7, -1)).state;
        for (let n = 0; n < 3; n += 1) state = wake(state, drf);
        state = run(state, intents.slice(-1)).state;
        const interval = state.config.allocationIntervalMs;
        const at = (Math.floor(state.now / interval) + 1 + batches) * interval;
        const [waiting] = transition(state, { type: 'tick', at });
        // What changed at this very instant is for the next batch.
        if (isRunRequested(waiting.allocator) || waiting.allocator.dirtySince !== null) return;
        left += waiting.allocator.agents.values().filter(({ maintenance }) => maintenance !== null).length;
        const [, outputs] = transition(waiting, { type: 'allocate', at, agents: 'all' });
        expect(outputs.filter(({ type }) => type === 'inverse-offers')).toEqual([]);
      }),
      { numRuns: 400 },
    );
    expect(left).toBeGreaterThan(20);
  });

  it('ends when nobody is left to offer anything to', () => {
    fc.assert(
      fc.property(fullHistories(histories(30)), ({ beginning, intents }) => {
        let { state } = run(beginning, intents);
        for (const framework of state.frameworks.keys()) {
          [state] = transition(state, { type: 'teardown-framework', at: state.now, framework });
        }
        // Watched agents must fall silent first, one after the other.
        for (let n = 0; n < 60 && nextDeadline(state) !== undefined; n += 1) state = wake(state, drf);
        expect(nextDeadline(state)).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });

  it('passes all at once as it passes bit by bit', () => {
    const stops = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        fullHistories(histories(30)),
        fc.constantFrom(3_000, 20_000, 400_000),
        stops,
        ({ beginning, intents }, far, parts) => {
          const { state: found } = run(beginning, intents);
          const [state] = transition(found, { type: 'configure', at: found.now, config: { stallMs: null } });
          const end = state.now + far;
          const instants = parts.map((part) => Math.round(state.now + far * part)).sort((a, b) => a - b);
          const slow = instants.reduce(tick, state);
          // The number of the input that did it may differ, what it did may not.
          const unnumbered = (after: ClusterState): string => restOf(after).replaceAll(/"seq":\d+/g, '');
          expect(unnumbered(tick(slow, end))).toBe(unnumbered(tick(state, end)));
        },
      ),
      { numRuns: 150 },
    );
  });
});
