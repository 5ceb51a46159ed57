/** Linear programs, solved by a solver that knows nothing of this library. */
import { createRequire } from 'node:module';
import type { Highs } from 'highs';

// As CommonJS: its types say of no other form that it can be called.
const loadHighs = createRequire(import.meta.url)('highs') as () => Promise<Highs>;
const highs = await loadHighs();

/** One row: coefficients by unknown, at most (or at least) so much. */
export interface Row {
  readonly coefficients: readonly number[];
  readonly sense: '<=' | '>=' | '=';
  readonly bound: number;
}

/** The greatest value of a sum of unknowns, each 0 or more. */
export function greatest(objective: readonly number[], rows: readonly Row[]): number {
  const program = [
    'Maximize',
    ` obj: ${sum(objective)}`,
    'Subject To',
    ...rows.map(({ coefficients, sense, bound }, i) => ` c${i}: ${sum(coefficients)} ${sense} ${bound}`),
    'End',
  ].join('\n');
  const solution = highs.solve(program);
  if (solution.Status !== 'Optimal') throw new Error(`no optimum: ${solution.Status}\n${program}`);
  return solution.ObjectiveValue;
}

function sum(coefficients: readonly number[]): string {
  const terms = coefficients.flatMap((value, i) =>
    value === 0 ? [] : [`${value < 0 ? '-' : '+'} ${Math.abs(value)} x${i}`],
  );
  return terms.length === 0 ? '0 x0' : terms.join(' ');
}
