import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReportedExecutor, ReportedTask } from '../../src/tasks/index.js';
import { cluster, type Cluster } from './harness.js';

const volume = (role: string, shared: number | true = true) =>
  ({ name: 'disk', value: 2, role, disk: { id: 'v1', path: 'data' }, shared }) as const;

/** A return of an agent with a shared volume; whether anything is wrong is asked after each input by the box. */
function comeBack(box: Cluster, tasks: readonly ReportedTask[], executors: readonly ReportedExecutor[]): void {
  box.send({ type: 'reregister', agent: 'a1', resources: ['cpus:2', volume('a')], tasks, executors });
}

describe('a shared volume that comes back with an agent', () => {
  const frameworks = fc.constantFrom('f1', 'f2', 'unknown');
  const parts = fc.array(
    fc.record({
      framework: frameworks,
      executor: fc.boolean(),
      copies: fc.constantFrom<number | true | undefined>(true, 1, 2, undefined),
      volume: fc.constantFrom('a', 'b'),
      role: fc.constantFrom('a', 'b', 'a/x'),
    }),
    { minLength: 1, maxLength: 4 },
  );

  it('is counted once for all that use it, and in each copy for what is held, whoever they are and however they end', () => {
    fc.assert(
      fc.property(parts, parts, fc.boolean(), (first, second, disconnects) => {
        const box = cluster();
        box.framework('f1', ['a', 'a/x'], { checkpoint: true, capabilities: ['multi-role', 'shared-resources'] });
        box.framework('f2', ['a'], { capabilities: ['multi-role', 'shared-resources'] });
        for (const round of [first, second]) {
          const named = round.map((part, n) => {
            const used = part.copies === undefined ? [] : [volume(part.volume, part.copies)];
            return { ...part, id: `${part.executor ? 'e' : 't'}${n}`, resources: ['cpus:0.1', ...used] };
          });
          const tasks = named.flatMap(({ framework, id, role, resources, executor }): ReportedTask[] =>
            executor ? [] : [{ framework, id, role, resources, state: 'running' }],
          );
          const executors = named.flatMap(({ framework, id, role, resources, executor }): ReportedExecutor[] =>
            executor ? [{ framework, id, role, resources }] : [],
          );
          comeBack(box, tasks, executors);
          for (const { framework, id } of tasks) box.status('a1', framework, id, 'finished');
          for (const { framework, id } of executors.slice(1)) {
            box.send({ type: 'executor-exited', agent: 'a1', framework, executor: id });
          }
          if (disconnects) box.send({ type: 'agent-disconnected', agent: 'a1' });
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, readonly ReportedTask[], readonly ReportedExecutor[]]>([
    [
      'two tasks',
      ['t1', 't2'].map((id) => ({ framework: 'f1', id, role: 'a', resources: [volume('a')], state: 'running' })),
      [],
    ],
    [
      'a task and an executor',
      [{ framework: 'f1', id: 't1', role: 'a', resources: [volume('a')], state: 'running' }],
      [{ framework: 'f1', id: 'e1', role: 'a', resources: [volume('a')] }],
    ],
    [
      'a task with two copies',
      [{ framework: 'f1', id: 't1', role: 'a', resources: [volume('a', 2)], state: 'running' }],
      [],
    ],
  ])('is shared by %s', (_, tasks, executors) => {
    const box = cluster();
    box.framework('f1', ['a']);
    comeBack(box, tasks, executors);
    const share = (): string => String(box.state.allocator.shares.nodes.get('a')?.allocated);
    expect(share()).toBe('disk:2');
    for (const { id } of tasks) box.status('a1', 'f1', id, 'finished');
    expect(share()).toBe(executors.length > 0 ? 'disk:2' : '{}');
    for (const { id } of executors) box.send({ type: 'executor-exited', agent: 'a1', framework: 'f1', executor: id });
    expect(share()).toBe('{}');
  });
});
