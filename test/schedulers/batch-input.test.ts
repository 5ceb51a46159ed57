import { describe, expect, it } from 'vitest';
import { batchScheduler, type BatchJob, type BatchOptions } from '../../src/schedulers/index.js';
import { manualClock } from '../../src/transport/index.js';
import { thrownBy } from '../master/harness.js';
import { job, standing, task } from './harness.js';

const clock = manualClock();

const refused = (options: unknown): unknown => thrownBy(() => batchScheduler({ clock, ...(options as BatchOptions) }));
const error = (code: string, path: string): unknown => expect.objectContaining({ name: 'InputError', code, path });
const oneJob = (more: object): unknown => ({ jobs: [{ ...job('a'), ...more }] });
const oneTask = (more: object): unknown => ({ jobs: [job('a', { tasks: [{ ...task(), ...more }] })] });
const command = (more: object): unknown => oneTask({ payload: undefined, command: 'x', ...more });

describe('what a host writes', () => {
  it.each<[unknown, string, string]>([
    [{ jobs: [{}] }, 'missing-field', 'jobs[0].id'],
    [{ jobs: ['a'] }, 'wrong-type', 'jobs[0]'],
    [oneJob({ tasks: [] }), 'empty-list', 'jobs[0].tasks'],
    [oneJob({ id: 'a/b' }), 'bad-id', 'jobs[0].id'],
    [oneJob({ id: '' }), 'bad-id', 'jobs[0].id'],
    [oneJob({ id: 'x'.repeat(240) }), 'bad-id', 'jobs[0].tasks[0].id'],
    [oneJob({ prio: 1 }), 'unknown-field', 'jobs[0].prio'],
    [oneJob({ priority: NaN }), 'wrong-type', 'jobs[0].priority'],
    [oneJob({ priority: Infinity }), 'bad-number', 'jobs[0].priority'],
    [oneJob({ priority: -0 }), 'bad-number', 'jobs[0].priority'],
    [oneJob({ deadlineMs: -1 }), 'bad-duration', 'jobs[0].deadlineMs'],
    [oneJob({ deadlineMs: 1.5 }), 'bad-duration', 'jobs[0].deadlineMs'],
    [oneJob({ deadline: Infinity }), 'bad-time', 'jobs[0].deadline'],
    [oneJob({ deadline: 1, deadlineMs: 1 }), 'two-deadlines', 'jobs[0].deadline'],
    [oneJob({ class: 'lazy' }), 'unknown-value', 'jobs[0].class'],
    [oneJob({ startBy: 1 }), 'bad-class', 'jobs[0].startBy'],
    [oneJob({ retries: -1 }), 'bad-count', 'jobs[0].retries'],
    [oneJob({ retries: { limit: 1, backoff: {} } }), 'unknown-field', 'jobs[0].retries.backoff'],
    [oneJob({ retries: { backOff: { firstMs: 2, maxMs: 1 } } }), 'bad-back-off', 'jobs[0].retries.backOff.maxMs'],
    [
      oneJob({ retries: { backOff: { firstMs: 1, maxMs: 1, jitter: 2 } } }),
      'bad-back-off',
      'jobs[0].retries.backOff.jitter',
    ],
    [oneJob({ gang: true, tasks: [task('t', { retries: 1 })] }), 'bad-retries', 'jobs[0].tasks[0].retries'],
    [oneJob({ tasks: [task('t'), task('t')] }), 'duplicate-task', 'jobs[0].tasks[1].id'],
    [oneJob({ after: ['a'] }), 'dependency-cycle', 'jobs[0].after'],
    [oneJob({ after: ['b'] }), 'unknown-job', 'jobs[0].after[0]'],
    [oneJob({ constraints: [{ type: 'near' }] }), 'unknown-value', 'jobs[0].constraints[0].type'],
    [oneJob({ constraints: [{ type: 'like', attribute: 'z' }] }), 'missing-field', 'jobs[0].constraints[0].pattern'],
    [oneTask({ resources: 'cpus:lots' }), 'bad-resources', 'jobs[0].tasks[0].resources'],
    [oneTask({ resources: '' }), 'no-resources', 'jobs[0].tasks[0].resources'],
    [oneTask({ resources: 5 }), 'wrong-type', 'jobs[0].tasks[0].resources'],
    [oneTask({ instances: 0 }), 'bad-count', 'jobs[0].tasks[0].instances'],
    [oneTask({ instances: 1e9 }), 'bad-count', 'jobs[0].tasks[0].instances'],
    [oneTask({ ports: -1 }), 'bad-count', 'jobs[0].tasks[0].ports'],
    [oneTask({ ports: ['a b'] }), 'bad-port-name', 'jobs[0].tasks[0].ports[0]'],
    [oneTask({ ports: ['a-b', 'A_b'] }), 'duplicate-port', 'jobs[0].tasks[0].ports[1]'],
    [oneTask({ payload: undefined }), 'command-or-executor', 'jobs[0].tasks[0]'],
    [oneTask({ command: 'x' }), 'command-or-executor', 'jobs[0].tasks[0]'],
    [oneTask({ env: { A: 'b' } }), 'no-command', 'jobs[0].tasks[0].env'],
    [oneTask({ payload: { at: new Date() } }), 'not-json', 'jobs[0].tasks[0].payload.at'],
    [oneTask({ payload: [1, NaN] }), 'not-json', 'jobs[0].tasks[0].payload[1]'],
    [oneTask({ payload: () => 1 }), 'not-json', 'jobs[0].tasks[0].payload'],
    [command({ env: { A: 1 } }), 'wrong-type', 'jobs[0].tasks[0].env.A'],
    [command({ command: 5 }), 'wrong-type', 'jobs[0].tasks[0].command'],
    [command({ command: { value: 5 } }), 'wrong-type', 'jobs[0].tasks[0].command.value'],
    [command({ artifacts: [{}] }), 'bad-artifact', 'jobs[0].tasks[0].command.artifacts[0]'],
    [command({ maxCompletionMs: -5 }), 'bad-duration', 'jobs[0].tasks[0].maxCompletionMs'],
    [command({ healthCheck: { type: 'tcp', tcp: { port: 'web' } } }), 'unknown-port', 'jobs[0].tasks[0].healthCheck'],
    [command({ healthCheck: { type: 'tcp' } }), 'bad-check', 'jobs[0].tasks[0].healthCheck.tcp'],
    [command({ limits: { cpus: 0.1 } }), 'bad-limits', 'jobs[0].tasks[0].limits.cpus'],
    [{ role: 'a b' }, 'bad-role', 'role'],
    [{ seed: NaN }, 'bad-time', 'seed'],
    [{ refuseMs: Infinity }, 'bad-duration', 'refuseMs'],
    [{ unreachableAfterMs: -1 }, 'bad-duration', 'unreachableAfterMs'],
    [{ gangHoldMs: 0.5 }, 'bad-duration', 'gangHoldMs'],
    [{ packing: 'tight' }, 'unknown-value', 'packing'],
    [{ reconcile: { everyMs: 0 } }, 'bad-duration', 'reconcile.everyMs'],
  ])('%j is refused as %s at %s', (options, code, path) => {
    expect(refused(options)).toEqual(error(code, path));
  });

  it('may name jobs in any order, but not in a circle', () => {
    const jobs = [job('c', { after: ['b'] }), job('b', { after: ['a'] }), job('a', { after: ['c'] })];
    expect(refused({ jobs })).toEqual(error('dependency-cycle', 'jobs[2].after'));
    const chain = Array.from({ length: 20_000 }, (_, index) =>
      job(`j${index}`, index === 19_999 ? {} : { after: [`j${index + 1}`] }),
    );
    const batch = batchScheduler({ clock, jobs: chain });
    batch.cancel('j19999');
    expect(standing(batch)).toHaveLength(20_000);
    expect(batch.job('j0')).toMatchObject({ state: 'skipped' });
    batch.close();
  });

  it('is all added or none of it', () => {
    const batch = batchScheduler({ clock, jobs: [job('a')] });
    const add = (...jobs: BatchJob[]): unknown => thrownBy(() => batch.add(jobs));
    expect(add(job('b'), job('b'))).toEqual(error('duplicate-job', 'jobs[1].id'));
    expect(add(job('b'), job('a', { priority: 1 }))).toEqual(error('job-changed', 'jobs[1]'));
    expect(add(job('b'), job('c', { after: ['d'] }))).toEqual(error('unknown-job', 'jobs[1].after[0]'));
    expect(standing(batch)).toEqual(['a waiting']);
    // What is known already and the same changes nothing.
    batch.add([job('a'), job('b', { after: ['a'] })]);
    expect(standing(batch)).toEqual(['a waiting', 'b blocked']);
    batch.close();
  });

  it("stays the host's: changing it later changes nothing", () => {
    const payload = { n: 1 };
    const batch = batchScheduler({ clock, jobs: [{ id: 'a', tasks: [{ id: 't', payload, resources: 'cpus:1' }] }] });
    payload.n = 2;
    expect(batch.state.jobs[0]?.spec.tasks[0]?.spec.body.payload).toEqual({ n: 1 });
    batch.close();
  });

  it('says what to subscribe with', () => {
    const batch = batchScheduler({
      clock,
      name: 'nightly',
      role: 'etl/night',
      failoverTimeoutMs: 5_000,
      framework: { principal: 'ops', capabilities: ['shared-resources'] },
      jobs: [job('a', { tasks: [task('t', { revocable: true, resources: 'gpus:1' })] })],
    });
    expect(batch.info()).toEqual({
      name: 'nightly',
      roles: ['etl/night'],
      failoverTimeoutMs: 5_000,
      checkpoint: true,
      principal: 'ops',
      capabilities: [
        'multi-role',
        'partition-aware',
        'task-killing-state',
        'revocable-resources',
        'gpu-resources',
        'shared-resources',
      ],
    });
    batch.close();
  });
});
