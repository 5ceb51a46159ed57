import { compareWorse } from '../cast.js';
import { count, given, nothing, percent, percentOf, whole } from '../figures.js';
import { markup, type Content, type Markup } from '../markup.js';
import { nameOf } from '../names.js';
import { table, type Column } from '../table.js';
import type { View } from '../view.js';
import { section } from './section.js';
import { waitText } from './waiting.js';

/** So many tenants are listed. */
const mostRows = 1_000;

/** Every tenant, worst off first. */
export function tenantsSection({ policies, cast, weighted }: View): Markup {
  const order = [
    ...new Set(
      policies
        .flatMap(({ tenants }) => tenants)
        .toSorted(compareWorse)
        .map(({ role }) => role),
    ),
  ];
  const shown = order.slice(0, mostRows);
  const of = policies.map(({ tenants }) => new Map(tenants.map((tenant) => [tenant.role, tenant])));
  const columns: readonly Column[] = [
    { head: 'Tenant', look: 'words' },
    { head: 'Behaviour', look: 'words wide' },
    ...(weighted ? [{ head: 'Weight' }] : []),
    { head: 'Tasks' },
    ...policies.flatMap(({ policy }) => [
      { head: markup`Waited<small>${under(policy, policies.length)}</small>` },
      { head: markup`Share<small>${under(policy, policies.length)}</small>` },
      { head: markup`Started<small>${under(policy, policies.length)}</small>` },
    ]),
  ];
  const rows = shown.map((role) => {
    const tenants = of.map((byRole) => byRole.get(role));
    const any = tenants.find((tenant) => tenant !== undefined);
    const cells: readonly Content[] = tenants.flatMap((tenant) => [
      waitText(tenant),
      tenant === undefined ? nothing : percent(tenant.meanShare),
      tenant === undefined ? nothing : percentOf(tenant.started, tenant.tasks),
    ]);
    return {
      head: markup`<span class="swatch ${cast.lookOf(role)}"></span>${nameOf(role)}`,
      cells: [
        any?.behaviour,
        ...(weighted ? [given(any?.weight ?? NaN)] : []),
        any === undefined ? nothing : whole(any.tasks),
        ...cells,
      ],
    };
  });
  const rest = order.length - shown.length;
  return section(
    'tenants',
    'All tenants',
    markup`Worst off first. Waited: at the 95th percentile. Share: the mean of its dominant share over the time that it
    had anything to run${weighted ? ', divided by its weight' : ''}. Started: of its
    tasks.${rest > 0 ? ` The other ${count(rest, 'tenant')} are not listed.` : ''}`,
    order.length === 0
      ? markup`<p class="faint">There are no tenants.</p>`
      : table({ name: 'All tenants', columns, groups: [{ rows }] }),
  );
}

function under(policy: string, policies: number): Content {
  return policies > 1 ? nameOf(policy) : undefined;
}
