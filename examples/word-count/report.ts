import type { RoleSummary } from 'proffer';
import { percent } from './bars.js';
import { allocationIntervalMs } from './cluster.js';
import type { OfferMade } from './history.js';
import type { Outcome } from './job.js';
import { shareChart } from './share-chart.js';
import { clip, fit, fitRight, oneLine, safe, widthOf } from './terminal-text.js';
import type { Skipped, Text } from './texts.js';
import { topWords, totalWords } from './words.js';

const shownWords = 10;
const shownOffers = 12;
const shownSkipped = 5;

/** What was read, before anything is done with it. */
export function readingLines({
  texts,
  skipped,
}: {
  readonly texts: readonly Text[];
  readonly skipped: readonly Skipped[];
}): readonly string[] {
  const characters = texts.reduce((sum, { content }) => sum + content.length, 0);
  const more = skipped.length - shownSkipped;
  return [
    `${count(texts.length, 'text')} with ${count(characters, 'character')}`,
    ...skipped.slice(0, shownSkipped).map(({ name, why }) => `skipped ${safe(name)}: ${why}`),
    ...(more > 0 ? [`skipped ${more} more`] : []),
  ];
}

/** The words. */
export function wordLines({ counts }: Pick<Outcome, 'counts'>): readonly string[] {
  const top = topWords(counts, shownWords).map(([word, often]) => [number(often), safe(word)] as const);
  return [
    `words: ${number(totalWords(counts))} in all, ${number(counts.size)} different`,
    ...top.map(([often, word]) => `${fitRight(often, 10)}  ${clip(word, 60)}`),
  ];
}

/** The longest lines. */
export function longLines(
  { index }: Pick<Outcome, 'index'>,
  texts: readonly Text[],
  columns: number,
): readonly string[] {
  const places = index.longest.map(({ text, line }) => `${clip(safe(texts[text]?.name ?? '?'), 36)}:${line}`);
  const width = Math.max(0, ...places.map(widthOf));
  return [
    `lines: ${number(index.lines)} in all${index.lines === 0 ? '' : ', the longest of them'}`,
    ...index.longest.map(({ length, sample }, at) => {
      return clip(`${fitRight(number(length), 10)}  ${fit(places[at] ?? '', width)}  ${oneLine(sample)}`, columns);
    }),
  ];
}

/** How the roles shared the cluster. */
export function shareLines(
  { history }: Pick<Outcome, 'history'>,
  shared: readonly Pick<RoleSummary, 'role' | 'weight'>[],
  columns: number,
): readonly string[] {
  const end = history.samples.at(-1)?.at ?? 0;
  const roles = shared.map(({ role }) => role);
  const weights = shared.map(({ role, weight }) => `${role} ${weight}`).join(', ');
  return [
    `dominant shares over time, divided by the weights (${weights})`,
    ...shareChart(history.samples, {
      roles,
      end,
      intervalMs: allocationIntervalMs,
      mostColumns: Math.min(64, columns - 10),
    }),
  ];
}

/** Who was offered what. */
export function offerLines({ history }: Pick<Outcome, 'history'>, roles: readonly string[]): readonly string[] {
  const { offers } = history;
  const rest = offers.slice(shownOffers);
  const counted = roles.map((role) => `${rest.filter((offer) => offer.role === role).length} to ${role}`).join(', ');
  return [
    `offers: ${number(offers.length)} in all, each to the role with the smaller share among those that can use it`,
    ...offers.slice(0, shownOffers).map((offer, at) => offerLine(offer, at, roles)),
    ...(rest.length > 0 ? [`            ${number(rest.length)} more: ${counted}`] : []),
  ];
}

function offerLine({ role, agent, resources, shares }: OfferMade, at: number, roles: readonly string[]): string {
  const stood = roles.map((each) => `${each} ${percent(shares.get(each) ?? 0)}`).join(', ');
  return `${fitRight(number(at + 1), 10)}  ${fit(role, 6)} ${fit(agent, 4)} ${fit(resources, 18)} before: ${stood}`;
}

function count(many: number, what: string): string {
  return `${number(many)} ${what}${many === 1 ? '' : 's'}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
