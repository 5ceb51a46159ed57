import { describe, expect, it } from 'vitest';
import { frameworks, offers as outstanding, type Offer } from '../../src/cluster/index.js';
import type { DriverCall, Scheduler } from '../../src/framework-api/index.js';
import { job, jobOf, lab, run, running, standing, task, type Lab } from './harness.js';
import { subscribe } from '../master/harness.js';

const second = 1_000;
const minute = 60 * second;

/** The calls of one framework that a master hears, but for acknowledgements. */
function calls({ master }: Lab): string[] {
  const heard: string[] = [];
  master.on('transition', ({ input }) => {
    if (!('framework' in input) || !('connection' in input) || input.type === 'acknowledge') return;
    heard.push(input.type);
  });
  return heard;
}

const demand = ({ master }: Lab): unknown[] =>
  master.state.allocator.demand
    .values()
    .flat()
    .map(({ role, resources, count }) => [role, resources.toString(), count]);

describe('a batch scheduler and its offers', () => {
  it('wants none while there is nothing to do, and all of them when there is', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => second });
    const heard = calls(cluster);
    const { batch } = run(cluster);
    await cluster.clock.advance(minute);
    expect(heard).toEqual(['decline', 'request', 'suppress']);
    expect(outstanding(cluster.master.state)).toEqual([]);
    batch.add(job('a'));
    await cluster.clock.settle();
    expect(heard.slice(3)).toEqual(['request', 'revive', 'accept', 'request', 'suppress']);
    await cluster.clock.advance(5 * second);
    expect(standing(batch)).toEqual(['a finished']);
    expect(heard.slice(8)).toEqual([]);
  });

  it('records what waits as its demand, and nothing when nothing does', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:2;mem:4096', { autorun: () => minute });
    run(cluster, {
      jobs: [
        job('a', { tasks: [task('t', { instances: 5 }), task('big', { resources: 'cpus:2;mem:64' })] }),
        job('b', { notBefore: 10 * minute }),
      ],
    });
    await cluster.clock.advance(second);
    expect(demand(cluster)).toEqual([
      ['etl', 'cpus:1; mem:32', 3],
      ['etl', 'cpus:2; mem:64', 1],
    ]);
    await cluster.clock.advance(5 * minute);
    expect(demand(cluster)).toEqual([]);
  });

  it('leaves to others what it does not use, for long, and takes it back when more is to be done', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => undefined });
    const { batch } = run(cluster, { jobs: [job('a', { tasks: [task('t', { resources: 'cpus:5;mem:32' })] })] });
    const other = subscribe(cluster.master, { roles: ['other'] }, { offers: (all, driver) => driver.decline(all) });
    await cluster.clock.advance(minute);
    // What does not fit is not asked for again and again, and not kept from others.
    expect(outstanding(cluster.master.state)).toEqual([]);
    expect(other.offers.length).toBeGreaterThan(5);
    batch.add(job('b'));
    await cluster.clock.advance(6 * second);
    expect(running(cluster)).toEqual(['b.t.1']);
  });

  it('is offered an agent again that has more than what it refused', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => undefined });
    run(cluster, {
      jobs: [
        job('small', { tasks: [task('t', { resources: 'cpus:2;mem:32' })] }),
        job('big', { tasks: [task('t', { resources: 'cpus:4;mem:32' })] }),
      ],
    });
    await cluster.clock.advance(minute);
    expect(running(cluster)).toEqual(['small.t.1']);
    agent.finished('small.t.1');
    await cluster.clock.advance(2 * second);
    expect(running(cluster)).toEqual(['big.t.2']);
  });

  it('puts urgent work on offers that a gang holds', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:2;mem:4096', { autorun: () => undefined });
    const { batch } = run(cluster, {
      jobs: [job('gang', { gang: true, tasks: [task('t', { instances: 4, resources: 'cpus:1;mem:32' })] })],
    });
    await cluster.clock.advance(5 * second);
    expect(running(cluster)).toEqual([]);
    expect(outstanding(cluster.master.state)).toHaveLength(1);
    batch.add(job('now', { class: 'urgent', tasks: [task('t', { resources: 'cpus:2;mem:32' })] }));
    await cluster.clock.settle();
    expect(running(cluster)).toEqual(['now.t.1']);
  });

  it('packs, or spreads, as it is told', async () => {
    const placedBy = async (packing: 'first-fit' | 'best-fit' | 'spread'): Promise<(string | undefined)[]> => {
      const cluster = lab({ config: { agentOrder: 'worst-fit' } });
      for (const [id, cpus] of Object.entries({ a1: 4, a2: 3, a3: 2 })) {
        cluster.memory.agent(id, `cpus:${cpus};mem:${cpus * 100}`);
      }
      const tasks = [task('t', { instances: 5, resources: 'cpus:1;mem:100' })];
      const { batch } = run(cluster, { packing, jobs: [job('a', { tasks })] });
      await cluster.clock.advance(second);
      return jobOf(batch, 'a').instances.map(({ agent }) => agent);
    };
    expect(await placedBy('first-fit')).toEqual(['a1', 'a1', 'a1', 'a1', 'a2']);
    expect(await placedBy('best-fit')).toEqual(['a3', 'a3', 'a2', 'a2', 'a2']);
    expect(await placedBy('spread')).toEqual(['a1', 'a2', 'a3', 'a1', 'a2']);
  });

  it('heeds constraints, counted over the task or over the job', async () => {
    const cluster = lab();
    for (const [id, zone] of Object.entries({ a1: 'x1', a2: 'x2', a3: 'y1' })) {
      cluster.memory.agent(id, 'cpus:4;mem:4096', { hostname: `host-${id}`, attributes: `zone:${zone};rack:r` });
    }
    const { batch } = run(cluster, {
      jobs: [
        {
          id: 'a',
          constraints: [{ type: 'unique' }, { type: 'like', attribute: 'zone', pattern: 'x*' }],
          tasks: [task('one'), task('two'), task('three')],
        },
        job('b', { constraints: [{ type: 'equals', attribute: '@hostname', value: 'host-a3' }] }),
        {
          id: 'c',
          tasks: [task('t', { instances: 6, constraints: [{ type: 'spread', attribute: 'zone', maxSkew: 1 }] })],
        },
        job('d', { constraints: [{ type: 'equals', attribute: 'nowhere', value: '' }] }),
      ],
    });
    await cluster.clock.advance(second);
    const agentsOf = (id: string): (string | undefined)[] => jobOf(batch, id).instances.map(({ agent }) => agent);
    expect(agentsOf('a').toSorted()).toEqual(['a1', 'a2', undefined]);
    expect(agentsOf('b')).toEqual(['a3']);
    expect(agentsOf('c').toSorted()).toEqual(['a1', 'a1', 'a2', 'a2', 'a3', 'a3']);
    expect(agentsOf('d')).toEqual([undefined]);
  });

  it('puts there what a constraint forbade as soon as it does not any more', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => undefined });
    const { batch } = run(cluster, {
      jobs: [job('a', { constraints: [{ type: 'unique' }], tasks: [task('t', { instances: 2 })] })],
    });
    await cluster.clock.advance(minute);
    expect(running(cluster)).toEqual(['a.t.1']);
    agent.finished('a.t.1');
    await cluster.clock.advance(second);
    expect(running(cluster)).toEqual(['a.t.2']);
    expect(standing(batch)).toEqual(['a running']);
  });

  it('uses all offers of an agent together, its executor once, and what is reserved first', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus(etl):2;cpus:4;mem:4096');
    const executor = { id: 'e', command: { value: 'x' }, resources: 'cpus:0.5;mem:64' };
    const tasks = [{ id: 't', executor, resources: 'cpus:1.5;mem:32', instances: 3 }];
    run(cluster, { jobs: [{ id: 'a', tasks }] });
    await cluster.clock.advance(second);
    expect(agent.tasks.map(({ info }) => info.resources.toString())).toEqual([
      'cpus(reservations: [(STATIC,etl)]):1.5; mem:32',
      'cpus:1; cpus(reservations: [(STATIC,etl)]):0.5; mem:32',
      'cpus:1.5; mem:32',
    ]);
    expect(frameworks(cluster.master.state)).toHaveLength(1);
  });

  it('answers offers that come while it knows of no subscription with nothing', () => {
    const sent: DriverCall[] = [];
    const cluster = lab();
    const { batch } = run(cluster, { jobs: [job('a')] });
    const scheduler: Scheduler = batch;
    void scheduler.offers?.([{ id: 'o1' } as Offer], { decline: () => sent.push({} as DriverCall) } as never);
    expect(sent).toEqual([]);
  });
});
