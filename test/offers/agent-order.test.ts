import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyAllocator, type AgentOrder, type AllocatorAgent } from '../../src/offers/index.js';
import { orderAgents } from '../../src/offers/agent-order.js';
import { allocator, type Box } from './harness.js';

const inOrder = (box: Box, agents: readonly AllocatorAgent[]): string[] =>
  Array.from(orderAgents(box.state, agents), (place) => agents[place]?.id ?? '');
const orderOf = (box: Box): string[] => inOrder(box, box.state.agents.values());

/** Agents that are ever larger, and two alike; `dense` is small but for its memory. */
function sizes(agentOrder: AgentOrder, seed = 1): Box {
  const box = allocator({ agentOrder, seed });
  box.agent('tiny', 'cpus:1;mem:100');
  box.agent('twin-a', 'cpus:4;mem:400');
  box.agent('twin-b', 'cpus:4;mem:400');
  box.agent('large', 'cpus:9;mem:900');
  box.agent('dense', 'cpus:1;mem:2000');
  return box;
}

/** The two that are equal under one name. */
const withTwins = (ids: readonly string[]): string => ids.map((id) => id.replace(/-[ab]$/, '')).join(' ');

describe('the order of agents', () => {
  it('is random unless said otherwise (ALLOC-3), another for another run or seed', () => {
    expect(emptyAllocator().config.agentOrder).toBe('random');
    const box = sizes('random');
    expect(orderOf(box)).toEqual(orderOf(sizes('random')));
    const seen = new Set<string>();
    for (let run = 0; run < 20; run += 1) {
      seen.add(orderOf(box).join());
      box.run('all');
    }
    for (let seed = 2; seed < 20; seed += 1) seen.add(orderOf(sizes('random', seed)).join());
    expect(seen.size).toBeGreaterThan(20);
  });

  it.each<[AgentOrder, string]>([
    ['best-fit', 'tiny twin twin large dense'],
    ['worst-fit', 'dense large twin twin tiny'],
  ])('%s goes by the dominant share of what is free', (agentOrder, expected) => {
    expect(withTwins(orderOf(sizes(agentOrder)))).toBe(expected);
  });

  it.each<AgentOrder>(['best-fit', 'worst-fit'])('%s shuffles those that are equal', (agentOrder) => {
    const seen = new Set(
      Array.from({ length: 20 }, (_, seed) =>
        orderOf(sizes(agentOrder, seed))
          .filter((id) => id.startsWith('twin'))
          .join(),
      ),
    );
    expect(seen).toEqual(new Set(['twin-a,twin-b', 'twin-b,twin-a']));
  });

  it('goes by what is free, not by what there is', () => {
    const box = sizes('best-fit');
    const used = { framework: 'f0', role: 'a', resources: box.state.agents.get('tiny')?.total };
    if (used.resources === undefined) throw new Error('no agent');
    box.agent('full', 'cpus:20;mem:200', { used: [{ ...used, resources: used.resources }] });
    box.send({ type: 'remove-agent', agent: 'dense' });
    expect(orderOf(box).at(-1)).toBe('full');
    box.framework('f1', ['a']);
    box.run();
    box.recover('f1', 'full', 'a', 'cpus:0.5');
    expect(orderOf(box).at(-1)).toBe('full');
    box.recover('f1', 'tiny', 'a', 'cpus:1;mem:100');
    expect(orderOf(box).slice(-2)).toEqual(['full', 'tiny']);
  });

  it('does not count what is left out of shares (SORT-10)', () => {
    const box = allocator({ agentOrder: 'worst-fit', fairnessExclude: ['gpus'], filterGpus: false });
    box.agent('a', 'cpus:2');
    box.agent('b', 'cpus:1;gpus:8');
    expect(orderOf(box)).toEqual(['a', 'b']);
  });

  it('is decided when a run starts: grants in it do not change it', () => {
    for (const [agentOrder, expected] of [
      ['best-fit', ['f1 a as x cpus:1', 'f2 b as y cpus:2', 'f1 c as x cpus:3']],
      ['worst-fit', ['f1 c as x cpus:3', 'f2 b as y cpus:2', 'f2 a as y cpus:1']],
    ] as const) {
      const box = allocator({ agentOrder });
      box.framework('f1', ['x']);
      box.framework('f2', ['y']);
      box.agent('b', 'cpus:2');
      box.agent('c', 'cpus:3');
      box.agent('a', 'cpus:1');
      expect(box.run()).toEqual(expected);
    }
  });

  it('is what a policy sees', () => {
    const seen: string[] = [];
    const box = sizes('best-fit');
    box.policy = {
      name: 'looking',
      allocate: (view) => {
        seen.push(...[...view.agents()].map(({ id }) => id));
        return [];
      },
    };
    box.framework('f1', ['a']);
    box.run();
    expect(withTwins(seen)).toBe('tiny twin twin large dense');
  });

  it('leaves the order of the others as it was when fewer agents are visited', () => {
    const orders = fc.constantFrom<AgentOrder>('random', 'best-fit', 'worst-fit');
    const cpus = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(orders, cpus, fc.nat(), fc.nat(), (agentOrder, list, seed, mask) => {
        const box = allocator({ agentOrder, seed });
        for (const [i, n] of list.entries()) box.agent(`a${i}`, `cpus:${n};mem:64`);
        const all = box.state.agents.values();
        const some = all.filter((_, i) => ((mask >> i) & 1) === 1);
        const chosen = new Set(some.map(({ id }) => id));
        const order = inOrder(box, all);
        expect(order.toSorted()).toEqual(all.map(({ id }) => id));
        expect(inOrder(box, some.toReversed())).toEqual(order.filter((id) => chosen.has(id)));
      }),
    );
  });
});
