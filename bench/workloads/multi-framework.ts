/** `multi-framework`: frameworks of three kinds, few large, many small and some between, until all their tasks run. */
import { agentReport, subscribe } from '../clusters.js';
import { Host, wire } from '../host.js';
import { rowsOf } from '../row.js';
import { fillCluster, type Appetite } from '../schedulers.js';
import { settle } from '../sizes.js';
import { Stopwatch } from '../stopwatch.js';
import type { Workload, WorkloadOptions, WorkloadRow } from '../types.js';

/** The workload `multi-framework`. */
export const multiFramework: Workload = {
  name: 'multi-framework',
  summary: 'large, middling and small frameworks until all their tasks run, everything included (ops: tasks)',
  phases: ['fill'],
  defaults: (given) => settle({ ...given, roles: 1, layout: 'spread' }, { agents: USUAL_AGENTS, runs: 5 }),
  run,
};

const USUAL_AGENTS = 80;
const total = 'cpus:64;mem:488000';

/** A framework, with its role. */
interface Party extends Appetite {
  readonly role: string;
}

function run(options: WorkloadOptions): WorkloadRow[] {
  const clock = new Stopwatch();
  const parties = partiesFor(options.agents);
  const tasks = parties.reduce((sum, party) => sum + party.tasks, 0);
  clock.rounds(options.runs, () => {
    const host = new Host(options);
    for (const { framework, role } of parties) subscribe(host, framework, role);
    for (let n = 0; n < options.agents; n += 1) host.tell(wire(agentReport(n, total, host.now)));
    clock.time('fill', () => fillCluster(host, parties, tasks));
    clock.count('fill', tasks);
    options.inspect?.(host.state);
  });
  const roles = new Set(parties.map(({ role }) => role)).size;
  return rowsOf('multi-framework', options, clock, { frameworks: parties.length, roles, tasks: 0 });
}

/** 554 frameworks with 19,500 tasks for 80 agents; fewer or more for other numbers. */
function partiesFor(agents: number): readonly Party[] {
  const scaled = (count: number): number => Math.max(1, Math.round((count * agents) / USUAL_AGENTS));
  const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
  return [
    ...many(4, (n) => party(`large${n}`, `large${n}`, scaled(4_000), 100, { cpus: 0.07, mem: 400 })),
    ...many(scaled(500), (n) => party(`small${n}`, 'small', 5, 1, { cpus: 0.1, mem: 4_000 })),
    ...many(scaled(50), (n) => party(`middle${n}`, `middle${n}`, 20, 5, { cpus: 1, mem: 1_000 })),
  ];
}

function party(framework: string, role: string, tasks: number, perOffer: number, size: Appetite['size']): Party {
  return { framework, role, tasks, perOffer, size };
}
