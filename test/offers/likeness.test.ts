import { describe, expect, it } from 'vitest';
import { freeOf } from '../../src/offers/free.js';
import { likenessesOf } from '../../src/offers/likeness.js';
import type { AllocatorAgent } from '../../src/offers/index.js';
import { resources } from '../../src/resources/index.js';
import { allocator } from './harness.js';

/** Agents with these amounts, in this order. */
function agentsOf(amounts: readonly string[]): readonly AllocatorAgent[] {
  const box = allocator();
  for (const [index, text] of amounts.entries()) box.agent(`a${index}`, text);
  return amounts.flatMap((_, index) => box.state.agents.get(`a${index}`) ?? []);
}

describe('likenessesOf', () => {
  it('numbers machines by what they have, though kinds alternate', () => {
    const { of, examples } = likenessesOf(agentsOf(['cpus:1', 'cpus:2', 'cpus:1', 'cpus:1', 'cpus:2']), false);
    expect([...of]).toEqual([0, 1, 0, 0, 1]);
    expect(examples.map(({ id }) => id)).toEqual(['a0', 'a1']);
  });

  it('takes no two for alike where somebody asks what they say of themselves', () => {
    expect([...likenessesOf(agentsOf(['cpus:1', 'cpus:1']), true).of]).toEqual([0, 1]);
  });

  it('may miss that two are alike, and never takes two for alike that are not', () => {
    const kinds = Array.from({ length: 40 }, (_, n) => `cpus:${(n % 7) + 1}`);
    const agents = agentsOf(kinds);
    const { of, examples } = likenessesOf(agents, false);
    for (const [at, agent] of agents.entries()) expect(examples[of[at] ?? -1]?.free).toBe(agent.free);
  });
});

describe('freeOf', () => {
  it('is one object for machines of one kind that are used alike, and follows what is held', () => {
    const total = resources('cpus:8;ports:[1-100]');
    const held = (text: string): Parameters<typeof freeOf>[1] => [
      { framework: 'f', role: 'r', resources: resources(text) },
    ];
    const rest = freeOf(total, held('cpus:1;ports:[5-9]'));
    expect(String(rest)).toBe(String(resources('cpus:7;ports:[1-4, 10-100]')));
    expect(String(freeOf(total, held('cpus:2')))).toBe(String(resources('cpus:6;ports:[1-100]')));
    expect(freeOf(total, held('cpus:1;ports:[5-9]'))).toBe(rest);
    expect(freeOf(total, [])).toBe(total);
  });
});
