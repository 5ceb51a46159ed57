import fc from 'fast-check';
import {
  activateClient,
  addClient,
  clientNode,
  deactivateClient,
  hasClient,
  removeClient,
  replaceAllocated,
  setPriority,
  setWeight,
  trackAllocated,
  trackUnallocated,
  weightOf,
  type ShareTree,
} from '../../src/drf/index.js';
import { Quantities, noQuantities, quantities, quantitiesSubtract, type Edit } from '../../src/resources/index.js';
import type { Model } from './model.js';

/** Something that may happen to a tree; what makes no sense at its moment is left out by {@link apply}. */
export interface Operation {
  readonly kind: 'add' | 'remove' | 'activate' | 'deactivate' | 'allocate' | 'release' | 'replace' | 'weigh' | 'prefer';
  readonly path: string;
  readonly amounts: Quantities;
  readonly number: number;
}

/** Few paths, so that they meet; among them names that an object has already, and one that sorts before `.`. */
export const paths = [
  'a',
  'a/b',
  'a/b/c',
  'a/b/c/d',
  'a/-',
  'b',
  'b/a',
  'a-b',
  '__proto__',
  '__proto__/constructor',
  '\u{1F600}',
  '\uFF5E',
] as const;

export const smallAmounts: fc.Arbitrary<Quantities> = fc
  .record({ cpus: fc.nat(3), mem: fc.nat(3), gpus: fc.nat(1), odd: fc.nat(1) })
  .map((amounts) => quantities(amounts));

const operations: fc.Arbitrary<Operation> = fc.record({
  kind: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('add' as const, 'activate' as const, 'allocate' as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('remove' as const, 'deactivate' as const, 'weigh' as const, 'prefer' as const),
    },
    { weight: 2, arbitrary: fc.constantFrom('release' as const, 'replace' as const) },
  ),
  path: fc.constantFrom(...paths),
  amounts: smallAmounts,
  number: fc.integer({ min: 1, max: 3 }),
});

export const histories: fc.Arbitrary<readonly Operation[]> = fc.array(operations, { maxLength: 60, size: 'max' });

/** Everybody there and active, so that orders are long; then whatever else happened. */
export const crowdedHistories: fc.Arbitrary<readonly Operation[]> = fc
  .tuple(fc.shuffledSubarray([...paths], { minLength: 4 }), histories)
  .map(([present, rest]) => [
    ...present.flatMap((path): Operation[] =>
      (['add', 'activate'] as const).map((kind) => ({ kind, path, amounts: noQuantities, number: 1 })),
    ),
    ...rest,
  ]);

/** Applies an operation to a tree, and to a model of it if there is one; the same tree if it makes no sense there. */
export function apply(tree: ShareTree, operation: Operation, model?: Model, edit?: Edit): ShareTree {
  const { kind, path, number } = operation;
  if (kind === 'weigh') {
    const weight = weightOf(number / 2);
    model?.weights.set(path, weight);
    return setWeight(tree, path, weight, edit);
  }
  if (kind === 'prefer') {
    model?.priorities.set(path, number - 1);
    return setPriority(tree, path, number - 1, edit);
  }
  if ((kind === 'add') === hasClient(tree, path)) return tree;
  return kind === 'add' || kind === 'remove' || kind === 'activate' || kind === 'deactivate'
    ? applyToClient(tree, kind, path, model, edit)
    : applyToHoldings(tree, operation, model, edit);
}

function applyToClient(
  tree: ShareTree,
  kind: 'add' | 'remove' | 'activate' | 'deactivate',
  path: string,
  model: Model | undefined,
  edit: Edit | undefined,
): ShareTree {
  switch (kind) {
    case 'add':
      model?.add(path);
      return addClient(tree, path, edit);
    case 'remove':
      model?.remove(path);
      return removeClient(tree, path, edit);
    case 'activate':
      if (model !== undefined) model.client(path).active = true;
      return activateClient(tree, path, edit);
    case 'deactivate':
      if (model !== undefined) model.client(path).active = false;
      return deactivateClient(tree, path, edit);
  }
}

function applyToHoldings(
  tree: ShareTree,
  { kind, path, amounts }: Operation,
  model: Model | undefined,
  edit: Edit | undefined,
): ShareTree {
  const held = clientNode(tree, path)?.allocated ?? noQuantities;
  // A part of what is held: held - (held - amounts).
  const part = quantitiesSubtract(held, quantitiesSubtract(held, amounts));
  switch (kind) {
    case 'allocate':
      model?.allocated(path, amounts);
      return trackAllocated(tree, path, amounts, edit);
    case 'release':
      model?.replaced(path, part, noQuantities);
      return trackUnallocated(tree, path, part, edit);
    default:
      model?.replaced(path, part, amounts);
      return replaceAllocated(tree, path, part, amounts, edit);
  }
}
