import { describe, expect, it } from 'vitest';
import { tasks, violation } from '../../src/cluster/index.js';
import { taskFunction, type Executor } from '../../src/framework-api/index.js';
import type { TaskLike } from '../../src/tasks/index.js';
import { lab, launching, subscribe, thrownBy } from '../master/harness.js';
import { createMaster } from '../../src/master/index.js';
import { lossyTransport, manualClock, memoryTransport } from '../../src/transport/index.js';

const states = (updates: readonly { readonly state: string }[]): string[] => updates.map(({ state }) => state);

/** Launches these tasks on the first offer. */
const once = (list: readonly TaskLike[]) => {
  let done = false;
  return {
    offers(
      offers: readonly { readonly id: string }[],
      driver: { launch(offer: { id: string }, tasks: readonly TaskLike[]): void },
    ) {
      const [offer] = offers;
      if (done || offer === undefined) return;
      done = true;
      driver.launch(offer, list);
    },
  };
};
const task = (id: string, more: Partial<TaskLike> = {}): TaskLike => ({
  id,
  resources: 'cpus:1;mem:32',
  payload: {},
  ...more,
});

describe('a memory agent', () => {
  it('registers as soon as the transport is open', async () => {
    const clock = manualClock();
    const memory = memoryTransport({ clock });
    const agent = memory.agent('a1', 'cpus:4');
    expect(agent.connected).toBe(false);
    const master = createMaster({ clock, transports: [memory] });
    expect(agent.connected).toBe(true);
    expect(master.state.agents.get('a1')).toMatchObject({ connected: true, streams: true });
  });

  it('refuses resources that mean nothing where it is made', () => {
    const { memory } = lab();
    expect(() => memory.agent('a1', 'cpus:lots')).toThrow(expect.objectContaining({ code: 'bad-resources' }));
    const run = taskFunction(() => {});
    expect(() => memory.agent('a1', 'cpus:1', { run, autorun: () => 1 })).toThrow(
      expect.objectContaining({ code: 'bad-options' }),
    );
  });

  it('says how its tasks stand when it is told to', async () => {
    const { clock, memory, master } = lab();
    const agent = memory.agent('a1', 'cpus:9;mem:18432');
    const etl = subscribe(master, { roles: ['etl'] }, once([task('t1'), task('t2'), task('t3')]));
    await clock.settle();
    expect(agent.tasks.map(({ id, state }) => [id, state])).toEqual([
      ['t1', 'staging'],
      ['t2', 'staging'],
      ['t3', 'staging'],
    ]);
    agent.running('t1');
    await clock.settle();
    agent.finished('t1', 'result');
    agent.failed('t2', 'broken');
    agent.killed('t3');
    await clock.settle();
    expect(etl.updates.map(({ task: id, state, data, message }) => [id, state, data ?? message])).toEqual([
      ['t1', 'running', undefined],
      ['t1', 'finished', 'result'],
      ['t2', 'failed', 'broken'],
      ['t3', 'killed', undefined],
    ]);
    expect(agent.tasks).toEqual([]);
    expect(tasks(master.state)).toEqual([]);
  });

  it('knows its tasks by framework where an id alone is not enough', async () => {
    const { clock, memory, master } = lab();
    const agent = memory.agent('a1', 'cpus:9;mem:18432');
    const first = subscribe(master, { roles: ['a'] }, once([task('t1')]));
    await clock.settle();
    const second = subscribe(master, { roles: ['b'] }, once([task('t1')]));
    await clock.advance(10_000);
    expect(agent.tasks).toHaveLength(2);
    expect(thrownBy(() => agent.running('t1'))).toMatchObject({ code: 'ambiguous-task' });
    expect(thrownBy(() => agent.running('nobody'))).toMatchObject({ code: 'unknown-task' });
    agent.running({ framework: second.driver.framework ?? '', id: 't1' });
    await clock.settle();
    expect([first.updates.length, second.updates.length]).toEqual([0, 1]);
  });

  it('runs tasks for as long as it is told by the clock', async () => {
    const { clock, memory, master } = lab();
    memory.agent('a1', 'cpus:9;mem:18432', { autorun: ({ id }) => (id === 't1' ? 5_000 : undefined) });
    const etl = subscribe(master, { roles: ['etl'] }, once([task('t1'), task('t2')]));
    await clock.advance(4_999);
    expect(states(etl.updates)).toEqual(['running', 'running']);
    await clock.advance(1);
    expect(etl.updates.at(-1)).toMatchObject({ task: 't1', state: 'finished', timestamp: 5_000 });
    etl.driver.kill('t2');
    await clock.settle();
    expect(etl.updates.at(-1)).toMatchObject({ task: 't2', state: 'killed' });
    await clock.advance(1_000_000);
    expect(etl.updates).toHaveLength(4);
  });

  it('really runs tasks when it is given an executor', async () => {
    const { clock, memory, master } = lab();
    memory.agent('a1', 'cpus:9;mem:18432', { run: taskFunction(({ payload }) => (payload as { n: number }).n * 2) });
    const etl = subscribe(master, { roles: ['etl'] }, once([task('t1', { payload: { n: 21 } })]));
    await clock.settle();
    expect(etl.updates.map(({ state, data }) => [state, data])).toEqual([
      ['running', undefined],
      ['finished', '42'],
    ]);
  });

  it('ends a task by force that does not heed its kill', async () => {
    const { clock, memory, master } = lab();
    memory.agent('a1', 'cpus:9;mem:18432', { run: taskFunction(() => new Promise(() => {})) });
    const etl = subscribe(master, { roles: ['etl'] }, once([task('t1', { killPolicy: { graceMs: 2_000 } })]));
    await clock.settle();
    etl.driver.kill('t1');
    await clock.advance(1_999);
    expect(states(etl.updates)).toEqual(['running']);
    await clock.advance(1);
    expect(states(etl.updates)).toEqual(['running', 'killed']);
  });

  it('runs the executors that frameworks bring, and passes messages both ways', async () => {
    const { clock, memory, master } = lab();
    const said: string[] = [];
    const run: Executor = {
      launch: ({ id }, driver) => driver.update({ task: id, state: 'running' }),
      message: (data, driver) => (said.push(data), driver.sendMessage(`echo ${data}`)),
      shutdown: async () => {
        await clock.settle();
        said.push('bye');
      },
    };
    memory.agent('a1', 'cpus:9;mem:18432', { run });
    const messages: string[] = [];
    const executor = { id: 'e1', resources: 'cpus:0.1;mem:32', command: { value: 'x' } };
    const etl = subscribe(
      master,
      { roles: ['etl'] },
      {
        ...once([{ id: 't1', resources: 'cpus:1;mem:32', executor }]),
        agentMessage: ({ data }) => void messages.push(data),
      },
    );
    await clock.settle();
    etl.driver.sendMessage({ agent: 'a1', executor: 'e1', data: 'hello' });
    await clock.settle();
    expect([said, messages]).toEqual([['hello'], ['echo hello']]);
    etl.driver.shutdown({ agent: 'a1', executor: 'e1' });
    await clock.settle();
    await clock.settle();
    expect(said).toEqual(['hello', 'bye']);
    expect(etl.updates.at(-1)).toMatchObject({ task: 't1', state: 'failed', reason: 'executor-terminated' });
    expect(etl.heard).toContain('failure');
  });

  it('runs the tasks of a group together', async () => {
    const { clock, memory, master } = lab();
    memory.agent('a1', 'cpus:9;mem:18432;disk:1000', { run: taskFunction(({ id }) => id) });
    const etl = subscribe(
      master,
      { roles: ['etl'] },
      {
        offers([offer], driver) {
          const executor = { id: 'e1', type: 'default' as const, resources: 'cpus:0.1;mem:32;disk:32' };
          const resources = 'cpus:1;mem:32';
          if (offer && etl.updates.length === 0) {
            driver.launchGroup(offer, {
              executor,
              tasks: [
                { id: 't1', resources, command: { value: 'x' } },
                { id: 't2', resources, command: { value: 'x' } },
              ],
            });
          }
        },
      },
    );
    await clock.settle();
    expect(etl.updates.filter(({ terminal }) => terminal).map(({ task: id, data }) => [id, data])).toEqual([
      ['t1', 't1'],
      ['t2', 't2'],
    ]);
  });

  it('hears an executor that says nonsense where it says it, and goes on', async () => {
    const { clock, memory, master, errors } = lab();
    const run: Executor = {
      launch(info, driver) {
        driver.update({ task: info.id, state: 'finished', data: { n: 1 } as never });
      },
    };
    const agent = memory.agent('a1', 'cpus:9;mem:18432', { run });
    const etl = subscribe(master, { roles: ['etl'] }, once([task('t1'), task('t2')]));
    await clock.settle();
    expect(etl.updates.map(({ state, message }) => [state, message])).toEqual([
      ['failed', 'input.data must be a text'],
      ['failed', 'input.data must be a text'],
    ]);
    expect([agent.tasks, errors]).toEqual([[], []]);
    expect(() => agent.exited({ framework: 'f', executor: 7 as never })).toThrow(
      expect.objectContaining({ code: 'bad-input', path: 'input.executor' }),
    );
  });

  it('fails a task whose executor does not launch it', async () => {
    const { clock, memory, master } = lab();
    memory.agent('a1', 'cpus:9;mem:18432', { run: { launch: () => Promise.reject(new Error('no room')) } });
    const etl = subscribe(master, { roles: ['etl'] }, once([task('t1')]));
    await clock.settle();
    expect(etl.updates).toMatchObject([{ task: 't1', state: 'failed', message: 'no room' }]);
  });

  it('sends an update again until it is acknowledged', async () => {
    const { clock, memory, master } = lab();
    const agent = memory.agent('a1', 'cpus:9;mem:18432');
    const etl = subscribe(master, { roles: ['etl'] }, once([task('t1')]), { acknowledge: 'explicit' });
    await clock.settle();
    agent.running('t1');
    agent.finished('t1');
    await clock.advance(30_000);
    expect(states(etl.updates)).toEqual(['running', 'running', 'running']);
    expect(new Set(etl.updates.map(({ uuid }) => uuid)).size).toBe(1);
    etl.driver.acknowledge(etl.updates[0] ?? { task: '' });
    await clock.settle();
    expect(etl.updates.at(-1)?.state).toBe('finished');
  });
});

describe('what can happen to a memory agent', () => {
  it('a broken connection takes its offers, and it comes back with its tasks', async () => {
    const { clock, memory, master } = lab();
    const agent = memory.agent('a1', 'cpus:9;mem:18432', { autorun: () => 60_000 });
    const etl = subscribe(master, { roles: ['etl'], checkpoint: true }, once([task('t1')]));
    await clock.settle();
    agent.disconnect();
    expect([agent.connected, master.state.agents.get('a1')?.connected]).toEqual([false, false]);
    await clock.advance(5_000);
    agent.return();
    await clock.settle();
    expect(master.state.agents.get('a1')).toMatchObject({ connected: true });
    await clock.advance(60_000);
    expect(states(etl.updates)).toEqual(['running', 'finished']);
  });

  it('a task that ends while its agent is away is told when it is back', async () => {
    const { clock, memory, master } = lab();
    const agent = memory.agent('a1', 'cpus:9;mem:18432', { autorun: () => 1_000 });
    const etl = subscribe(master, { roles: ['etl'], checkpoint: true }, once([task('t1')]));
    await clock.settle();
    agent.disconnect();
    await clock.advance(5_000);
    expect(states(etl.updates)).toEqual(['running']);
    agent.return();
    await clock.settle();
    expect(states(etl.updates)).toEqual(['running', 'finished']);
  });

  it('silence makes a watched agent unreachable, and its return brings the tasks back', async () => {
    const { clock, memory, master } = lab();
    const agent = memory.agent('a1', 'cpus:9;mem:18432', { heartbeatMs: 1_000, autorun: () => 60_000 });
    const etl = subscribe(master, { roles: ['etl'], checkpoint: true }, once([task('t1')]));
    await clock.advance(30_000);
    expect(master.state.agents.has('a1')).toBe(true);
    agent.silence();
    expect(agent.connected).toBe(true);
    await clock.advance(10_000);
    expect(master.state.agents.has('a1')).toBe(false);
    expect(etl.updates.at(-1)).toMatchObject({ task: 't1', state: 'unreachable' });
    agent.return();
    await clock.settle();
    expect(etl.updates.at(-1)).toMatchObject({ task: 't1', state: 'running', reason: 'agent-reregistered' });
    await clock.advance(60_000);
    expect(etl.updates.at(-1)).toMatchObject({ task: 't1', state: 'finished' });
  });

  it('a crash loses everything on it, and what runs in this process is ended', async () => {
    const { clock, memory, master } = lab();
    const ended: string[] = [];
    const run = taskFunction(
      ({ id }, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(ended.push(id)))),
    );
    const agent = memory.agent('a1', 'cpus:9;mem:18432', { run });
    const etl = subscribe(master, { roles: ['etl'], checkpoint: true }, once([task('t1')]));
    await clock.settle();
    agent.crash();
    await clock.settle();
    expect([agent.tasks, ended, agent.connected]).toEqual([[], ['t1'], false]);
    expect(master.state.agents.get('a1')?.connected).toBe(false);
    expect(states(etl.updates)).toEqual(['running']);
    agent.return();
    await clock.settle();
    expect(etl.updates.at(-1)).toMatchObject({ task: 't1', state: 'dropped', reason: 'reconciliation' });
    expect(tasks(master.state)).toEqual([]);
    const uuids = etl.updates.map(({ uuid }) => uuid);
    expect(new Set(uuids).size).toBe(uuids.length);
  });

  it('an executor that is gone fails its tasks', async () => {
    const { clock, memory, master } = lab();
    const agent = memory.agent('a1', 'cpus:9;mem:18432', { autorun: () => undefined });
    const etl = subscribe(master, { roles: ['etl'], checkpoint: true }, once([task('t1')]));
    await clock.settle();
    agent.exited({ framework: etl.driver.framework ?? '', executor: 't1', status: 9 });
    await clock.settle();
    expect(etl.updates.at(-1)).toMatchObject({ task: 't1', state: 'failed', reason: 'executor-terminated' });
  });

  it('the end of its framework ends what runs', async () => {
    const { clock, memory, master } = lab();
    const agent = memory.agent('a1', 'cpus:9;mem:18432', { autorun: () => undefined });
    const etl = subscribe(master, { roles: ['etl'], checkpoint: true }, once([task('t1')]));
    await clock.settle();
    etl.driver.teardown();
    await clock.settle();
    expect(agent.tasks).toEqual([]);
    expect(master.state.frameworks.size).toBe(0);
    await clock.advance(60_000);
    expect(agent.state.frameworks.size).toBe(0);
  });
});

describe('a framework on a memory transport', () => {
  it('is a framework like any other', async () => {
    const { clock, memory, master, errors } = lab();
    memory.agent('a1', 'cpus:9;mem:18432', { autorun: () => 1_000 });
    const far = { subscribe: (info: object, scheduler: object) => memory.framework(info, scheduler).driver };
    const etl = subscribe(far, { roles: ['etl'] }, launching('cpus:1;mem:32'));
    await clock.advance(2_000);
    expect(states(etl.updates)).toEqual(['running', 'finished']);
    expect(etl.driver.framework).toBe(master.state.frameworks.keys()[0]);
    expect(errors).toEqual([]);
  });

  it('whose connection breaks may come back as who it was', async () => {
    const { clock, memory, master } = lab();
    const agent = memory.agent('a1', 'cpus:9;mem:18432', { autorun: () => 60_000 });
    const heard: string[] = [];
    const etl = memory.framework(
      { roles: ['etl'], failoverTimeoutMs: 10_000 },
      {
        ...launching('cpus:1;mem:32'),
        subscribed: () => void heard.push('subscribed'),
        disconnected: () => void heard.push('disconnected'),
      },
    );
    await clock.settle();
    const id = etl.driver.framework ?? '';
    etl.disconnect();
    await clock.settle();
    expect(master.state.frameworks.get(id)?.state).toBe('disconnected');
    expect(etl.driver.connected).toBe(false);
    await clock.advance(5_000);
    etl.return();
    await clock.advance(10_000);
    expect(master.state.frameworks.get(id)?.state).toBe('connected');
    expect(agent.tasks).toHaveLength(1);
    expect([heard, etl.driver.framework]).toEqual([['subscribed', 'disconnected', 'subscribed'], id]);
  });

  it('that does not come back in time is removed', async () => {
    const { clock, memory, master } = lab();
    const agent = memory.agent('a1', 'cpus:9;mem:18432', { autorun: () => 60_000 });
    const etl = memory.framework({ roles: ['etl'], failoverTimeoutMs: 10_000 }, launching('cpus:1;mem:32'));
    await clock.settle();
    etl.disconnect();
    await clock.advance(10_000);
    expect(master.state.frameworks.size).toBe(0);
    expect(agent.tasks).toEqual([]);
  });
});

describe('over a lossy transport', () => {
  it('every task ends, is told and is acknowledged all the same', async () => {
    const clock = manualClock();
    const memory = memoryTransport({ clock });
    const transport = lossyTransport(memory, { seed: 11, drop: 0.2, duplicate: 0.2, delayMs: 500, clock });
    const master = createMaster({ clock, transports: [transport] });
    const agents = ['a1', 'a2', 'a3'].map((id) => memory.agent(id, 'cpus:4;mem:4096', { autorun: () => 3_000 }));
    const ended = new Set<string>();
    let next = 0;
    master.subscribe(
      { roles: ['etl'], checkpoint: true },
      {
        offers(offers, driver) {
          for (const offer of offers) {
            if (next === 20) driver.decline(offer, { refuseSeconds: 1 });
            else {
              next += 1;
              driver.launch(offer, task(`t${next}`));
            }
          }
        },
        update: ({ task: id, terminal }) => void (terminal && ended.add(id)),
      },
    );
    for (let round = 0; round < 60; round += 1) {
      await clock.advance(60_000);
      // A launch that was lost on its way is found when its agent registers again without it (AG-11).
      for (const agent of agents) {
        agent.disconnect();
        agent.return();
      }
    }
    await clock.advance(600_000);
    expect(next).toBe(20);
    expect(ended.size).toBe(20);
    expect(tasks(master.state)).toEqual([]);
    expect(violation(master.state)).toBeUndefined();
    await master.close();
  });
});
