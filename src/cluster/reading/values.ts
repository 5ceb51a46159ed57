/** Values that are no plain JSON, under their tags; see `encode` in `serialize.ts`. */
import type { Domain } from '../../tasks/index.js';
import type { Unavailability } from '../../offers/index.js';
import type { Attributes, Conversion, Limits, Quantities, Resources, Table } from '../../resources/index.js';
import {
  finite,
  optional,
  row,
  rows,
  savedAttributes,
  savedLimits,
  savedQuantities,
  savedResources,
  tagged,
  text,
  whole,
  yes,
  type Reader,
} from '../../resources/reading.js';

/** Some resources. */
export const someResources: Reader<Resources> = tagged('$resources', savedResources);

/** Amounts by name. */
export const someQuantities: Reader<Quantities> = tagged('$quantities', savedQuantities);

/** Limits by name. */
export const someLimits: Reader<Limits> = tagged('$limits', savedLimits);

/** What an agent says of itself. */
export const someAttributes: Reader<Attributes> = tagged('$attributes', savedAttributes);

/** A table of rows. With `keyOf` the row must say its own key. */
export function table<T>(read: Reader<T>, keyOf?: (row: T) => string): Reader<Table<T>> {
  return tagged('$table', rows(read, keyOf));
}

/** A table that is a set of ids. */
export const ids: Reader<Table<true>> = table(yes);

/** Where something stands. */
export const domain: Reader<Domain> = row<Domain>({ region: text, zone: text });

const times = row<Unavailability>({ start: finite, durationMs: optional(whole) });

/** When a machine is away, its fields in the order in which they are told. */
export const unavailability: Reader<Unavailability> = (value) => {
  const { start, durationMs } = times(value);
  return Object.freeze(durationMs === undefined ? { start } : { start, durationMs });
};

/** What of resources becomes what. */
export const conversion: Reader<Conversion> = row<Conversion>({ consumed: someResources, converted: someResources });
