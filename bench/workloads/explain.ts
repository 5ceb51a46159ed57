/** `explain`: why one framework is offered nothing, agent by agent, when nearly everybody has refused. */
import { explain } from '../../src/cluster/index.js';
import { declinedCluster } from '../clusters.js';
import { frameworkId } from '../host.js';
import { rowsOf } from '../row.js';
import { settle } from '../sizes.js';
import { Stopwatch } from '../stopwatch.js';
import type { Workload, WorkloadOptions, WorkloadRow } from '../types.js';

/** The workload `explain`. */
export const explaining: Workload = {
  name: 'explain',
  summary: 'why one framework is or is not offered each agent, as in declined-cycle (ops: agents)',
  phases: ['explain'],
  defaults: (given) => settle(given, { runs: 10 }),
  run,
};

function run(options: WorkloadOptions): WorkloadRow[] {
  const host = declinedCluster(options, 'one-percent');
  const clock = new Stopwatch();
  let turn = 0;
  clock.rounds(options.runs, () => {
    const framework = frameworkId(turn % options.frameworks);
    turn += 1;
    host.pass(1);
    host.tell({ type: 'tick', at: host.now });
    const answer = clock.time('explain', () => explain(host.state, { framework }, options.policy));
    clock.count('explain', answer.agents.length);
  });
  options.inspect?.(host.state);
  return rowsOf('explain', options, clock);
}
