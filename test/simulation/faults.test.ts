/** The simulator of faults at work: on the machine, the shell and the driver as they are, and on what is broken. */
import { describe, expect, it } from 'vitest';
import { drf, type OrderRule } from '../../src/drf/index.js';
import { tasks } from '../../src/cluster/index.js';
import { InputError } from '../../src/resources/index.js';
import { shortestHistory } from '../../src/simulation/faults/shrink-history.js';
import { faultPlan, faultText, shrinkFault, simulateFaults, type PlanOptions } from '../../src/simulation/index.js';

const minute = 60_000;
/** Small clusters show most, and soon; large ones show what takes many. */
const sizes: readonly PlanOptions[] = [
  { agents: 2, frameworks: 2, tasks: 8, faultyMs: 8 * minute },
  { agents: 4, frameworks: 3, tasks: 30 },
  { agents: 3, frameworks: 2, tasks: 12, faultyMs: 8 * minute },
  { agents: 20, frameworks: 5, tasks: 200 },
];
/** How long it may take, ms. */
const budgetMs = 60_000;

describe('a cluster in which things go wrong', () => {
  it(
    'keeps all its rules, and does what it should once everything has healed',
    async () => {
      const end = performance.now() + budgetMs;
      for (let seed = 1; performance.now() < end; seed += 1) {
        const run = await simulateFaults(faultPlan(seed, sizes[seed % sizes.length]));
        if (run.failure !== undefined) throw new Error(faultText(await shrinkFault(run, { runs: 60 })));
      }
    },
    10 * minute,
  );

  it('goes the same way again, to the last byte', async () => {
    const plan = faultPlan(11, { agents: 3, frameworks: 2, tasks: 12, faultyMs: 5 * minute });
    const [first, second]: string[][] = [[], []];
    const run = await simulateFaults(plan, { record: (line) => first?.push(line) });
    const again = await simulateFaults(plan, { record: (line) => second?.push(line) });
    expect(again).toEqual(run);
    expect(second).toEqual(first);
    expect(run.inputs).toBeGreaterThan(100);
    const other = await simulateFaults({ ...plan, seed: 12 });
    expect(other.digest).not.toBe(run.digest);
  });

  it('says what was simulated', async () => {
    const run = await simulateFaults(faultPlan(3, { agents: 2, frameworks: 1, tasks: 4, faultyMs: 2 * minute }));
    expect(run.failure).toBeUndefined();
    expect(run.simulatedMs).toBeGreaterThan(2 * minute);
    expect(run.tasks.most).toBeGreaterThan(0);
    expect(run.messages.carried).toBeGreaterThan(run.inputs / 2);
  });
});

/** A policy with a bug that takes company to show: it cannot compare who has more than one grant. */
const broken: OrderRule = {
  name: 'broken',
  rank: (client) => (client.count > 1 && client.path !== 'eng' ? Number.NaN : drf.rank(client)),
};

describe('a failure', () => {
  it('is told with its seed and cut down to little, which shows it again', async () => {
    const plan = faultPlan(5, { agents: 4, frameworks: 3, tasks: 20, faultyMs: 5 * minute });
    const run = await simulateFaults(plan, { policy: broken });
    expect(run.failure).toMatchObject({ rule: 'throws', where: 'policy-failed' });
    const shrunk = await shrinkFault(run, { policy: broken, runs: 60 });
    expect(shrunk.plan.size).toMatchObject({ agents: 1 });
    expect(shrunk.plan.events).toEqual([]);
    expect((await simulateFaults(shrunk.plan, { policy: broken })).failure).toEqual(shrunk.failure);
    const text = faultText(shrunk);
    expect(text).toContain('seed 5');
    expect(text).toContain('NaN');
  });

  it('of the machine is cut down to a record that plays again', async () => {
    const lines: string[] = [];
    const plan = faultPlan(5, { agents: 2, frameworks: 2, tasks: 6, faultyMs: minute });
    await simulateFaults(plan, { record: (line) => lines.push(line) });
    // The machine breaks no rule: two running tasks stand for one that is broken.
    const history = shortestHistory(lines, (_, __, state) => {
      return tasks(state).filter((task) => task.state === 'running').length === 2;
    });
    const types = history?.inputs.map(({ type }) => type) ?? [];
    expect(types.length).toBeLessThan(10);
    expect(types.filter((type) => type === 'status')).toHaveLength(2);
    expect(new Set(types)).toEqual(new Set(['register', 'subscribe', 'allocate', 'accept', 'status']));
  });

  it('is none where nothing failed', async () => {
    const run = await simulateFaults(faultPlan(2, { agents: 1, frameworks: 1, tasks: 1, faultyMs: 5_000 }));
    await expect(shrinkFault(run)).rejects.toThrow(InputError);
  });
});
