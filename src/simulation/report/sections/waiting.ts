import type { PolicyResult, TenantResult } from '../../result.js';
import { compareWorse, starved } from '../cast.js';
import { nothing } from '../figures.js';
import { legend, type Key } from '../legend.js';
import { look, marker } from '../looks.js';
import { markup, type Content, type Markup } from '../markup.js';
import { nameOf, plainName } from '../names.js';
import { strip, stripAxis, type Mark } from '../strips.js';
import { table, type Column, type Row } from '../table.js';
import { duration } from '../times.js';
import type { View } from '../view.js';
import { waitScale, type WaitScale } from '../wait-scale.js';
import { section } from './section.js';

/** So many tenants have a row; the table of all tenants has the others. */
const mostRows = 12;

/** How long tasks waited: all of them by policy, and tenant by tenant. */
export function waitingSection({ policies, cast }: View): Markup {
  const tenants = policies.flatMap((policy) => policy.tenants).filter(({ tasks }) => tasks > 0);
  if (policies.some(({ started }) => started > 0) && tenants.every(neverWaited)) {
    return section('waiting', 'Waiting times', 'No task had to wait: all started as soon as they could.');
  }
  const scale = waitScale([
    ...policies.flatMap(({ waitedMs }) => [waitedMs.p50, waitedMs.p95, waitedMs.p99, waitedMs.max]),
    ...tenants.map(({ waitedMs }) => waitedMs.p95),
  ]);
  const about =
    'From when a task could start to when it did, of those that did. The scale goes by orders of magnitude; 0 has a place of its own at the left.';
  return section(
    'waiting',
    'Waiting times',
    about,
    markup`<h3>All tasks</h3>`,
    legend(keys),
    byPolicy(policies, scale),
    ...(cast.roles.length < 2 ? [] : tenants.every(hardlyWaited) ? [noWaits] : byTenant(policies, scale)),
  );
}

function neverWaited(tenant: TenantResult): boolean {
  return tenant.waitedMs.max === 0 && !starved(tenant);
}

function hardlyWaited(tenant: TenantResult): boolean {
  return tenant.waitedMs.p95 === 0 && !starved(tenant);
}

const noWaits = markup`<h3>By tenant</h3>
  <p class="about">Of a hundred of each tenant’s tasks 95 started as soon as they could.</p>`;

const figures = [
  { what: 'median', head: 'Median', of: 'p50', marker: marker(0), look: 'hollow' },
  { what: '95th percentile', head: '95th', of: 'p95', marker: marker(0), look: 'c0' },
  { what: '99th percentile', head: '99th', of: 'p99', marker: marker(2), look: 'c1' },
  { what: 'longest', head: 'Longest', of: 'max', marker: 'M-1.2-7H1.2V7H-1.2Z', look: 'ink' },
] as const;

const keys: readonly Key[] = figures.map(({ what, look: of, marker: shape }) => ({
  text: what,
  look: of,
  shape: { marker: shape },
}));

function byPolicy(policies: readonly PolicyResult[], scale: WaitScale): Markup {
  return table({
    name: 'Waiting times of all tasks by policy',
    look: 'strips',
    columns: [
      { head: 'Policy', look: 'words' },
      { head: axis(scale), look: 'strip' },
      ...figures.map(({ head, of }): Column => (of === 'p95' ? { head } : { head, look: 'wide' })),
    ],
    groups: [
      {
        rows: policies.map(({ policy, waitedMs }): Row => {
          const marks =
            waitedMs.count === 0
              ? []
              : figures.map(({ what, of, ...how }): Mark => ({ what, ms: waitedMs[of], ...how }));
          const cells = figures.map(({ of }) => (waitedMs.count === 0 ? nothing : duration(waitedMs[of])));
          return { head: nameOf(policy), cells: [strip(marks, scale, plainName(policy)), ...cells] };
        }),
      },
    ],
  });
}

function byTenant(policies: readonly PolicyResult[], scale: WaitScale): readonly Content[] {
  const roles = [
    ...new Set(
      policies
        .flatMap(({ tenants }) => tenants)
        .filter(({ tasks }) => tasks > 0)
        .toSorted(compareWorse)
        .map(({ role }) => role),
    ),
  ];
  const shown = roles.slice(0, mostRows);
  const others = roles.length - shown.length;
  const several = policies.length > 1;
  const of = policies.map(({ tenants }) => new Map(tenants.map((tenant) => [tenant.role, tenant])));
  const note =
    others > 0 ? ` The ${shown.length} that waited longest; the table at the end has the ${others} others.` : '';
  return [
    markup`<h3>By tenant, at the 95th percentile</h3>`,
    markup`<p class="about">Of a hundred of a tenant’s tasks 95 waited no longer than this.${note}</p>`,
    several
      ? legend(
          policies.map(({ policy }, at) => ({ text: nameOf(policy), look: look(at), shape: { marker: marker(at) } })),
        )
      : undefined,
    table({
      name: 'Waiting times at the 95th percentile by tenant and policy',
      look: 'strips',
      columns: [
        { head: 'Tenant', look: 'words' },
        { head: axis(scale), look: 'strip' },
        ...policies.map(({ policy }) =>
          policies.length > 2 ? { head: nameOf(policy), look: 'wide' as const } : { head: nameOf(policy) },
        ),
      ],
      groups: [
        {
          rows: shown.map((role): Row => {
            const tenants = of.map((byRole) => byRole.get(role));
            const marks = tenants.flatMap((tenant, at) => markOf(tenant, policies, at));
            return { head: nameOf(role), cells: [strip(marks, scale, plainName(role)), ...tenants.map(waitText)] };
          }),
        },
      ],
    }),
  ];
}

function markOf(tenant: TenantResult | undefined, policies: readonly PolicyResult[], at: number): readonly Mark[] {
  const policy = policies[at];
  if (tenant === undefined || policy === undefined || tenant.waitedMs.count === 0) return [];
  const { p95 } = tenant.waitedMs;
  return [
    {
      what: plainName(policy.policy),
      ms: p95,
      marker: marker(at),
      look: look(at),
      aside: asideOf(at, policies.length),
    },
  ];
}

/** Marks of several policies are next to each other, not on top. */
function asideOf(at: number, all: number): number {
  const step = Math.min(6, 30 / Math.max(1, all - 1));
  return Math.round((at - (all - 1) / 2) * step * 10) / 10;
}

/** How long it waited at the 95th percentile, or why that cannot be said. */
export function waitText(tenant: TenantResult | undefined): string {
  if (tenant === undefined) return nothing;
  if (starved(tenant)) return 'none started';
  return tenant.waitedMs.count === 0 ? nothing : duration(tenant.waitedMs.p95);
}

function axis(scale: WaitScale): Markup {
  return markup`<span class="hidden">Waiting time</span>${stripAxis(scale)}`;
}
