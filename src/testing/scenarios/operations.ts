/** Operations on resources as the cases write them (FORMAT.md §3, §8, §9). */
import type { OfferOperation } from '../../offers/index.js';
import {
  conversionsOf,
  popReservation,
  resources,
  type Conversion,
  type ResourceItem,
  type ResourceOperation,
  type Resources,
  type ResourcesLike,
} from '../../resources/index.js';
import { diskUnder } from '../../resources/operations.js';
import { Fields, bad, kebab } from './fields.js';

/** What each type has beside `type`. */
const operandNames: ReadonlyMap<string, readonly string[]> = new Map([
  ['RESERVE', ['resources', 'source']],
  ['UNRESERVE', ['resources']],
  ['CREATE', ['volumes']],
  ['DESTROY', ['volumes']],
  ['GROW_VOLUME', ['volume', 'addition']],
  ['SHRINK_VOLUME', ['volume', 'subtract']],
  ['CREATE_DISK', ['source', 'target_type', 'target_profile']],
  ['DESTROY_DISK', ['source']],
]);

/** The v1 names of the types. */
export const operationTypes: readonly string[] = [...operandNames.keys()];

/** The fields that an operation of a type can have beside `type` and `id`; none for an unknown type. */
export function operandsOf(type: string): readonly string[] {
  return operandNames.get(type) ?? [];
}

/**
 * An operation as this library takes it. Operands are handed on as they are written: judging them is what is tested.
 *
 * @throws InputError `bad-scenario` for a type or a field that the format does not know
 */
export function readScenarioOperation(written: unknown): OfferOperation & { readonly id?: string } {
  const fields = new Fields(written);
  const type = fields.text('type');
  const id = fields.optionalText('id');
  const operands = operandNames.get(type);
  if (operands === undefined) throw bad(`unknown operation ${type}`);
  const operation: Record<string, unknown> = { type: kebab(type), ...(id === undefined ? {} : { id }) };
  for (const name of operands) {
    const value = fields.raw(name);
    if (value === undefined) continue;
    if (name === 'target_type') operation['targetType'] = kebab(fields.text(name));
    else if (name === 'target_profile') operation['targetProfile'] = value;
    else operation[name] = value;
  }
  fields.end();
  return operation as unknown as OfferOperation;
}

/**
 * What an operation of suite `allocator` amounts to; `CONVERT` says it as it is (FORMAT.md §6). The allocator is told
 * conversions after somebody else has judged the operation: here a static reservation may be popped, and a volume may be
 * made of what nobody has reserved.
 *
 * @throws InputError `bad-scenario`, and what `conversionsOf` throws
 */
export function readScenarioConversions(written: unknown): readonly Conversion[] {
  const fields = new Fields(written);
  if (fields.text('type') !== 'CONVERT') return unjudged(readScenarioOperation(written) as ResourceOperation);
  const [consumed, converted] = ['consumed', 'converted'].map((name) => resources(fields.raw(name) as ResourcesLike));
  fields.end();
  if (consumed === undefined || converted === undefined) throw bad('CONVERT needs consumed and converted');
  return [{ consumed, converted }];
}

function unjudged(operation: ResourceOperation): readonly Conversion[] {
  switch (operation.type) {
    case 'unreserve':
      return eachItem(operation.resources, (item) => popReservation(resources(item)));
    case 'create':
      return eachItem(operation.volumes, (volume) => resources(diskUnder(volume))).map(swapped);
    case 'reserve':
      if (operation.source !== undefined) return conversionsOf(operation);
      return eachItem(operation.resources, (item) => popReservation(resources(item))).map(swapped);
    default:
      return conversionsOf(operation);
  }
}

/** Each item by itself becomes something else. */
function eachItem(like: ResourcesLike, becomes: (item: ResourceItem) => Resources): readonly Conversion[] {
  return resources(like).items.map((item) => ({ consumed: resources(item), converted: becomes(item) }));
}

function swapped({ consumed, converted }: Conversion): Conversion {
  return { consumed: converted, converted: consumed };
}
