/**
 * What is held, compared with what holds it: item by item, with all that tells items apart. A part of the judge in
 * `violation.ts`; the arithmetic is its own.
 */
import { isIndivisible, type ResourceItem, type Resources, type Value } from '../resources/index.js';

/** Something held by somebody. */
export interface Entry {
  readonly framework: string;
  readonly role: string;
  readonly resources: Resources;
}

type Label = NonNullable<ResourceItem['reservations'][number]['labels']>[number];

/** Two sides that should agree: what the books say is held of an agent, and who holds it. */
export class Ledger {
  /** By holder and kind: what is booked less what is in use, in thousandths; of what is all or nothing, how often. */
  readonly #amounts = new Map<string, { readonly name: string; amount: number }>();
  readonly #members = new Map<string, Members>();

  /** The books say that this is held. */
  book({ framework, role, resources }: Entry): void {
    this.#enter(holderOf(framework, role), resources.items, 'booked');
  }

  /** Somebody holds this. */
  use({ framework, role, resources }: Entry): void {
    this.#enter(holderOf(framework, role), resources.items, 'used');
  }

  #enter(holder: string, items: readonly ResourceItem[], side: Side): void {
    for (const item of items) {
      const key = `${holder}${kindOf(item)}`;
      if (item.value.type === 'scalar') this.#add(key, item, side === 'booked' ? 1 : -1);
      else membersOf(this.#members, key, item.name)[side].push(item.value);
    }
  }

  #add(kind: string, item: ResourceItem, sign: 1 | -1): void {
    const { name, value, shared } = item;
    const milli = value.type === 'scalar' ? value.milli : 0;
    const isWhole = shared !== undefined || isIndivisible(item);
    const key = isWhole ? `${kind} ${milli}` : kind;
    const amount = sign * (isWhole ? (shared ?? 1) : milli);
    const found = this.#amounts.get(key);
    if (found === undefined) this.#amounts.set(key, { name, amount });
    else found.amount += amount;
  }

  /** The name of something of which one side says more than the other; undefined = they agree. */
  difference(): string | undefined {
    for (const { name, amount } of this.#amounts.values()) if (amount !== 0) return name;
    for (const { name, booked, used } of this.#members.values()) if (together(booked) !== together(used)) return name;
    return undefined;
  }

  /** The name of something of which two have the same port or member; undefined = none. */
  heldTwice(): string | undefined {
    for (const { name, used } of this.#members.values()) if (hasTwice(used)) return name;
    return undefined;
  }
}

type Side = 'booked' | 'used';

/** Ports, or members of sets, of one kind. */
interface Members {
  readonly name: string;
  readonly booked: Value[];
  readonly used: Value[];
}

function membersOf(all: Map<string, Members>, key: string, name: string): Members {
  const found = all.get(key) ?? { name, booked: [], used: [] };
  all.set(key, found);
  return found;
}

function holderOf(framework: string, role: string): string {
  return JSON.stringify([framework, role]);
}

/**
 * What counts together: the name and the metadata by which items are told apart, as for Mesos (RES-3, ALLOC-16); cpus
 * reserved are not cpus free. Where a volume is seen in a container is not a part of it.
 */
export function kindOf(item: ResourceItem): string {
  const { name, value, reservations, disk, shared, revocable, provider, allocated } = item;
  const isBare = disk === undefined && shared === undefined && revocable === undefined && provider === undefined;
  if (isBare && reservations.length === 0 && allocated === undefined) return `${value.type} ${name}`;
  return JSON.stringify([
    value.type,
    name,
    reservations.map(({ type, role, principal, labels }) => [type, role, principal ?? null, bagOf(labels)]),
    disk === undefined ? null : diskKind(disk),
    shared !== undefined,
    revocable === true,
    provider ?? null,
    allocated ?? null,
  ]);
}

function diskKind({ id, source }: NonNullable<ResourceItem['disk']>): unknown {
  if (source === undefined) return [id ?? null];
  const { type, root, id: of, profile, vendor, metadata } = source;
  return [id ?? null, type, root ?? null, of ?? null, profile ?? null, vendor ?? null, bagOf(metadata)];
}

/** Labels in any order. */
function bagOf(labels: readonly Label[] | undefined): unknown {
  return labels?.map(({ key, value }) => JSON.stringify([key, value ?? null])).sort() ?? null;
}

/** All members of all values, as one text: equal texts, equal members. */
function together(values: readonly Value[]): string {
  const joined: { begin: number; end: number }[] = [];
  for (const { begin, end } of rangesOf(values)) {
    const last = joined.at(-1);
    if (last !== undefined && begin <= last.end + 1) last.end = Math.max(last.end, end);
    else joined.push({ begin, end });
  }
  return JSON.stringify([joined.map(({ begin, end }) => [begin, end]), [...new Set(membersIn(values))].sort()]);
}

function hasTwice(values: readonly Value[]): boolean {
  const members = membersIn(values);
  const ranges = rangesOf(values);
  const touches = ranges.some(({ begin }, index) => begin <= (ranges[index - 1]?.end ?? -1));
  return touches || new Set(members).size < members.length;
}

/** In the order of their beginnings. */
function rangesOf(values: readonly Value[]): readonly { readonly begin: number; readonly end: number }[] {
  return values.flatMap((value) => (value.type === 'ranges' ? value.ranges : [])).sort((a, b) => a.begin - b.begin);
}

function membersIn(values: readonly Value[]): readonly string[] {
  return values.flatMap((value) => (value.type === 'set' ? value.items : []));
}
