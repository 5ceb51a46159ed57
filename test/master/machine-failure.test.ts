import { describe, expect, it, vi } from 'vitest';
import { InvariantError } from '../../src/resources/index.js';
import { lab, subscribe } from './harness.js';

/** Which inputs break the machine: what is told here is a bug of this library, which no other test can bring about. */
const broken = vi.hoisted(() => new Set<string>());

vi.mock('../../src/cluster/index.js', async (original) => {
  const cluster = await original<typeof import('../../src/cluster/index.js')>();
  const transition: typeof cluster.transition = (state, input, policy) => {
    if (broken.has(input.type)) throw new InvariantError(`broken by ${input.type}`);
    return cluster.transition(state, input, policy);
  };
  return { ...cluster, transition };
});

describe('an input that breaks the machine', () => {
  it('has no effect, is an error, and the next one is taken', async () => {
    broken.add('heartbeat');
    const { clock, master, errors } = lab();
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:1' });
    const before = master.state;
    master.report({ type: 'heartbeat', agent: 'a1' });
    expect(master.state).toBe(before);
    master.report({ type: 'register', agent: 'a2', resources: 'cpus:1' });
    await clock.settle();
    expect(errors).toMatchObject([{ code: 'transition-failed', cause: { code: 'invariant' } }]);
    expect(master.state.agents.size).toBe(2);
  });

  it('is a rejection too when it was a control', async () => {
    broken.add('pause');
    const { clock, master, errors } = lab();
    await expect(master.control({ type: 'pause' })).rejects.toMatchObject({ code: 'invariant' });
    await clock.settle();
    expect(errors.map(({ code }) => code)).toEqual(['transition-failed']);
  });

  it('of the master’s own does not keep it busy for ever', async () => {
    broken.add('allocate');
    const { clock, master, errors } = lab();
    const etl = subscribe(master, { roles: ['r'] });
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:1;mem:512' });
    await clock.settle();
    expect(errors.length).toBeLessThan(5);
    await clock.advance(10_000);
    expect(errors.length).toBeLessThan(50);
    broken.delete('allocate');
    master.report({ type: 'register', agent: 'a2', resources: 'cpus:1;mem:512' });
    await clock.settle();
    expect(etl.offers.length).toBeGreaterThan(0);
  });
});
