import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepViolation, transition } from '../../src/cluster/index.js';
import { drf } from '../../src/drf/index.js';
import { Coverage, expectedCoverage } from './coverage.js';
import { bytes, fullHistories, run, type Step } from './history.js';
import { histories } from './intents.js';
import { malformed } from './outputs.js';
import { policies } from './policies.js';

const RUNS = 2_000;
/** Fixed, so that what these histories meet does not depend on luck; others are drawn beside them. */
const SEED = 20_261_120;
const OTHER_RUNS = 500;

describe('the machine under any history', () => {
  const coverage = new Coverage();

  function judge(step: Step): void {
    coverage.note(step);
    judgeOnly(step);
  }

  function judgeOnly(step: Step): void {
    const broken = stepViolation(step.before, step.input, step.after, step.outputs);
    if (broken !== undefined) throw new Error(`${broken.rule} ${broken.where}: ${broken.what}`);
    const ugly = malformed(step);
    if (ugly !== undefined) throw new Error(ugly);
  }

  it('breaks no rule, throws only at a control that means nothing, and answers in good form', () => {
    fc.assert(
      fc.property(fullHistories(histories()), fc.constantFrom(drf, ...policies), ({ beginning, intents }, policy) => {
        run(beginning, intents, judge, policy);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  it('nor does it in others, drawn anew each time', () => {
    fc.assert(
      fc.property(fullHistories(histories()), fc.constantFrom(drf, ...policies), ({ beginning, intents }, policy) => {
        run(beginning, intents, judgeOnly, policy);
      }),
      { numRuns: OTHER_RUNS },
    );
  });

  it('met all of it in these histories', () => {
    console.log(`coverage of ${RUNS} histories\n${coverage}`);
    expect(coverage.missing(expectedCoverage)).toEqual([]);
  });

  it('leaves the state given in as it was, also when it throws half-way', () => {
    fc.assert(
      fc.property(fullHistories(histories(15)), ({ beginning, intents }) => {
        run(beginning, intents, ({ before, input }) => {
          const saved = bytes(before);
          const at = input.at;
          const bad = { type: 'mark-unreachable', at, agent: 'nobody at all' } as const;
          const inputs = input.type === 'batch' ? input.inputs : [input];
          expect(() => transition(before, { type: 'batch', at, inputs: [...inputs, bad] })).toThrow();
          if (bytes(before) !== saved) throw new Error('the old state changed');
        });
      }),
      { numRuns: 150 },
    );
  });
});
