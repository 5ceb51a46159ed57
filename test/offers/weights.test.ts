import { describe, expect, it } from 'vitest';
import { allocator, type Box } from './harness.js';

/** How many agents each role got in one run over `count` equal agents. */
function split(box: Box, count: number): Readonly<Record<string, number>> {
  for (let n = 1; n <= count; n += 1) box.agent(`a${n}`, 'cpus:1');
  const got: Record<string, number> = {};
  for (const grant of box.run()) {
    const role = grant.split(' ')[3] ?? '';
    got[role] = (got[role] ?? 0) + 1;
  }
  return got;
}

describe('weights (WEIGHT-1)', () => {
  it('a role of weight 2 settles at twice the share of a role of weight 1', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.framework('f2', ['b']);
    box.send({ type: 'set-weight', role: 'a', weight: 2 });
    // share / weight, step by step: a 1/12, b 1/6, a 2/12 (b has fewer allocations), b 2/6, a 3/12, a 4/12.
    expect(split(box, 6)).toEqual({ a: 4, b: 2 });
    expect(box.shares()).toEqual({ a: 0.333, b: 0.333 });
  });

  it('a fraction weighs as it says', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.framework('f2', ['b']);
    box.send({ type: 'set-weight', role: 'b', weight: 0.25 });
    expect(split(box, 10)).toEqual({ a: 8, b: 2 });
  });

  it('may be set before anybody is in the role, and stays when the last one leaves (SORT-8)', () => {
    const box = allocator();
    box.send({ type: 'set-weight', role: 'a', weight: 3 });
    box.framework('f1', ['a']);
    box.send({ type: 'remove-framework', framework: 'f1' });
    box.framework('f1', ['a']);
    box.framework('f2', ['b']);
    expect(split(box, 8)).toEqual({ a: 6, b: 2 });
  });

  it('of a role that is only a parent counts among its siblings, also when set late', () => {
    const box = allocator();
    box.framework('f1', ['x/a']);
    box.framework('f2', ['y']);
    expect(split(box, 2)).toEqual({ 'x/a': 1, y: 1 });
    box.send({ type: 'remove-agent', agent: 'a1' });
    box.send({ type: 'remove-agent', agent: 'a2' });
    box.send({ type: 'set-weight', role: 'x', weight: 3 });
    expect(split(box, 8)).toEqual({ 'x/a': 6, y: 2 });
  });

  it('moves nothing that is held, and waits for the next batch (WEIGHT-2, ALLOC-1)', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.framework('f2', ['b']);
    split(box, 2);
    box.send({ type: 'set-weight', role: 'a', weight: 9 });
    expect(box.run()).toEqual([]);
    expect(box.shares()).toEqual({ a: 0.056, b: 0.5 });
  });

  it.each([0, -1, NaN, Infinity, 0.000_4])('%d is none', (weight) => {
    const box = allocator();
    const before = box.state;
    expect(() => box.send({ type: 'set-weight', role: 'a', weight })).toThrow(
      expect.objectContaining({ name: 'InputError', code: 'bad-weight' }),
    );
    expect(box.state).toBe(before);
  });
});
