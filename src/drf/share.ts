import { millisOf, namesOf } from '../resources/quantities.js';
import { compareText, type Quantities } from '../resources/index.js';
import { weightedRatio } from './fraction.js';
import { unitWeight, weightOf, type Weight } from './weight.js';

/**
 * How a share is reckoned.
 *
 * @remarks Since 0.1.0
 */
export interface ShareOptions {
  /** Divides the share; 1 if absent. A plain number is rounded to thousandths. */
  readonly weight?: number | Weight;
  /** Names of resources that do not count (SORT-10); none if absent. */
  readonly exclude?: ReadonlySet<string>;
}

/**
 * The dominant share: the largest of allocated / total over the resources of the total, divided by the weight (SORT-1;
 * Ghodsi et al., NSDI 2011, §4). What the total lacks does not count; of an empty total everybody's share is 0 (SORT-11).
 *
 * It is one division of whole thousandths, so equal shares are equal doubles.
 *
 * @throws InputError `bad-weight` for a weight that is no weight.
 * @example
 * ```ts
 * dominantShare(quantities('cpus:3;mem:1'), quantities('cpus:9;mem:18')); // 1/3, of the cpus
 * ```
 * @remarks Since 0.1.0
 */
export function dominantShare(allocated: Quantities, total: Quantities, options: ShareOptions = {}): number {
  return largestShare(allocated, total, options).share;
}

/**
 * The name of the resource that gives the {@link dominantShare}; of several the first by name, `undefined` while the
 * share is 0.
 *
 * @throws InputError `bad-weight` for a weight that is no weight.
 * @remarks Since 0.1.0
 */
export function dominantResource(
  allocated: Quantities,
  total: Quantities,
  options: ShareOptions = {},
): string | undefined {
  return largestShare(allocated, total, options).name;
}

function largestShare(
  allocated: Quantities,
  total: Quantities,
  { weight = unitWeight, exclude }: ShareOptions,
): { readonly share: number; readonly name: string | undefined } {
  const { p, q } = typeof weight === 'number' ? weightOf(weight) : weight;
  let share = 0;
  let name: string | undefined;
  let at = 0;
  const kinds = namesOf(total);
  const wholes = millisOf(total);
  const parts = millisOf(allocated);
  // Both lists are sorted alike, so one walk finds the common names.
  for (const [i, candidate] of namesOf(allocated).entries()) {
    while (at < kinds.length && compareText(kinds[at] ?? '', candidate) < 0) at += 1;
    const whole = kinds[at] === candidate ? (wholes[at] ?? 0) : 0;
    if (whole <= 0 || exclude?.has(candidate) === true) continue;
    const ratio = weightedRatio(parts[i] ?? 0, whole, p, q);
    if (ratio > share) {
      share = ratio;
      name = candidate;
    }
  }
  return { share, name };
}
