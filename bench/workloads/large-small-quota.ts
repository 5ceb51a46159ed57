/** `large-small-quota`: each role has a quota, most a small one and some one that takes two agents. */
import { offers } from '../../src/cluster/index.js';
import { agentReport, subscribe } from '../clusters.js';
import { frameworkId, Host, offersIn, wire } from '../host.js';
import { rowsOf } from '../row.js';
import { settle } from '../sizes.js';
import { Stopwatch } from '../stopwatch.js';
import type { Workload, WorkloadOptions, WorkloadRow } from '../types.js';

/** The workload `large-small-quota`. */
export const largeSmallQuota: Workload = {
  name: 'large-small-quota',
  summary:
    'an allocation in which every role has a guarantee and a limit (ops: offers); empty: the next one (ops: runs)',
  phases: ['first', 'empty'],
  defaults: (given) => {
    const { agents = 300 } = given;
    return settle({ ...given, agents, frameworks: rolesOf(agents).all, roles: rolesOf(agents).all, layout: 'own' });
  },
  run,
};

const total = 'cpus:2;mem:2048;disk:2048';
const quotas = { small: { cpus: 1, mem: 1024, disk: 1024 }, large: { cpus: 4, mem: 4096, disk: 4096 } };

/** A fifth of an agent for each small role and five agents for each large one; five times as many small as large ones. */
function rolesOf(agents: number): { readonly small: number; readonly all: number } {
  const large = Math.max(1, Math.round(agents / 6));
  return { small: 5 * large, all: 6 * large };
}

function run(options: WorkloadOptions): WorkloadRow[] {
  const { small, all } = rolesOf(options.agents);
  const host = quotaCluster(options);
  const clock = new Stopwatch();
  clock.rounds(options.runs, () => {
    host.giveBack(offers(host.state));
    host.pass(1_000);
    const outputs = clock.time('first', () => host.allocate('all'));
    clock.count('first', offersIn(outputs).length);
    host.pass(1_000);
    clock.time('empty', () => host.allocate());
    clock.count('empty', 1);
  });
  options.inspect?.(host.state);
  return rowsOf('large-small-quota', options, clock, { agents: small / 5 + (all - small) * 5, frameworks: all });
}

/** All roles with their quotas, all agents registered; nothing is offered yet. */
export function quotaCluster(options: WorkloadOptions): Host {
  const { small, all } = rolesOf(options.agents);
  const host = new Host(options);
  const roles = Array.from({ length: all }, (_, n) => `role${n}`);
  for (const [n, role] of roles.entries()) subscribe(host, frameworkId(n), role);
  const agents = small / 5 + (all - small) * 5;
  for (let n = 0; n < agents; n += 1) host.tell(wire(agentReport(n, total, host.now)));
  const quotaOf = (role: string, n: number): object => {
    const amounts = n < small ? quotas.small : quotas.large;
    return { role, guarantees: amounts, limits: amounts };
  };
  host.tell(
    wire({ type: 'set-quota', at: host.now, quotas: roles.map(quotaOf) } as const) as Parameters<Host['tell']>[0],
  );
  return host;
}
