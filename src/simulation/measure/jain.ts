/**
 * Jain's index of fairness (Jain, Chiu and Hawe 1984): 1 when all have the same, 1/n when one of n has everything. 1 when
 * there is nothing, or nobody, to be fair to.
 */
export function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  return squares === 0 ? 1 : (sum * sum) / (values.length * squares);
}
