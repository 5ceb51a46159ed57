/** `sorter`: the fair-sharing order by itself, as one uses it without a cluster. */
import { createSorter, type Sorter } from '../../src/drf/index.js';
import { isAllocationPolicy } from '../../src/offers/index.js';
import { InputError, resources, type Resources } from '../../src/resources/index.js';
import { machine } from '../clusters.js';
import { rowsOf } from '../row.js';
import { roleOf, settle } from '../sizes.js';
import { Stopwatch } from '../stopwatch.js';
import type { Workload, WorkloadOptions, WorkloadRow } from '../types.js';

/** The workload `sorter`. */
export const sorter: Workload = {
  name: 'sorter',
  summary:
    'a sorter with a client a framework: allocated of every agent with a sort after each, unallocated of all (ops: agents), sort when nothing changed (ops: sorts)',
  phases: ['allocated', 'sort', 'unallocated'],
  defaults: (given) => settle(given, { runs: 10 }),
  run,
};

const SORTS = 100;

/** Each agent as one client has it. */
interface Share {
  readonly agent: string;
  readonly client: string;
  readonly part: Resources;
}

/** A sorter is changed in place: each round goes on where the last one ended, with nothing allocated. */
function run(options: WorkloadOptions): WorkloadRow[] {
  const fair = sorterFor(options);
  const parts = sharesFor(options);
  const clock = new Stopwatch();
  clock.rounds(options.runs, () => {
    clock.time('allocated', () => allocateAll(fair, parts));
    clock.count('allocated', parts.length);
    clock.time('sort', () => sortAll(fair));
    clock.count('sort', SORTS);
    clock.time('unallocated', () => {
      for (const { client, agent, part } of parts) fair.unallocated(client, agent, part);
    });
    clock.count('unallocated', parts.length);
  });
  return rowsOf('sorter', options, clock, { tasks: null });
}

function sorterFor({ agents, frameworks, seed, policy, layout, roles }: WorkloadOptions): Sorter {
  if (isAllocationPolicy(policy)) throw new InputError('bad-policy', 'policy', 'a sorter wants a rule that ranks');
  const fair = createSorter({ rule: policy, seed });
  for (let n = 0; n < agents; n += 1) fair.addAgent(`agent${n}`, machine);
  for (let n = 0; n < frameworks; n += 1) {
    const client = clientOf(n, layout, roles);
    fair.add(client);
    fair.activate(client);
  }
  return fair;
}

function clientOf(n: number, layout: WorkloadOptions['layout'], roles: number): string {
  const role = roleOf(n, { layout, roles });
  return layout === 'spread' ? `${role}/framework${n}` : role;
}

function sharesFor({ agents, frameworks, layout, roles }: WorkloadOptions): readonly Share[] {
  return Array.from({ length: agents }, (_, n) => {
    const part = resources(`cpus:${1 + (n % 16)};mem:${1_024 * (1 + (n % 64))};disk:1024`);
    return { agent: `agent${n}`, client: clientOf(n % frameworks, layout, roles), part };
  });
}

function allocateAll(fair: Sorter, parts: readonly Share[]): void {
  for (const { client, agent, part } of parts) {
    fair.allocated(client, agent, part);
    fair.sort();
  }
}

function sortAll(fair: Sorter): void {
  for (let n = 0; n < SORTS; n += 1) fair.sort();
}
