import type { PolicyResult, TenantResult } from '../../result.js';
import { compareLeast, compareWorse, starved } from '../cast.js';
import { given, nothing, percent, percentOf, whole } from '../figures.js';
import { markup, type Markup } from '../markup.js';
import { nameOf } from '../names.js';
import { table, type Column, type RowGroup } from '../table.js';
import { duration } from '../times.js';
import type { View } from '../view.js';
import { section } from './section.js';
import { waitText } from './waiting.js';

/** So many tenants a policy, by how many policies there are. */
function mostRows(policies: number): number {
  if (policies === 1) return 8;
  return policies <= 3 ? 5 : 2;
}

/** Who fared worst: who waited longest, and who had the least of what it asked for. */
export function worstOffSection(view: View): Markup {
  const { policies } = view;
  const tableOf = (name: string, cells: readonly Cell[], among: Among): Markup => {
    const shown = cells.filter(({ when }) => when?.(view) ?? true);
    return table({
      name,
      named: true,
      columns: shown.map(({ column }) => column),
      groups: policies.map((policy) => groupOf(policy, policies.length, shown, among)),
    });
  };
  const waited = tableOf('Who waited longest', longest, {
    those: (each) => starved(each) || each.waitedMs.max > 0,
    compare: compareWorse,
    none: 'Nobody waited.',
  });
  const lacked = tableOf('Who had the least of what it asked for', least, {
    those: lacks,
    compare: compareLeast,
    none: 'All tasks started.',
  });
  return section(
    'worst-off',
    'Worst-off tenants',
    markup`Averages hide who pays for them. These are the tenants that fared worst under each policy. A small share is no harm to who wants no more; with long waits it is.`,
    waited,
    policies.some(({ tenants }) => tenants.some(lacks)) ? lacked : undefined,
  );
}

/** Which tenants a table has, in which order, and what it says if there is none. */
interface Among {
  readonly those: (tenant: TenantResult) => boolean;
  readonly compare: (a: TenantResult, b: TenantResult) => number;
  readonly none: string;
}

interface Cell {
  readonly column: Column;
  readonly text: (tenant: TenantResult, policy: PolicyResult) => Markup | string;
  /** Whether it is worth a column. Absent = always. */
  readonly when?: (view: View) => boolean;
}

const tenant: Cell = { column: { head: 'Tenant', look: 'words' }, text: ({ role }) => nameOf(role) };

const share: readonly Cell[] = [
  { column: { head: 'Mean share' }, text: ({ meanShare }) => percent(meanShare) },
  { column: { head: 'Share, mean tenant = 1', look: 'wide' }, text: againstMean },
  { column: { head: 'Weight' }, text: ({ weight }) => given(weight), when: ({ weighted }) => weighted },
];

const longest: readonly Cell[] = [
  tenant,
  { column: { head: 'Median' }, text: ({ waitedMs }) => timeOf(waitedMs, waitedMs.p50) },
  { column: { head: '95th' }, text: waitText },
  { column: { head: 'Longest' }, text: ({ waitedMs }) => timeOf(waitedMs, waitedMs.max) },
  { column: { head: '95th, all tasks = 1', look: 'wide' }, text: againstAll },
  ...share,
  { column: { head: 'Tasks' }, text: ({ tasks }) => whole(tasks) },
];

const least: readonly Cell[] = [
  tenant,
  { column: { head: 'Tasks' }, text: ({ tasks }) => whole(tasks) },
  { column: { head: 'Started' }, text: ({ started, tasks }) => percentOf(started, tasks) },
  { column: { head: 'Given up' }, text: ({ givenUp, tasks }) => percentOf(givenUp, tasks) },
  { column: { head: 'Still waiting' }, text: ({ waiting, tasks }) => percentOf(waiting, tasks) },
  ...share,
];

function timeOf({ count }: TenantResult['waitedMs'], ms: number): string {
  return count === 0 ? nothing : duration(ms);
}

/** Whether some of its tasks did not start. */
function lacks({ tasks, started }: TenantResult): boolean {
  return started < tasks;
}

function groupOf(
  policy: PolicyResult,
  policies: number,
  cells: readonly Cell[],
  { those, compare, none }: Among,
): RowGroup {
  const rows = policy.tenants
    .filter(those)
    .toSorted(compare)
    .slice(0, mostRows(policies))
    .map((each) => {
      const [head = '', ...others] = cells.map(({ text }) => text(each, policy));
      return { head, cells: others };
    });
  const noRow = { head: markup`<span class="faint">${none}</span>`, cells: cells.slice(1).map(() => '') };
  return { ...(policies > 1 && { title: nameOf(policy.policy) }), rows: rows.length === 0 ? [noRow] : rows };
}

/** Its 95th percentile against that of all tasks: `×2.4`. */
function againstAll({ waitedMs }: TenantResult, policy: PolicyResult): string {
  return waitedMs.count === 0 ? nothing : factor(waitedMs.p95, policy.waitedMs.p95);
}

/** Its mean share against the mean of all tenants' mean shares. */
function againstMean({ meanShare }: TenantResult, { tenants }: PolicyResult): string {
  const asked = tenants.filter(({ tasks }) => tasks > 0);
  return factor(meanShare, asked.reduce((sum, each) => sum + each.meanShare, 0) / asked.length);
}

function factor(value: number, whole: number): string {
  const ratio = value / whole;
  if (!Number.isFinite(ratio)) return nothing;
  if (ratio > 0 && ratio < 0.005) return '×<0.01';
  return `×${ratio < 9.95 ? ratio.toFixed(2) : ratio.toFixed(0)}`;
}
