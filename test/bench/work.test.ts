/** What inputs and runs do to the tables of the state, counted: no clock is looked at, so no machine is too slow for it. */
import { describe, expect, it } from 'vitest';
import { offeredCluster } from '../../bench/clusters.js';
import { connectionOf, frameworkId, type Host } from '../../bench/host.js';
import { settle } from '../../bench/sizes.js';
import { countWork, type Work } from '../../bench/work.js';
import { offers, tasks, type Input, type Offer } from '../../src/cluster/index.js';
import { drf } from '../../src/drf/index.js';
import { noResources, Table } from '../../src/resources/index.js';

const frameworks = 5;
const small = 10;
const large = 1_000;

/** Agents with two tasks each, all that is left of them offered. */
function offered(agents: number): Host {
  const sizes = settle({ agents, frameworks, tasks: 2 * agents });
  return offeredCluster({ ...sizes, seed: 1, policy: drf, compare: [] });
}

/** Two offers of agents on which their frameworks run nothing. */
function freshOffers({ state }: Host): readonly [Offer, Offer] {
  const busy = new Set(tasks(state).map(({ agent, framework }) => `${agent} ${framework}`));
  const [one, other] = offers(state).filter(({ agent, framework }) => !busy.has(`${agent} ${framework}`));
  if (one === undefined || other === undefined) throw new Error('nothing is offered');
  return [one, other];
}

/** Each kind of input once, in the order in which a host meets them; what each did. */
function counts(agents: number): Readonly<Record<string, Work>> {
  const host = offered(agents);
  const [{ agent, framework, id }, declined] = freshOffers(host);
  host.pass(1);
  const at = host.now;
  const task = 'one-more';
  const status = { type: 'status', at, agent, framework, task } as const;
  const call = { at, framework, connection: connectionOf(framework) } as const;
  const launch = {
    type: 'launch',
    tasks: [{ id: task, resources: 'cpus:1;mem:32', command: { value: 'true' } }],
  } as const;
  const inputs: Readonly<Record<string, Input>> = {
    heartbeat: { type: 'heartbeat', at, agent },
    accept: { ...call, type: 'accept', offers: [id], operations: [launch] },
    running: { ...status, state: 'running', uuid: 'first' },
    acknowledge: { ...call, type: 'acknowledge', agent, task, uuid: 'first' },
    finished: { ...status, state: 'finished', uuid: 'second' },
    'acknowledge the end': { ...call, type: 'acknowledge', agent, task, uuid: 'second' },
    decline: host.decline(declined.framework, [declined.id], 5),
  };
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [name, countWork(() => void host.tell(input))]),
  );
}

describe('the work of one input', () => {
  const few = counts(small);

  it('is the same with a hundred times as many agents and tasks', () => {
    expect(counts(large)).toEqual(few);
  });

  it.each([
    ['heartbeat', 2, 1],
    ['accept', 31, 15],
    ['running', 7, 2],
    ['acknowledge', 4, 0],
    ['finished', 21, 10],
    ['acknowledge the end', 6, 3],
    ['decline', 23, 14],
  ])('%s: at most %i look-ups and %i writes, and no table is walked', (name, reads, writes) => {
    const work = few[name];
    expect(work?.reads).toBeLessThanOrEqual(reads);
    expect(work?.writes).toBeLessThanOrEqual(writes);
    expect(work?.walked).toBe(0);
  });
});

describe('the work of a run when everything is offered', () => {
  function idle(agents: number, which: 'all' | 'requested'): Work {
    const host = offered(agents);
    host.pass(1_000);
    return countWork(() => {
      expect(host.allocate(which)).toEqual([]);
    });
  }

  it.each([small, large])('of %i agents: each is looked at once, and nobody is ranked', (agents) => {
    expect(idle(agents, 'all')).toEqual({ reads: 1, writes: 0, walked: agents });
  });

  it.each([small, large])('of %i agents that nobody asked for: nothing is', (agents) => {
    expect(idle(agents, 'requested')).toEqual({ reads: 1, writes: 0, walked: 0 });
  });
});

describe('countWork', () => {
  const table = Table.from([frameworkId(0), frameworkId(1)].map((id) => [id, noResources] as const));

  it('counts each operation once, whatever the table does inside', () => {
    const work = countWork(() => {
      table.get(frameworkId(0));
      table.has('nobody');
      table.set('a', noResources).remove('a');
      table.values();
      table.keys();
      table.forEach((_, id) => table.get(id));
    });
    expect(work).toEqual({ reads: 4, writes: 2, walked: 6 });
  });

  it('leaves tables as they were, also when the work throws', () => {
    const { get } = Table.prototype;
    expect(() =>
      countWork(() => {
        throw new RangeError('half-way');
      }),
    ).toThrow(RangeError);
    expect(Table.prototype.get).toBe(get);
  });
});
