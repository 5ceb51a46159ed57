/** What is shared counts once in a share, however many copies of it are held (SORT-9): within a run, too. */
import { describe, expect, it } from 'vitest';
import type { ResourceInput } from '../../src/resources/index.js';
import { resources } from '../../src/resources/index.js';
import { allocator, type Box } from './harness.js';

const volume: ResourceInput = { name: 'disk', value: 10, role: 'a', disk: { id: 'v1', path: 'v1' }, shared: true };
const capabilities = ['multi-role', 'shared-resources', 'reservation-refinement'] as const;

/** A volume on `v`, which is visited first and of which f1 holds everything. */
function withVolume(): Box {
  const box = allocator({ agentOrder: 'best-fit', fairnessExclude: ['cpus'] });
  box.framework('f1', ['a'], { capabilities });
  box.send({ type: 'add-agent', agent: 'v', total: resources([{ name: 'cpus', value: 1 }, volume]) });
  expect(box.run()).toHaveLength(1);
  return box;
}

/** From now on f1 holds the volume alone. */
function keepVolume(box: Box): void {
  box.recover('f1', 'v', 'a', 'cpus:1', 0);
}

/** Who is offered what of all machines in one run, without the resources. */
const offered = (box: Box): readonly string[] => box.run('all').map((grant) => grant.split(' ').slice(0, 4).join(' '));

describe('a further copy of something shared', () => {
  it('adds nothing to the share of a role that holds one', () => {
    const box = withVolume();
    box.framework('f2', ['b']);
    box.agent('w', 'cpus:2;disk:15');
    expect(box.run()).toEqual(['f2 w as b cpus:2; disk:15']);
    box.agent('x', 'cpus:3;disk:25');
    keepVolume(box);
    // Of disk:50 a has 10 before and after its copy of the volume, b has 15.
    expect(offered(box)).toEqual(['f1 v as a', 'f1 x as a']);
  });

  it('adds nothing to the share of a framework that holds one', () => {
    const box = withVolume();
    box.framework('f2', ['a'], { capabilities: [] });
    box.agent('w', 'cpus:2;disk:15');
    expect(box.run()).toEqual(['f2 w as a cpus:2; disk:15']);
    box.agent('x', 'cpus:3;disk:25');
    keepVolume(box);
    expect(offered(box)).toEqual(['f1 v as a', 'f1 x as a']);
  });

  it('adds all of it to the share of a framework that holds none, though its role does', () => {
    const box = withVolume();
    box.framework('f2', ['a'], { capabilities });
    box.agent('x', 'cpus:3;disk:25');
    keepVolume(box);
    expect(offered(box)).toEqual(['f2 v as a', 'f1 x as a']);
  });
});
