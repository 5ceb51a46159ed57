/** Finding room for instances, on bins that are as they become while tasks are put there. */
import type { ExecutorLike } from '../../tasks/index.js';
import { add, contains, noResources, resources, subtract, type Resources } from '../../resources/index.js';
import { choose, loaded, type Bin, type Packing } from './bins.js';
import { countedAttributes, type Constraint } from './constraints.js';
import { allows, Crowd, crowding, placesAt, type Places } from './spread.js';
import { wishOf } from './render.js';
import type { Taken } from './take.js';
import type { TaskSpec } from './task-spec.js';
import type { Desk } from '../desk/desk.js';

/** An instance that found room. */
export interface Placement {
  readonly bin: number;
  readonly taken: Taken;
  readonly places: Places;
}

/** Constraints, and where those that they count run. */
export interface Rule {
  readonly constraints: readonly Constraint[];
  readonly crowd: Crowd;
}

/** What runs of a job or a task, as far as constraints ask. */
export function crowdOf({ attempts }: Desk, ids: readonly (string | null)[]): Crowd {
  const crowd = new Crowd();
  for (const id of ids) {
    const attempt = id === null ? undefined : attempts.get(id);
    if (attempt !== undefined) crowd.add(attempt.places);
  }
  return crowd;
}

/**
 * Puts one task on a bin, which is changed, and counts it. If its executor does not run there yet, that needs room too.
 *
 * @returns `undefined` if no bin will do; nothing is changed then.
 * @param how.from the first bin to look at.
 */
export function place(
  bins: Bin[],
  spec: TaskSpec,
  rules: readonly Rule[],
  { packing, from = 0 }: { readonly packing: Packing; readonly from?: number },
): Placement | undefined {
  const { executor } = spec.body;
  for (const rule of rules) seeAll(rule, bins);
  const constrained = rules.some(({ constraints }) => constraints.length > 0);
  const spreads = rules.some(({ constraints }) => constraints.some(({ type }) => type === 'spread'));
  const choice = choose(
    executor === undefined ? bins : bins.map((bin) => withExecutor(bin, executor)),
    {
      ...wishOf(spec),
      ...(constrained && { allowed: (bin) => rules.every((rule) => allowsAll(rule, bin)) }),
      ...(spreads && {
        badness: (bin) => sumOf(rules.map(({ constraints, crowd }) => crowding(constraints, bin, crowd))),
      }),
    },
    packing,
    from,
  );
  if (choice === undefined) return undefined;
  const { at, bin, taken } = choice;
  bins[at] = loaded(bin, taken, executor?.id);
  const places = placesAt(countedAttributes(rules.flatMap(({ constraints }) => constraints)), bin);
  for (const { crowd } of rules) crowd.add(places);
  return { bin: at, taken, places };
}

/** A bounded spread compares with all values that there are, also where nothing runs. */
function seeAll({ constraints, crowd }: Rule, bins: readonly Bin[]): void {
  for (const { type, attribute } of constraints) {
    if (type !== 'spread') continue;
    for (const [name, value] of bins.flatMap((bin) => placesAt([attribute], bin))) crowd.see(name, value);
  }
}

function allowsAll({ constraints, crowd }: Rule, bin: Bin): boolean {
  return constraints.every((constraint) => allows(constraint, bin, crowd));
}

/** The bin without what the executor takes, if it is to be started; with nothing, if there is no room for it. */
function withExecutor(bin: Bin, { id, resources: like = [] }: ExecutorLike): Bin {
  if (bin.executors.has(id)) return bin;
  const needed: Resources = resources(like);
  return { ...bin, rest: contains(bin.rest, needed) ? subtract(bin.rest, needed) : noResources };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** All that one task takes together with its executor. */
export function wholeNeed(spec: TaskSpec): Resources {
  return add(resources(spec.resources), resources(spec.body.executor?.resources ?? []));
}
