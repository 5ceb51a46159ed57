/** Cutting down: delta debugging (Zeller and Hildebrandt, TSE 2002). */

/**
 * The least part of a list that still shows something, as far as taking out runs of it finds one.
 *
 * @param shows whether a part shows it; the whole list does
 */
export function smallest<T>(list: readonly T[], shows: (part: readonly T[]) => boolean): readonly T[] {
  const search = smallestInSteps(list);
  let step = search.next();
  while (step.done !== true) step = search.next(shows(step.value));
  return step.value;
}

/** As {@link smallest}, where finding out takes time. */
export async function smallestLater<T>(
  list: readonly T[],
  shows: (part: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  const search = smallestInSteps(list);
  let step = search.next();
  while (step.done !== true) step = search.next(await shows(step.value));
  return step.value;
}

/** Yields parts and is told whether they show it; returns the least one that does. */
function* smallestInSteps<T>(list: readonly T[]): Generator<readonly T[], readonly T[], boolean> {
  let kept = list;
  if (kept.length > 0 && (yield [])) return [];
  for (let size = Math.ceil(kept.length / 2); size >= 1;) {
    const before = kept.length;
    // From the end: what came last hangs on what came before it.
    for (let end = kept.length; end > 0; end -= size) {
      const part = [...kept.slice(0, Math.max(0, end - size)), ...kept.slice(end)];
      if (part.length < kept.length && (yield part)) kept = part;
    }
    if (size > 1) size = Math.ceil(size / 2);
    else if (kept.length === before) break;
  }
  return kept;
}
