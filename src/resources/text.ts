import { InputError } from './errors.js';
import { type ResourceItem, simpleItem } from './item.js';
import { quote } from './quote.js';
import { badResources, checkRole, staticReservations, valueFromText } from './read-item.js';
import { formatMilli, readShort } from './scalar.js';
import type { Value } from './values.js';

/** One `name:value` of a list, with the places where both begin. */
export interface Entry {
  readonly name: string;
  readonly nameAt: number;
  readonly value: string;
  readonly valueAt: number;
}

/**
 * Cuts `name:value;name:value` (RES-13). Empty entries are skipped, every other one has exactly one colon.
 *
 * @throws InputError with the given code; the message quotes the entry and gives its place.
 */
export function splitEntries(text: string, code: string, path: string): Entry[] {
  const entries: Entry[] = [];
  for (let start = 0, end; start <= text.length; start = end + 1) {
    end = text.indexOf(';', start);
    if (end === -1) end = text.length;
    const entry = entryIn(text, start, end, code, path);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

function entryIn(text: string, start: number, end: number, code: string, path: string): Entry | undefined {
  const token = text.slice(start, end);
  const colon = token.indexOf(':');
  if (colon !== -1 && !token.includes(':', colon + 1)) {
    const name = token.slice(0, colon).trim();
    return { name, nameAt: start, value: token.slice(colon + 1), valueAt: start + colon + 1 };
  }
  if (token.trim() === '') return undefined;
  const which = colon === -1 ? 'missing' : 'extra';
  throw new InputError(code, path, `Bad value ${quote(token.trim())} at character ${start}: ${which} ':'`);
}

/**
 * Reads the text form of resources: `cpus:4;mem(role):8192;ports:[31000-32000];zones:{a,b}` (RES-13).
 *
 * @param defaultRole - the role of items that name none.
 * @throws InputError `bad-resources`
 */
export function readText(text: string, path: string, defaultRole: string): ResourceItem[] {
  return splitEntries(text, 'bad-resources', path).map((entry) => {
    const { name, role } = splitName(entry, path);
    if (name === '') throw badResources(path, `Empty resource name at character ${entry.nameAt}`);
    if (role !== undefined) checkRole(role, path);
    const value = valueFromText(entry.value, entry.valueAt, path, name);
    return simpleItem(commonName(name), value, staticReservations(role ?? defaultRole));
  });
}

/**
 * The names and thousandths of a text that has numbers of names and nothing else, as most have; `undefined` for any other,
 * which {@link readText} reads, or refuses.
 */
export function readScalars(text: string): { readonly names: string[]; readonly millis: number[] } | undefined {
  const names: string[] = [];
  const millis: number[] = [];
  for (let start = 0, end; start < text.length; start = end + 1) {
    end = text.indexOf(';', start);
    if (end === -1) end = text.length;
    const colon = text.indexOf(':', start);
    if (colon === -1 || colon > end) return undefined;
    const name = text.slice(start, colon).trim();
    const milli = readShort(text.slice(colon + 1, end));
    if (milli === undefined || name === '' || name.includes('(') || name.includes(')')) return undefined;
    names.push(commonName(name));
    millis.push(milli);
  }
  return { names, millis };
}

/**
 * The same name, but for the usual ones as the one string that this module has of it: V8 then compares names by their
 * addresses.
 */
function commonName(name: string): string {
  switch (name) {
    case 'cpus':
      return 'cpus';
    case 'mem':
      return 'mem';
    case 'disk':
      return 'disk';
    case 'gpus':
      return 'gpus';
    case 'ports':
      return 'ports';
    default:
      return name;
  }
}

function splitName(entry: Entry, path: string): { readonly name: string; readonly role?: string } {
  const { name } = entry;
  const open = name.indexOf('(');
  const close = name.indexOf(')');
  if (open === -1 && close === -1) return { name };
  const well = open !== -1 && close === name.length - 1 && !name.includes('(', open + 1);
  if (!well) throw badResources(path, `Mismatched parentheses in ${quote(name)} at character ${entry.nameAt}`);
  return { name: name.slice(0, open).trim(), role: name.slice(open + 1, close).trim() };
}

/** What would be read as something else in the text form, or lost. */
const unsafeName = /[;:()]|^\s|\s$|^$/;
const unsafeItem = /[;:,()[\]{}\s]|^$/;

/**
 * The text that reads back as these items, if there is one: unreserved items and those with a single static reservation,
 * with no other metadata.
 */
export function textOf(items: readonly ResourceItem[]): string | undefined {
  const texts: string[] = [];
  for (const item of items) {
    const text = itemText(item);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts.join(';');
}

/** As {@link textOf}, for scalars without any metadata. */
export function scalarsText(names: readonly string[], millis: readonly number[]): string | undefined {
  for (let i = 0; i < names.length; i += 1) if (unsafeName.test(names[i] as string)) return undefined;
  return amountsText(names, millis, ';');
}

/** Names with amounts. In a loop: V8 takes twice as long to map a frozen list. */
export function amountsText(names: readonly string[], millis: readonly number[], separator: string): string {
  let text = '';
  for (let i = 0; i < names.length; i += 1) {
    text += `${i === 0 ? '' : separator}${names[i] as string}:${formatMilli(millis[i] as number)}`;
  }
  return text;
}

function itemText(item: ResourceItem): string | undefined {
  const { name, reservations, disk, shared, revocable, provider, allocated } = item;
  if ((disk ?? shared ?? revocable ?? provider ?? allocated) !== undefined || unsafeName.test(name)) return undefined;
  const value = valueText(item.value);
  const [reservation] = reservations;
  if (value === undefined || reservation === undefined) return value === undefined ? undefined : `${name}:${value}`;
  const { type, role, principal, labels } = reservation;
  const said = reservations.length === 1 && type === 'static' && principal === undefined && labels === undefined;
  return said && !unsafeName.test(role) ? `${name}(${role}):${value}` : undefined;
}

/** A value as text without spaces, or `undefined` for a set with items that text cannot hold. */
export function valueText(value: Value): string | undefined {
  switch (value.type) {
    case 'scalar':
      return formatMilli(value.milli);
    case 'ranges':
      return `[${value.ranges.map((range) => `${range.begin}-${range.end}`).join(',')}]`;
    case 'set':
      return value.items.some((item) => unsafeItem.test(item)) ? undefined : `{${value.items.join(',')}}`;
    default:
      return value satisfies never;
  }
}
