import { markup, type Markup } from '../markup.js';
import type { View } from '../view.js';
import { section } from './section.js';
import { meansNote, sideBySide } from './side-by-side.js';

/** Jain's index over time. */
export function fairnessSection(view: View): Markup {
  return section(
    'fairness',
    'Fairness',
    markup`Jain’s index over the shares of those who have anything to run: 1 when all have the same, 1/n when one of n has everything. It is also low when tenants simply want different amounts. ${meansNote(view)}`,
    sideBySide(view, {
      id: 'jain',
      name: 'Jain’s index',
      axis: { top: 1, ticks: [0, 0.25, 0.5, 0.75, 1], kind: 'index' },
      values: ({ series }) => series.jain,
    }),
  );
}
