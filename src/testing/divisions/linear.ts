/** Linear equations in exact numbers. */
import { isZero, minus, over, times, zero, type Fraction } from './fraction.js';

/** One equation: the coefficients of the unknowns, and what they add up to. */
export interface Equation {
  readonly row: readonly Fraction[];
  readonly sum: Fraction;
}

/**
 * The one solution of some equations, by elimination; `undefined` when there is none, or more than one.
 */
export function solve(equations: readonly Equation[], unknowns: number): readonly Fraction[] | undefined {
  const rows = equations.map(({ row, sum }) => [...row, sum]);
  for (let column = 0; column < unknowns; column += 1) {
    const at = rows.findIndex((row, i) => i >= column && !isZero(row[column] ?? zero));
    const pivot = rows[at];
    if (pivot === undefined) return undefined;
    rows.splice(at, 1);
    rows.splice(column, 0, pivot);
    for (const [i, row] of rows.entries()) if (i !== column) reduce(row, pivot, column);
  }
  if (rows.slice(unknowns).some((row) => !isZero(row[unknowns] ?? zero))) return undefined;
  return rows.slice(0, unknowns).map((row, i) => over(row[unknowns] ?? zero, row[i] ?? zero));
}

/** Takes as much of `pivot` from a row as makes its `column` 0. */
function reduce(row: Fraction[], pivot: readonly Fraction[], column: number): void {
  const factor = over(row[column] ?? zero, pivot[column] ?? zero);
  if (isZero(factor)) return;
  for (const [i, value] of row.entries()) row[i] = minus(value, times(factor, pivot[i] ?? zero));
}
