/** Invariant I13 and the central bargain: states are values, whatever was done with them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deserialize, parseInput, transition, type ClusterState, type Input } from '../../src/cluster/index.js';
import { bytes, fullHistories, run, take } from './history.js';
import { histories, type Intent } from './intents.js';
import { resolve } from './resolve.js';

type Single = Exclude<Input, { readonly type: 'batch' }>;

/** What a step came to, as text: the outputs in order, or the refusal. */
function told(state: ClusterState, input: Input): { readonly state: ClusterState; readonly text: string } {
  const step = take(state, input);
  return { state: step.after, text: JSON.stringify([step.outputs, step.refused ?? null]) };
}

describe('a saved state', () => {
  it('reads back to the same bytes, and answers all that follows alike (I13)', () => {
    fc.assert(
      fc.property(fullHistories(histories(40)), histories(12), ({ beginning, intents }, more) => {
        let { state } = run(beginning, intents);
        const saved = bytes(state);
        let copy = deserialize([saved]);
        expect(bytes(copy)).toBe(saved);
        for (const intent of more) {
          const input = resolve(state, intent);
          const a = told(state, input);
          const b = told(copy, input);
          expect(b.text).toBe(a.text);
          state = a.state;
          copy = b.state;
        }
        expect(bytes(copy)).toBe(bytes(state));
      }),
      { numRuns: 225 },
    );
  });

  it('is the same after every single step', () => {
    fc.assert(
      fc.property(fullHistories(histories(30)), ({ beginning, intents }) => {
        run(beginning, intents, ({ after }) => {
          const saved = bytes(after);
          if (bytes(deserialize([saved])) !== saved) throw new Error('it reads back otherwise');
        });
      }),
      { numRuns: 90 },
    );
  });

  it('is the same however its text is cut', () => {
    fc.assert(
      fc.property(fullHistories(histories(20)), fc.nat(), ({ beginning, intents }, cut) => {
        const saved = bytes(run(beginning, intents).state);
        const at = cut % saved.length;
        expect(bytes(deserialize([saved.slice(0, at), saved.slice(at)]))).toBe(saved);
      }),
      { numRuns: 45 },
    );
  });
});

describe('a history', () => {
  it('replayed from its beginning gives the same bytes', () => {
    fc.assert(
      fc.property(fullHistories(histories()), ({ beginning, intents }) => {
        const { state, inputs } = run(beginning, intents);
        const start = deserialize([bytes(beginning)]);
        const again = inputs.reduce<ClusterState>((before, input) => take(before, input).after, start);
        expect(bytes(again)).toBe(bytes(state));
      }),
      { numRuns: 180 },
    );
  });

  it('told as JSON and read back by parseInput gives the same state and answers', () => {
    fc.assert(
      fc.property(fullHistories(histories()), ({ beginning, intents }) => {
        run(beginning, intents, ({ before, input, after, outputs, refused }) => {
          const heard =
            input.type === 'batch' && input.inputs.some(({ at }) => at !== input.at) ? undefined : overTheWire(input);
          if (heard === undefined) return;
          const step = take(before, heard);
          expect([step.outputs, step.refused]).toEqual([outputs, refused]);
          expect(bytes(step.after)).toBe(bytes(after));
        });
      }),
      { numRuns: 120 },
    );
  });

  it('in batches is the same as one by one', () => {
    fc.assert(
      fc.property(fullHistories(histories(40)), fc.nat(20), ({ beginning, intents }, size) => {
        const single: Single[] = [];
        const { state } = run(beginning, intents, ({ input, refused }) => {
          if (refused === undefined) single.push(...(input.type === 'batch' ? input.inputs : [input]));
        });
        let batched = beginning;
        const outputs: unknown[] = [];
        for (let n = 0; n < single.length; n += size + 1) {
          const inputs = single.slice(n, n + size + 1);
          const [next, some] = transition(batched, { type: 'batch', at: inputs[0]?.at ?? 0, inputs });
          batched = next;
          outputs.push(...some);
        }
        const alone = single.reduce<{ state: ClusterState; outputs: readonly unknown[] }>(
          (so, input) => {
            const [next, some] = transition(so.state, input);
            return { state: next, outputs: [...so.outputs, ...some] };
          },
          { state: beginning, outputs: [] },
        );
        expect(bytes(batched)).toBe(bytes(alone.state));
        expect(bytes(batched)).toBe(bytes(state));
        expect(outputs).toEqual(alone.outputs);
      }),
      { numRuns: 180 },
    );
  });
});

describe('a fork', () => {
  it('and its trunk, advanced by turns, go as each would have gone alone', () => {
    fc.assert(
      fc.property(
        fullHistories(histories(25)),
        fc.array(histories(12), { minLength: 2, maxLength: 3 }),
        ({ beginning, intents }, branches) => {
          const { state: trunk } = run(beginning, intents);
          const saved = bytes(trunk);
          const tips = branches.map((): ClusterState => trunk);
          const heard = branches.map((): Input[] => []);
          const longest = Math.max(...branches.map(({ length }) => length));
          for (let n = 0; n < longest; n += 1) {
            for (const [index, branch] of branches.entries()) advance(tips, heard, index, branch[n]);
          }
          expect(bytes(trunk)).toBe(saved);
          for (const [index, inputs] of heard.entries()) {
            const alone = inputs.reduce<ClusterState>(
              (before, input) => take(before, input).after,
              deserialize([saved]),
            );
            expect(bytes(tips[index] ?? trunk)).toBe(bytes(alone));
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

function advance(tips: ClusterState[], heard: Input[][], index: number, intent: Intent | undefined): void {
  const tip = tips[index];
  if (tip === undefined || intent === undefined) return;
  const input = resolve(tip, intent);
  heard[index]?.push(input);
  tips[index] = take(tip, input).after;
}

/** JSON there and back; undefined = JSON has no word for a number in it. */
function overTheWire(input: Input): Input | undefined {
  let sayable = true;
  const text = JSON.stringify(input, (_key, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) sayable = false;
    return value;
  });
  return sayable ? parseInput(JSON.parse(text), input.at) : undefined;
}
