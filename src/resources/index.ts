export {
  type Attribute,
  attribute,
  Attributes,
  attributes,
  attributesEqual,
  type AttributesLike,
  noAttributes,
  parseAttributes,
} from './attributes.js';
export { InputError, InvariantError, type Problem, problemIn } from './errors.js';
export { find, shrink, shrinkToLimits, shrinkToQuantities } from './find.js';
export { hashText, mix, unitFrom } from './hash.js';
export { compareText, validateId } from './ids.js';
export {
  addable,
  type Disk,
  type DiskSource,
  formatItem,
  isIndivisible,
  isPersistentVolume,
  type Label,
  type Reservation,
  reservationRole,
  type ResourceItem,
  sameItem,
  sameMetadata,
  subtractable,
} from './item.js';
export {
  limitOf,
  Limits,
  limits,
  limitsContainLimits,
  limitsContainQuantities,
  limitsEqual,
  limitsFormat,
  type LimitsLike,
  limitsSubtractQuantities,
  noLimits,
  parseLimits,
} from './limits.js';
export { holds, overlaps, quantitiesFromResources, quantitiesFromScalarResources } from './measure.js';
export { apply, type Conversion, conversionsOf, convert, type ResourceOperation } from './operations.js';
export {
  amount,
  names,
  noQuantities,
  parseQuantities,
  Quantities,
  quantities,
  quantitiesAdd,
  quantitiesContains,
  quantitiesEqual,
  quantitiesFormat,
  type QuantitiesLike,
  quantitiesSubtract,
  quantitiesSum,
} from './quantities.js';
export { type DiskInput, type DiskSourceInput, type ReservationInput, type ResourceInput } from './read-item.js';
export {
  popReservation,
  pushReservation,
  reservationAncestor,
  sameReservations,
  toUnreserved,
} from './reservations.js';
export {
  add,
  allocate,
  contains,
  count,
  equals,
  format,
  hasName,
  isEmpty,
  isPlainScalars,
  isResources,
  type ItemJson,
  noResources,
  parseWithDefaultRole,
  Resources,
  resources,
  type ResourcesLike,
  size,
  subtract,
  sum,
} from './resources.js';
export { isStrictSubrole, parseRoleList, roleAncestors, validateRole, validateRoles } from './roles.js';
export { formatMilli, fromMilli, MAX_MILLI, toMilli } from './scalar.js';
export {
  allocatableTo,
  allocatedTo,
  allocationRoles,
  hasPersistentVolumes,
  hasRevocable,
  hasShared,
  mixedRevocable,
  named,
  nonRevocable,
  nonScalars,
  nonShared,
  persistentVolumes,
  ranges,
  reservationRoles,
  reserved,
  reservedByRole,
  resourceNames,
  revocable,
  scalar,
  scalars,
  set,
  shared,
  stripped,
  types,
  unallocate,
  unrefined,
  unreserved,
} from './select.js';
export { Numbered } from './numbered.js';
export { Edit, Table } from './table.js';
export { validateForUse, validateItem } from './usable.js';
export {
  formatValue,
  parseRanges,
  parseValue,
  type Range,
  rangesAdd,
  rangesContain,
  rangesSubtract,
  type RangesValue,
  type ScalarValue,
  setAdd,
  setContains,
  setSubtract,
  type SetValue,
  type TextValue,
  type Value,
  valuesEqual,
} from './values.js';
