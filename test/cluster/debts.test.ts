/** Operations that failed and can not be undone yet (OP-3): what one more of them costs. Sums are counted, not timed. */
import { expect, it, vi } from 'vitest';
import { emptyCluster, parseInput, transition, type ClusterState, type Output } from '../../src/cluster/index.js';
import { add, contains, subtract, sum } from '../../src/resources/index.js';

vi.mock('../../src/resources/index.js', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../src/resources/index.js')>();
  const counted = {
    add: vi.fn<typeof real.add>(real.add),
    contains: vi.fn<typeof real.contains>(real.contains),
    subtract: vi.fn<typeof real.subtract>(real.subtract),
    sum: vi.fn<typeof real.sum>(real.sum),
  };
  return { ...real, ...counted };
});

function tell(state: ClusterState, input: object): ClusterState {
  return transition(state, parseInput(input, state.now))[0];
}

function sumsMade(act: () => void): number {
  const counted = [add, contains, subtract, sum].map((one) => vi.mocked(one));
  for (const one of counted) one.mockClear();
  act();
  return counted.reduce((calls, one) => calls + one.mock.calls.length, 0);
}

/** So many operations, each on what the one before made; and how each fails. */
function chain(count: number): readonly [state: ClusterState, failures: readonly object[]] {
  const disk = { name: 'disk', reservations: [{ type: 'dynamic', role: 'r' }] };
  const volume = (mb: number): object => ({ ...disk, value: mb, disk: { id: 'v', path: 'p', mode: 'rw' } });
  const capabilities = ['multi-role', 'reservation-refinement', 'resource-provider', 'resize-volume'];
  let state = [
    {
      ...{ type: 'register', agent: 'a', resources: 'disk:9000' },
      capabilities: [...capabilities, 'agent-operation-feedback'],
    },
    { type: 'reserve', agent: 'a', resources: [{ ...disk, value: 5_000 }] },
    { type: 'create-volumes', agent: 'a', volumes: [volume(1)] },
  ].reduce<ClusterState>(tell, emptyCluster());
  const grow = Array.from({ length: count }, (_, n) => {
    return { type: 'grow-volume', agent: 'a', volume: volume(n + 1), addition: { ...disk, value: 1 } };
  });
  const failures = grow.map((input): object => {
    const [after, outputs] = transition(state, parseInput(input, state.now));
    state = after;
    const command = outputs.find((output): output is Extract<Output, { type: 'apply-operation' }> => {
      return output.type === 'apply-operation';
    });
    return { type: 'operation-status', agent: 'a', operation: command?.uuid, state: 'failed' };
  });
  return [state, failures];
}

/** All but the last two of so many have failed, and nothing can be undone yet. */
function indebted(count: number): readonly [state: ClusterState, next: object, last: object] {
  const [state, failures] = chain(count);
  const [next = {}, last = {}] = failures.slice(-2);
  return [failures.slice(0, -2).reduce<ClusterState>(tell, state), next, last];
}

it('one more that can not be undone yet is seen without adding up all that are owed', () => {
  const made = (count: number): number => {
    const [state, next] = indebted(count);
    expect(state.agents.get('a')?.debts).toBe(count - 2);
    return sumsMade(() => expect(tell(state, next).agents.get('a')?.debts).toBe(count - 1));
  };
  expect(made(40)).toBe(made(10));
});

it('when the last one fails all are undone, and each is added up as often whatever their number', () => {
  const made = (count: number): number => {
    const [state, next, last] = indebted(count);
    const before = tell(state, next);
    return sumsMade(() => {
      const after = tell(before, last);
      expect(after.agents.get('a')?.debts).toBe(0);
      expect(String(after.allocator.agents.get('a')?.total)).toContain('[v:p]:1');
    });
  };
  expect(made(80) / made(40)).toBeLessThan(2.5);
});

it.each<readonly [string, (failures: readonly object[]) => readonly object[]]>([
  ['oldest first', (failures) => failures],
  ['newest first', (failures) => failures.toReversed()],
  ['every other one first', (failures) => [0, 1].flatMap((rest) => failures.filter((_, n) => n % 2 === rest))],
])('all are undone when all fail, %s', (_, inOrder) => {
  const [state, failures] = chain(12);
  const after = inOrder(failures).reduce<ClusterState>(tell, state);
  const total = String(after.allocator.agents.get('a')?.total);
  expect(total).toContain('[v:p]:1');
  expect(total).toContain('4999');
  expect(after.agents.get('a')?.debts).toBe(0);
});
