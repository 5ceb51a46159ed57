/** Preemption under simulation: who comes late gets what it is entitled to, at the cost of work that starts anew. */
import { describe, expect, it } from 'vitest';
import { simulate, uniformCluster, type PolicyResult, type Workload } from '../../src/simulation/index.js';

const minute = 60_000;

/** `early` takes everything for an hour, `late` comes after a minute. */
function crowded(preemptible: boolean): Workload {
  const job = (role: string, at: number, count: number, lasts: number) => {
    return { id: role, at, role, groups: [{ count, resources: 'cpus:1;mem:1024', lasts }] };
  };
  return {
    name: 'crowded',
    tenants: [{ role: 'early', preemptible }, { role: 'late' }],
    jobs: () => [job('early', 0, 8, 60 * minute), job('late', minute, 4, 10 * minute)],
  };
}

function run(preemptible: boolean, isOn: boolean): PolicyResult {
  const config = { preemption: isOn ? { patienceMs: 10_000, noticeMs: 5_000, graceMs: 1_000 } : null };
  const cluster = uniformCluster(2, 'cpus:4;mem:4096');
  const [result] = simulate({ cluster, workload: crowded(preemptible), config }).policies;
  if (result === undefined) throw new Error('no policy was simulated');
  return result;
}

const waited = (result: PolicyResult): number =>
  result.tenants.find(({ role }) => role === 'late')?.waitedMs.p95 ?? Infinity;

describe('a simulation with preemption', () => {
  it('ends as many tasks as make room for what the late one is entitled to, and starts them anew', () => {
    const result = run(true, true);
    expect(result.preemptions).toBe(4);
    expect(waited(result)).toBeLessThan(minute);
    expect([result.started, result.ended, result.waiting, result.running]).toEqual([12, 12, 0, 0]);
    expect(result.simulatedMs).toBeGreaterThan(70 * minute);
  });

  it('lets everybody wait for the end of others where nothing may be ended', () => {
    for (const result of [run(false, true), run(true, false)]) {
      expect(result.preemptions).toBe(0);
      expect(waited(result)).toBeGreaterThan(50 * minute);
    }
  });

  it('is the same for the same options', () => {
    expect(run(true, true)).toEqual(run(true, true));
  });
});
