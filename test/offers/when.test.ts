import { describe, expect, it } from 'vitest';
import { nextRun } from '../../src/offers/index.js';
import { attributes, quantities, noLimits, resources } from '../../src/resources/index.js';
import { allocator, type Box, type Untimed } from './harness.js';

/** At 250 ms: f1 uses a1 and has refused a2 in both its roles, f2 is suppressed, f3 away. Nothing else is due. */
function settled(): Box {
  const box = allocator();
  box.framework('f1', ['a', 'b']);
  box.framework('f2', ['c'], { suppressedRoles: ['c'] });
  box.framework('f3', ['d'], { active: false });
  box.agent('a1', 'cpus:1');
  box.run();
  box.agent('a2', 'cpus:1');
  box.tick(250);
  box.giveBack(box.run(), 3_600);
  box.giveBack(box.run('all'), 3_600);
  expect(box.run('all')).toEqual([]);
  return box;
}

describe('when a run is due (ALLOC-1)', () => {
  const cases: readonly (readonly [string, Untimed, 'now' | 'next batch' | 'when the filter ends'])[] = [
    ['a framework joins', { type: 'add-framework', framework: 'f4', roles: ['a'] }, 'now'],
    [
      'a framework joins that is away',
      { type: 'add-framework', framework: 'f4', roles: ['a'], active: false },
      'when the filter ends',
    ],
    ['a framework comes back', { type: 'activate-framework', framework: 'f3' }, 'now'],
    ['a framework goes', { type: 'remove-framework', framework: 'f1' }, 'next batch'],
    ['a framework changes its roles', { type: 'update-framework', framework: 'f1', roles: ['a', 'e'] }, 'next batch'],
    ['a framework is away', { type: 'deactivate-framework', framework: 'f1' }, 'when the filter ends'],
    ['an agent joins', { type: 'add-agent', agent: 'a3', total: resources('cpus:1') }, 'now'],
    ['an agent changes', { type: 'update-agent', agent: 'a2', total: resources('cpus:2') }, 'now'],
    ['an agent changes its attributes', { type: 'update-agent', agent: 'a2', attributes: attributes('k:v') }, 'now'],
    [
      'an agent says what it said',
      { type: 'update-agent', agent: 'a2', total: resources('cpus:1') },
      'when the filter ends',
    ],
    ['an agent goes', { type: 'remove-agent', agent: 'a1' }, 'when the filter ends'],
    ['an agent stops', { type: 'deactivate-agent', agent: 'a2' }, 'when the filter ends'],
    ['revive', { type: 'revive', framework: 'f1', roles: [] }, 'now'],
    ['unsuppress', { type: 'unsuppress', framework: 'f2', roles: [] }, 'now'],
    ['clear-filters', { type: 'clear-filters', framework: 'f1', roles: [] }, 'now'],
    ['suppress', { type: 'suppress', framework: 'f1', roles: [] }, 'when the filter ends'],
    [
      'resources come back',
      { type: 'recover', framework: 'f1', agent: 'a1', role: 'a', resources: resources('cpus:1') },
      'next batch',
    ],
    ['a weight', { type: 'set-weight', role: 'a', weight: 2 }, 'next batch'],
    [
      'a quota',
      { type: 'set-quota', role: 'a', quota: { guarantees: quantities(''), limits: noLimits } },
      'next batch',
    ],
    ['the whitelist', { type: 'set-whitelist', hosts: null }, 'next batch'],
    [
      'a request',
      {
        type: 'request',
        framework: 'f1',
        demand: [{ role: null, agent: null, resources: resources('cpus:1'), count: 1 }],
      },
      'when the filter ends',
    ],
    ['time', { type: 'tick' }, 'when the filter ends'],
  ];

  it.each(cases)('%s', (_, input, expected) => {
    const box = settled();
    box.send(input);
    const due = { now: 250, 'next batch': 1_000, 'when the filter ends': 3_601_000 }[expected];
    expect(nextRun(box.state)).toBe(due);
  });

  it('requests coalesce: one run for all agents that were named (ALLOC-1)', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.run();
    for (const id of ['a1', 'a2', 'a3']) box.agent(id, 'cpus:1');
    const runs = box.state.runs;
    expect(box.run()).toHaveLength(3);
    expect(box.state.runs).toBe(runs + 1);
  });

  it('a run of one agent leaves the others alone', () => {
    const box = settled();
    box.recover('f1', 'a1', 'a', 'cpus:1');
    box.agent('a9', 'cpus:1');
    expect(box.run()).toEqual(['f1 a9 as b cpus:1']);
    expect(nextRun(box.state)).toBe(1_000);
  });

  it('an idle allocator has nothing to do, ever', () => {
    const box = allocator();
    expect(nextRun(box.state)).toBeUndefined();
    box.agent('a1', 'cpus:1');
    box.framework('f1', ['a']);
    box.run();
    expect(nextRun(box.state)).toBeUndefined();
    box.tick(1e9);
    expect(nextRun(box.state)).toBeUndefined();
    expect(box.state.runs).toBe(1);
  });

  it('a batch falls on a multiple of the interval, strictly after the change', () => {
    const box = allocator({ allocationIntervalMs: 700 });
    box.agent('a1', 'cpus:1');
    box.framework('f1', ['a']);
    box.run();
    box.recover('f1', 'a1', 'a', 'cpus:1');
    expect(nextRun(box.state)).toBe(700);
    box.pass(700);
    box.recover('f1', 'a1', 'a', 'cpus:1');
    expect(nextRun(box.state)).toBe(1_400);
  });

  it('a batch looks at all agents if something changed for all after it fell due, at the same instant', () => {
    const box = allocator();
    box.framework('f', ['r']);
    box.agent('a1', 'cpus:1');
    box.agent('a2', 'cpus:1');
    expect(box.run()).toHaveLength(2);
    box.recover('f', 'a1', 'r', 'cpus:1', 0);
    box.tick(1_000);
    box.send({ type: 'set-whitelist', hosts: null });
    box.recover('f', 'a2', 'r', 'cpus:1', 0);
    expect(box.run('requested').toSorted()).toEqual(['f a1 as r cpus:1', 'f a2 as r cpus:1']);
    expect(nextRun(box.state)).toBeUndefined();
  });

  it('a batch that is late is a run like any other, and no other one is owed for it', () => {
    const box = allocator();
    box.agent('a1', 'cpus:1');
    box.framework('f1', ['a']);
    box.run();
    box.recover('f1', 'a1', 'a', 'cpus:1');
    box.tick(1_000_000);
    expect(nextRun(box.state)).toBe(1_000_000);
    expect(box.run()).toHaveLength(1);
    expect(nextRun(box.state)).toBeUndefined();
  });

  it('time that goes back stands still', () => {
    const box = allocator();
    box.tick(5_000);
    box.tick(-4_000);
    expect(box.state.now).toBe(5_000);
  });

  it.each([0.5, NaN, Infinity, 2 ** 53])('%d is no time', (at) => {
    const box = allocator();
    expect(() => box.tick(at)).toThrow(expect.objectContaining({ code: 'bad-time', path: 'at' }));
  });
});
