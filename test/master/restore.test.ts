import { describe, expect, it } from 'vitest';
import { deserialize, frameworks, serialize, tasks, transition, type ClusterState } from '../../src/cluster/index.js';
import { createMaster } from '../../src/master/index.js';
import { manualClock, memoryTransport } from '../../src/transport/index.js';
import { keeping, lab, launching, subscribe, thrownBy } from './harness.js';

const bytes = (state: ClusterState): string => [...serialize(state)].join('');

/** A state with an agent, a framework and a task that runs, at 20 s. */
async function before(failoverTimeoutMs = 600_000) {
  const built = lab();
  const agent = built.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => 60_000 });
  const etl = subscribe(
    built.master,
    { framework: 'f1', roles: ['etl'], failoverTimeoutMs, checkpoint: true },
    launching('cpus:1;mem:32'),
  );
  await built.clock.advance(20_000);
  return { ...built, agent, etl, saved: deserialize(serialize(built.master.state)) };
}

describe('a master that goes on from a saved state', () => {
  it('never has a time before that of the state', async () => {
    const { saved } = await before();
    const clock = manualClock(3_000);
    const master = createMaster({ clock, state: saved });
    expect(master.state.now).toBe(20_000);
    master.report({ type: 'register', agent: 'a2', resources: 'cpus:1' });
    expect(master.state.now).toBe(20_000);
    await clock.advance(5_000);
    master.report({ type: 'register', agent: 'a3', resources: 'cpus:1' });
    expect(master.state.now).toBe(25_000);
    expect(master.state.counters.clockBackwards).toBe(0);
  });

  it('keeps the clock that is ahead of the state', async () => {
    const { saved } = await before();
    const master = createMaster({ clock: manualClock(90_000), state: saved });
    master.report({ type: 'register', agent: 'a2', resources: 'cpus:1' });
    expect(master.state.now).toBe(90_000);
  });

  it('wakes by the moved clock', async () => {
    const { saved } = await before();
    const clock = manualClock();
    const master = createMaster({ clock, state: saved, agents: keeping() });
    master.report({ type: 'register', agent: 'a2', resources: 'cpus:4;mem:4096' });
    const etl = subscribe(
      master,
      { framework: 'f2', roles: ['r'] },
      { offers: (made, driver) => driver.decline(made, { refuseSeconds: 30 }) },
    );
    await clock.advance(29_000);
    expect(etl.offers.filter(({ agent }) => agent === 'a2')).toHaveLength(1);
    await clock.advance(2_000);
    expect(etl.offers.filter(({ agent }) => agent === 'a2')).toHaveLength(2);
  });

  it('gives agents and frameworks back what they had', async () => {
    const { saved, agent, master: old } = await before();
    await old.close();
    const clock = manualClock(20_000);
    const memory = memoryTransport({ clock });
    const master = createMaster({ clock, transports: [memory], state: saved });
    const etl = subscribe(master, { framework: 'f1', roles: ['etl'], failoverTimeoutMs: 600_000, checkpoint: true });
    // The agent itself is on the old network: its place is taken by a bare connection that says what it would say.
    const peer = memory.connectAgent('a1');
    const [task] = agent.tasks;
    peer.say({
      type: 'reregister',
      agent: 'a1',
      connection: peer.connection,
      resources: 'cpus:4;mem:4096',
      streams: true,
      tasks: [{ framework: 'f1', id: task?.id ?? '', role: 'etl', resources: 'cpus:1;mem:32', state: 'running' }],
    });
    await clock.settle();
    expect(etl.heard).toContain('subscribed');
    peer.say({ type: 'status', agent: 'a1', framework: 'f1', task: 't1', state: 'finished', uuid: 'u9' });
    await clock.settle();
    expect(etl.updates.at(-1)).toMatchObject({ task: 't1', state: 'finished' });
    expect(tasks(master.state)).toEqual([]);
  });

  it('counts a framework as disconnected as soon as nobody can be told something', async () => {
    const { saved } = await before(10_000);
    const clock = manualClock(20_000);
    const master = createMaster({ clock, state: saved });
    expect(frameworks(master.state)).toMatchObject([{ id: 'f1', state: 'connected' }]);
    master.report({ type: 'register', agent: 'a2', resources: 'cpus:4;mem:4096' });
    await clock.settle();
    expect(frameworks(master.state)).toMatchObject([{ id: 'f1', state: 'disconnected' }]);
    await clock.advance(10_000);
    expect(frameworks(master.state)).toEqual([]);
  });

  it('does not mix up a new scheduler with one of the old process', async () => {
    const { saved } = await before();
    const clock = manualClock(20_000);
    const master = createMaster({ clock, state: saved });
    const other = subscribe(master, { framework: 'f2', roles: ['r'] });
    const [one, two] = ['f1', 'f2'].map((id) => master.state.frameworks.get(id)?.connection);
    expect(one).not.toBe(two);
    other.driver.close();
    await clock.settle();
    expect(master.state.frameworks.get('f1')?.state).toBe('connected');
  });

  it('reaches its agents through the port of the host', async () => {
    const { saved } = await before();
    const clock = manualClock(20_000);
    const port = keeping();
    const master = createMaster({ clock, state: saved, agents: port });
    const etl = subscribe(master, { framework: 'f1', roles: ['etl'], failoverTimeoutMs: 1, checkpoint: true });
    await clock.settle();
    etl.driver.kill('t1');
    expect(port.sent).toEqual([]);
    await clock.settle();
    expect(port.sent).toMatchObject([{ type: 'kill', agent: 'a1', task: 't1' }]);
  });

  it('stands in for agents that registered before, with uuids that were not used', async () => {
    const port = keeping();
    const first = lab({ transports: [], agents: port });
    first.master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:4096' });
    const etl = subscribe(
      first.master,
      { framework: 'f1', roles: ['etl'], failoverTimeoutMs: 60_000 },
      launching('cpus:1'),
    );
    await first.clock.settle();
    first.master.report({ type: 'status', agent: 'a1', framework: 'f1', task: 't1', state: 'running' });
    await first.clock.settle();
    await first.master.close();
    const second = lab({ transports: [], agents: port, state: first.master.state });
    const again = subscribe(second.master, { framework: 'f1', roles: ['etl'], failoverTimeoutMs: 60_000 });
    second.master.report({ type: 'status', agent: 'a1', framework: 'f1', task: 't1', state: 'finished' });
    await second.clock.settle();
    const uuids = [...etl.updates, ...again.updates].map(({ uuid }) => uuid);
    expect(uuids.map((uuid) => typeof uuid)).toEqual(['string', 'string']);
    expect(new Set(uuids).size).toBe(2);
    expect(tasks(second.master.state)).toEqual([]);
  });

  it('does what was asked for before it was saved', async () => {
    let saved: ClusterState | undefined;
    const { clock, master } = lab({ transports: [] });
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:4096' });
    master.call({ type: 'subscribe', framework: 'f1', connection: 'c1', roles: ['r'] });
    saved = master.state;
    await clock.settle();
    const events: string[] = [];
    const other = createMaster({ clock, state: saved, frameworks: { send: ({ type }) => void events.push(type) } });
    other.call({ type: 'unsuppress', framework: 'f1', connection: 'c1' });
    await clock.settle();
    expect(events).toEqual(['offers']);
  });

  it('refuses a configuration beside the state', async () => {
    const { saved } = await before();
    expect(thrownBy(() => createMaster({ state: saved, config: {} }))).toMatchObject({
      code: 'bad-config',
      path: 'config',
    });
    expect(thrownBy(() => createMaster({ config: { offerTimeoutMs: -1 } }))).toMatchObject({ code: 'bad-config' });
  });
});

describe('a fork', () => {
  it('costs nothing and does not change when the trunk does, nor the other way round', async () => {
    const { clock, memory, master } = lab();
    memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => 3_000 });
    subscribe(master, { roles: ['etl'] }, launching('cpus:1;mem:32', 4));
    await clock.advance(1_000);
    const fork = master.fork();
    const [forked, trunk] = [bytes(fork), bytes(master.state)];
    expect(forked).toBe(trunk);
    await clock.advance(60_000);
    expect(bytes(fork)).toBe(forked);
    const after = bytes(master.state);
    let [state] = transition(fork, { type: 'set-weight', at: 2_000, role: 'etl', weight: 7 });
    for (let at = 3_000; at < 9_000; at += 1_000) [state] = transition(state, { type: 'allocate', at, agents: 'all' });
    expect(bytes(state)).not.toBe(forked);
    expect(bytes(master.state)).toBe(after);
  });

  it('can be another master’s', async () => {
    const { clock, memory, master } = lab();
    memory.agent('a1', 'cpus:4;mem:4096');
    subscribe(master, { framework: 'f1', roles: ['etl'] });
    await clock.settle();
    const trunk = bytes(master.state);
    const what = createMaster({ clock, state: master.fork() });
    await what.control({ type: 'mark-unreachable', agent: 'a1' });
    await clock.settle();
    expect(what.state.agents.size).toBe(0);
    expect(bytes(master.state)).toBe(trunk);
  });
});
