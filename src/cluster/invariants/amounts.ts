/** Arithmetic of the judge, which is not that of the machine. */
import { isIndivisible, type ResourceItem, type Resources } from '../../resources/index.js';
import { kindOf } from '../ledger.js';

/** Whether every port or member of an item is in one of the others of its kind. Ranges can be wider than can be walked. */
export function hasMembers(others: readonly ResourceItem[], item: ResourceItem): boolean {
  const same = others.filter((other) => kindOf(other) === kindOf(item));
  const { value } = item;
  if (value.type === 'set') {
    return value.items.every((member) =>
      same.some((other) => other.value.type === 'set' && other.value.items.includes(member)),
    );
  }
  if (value.type !== 'ranges') return false;
  const there = same.flatMap((other) => (other.value.type === 'ranges' ? other.value.ranges : []));
  return value.ranges.every(({ begin, end }) => there.some((range) => range.begin <= begin && end <= range.end));
}

/** Whether a role is another one or below it. */
export function isWithinRole(role: string, top: string): boolean {
  return role === top || role.startsWith(`${top}/`);
}

/** Adds what is scalar of items to a sum by name. */
export function addScalars(sum: Map<string, number>, items: readonly ResourceItem[]): void {
  for (const { name, value } of items) {
    if (value.type === 'scalar') sum.set(name, (sum.get(name) ?? 0) + value.milli);
  }
}

/**
 * Whether every scalar of `part` is within `whole`, and every member of its ranges and sets is in it. A volume or a disk of
 * another size is another one: it is in nothing larger (RES-5).
 */
export function covers(whole: Resources, part: Resources): boolean {
  return part.items.every((item) => {
    const { value } = item;
    if (value.type !== 'scalar') return hasMembers(whole.items, item);
    const kind = kindOf(item);
    const fits = (milli: number): boolean => (isIndivisible(item) ? milli === value.milli : milli >= value.milli);
    return whole.items.some(
      (other) => kindOf(other) === kind && other.value.type === 'scalar' && fits(other.value.milli),
    );
  });
}
