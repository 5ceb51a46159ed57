/** One figure of every policy, as part of a sentence. */
import type { PolicyResult } from '../result.js';
import { markup, type Content, type Markup } from './markup.js';
import { nameOf } from './names.js';

/** More policies than this are told by the least and the most. */
const mostTold = 3;

/** A figure of a policy. Figures that read alike are alike. */
export interface Figure {
  readonly value: number;
  readonly text: string;
  /** Whom it is about, if not all. */
  readonly of?: string;
}

/** Whether the figures of all policies read alike. */
export function alike(policies: readonly PolicyResult[], figureOf: (policy: PolicyResult) => Figure): boolean {
  return new Set(policies.map((policy) => figureOf(policy).text)).size < 2;
}

/** `3.2 h under drf and 11 h under fifo`; `3.2 h under every policy`; `from 3.2 h (drf) to 11 h (fifo)`. */
export function across(policies: readonly PolicyResult[], figureOf: (policy: PolicyResult) => Figure): Markup {
  const figures = policies.map((policy) => ({ policy: policy.policy, ...figureOf(policy) }));
  const [first] = figures;
  if (first === undefined) return markup``;
  if (figures.length === 1) return markup`${strong(first)}${whom(first)}`;
  if (alike(policies, figureOf)) {
    const same = new Set(figures.map(({ of }) => of)).size === 1;
    const all = figures.length === 2 ? 'both policies' : 'every policy';
    return markup`${strong(first)} under ${all}${same ? whom(first) : undefined}`;
  }
  if (figures.length <= mostTold) return joined(grouped(figures).map(together));
  const sorted = figures.toSorted((a, b) => a.value - b.value);
  const least = sorted[0] ?? first;
  const most = sorted.at(-1) ?? first;
  return markup`from ${together([least])} to ${together([most])}`;
}

interface OfPolicy extends Figure {
  readonly policy: string;
}

/** Those that read alike, and are about the same, in one. */
function grouped(figures: readonly OfPolicy[]): readonly (readonly OfPolicy[])[] {
  const groups = new Map<string, OfPolicy[]>();
  for (const figure of figures) {
    const key = JSON.stringify([figure.text, figure.of]);
    groups.set(key, [...(groups.get(key) ?? []), figure]);
  }
  return [...groups.values()];
}

/** `0.866 under drf and fifo`. */
function together(figures: readonly OfPolicy[]): Markup {
  const [first] = figures;
  if (first === undefined) return markup``;
  return markup`${strong(first)} under ${joined(figures.map(({ policy }) => nameOf(policy)))}${whom(first)}`;
}

function strong({ text }: Figure): Markup {
  return markup`<strong>${text}</strong>`;
}

function whom({ of }: Figure): Content {
  return of === undefined ? undefined : markup` (${nameOf(of)})`;
}

/** With commas and an `and`. */
export function joined(pieces: readonly Markup[]): Markup {
  return markup`${pieces.map((piece, at) => [at === 0 ? '' : at === pieces.length - 1 ? ' and ' : ', ', piece])}`;
}
