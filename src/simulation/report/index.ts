/**
 * From the result of a simulation to a page that a person reads: `page.ts` is the document, `sections/` what is on it,
 * `chart.ts`, `strips.ts` and `table.ts` how it is shown, `findings.ts` what it comes to in words.
 */
import type { SimulationResult } from '../result.js';
import { lines, markup, type Markup } from './markup.js';
import { page } from './page.js';
import { fairnessSection } from './sections/fairness.js';
import { footer, header, pageTitle } from './sections/header.js';
import { policiesSection } from './sections/policies.js';
import { sharesSection } from './sections/shares.js';
import { tasksSection } from './sections/tasks.js';
import { tenantsSection } from './sections/tenants.js';
import { utilisationSection } from './sections/utilisation.js';
import { waitingSection } from './sections/waiting.js';
import { worstOffSection } from './sections/worst-off.js';
import { viewOf, type View } from './view.js';

/** A part of the page, and when it is worth seeing. */
interface Part {
  readonly id: string;
  readonly title: string;
  readonly section: (view: View) => Markup;
  readonly when: (view: View) => boolean;
}

const parts: readonly Part[] = [
  { id: 'policies', title: 'Figures', section: policiesSection, when: ({ policies }) => policies.length > 0 },
  { id: 'waiting', title: 'Waiting times', section: waitingSection, when: anyTask },
  { id: 'worst-off', title: 'Worst-off tenants', section: worstOffSection, when: severalTenants },
  { id: 'shares', title: 'Dominant shares', section: sharesSection, when: ({ cast }) => cast.roles.length > 0 },
  { id: 'fairness', title: 'Fairness', section: fairnessSection, when: severalTenants },
  {
    id: 'utilisation',
    title: 'Use of the cluster',
    section: utilisationSection,
    when: anyTime,
  },
  { id: 'tasks', title: 'Tasks', section: tasksSection, when: anyTask },
  { id: 'tenants', title: 'All tenants', section: tenantsSection, when: ({ cast }) => cast.roles.length > 0 },
];

function anyTask({ policies }: View): boolean {
  return policies.some(({ tasks }) => tasks > 0);
}

/** Over no time there is nothing to plot; of no resources there is that to say. */
function anyTime({ policies }: View): boolean {
  return policies.some(({ series: { utilisation } }) => {
    return utilisation.length === 0 || utilisation.some(({ values }) => values.length > 0);
  });
}

function severalTenants(view: View): boolean {
  return view.cast.roles.length > 1 && anyTask(view);
}

/**
 * A report on a simulation: one HTML document that needs nothing from elsewhere. The same result gives the same text.
 *
 * It has what was found in sentences, the policies side by side, waiting times, the worst-off tenants, and over time shares,
 * fairness, the use of the cluster and tasks. Names may be any text. Numbers that are none are shown as a dash or a gap.
 *
 * @example await writeFile('report.html', report(simulate({ cluster, workload, policies: [drf, fifo] })));
 * @remarks Since 0.1.0
 */
export function report(data: SimulationResult): string {
  const view = viewOf(data);
  const shown = parts.filter(({ when }) => when(view));
  return page(
    pageTitle(data),
    markup`${header(view, shown)}
<main>
${lines(shown.map(({ section }) => section(view)))}
</main>
${footer(view)}`,
  );
}
