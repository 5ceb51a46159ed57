import { describe, expect, it } from 'vitest';
import { contains, resources } from '../../src/resources/index.js';
import { frameworks, offers, tasks, transition, violation, type ClusterState } from '../../src/cluster/index.js';
import {
  createMaster,
  type AgentPort,
  type FrameworkPort,
  type Master,
  type Transport,
} from '../../src/master/index.js';
import type { AllocationPolicy } from '../../src/offers/index.js';
import type { OrderRule } from '../../src/drf/index.js';
import type { SchedulerEvent } from '../../src/cluster/index.js';
import { manualClock, memoryTransport } from '../../src/transport/index.js';
import { keeping, lab, launching, subscribe, thrownBy } from './harness.js';

/** A host's own RPC, as far as the example needs it. */
function rpcOf() {
  const handlers = new Map<string, (value: never) => void>();
  const called: { agent: string; command: { type: string } }[] = [];
  let broken = false;
  return {
    called,
    break: () => void (broken = true),
    call: (agent: string, command: { type: string }): Promise<void> => {
      called.push({ agent, command });
      return broken ? Promise.reject(new Error('unreachable')) : Promise.resolve();
    },
    on: <Value>(name: string, handle: (value: Value) => void) => void handlers.set(name, handle),
    say: (name: string, value: unknown) => handlers.get(name)?.(value as never),
  };
}

interface Job {
  readonly id: string;
  readonly resources: string;
}

function queueOf(jobs: Job[]) {
  const done: [string, string][] = [];
  return {
    done,
    take(fits: (job: Job) => boolean): Job | undefined {
      const at = jobs.findIndex(fits);
      return at === -1 ? undefined : jobs.splice(at, 1)[0];
    },
    finish: (id: string, state: string) => void done.push([id, state]),
  };
}

describe('a host with its own agents over its own RPC', () => {
  const start = () => {
    const clock = manualClock();
    const rpc = rpcOf();
    const queue = queueOf([
      { id: 'big', resources: 'cpus:64' },
      { id: 'small', resources: 'cpus:4;mem:1024' },
    ]);
    const agents: AgentPort = {
      send: (command) => rpc.call(command.agent, command).catch(() => master.agentLost(command.agent)),
    };
    const master: Master = createMaster({ agents, clock });

    rpc.on<{ id: string }>('node-up', (n) =>
      master.report({ type: 'register', agent: n.id, resources: 'cpus:16;mem:65536', attributes: 'zone:a' }),
    );
    rpc.on<{ node: string; framework: string; task: string }>('task', (t) => {
      master.report({ type: 'status', agent: t.node, framework: t.framework, task: t.task, state: 'running' });
    });
    rpc.on<{ node: string; framework: string; task: string }>('done', (t) => {
      master.report({ type: 'status', agent: t.node, framework: t.framework, task: t.task, state: 'finished' });
    });
    rpc.on<string>('node-gone', (id) => master.agentLost(id));

    const driver = master.subscribe(
      { name: 'etl', roles: ['etl'] },
      {
        offers(made, own) {
          for (const offer of made) {
            const job = queue.take((j) => contains(offer.resources, resources(j.resources)));
            if (job) own.launch(offer, { id: job.id, resources: job.resources, payload: job });
            else own.decline(offer, { refuseSeconds: 60 });
          }
        },
        update(status) {
          if (status.terminal) queue.finish(status.task, status.state);
        },
      },
    );
    return { clock, rpc, queue, master, driver };
  };

  it('sends the task to the machine it fits on, and hears of its end', async () => {
    const { clock, rpc, queue, master, driver } = start();
    rpc.say('node-up', { id: 'n1' });
    await clock.settle();
    const launch = rpc.called.find(({ command }) => command.type === 'launch');
    expect(launch).toMatchObject({ agent: 'n1', command: { task: { id: 'small', payload: { id: 'small' } } } });
    rpc.say('task', { node: 'n1', framework: driver.framework, task: 'small' });
    rpc.say('done', { node: 'n1', framework: driver.framework, task: 'small' });
    await clock.settle();
    expect(queue.done).toEqual([['small', 'finished']]);
    expect(tasks(master.state)).toEqual([]);
  });

  it('loses what it cannot reach', async () => {
    const { clock, rpc, queue, master } = start();
    rpc.say('node-up', { id: 'n1' });
    rpc.break();
    await clock.settle();
    expect(master.state.agents.get('n1')?.connected).toBe(false);
    await clock.advance(600_000);
    expect(queue.done).toMatchObject([['small', expect.anything()]]);
  });
});

describe('a master takes what it is told', () => {
  it('at once: its state has it when the call returns', () => {
    const { master } = lab();
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4' });
    expect(master.state.agents.has('a1')).toBe(true);
    const { framework } = master.subscribe({ framework: 'f1' }, {});
    expect(framework).toBe('f1');
    expect(frameworks(master.state).map(({ id }) => id)).toEqual(['f1']);
    void master.control({ type: 'set-weight', role: 'r', weight: 2 });
    void master.control({ type: 'mark-unreachable', agent: 'a1' });
    expect(master.state.agents.has('a1')).toBe(false);
  });

  it('and calls nobody back before that', async () => {
    const { clock, master } = lab();
    let returned = false;
    const seen: boolean[] = [];
    const note = (): void => void seen.push(returned);
    for (const event of ['transition', 'agent', 'framework', 'offer'] as const) master.on(event, note);
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4' });
    master.subscribe({}, { subscribed: note, offers: note });
    returned = true;
    await clock.settle();
    expect(seen.length).toBeGreaterThan(4);
    expect(seen).not.toContain(false);
  });

  it('stamps it with its clock, in whole ms', () => {
    let now = 12.75;
    const ats: number[] = [];
    const master = createMaster({ clock: { now: () => now, wake: () => () => {} } });
    master.on('transition', ({ input }) => ats.push(input.at));
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4' });
    expect(master.state.now).toBe(12);
    now = 14;
    master.report({ type: 'heartbeat', agent: 'a1' });
    expect(master.state.now).toBe(14);
  });

  it.each([
    ['report', { type: 'register', agent: 5, resources: '' }],
    ['report', { type: 'revive', framework: 'f', connection: 'c' }],
    ['report', { type: 'nonsense' }],
    ['report', null],
    ['call', { type: 'register', agent: 'a1', resources: '' }],
    ['call', { type: 'revive' }],
  ] as const)('%s(%j) throws and changes nothing', (door, input) => {
    const { master } = lab();
    const before = master.state;
    const error = thrownBy(() => (master[door] as (input: unknown) => void)(input));
    expect(error).toMatchObject({ name: 'InputError', code: expect.any(String), path: expect.any(String) });
    expect(master.state).toBe(before);
  });

  it('refuses by rejection what an operator cannot mean, and changes nothing', async () => {
    const { master, errors } = lab();
    const before = master.state;
    await expect(master.control({ type: 'mark-unreachable', agent: 'nobody' })).rejects.toMatchObject({
      code: 'unknown-agent',
    });
    await expect(master.control({ type: 'set-weight', role: 'r', weight: -1 })).rejects.toMatchObject({
      code: 'bad-weight',
    });
    await expect(master.control({ type: 'heartbeat', agent: 'a1' } as never)).rejects.toMatchObject({
      code: 'not-allowed',
    });
    await expect(master.control(undefined as never)).rejects.toMatchObject({ name: 'InputError' });
    expect(master.state).toBe(before);
    expect(errors).toEqual([]);
  });

  it('does not let a transport speak as an operator, nor hide it in a batch', async () => {
    const { memory, master } = lab();
    const peer = memory.connectAgent('a1');
    const say = (input: unknown) => thrownBy(() => peer.say(input as never));
    expect(say({ type: 'pause' })).toMatchObject({ code: 'not-allowed' });
    expect(say({ type: 'batch', inputs: [{ type: 'heartbeat', agent: 'a1' }, { type: 'pause' }] })).toMatchObject({
      code: 'not-allowed',
    });
    expect(master.state.allocator.paused).toBe(false);
  });

  it('takes a batch as one transition', async () => {
    const { clock, memory, master } = lab();
    const inputs: string[] = [];
    master.on('transition', ({ input }) => inputs.push(input.type));
    const register = (agent: string) => ({ type: 'register', agent, resources: 'cpus:1' });
    memory.connectAgent('a1').say({ type: 'batch', inputs: [register('a1'), register('a2')] } as never);
    await clock.settle();
    expect([master.state.agents.size, inputs]).toEqual([2, ['batch', 'allocate']]);
  });

  it('takes any text for an id', async () => {
    const { clock, memory, master } = lab();
    const agent = memory.agent('__proto__', 'cpus:4;mem:4096', { autorun: () => undefined });
    const etl = subscribe(
      master,
      { framework: '__proto__', roles: ['__proto__'] },
      {
        offers: ([offer], driver) =>
          offer && driver.launch(offer, { id: '__proto__', resources: 'cpus:1', payload: {} }),
      },
    );
    await clock.settle();
    expect(etl.updates).toMatchObject([{ task: '__proto__', state: 'running', agent: '__proto__' }]);
    expect(agent.tasks).toMatchObject([{ framework: '__proto__', id: '__proto__' }]);
    expect(violation(master.state)).toBeUndefined();
  });
});

describe('allocation', () => {
  it('is run when all was delivered, once for a burst', async () => {
    const { clock, master } = lab();
    const inputs: string[] = [];
    master.on('transition', ({ input }) => inputs.push(input.type));
    for (const agent of ['a1', 'a2', 'a3']) master.report({ type: 'register', agent, resources: 'cpus:4;mem:1024' });
    const etl = subscribe(master, { roles: ['etl'] });
    await clock.settle();
    expect(inputs).toEqual(['register', 'register', 'register', 'subscribe', 'allocate']);
    expect(etl.heard).toEqual(['subscribed', 'offers']);
    expect(etl.offers).toHaveLength(3);
  });

  it('follows what handlers do', async () => {
    const { clock, master } = lab();
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:1024' });
    const etl = subscribe(
      master,
      { roles: ['etl'] },
      {
        offers: (made, driver) => {
          if (etl.heard.filter((name) => name === 'offers').length > 1) return;
          driver.decline(made);
          driver.revive();
        },
      },
    );
    await clock.settle();
    expect(etl.heard).toEqual(['subscribed', 'offers', 'offers']);
  });

  it('does not run while paused', async () => {
    const { clock, master } = lab();
    await master.control({ type: 'pause' });
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:1024' });
    const etl = subscribe(master, { roles: ['etl'] });
    await clock.advance(10_000);
    expect(etl.heard).toEqual(['subscribed']);
    await master.control({ type: 'resume' });
    await clock.advance(10_000);
    expect(etl.heard).toEqual(['subscribed', 'offers']);
  });

  it('comes by itself when something came back', async () => {
    const { clock, master } = lab();
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:1024' });
    const etl = subscribe(
      master,
      { roles: ['etl'] },
      { offers: (made, driver) => driver.decline(made, { refuseSeconds: 30 }) },
    );
    await clock.advance(29_000);
    expect(etl.offers).toHaveLength(1);
    await clock.advance(2_000);
    expect(etl.offers).toHaveLength(2);
  });

  it('costs nothing while nothing happens', async () => {
    const { clock, master } = lab({ config: { offerTimeoutMs: null } });
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:1024' });
    const etl = subscribe(master, { roles: ['etl'] });
    await clock.advance(1_000);
    const { seq } = master.state;
    await clock.advance(24 * 3_600_000);
    expect([master.state.seq, etl.offers.length]).toEqual([seq, 1]);
  });
});

describe('policies', () => {
  it('an order rule decides who comes first', async () => {
    const urgentFirst: OrderRule = { name: 'urgent-first', rank: ({ priority }) => -priority };
    const { clock, master } = lab({ policy: urgentFirst });
    const calm = subscribe(master, { roles: ['r'], priority: 1 });
    const urgent = subscribe(master, { roles: ['r'], priority: 9 });
    await clock.settle();
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:1024' });
    await clock.settle();
    expect([calm.offers.length, urgent.offers.length]).toEqual([0, 1]);
  });

  it('an allocation policy decides everything', async () => {
    /** Half of each agent to each of the first two who may have it. */
    const halves: AllocationPolicy = {
      name: 'halves',
      *allocate(view) {
        for (const agent of view.agents()) {
          const [one, other] = [...view.candidates(agent)];
          for (const half of [one, other]) {
            if (half)
              yield {
                agent: agent.id,
                framework: half.framework,
                role: half.role,
                resources: resources('cpus:2;mem:512'),
              };
          }
        }
      },
    };
    const { clock, master, errors } = lab({ policy: halves });
    const parties = [subscribe(master, { roles: ['a'] }), subscribe(master, { roles: ['b'] })];
    await clock.settle();
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:1024' });
    await clock.settle();
    expect(errors).toEqual([]);
    expect(parties.map(({ offers: got }) => got.map((offer) => offer.resources.toString()))).toEqual(
      [['cpus:2;mem:512'], ['cpus:2;mem:512']].map((got) => got.map((text) => resources(text).toString())),
    );
  });

  it('one that fails gives nothing, is told to the host, and is tried again', async () => {
    let broken = true;
    const policy: OrderRule = {
      name: 'flaky',
      rank: ({ dominantShare }) => (broken ? NaN : dominantShare),
      changesWith: 'run',
    };
    const { clock, master, errors } = lab({ policy });
    const etl = subscribe(master, { roles: ['etl'] });
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:1024' });
    await clock.settle();
    expect([etl.offers.length, errors.map(({ code }) => code)]).toEqual([0, ['policy-failed']]);
    broken = false;
    await clock.advance(2_000);
    expect([etl.offers.length, errors.length]).toEqual([1, 1]);
  });

  it('may speak to its own master: what it says waits for the run to end', async () => {
    let master: Master | undefined = undefined;
    const chatty: OrderRule = {
      name: 'chatty',
      rank: () => {
        const during = master?.state;
        master?.report({ type: 'register', agent: 'a2', resources: 'cpus:1;mem:512' });
        expect(master?.state).toBe(during);
        return 0;
      },
    };
    const built = lab({ policy: chatty });
    master = built.master;
    subscribe(master, { roles: ['etl'] });
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:1024' });
    await built.clock.settle();
    expect(built.master.state.agents.keys()).toEqual(['a1', 'a2']);
    expect(built.errors).toEqual([]);
  });
});

describe('who came one way is answered that way', () => {
  it('with several transports and a host side by side', async () => {
    const clock = manualClock();
    const [one, other] = [memoryTransport({ clock }), memoryTransport({ clock })];
    const port = keeping();
    const events: SchedulerEvent[] = [];
    const ports: { agents: AgentPort; frameworks: FrameworkPort } = {
      agents: port,
      frameworks: { send: (event) => void events.push(event) },
    };
    const master = createMaster({ clock, transports: [one, other], ...ports });
    const peers = [one.connectAgent('a1'), other.connectAgent('a2')];
    peers.forEach((peer, index) => peer.say({ type: 'register', agent: `a${index + 1}`, resources: 'cpus:1;mem:512' }));
    master.report({ type: 'register', agent: 'a3', resources: 'cpus:1;mem:512' });
    // The networks give their connections the same names.
    const [first, second] = [one.connectFramework(), other.connectFramework()];
    expect(first.connection).toBe(second.connection);
    first.say({ type: 'subscribe', framework: 'f1', roles: ['a'] });
    second.say({ type: 'subscribe', framework: 'f2', roles: ['b'] });
    master.call({ type: 'subscribe', framework: 'f3', connection: first.connection, roles: ['c'] });
    const local = subscribe(master, { framework: 'f4', roles: ['d'] });
    await clock.settle();
    expect(peers.map(({ heard }) => heard.map(({ agent }) => agent))).toEqual([['a1'], ['a2']]);
    expect(port.sent.map(({ agent }) => agent)).toEqual(['a3']);
    const said = [first.heard, second.heard, events].map((heard) => [
      ...new Set(heard.map(({ framework }) => framework)),
    ]);
    expect(said).toEqual([['f1'], ['f2'], ['f3']]);
    expect(local.heard[0]).toBe('subscribed');
  });

  it('with the newest registration of an agent that changed its way', async () => {
    const clock = manualClock();
    const [one, other] = [memoryTransport({ clock }), memoryTransport({ clock })];
    createMaster({ clock, transports: [one, other] });
    const old = one.connectAgent('a1');
    old.say({ type: 'register', agent: 'a1', connection: old.connection, resources: 'cpus:1' });
    const peer = other.connectAgent('a1');
    peer.say({ type: 'reregister', agent: 'a1', connection: 'newer', resources: 'cpus:1' });
    await clock.settle();
    old.break();
    await clock.settle();
    expect([old.heard.length, peer.heard.length]).toEqual([1, 1]);
  });

  it('a refusal goes to who asked', async () => {
    const { clock, memory } = lab();
    const first = memory.connectFramework();
    first.say({ type: 'subscribe', framework: 'f1', roles: ['a'] });
    const second = memory.connectFramework();
    second.say({ type: 'subscribe', roles: ['not a role'] });
    second.say({ type: 'revive', framework: 'f1' });
    await clock.settle();
    expect(second.heard.map(({ type }) => type)).toEqual(['error', 'rejected']);
    expect(first.heard.map(({ type }) => type)).toEqual(['subscribed']);
  });

  it('a framework that is taken over hears it where it was', async () => {
    const { clock, memory, master } = lab();
    const old = subscribe(master, { roles: ['a'] });
    await clock.settle();
    const peer = memory.connectFramework();
    peer.say({ type: 'subscribe', roles: ['a'], framework: old.driver.framework ?? '' });
    await clock.settle();
    expect(old.heard).toEqual(['subscribed', 'error failed-over']);
    expect(peer.heard.map(({ type }) => type)).toEqual(['subscribed']);
    expect(old.driver.connected).toBe(false);
    expect(master.state.frameworks.get(old.driver.framework ?? '')?.connection).toBe(peer.connection);
  });

  it('nobody is told what nobody can carry', async () => {
    const { clock, master, errors } = lab({ transports: [] });
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:1;mem:512' });
    master.call({ type: 'subscribe', connection: 'c1', roles: ['a'] });
    await clock.advance(5_000);
    expect([errors, master.state.agents.size, frameworks(master.state).length]).toEqual([[], 1, 1]);
  });
});

describe('agents that keep no update streams', () => {
  const start = async (also: Parameters<typeof subscribe>[2] = {}, options: Parameters<typeof subscribe>[3] = {}) => {
    const port = keeping();
    const built = lab({ transports: [], agents: port });
    built.master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:4096' });
    const etl = subscribe(built.master, { roles: ['etl'] }, { ...launching('cpus:1'), ...also }, options);
    await built.clock.settle();
    const say = (state: 'running' | 'finished'): void => {
      const framework = etl.driver.framework ?? '';
      built.master.report({ type: 'status', agent: 'a1', framework, task: 't1', state });
    };
    return { ...built, port, etl, say };
  };

  it('are stood in for: their statuses get a uuid, which is acknowledged here', async () => {
    const { clock, master, port, etl, say } = await start();
    say('running');
    say('finished');
    await clock.settle();
    expect(etl.updates.map(({ state }) => state)).toEqual(['running', 'finished']);
    expect(new Set(etl.updates.map(({ uuid }) => uuid)).size).toBe(2);
    expect(port.sent.map(({ type }) => type)).toEqual(['registered', 'launch']);
    expect(tasks(master.state)).toEqual([]);
    await clock.advance(3_600_000);
    expect(etl.updates).toHaveLength(2);
  });

  it('are stood in for until the update was handled', async () => {
    let fails = true;
    const { clock, errors, etl, say } = await start({
      update: () => {
        if (fails) throw new Error('not yet');
      },
    });
    say('running');
    await clock.advance(9_999);
    expect([etl.updates.length, errors.map(({ code }) => code)]).toEqual([1, ['callback-failed']]);
    fails = false;
    await clock.advance(1);
    await clock.advance(3_600_000);
    expect(etl.updates).toHaveLength(2);
    expect(etl.updates[0]?.uuid).toBe(etl.updates[1]?.uuid);
  });

  it('hold their next update back, but not what it frees', async () => {
    const { clock, master, etl, say } = await start({}, { acknowledge: 'explicit' });
    say('running');
    say('finished');
    await clock.settle();
    expect(etl.updates.map(({ state }) => state)).toEqual(['running']);
    expect(tasks(master.state)).toMatchObject([{ state: 'finished', holds: false }]);
    etl.driver.acknowledge(etl.updates[0] ?? { task: '' });
    await clock.settle();
    expect(etl.updates.map(({ state }) => state)).toEqual(['running', 'finished']);
  });

  it('wait while they are away', async () => {
    const { clock, master, etl, say } = await start({}, { acknowledge: 'explicit' });
    say('running');
    master.agentLost('a1');
    await clock.advance(60_000);
    expect(etl.updates.filter(({ state }) => state === 'running')).toHaveLength(1);
  });

  it('are left alone when they say that they do', async () => {
    const { clock, master, port, etl } = await start();
    master.report({ type: 'register', agent: 'a2', resources: 'cpus:1;mem:512', streams: true });
    await clock.settle();
    const framework = etl.driver.framework ?? '';
    master.report({ type: 'status', agent: 'a2', framework, task: 'tx', state: 'running', uuid: 'mine' });
    await clock.settle();
    expect(etl.updates.at(-1)?.uuid).toBe('mine');
    expect(port.sent.at(-1)).toEqual({ type: 'acknowledge', agent: 'a2', framework, task: 'tx', uuid: 'mine' });
  });
});

describe('what goes wrong around the machine is an error, and the run goes on', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('port');
      },
    ],
    ['rejects', () => Promise.reject(new Error('port'))],
  ])('a port that %s', async (_what, send) => {
    const { clock, master, errors } = lab({ transports: [], agents: { send } });
    const etl = subscribe(master, { roles: ['etl'] }, launching('cpus:1'));
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:4096' });
    await clock.settle();
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['port-failed', 'A command for agent "a1" was not carried: port'],
      ['port-failed', 'A command for agent "a1" was not carried: port'],
    ]);
    expect(errors[0]).toMatchObject({ name: 'MasterError', cause: new Error('port') });
    expect([etl.heard, master.state.agents.get('a1')?.connected]).toEqual([['subscribed', 'offers'], true]);
  });

  it('a transport that does not open, or close', async () => {
    const bad: Transport = {
      open: () => Promise.reject(new Error('port in use')),
      close: () => {
        throw new Error('stuck');
      },
    };
    const { clock, master, errors } = lab({ transports: [bad] });
    await clock.settle();
    expect(errors.map(({ code }) => code)).toEqual(['transport-failed']);
    await expect(master.close()).resolves.toBeUndefined();
  });

  it('handlers and listeners that throw or reject', async () => {
    const { clock, master, errors } = lab();
    const heard: string[] = [];
    master.on('agent', () => {
      throw new Error('one');
    });
    master.on('agent', () => Promise.reject(new Error('two')) as never);
    master.on('agent', ({ type }) => heard.push(type));
    subscribe(
      master,
      { roles: ['etl'] },
      {
        subscribed: () => {
          throw new Error('three');
        },
      },
    );
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:4096' });
    await clock.settle();
    expect(heard).toEqual(['registered']);
    expect(errors.map(({ code, cause }) => [code, (cause as Error).message]).sort()).toEqual([
      ['callback-failed', 'one'],
      ['callback-failed', 'three'],
      ['callback-failed', 'two'],
    ]);
  });

  it('says which scheduler, which event, and what was thrown, whatever it is', async () => {
    const { clock, master, errors } = lab();
    const thrown = ['words', Symbol('s'), Object.create(null) as object, undefined];
    for (const [n, value] of thrown.entries()) {
      const toss = (): never => {
        throw value;
      };
      if (n === 0) master.on('framework', toss);
      subscribe(master, n === 1 ? { roles: ['r'] } : { name: `s${n}`, roles: ['r'] }, { subscribed: toss });
    }
    await clock.settle();
    expect([...new Set(errors.map(({ message }) => message))].sort()).toEqual([
      'A handler of a scheduler failed: Symbol(s)',
      'A handler of scheduler "s0" failed: words',
      'A handler of scheduler "s2" failed: something that has no words',
      'A handler of scheduler "s3" failed',
      "A listener of 'framework' failed: words",
    ]);
  });

  it('a malformed call of a scheduler in this process, which hears of it', async () => {
    const { clock, master, errors } = lab();
    const etl = subscribe(master, { roles: ['etl'] });
    await clock.settle();
    etl.driver.kill(5 as never);
    expect(etl.heard).toEqual(['subscribed']);
    await clock.settle();
    expect([etl.heard, errors]).toEqual([['subscribed', 'rejected wrong-type'], []]);
  });

  it('a malformed launch, of which each task is answered as one that is not valid', async () => {
    const { clock, memory, master, errors } = lab();
    memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => undefined });
    const etl = subscribe(master, { roles: ['etl'] });
    await clock.settle();
    const [offer] = etl.offers;
    let deep: unknown = [];
    for (let n = 0; n < 1e5; n += 1) deep = [deep];
    etl.driver.launch(offer ?? '', [
      { id: 't1', resources: 'cpus:1', payload: deep },
      { id: 't2', resources: 'cpus:1', payload: 1 },
      { id: 5 } as never,
    ]);
    etl.driver.accept(offer ?? '', [{ type: 'reserve', id: 'o1' } as never, 7 as never]);
    expect(etl.updates).toEqual([]);
    await clock.settle();
    expect(etl.updates.map(({ task, state, reason }) => [task, state, reason])).toEqual([
      ['t1', 'error', 'task-invalid'],
      ['t2', 'error', 'task-invalid'],
    ]);
    expect(etl.updates[0]?.message).toBe('operations[0].tasks[0].payload must not be nested deeper than 100 levels');
    expect(etl.heard.slice(2)).toEqual(['update', 'update', 'rejected too-deep', 'rejected missing-field']);
    expect([offers(master.state).length, errors]).toEqual([1, []]);
  });

  it('a malformed subscription, which throws where it is made', () => {
    const { master } = lab();
    expect(thrownBy(() => master.subscribe({ roles: 5 } as never, {}))).toMatchObject({
      name: 'InputError',
      path: 'roles',
    });
  });

  it('is thrown on a microtask when nobody listens', async () => {
    const uncaught: unknown[] = [];
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const listen = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtException', listen);
    const clock = manualClock();
    const master = createMaster({
      clock,
      agents: {
        send: () => {
          throw new Error('port');
        },
      },
    });
    try {
      expect(() => master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:4096' })).not.toThrow();
      await clock.settle();
      master.on('error', () => {
        throw new Error('of the error listener');
      });
      master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:4096' });
      await clock.settle();
    } finally {
      process.off('uncaughtException', listen);
      for (const other of others) process.on('uncaughtException', other);
    }
    expect(uncaught).toMatchObject([{ code: 'port-failed' }, { message: 'of the error listener' }]);
    expect(master.state.agents.size).toBe(1);
  });

  it('is written to the log, quoted, and a logger that throws harms nothing', async () => {
    const lines: string[] = [];
    const write = (level: string) => (line: string) => void lines.push(`${level} ${line}`);
    const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
    const { clock, master } = lab({
      logger,
      transports: [],
      agents: {
        send: () => {
          throw new Error('no\nway');
        },
      },
    });
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4' });
    master.report({ type: 'register', agent: 'evil\ninfo agent "x"\u001b[31m', resources: 'cpus:4' });
    subscribe(master, { framework: 'f1', roles: ['etl'] });
    await clock.settle();
    expect(lines).toContain('info agent "a1" registered');
    expect(lines).toContain('info framework "f1" subscribed');
    expect(lines.some((line) => line.startsWith('error port-failed: '))).toBe(true);
    expect(lines.join('').includes('\n') || lines.join('').includes('\u001b')).toBe(false);
    const noisy = {
      debug: () => {},
      info: () => {
        throw new Error('disk full');
      },
      warn: () => {},
      error: () => {},
    };
    const other = lab({ logger: noisy });
    other.master.report({ type: 'register', agent: 'a1', resources: 'cpus:4' });
    await other.clock.settle();
    expect(other.errors).toEqual([]);
  });
});

describe('events', () => {
  it('say what happened, in order', async () => {
    const { clock, memory, master } = lab();
    const said: unknown[] = [];
    master.on('agent', (event) => said.push(['agent', event.type, event.agent]));
    master.on('framework', (event) => said.push(['framework', event.type, event.framework]));
    master.on('offer', (event) => said.push(['offer', event.type, event.framework]));
    master.on('task', (event) =>
      said.push(['task', event.type === 'status' ? event.status.state : event.type, event.task]),
    );
    const agent = memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => 1_000 });
    subscribe(master, { framework: 'f1', roles: ['etl'] }, launching('cpus:1;mem:32'));
    await clock.advance(1_000);
    const other = subscribe(master, { framework: 'f2', roles: ['etl'] });
    await clock.advance(10_000);
    agent.disconnect();
    other.driver.close();
    await clock.settle();
    await master.control({ type: 'mark-unreachable', agent: 'a1' });
    await master.control({ type: 'teardown-framework', framework: 'f1' });
    await clock.settle();
    expect(said).toEqual([
      ['agent', 'registered', 'a1'],
      ['framework', 'subscribed', 'f1'],
      ['offer', 'offered', 'f1'],
      ['task', 'launched', 't1'],
      ['task', 'running', 't1'],
      ['task', 'finished', 't1'],
      ['offer', 'offered', 'f1'],
      ['framework', 'subscribed', 'f2'],
      ['offer', 'offered', 'f2'],
      ['agent', 'disconnected', 'a1'],
      ['offer', 'rescinded', 'f2'],
      ['framework', 'disconnected', 'f2'],
      ['framework', 'removed', 'f2'],
      ['agent', 'unreachable', 'a1'],
      ['framework', 'removed', 'f1'],
      ['framework', 'ended', 'f1'],
    ]);
  });

  it('tell of a registered agent that said something in vain, of which it hears nothing itself', async () => {
    const port = keeping();
    const logged: string[] = [];
    const logger = { debug: () => {}, info: () => {}, warn: (line: string) => logged.push(line), error: () => {} };
    const { clock, master, errors } = lab({ transports: [], agents: port, logger });
    const said: unknown[] = [];
    master.on('agent', ({ type, ...event }) => said.push([type, event]));
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4' });
    master.report({ type: 'update-agent', agent: 'a1', resources: 'cpus:lots' });
    await clock.settle();
    expect(said[1]).toMatchObject(['report-refused', { agent: 'a1', report: 'update-agent', code: 'bad-resources' }]);
    expect(port.sent.map(({ type }) => type)).toEqual(['registered']);
    expect([logged, errors]).toEqual([[expect.stringMatching(/^agent "a1" report-refused: bad-resources: /)], []]);
  });

  it('tell of agents that are taken out of service, and of those that go for good', async () => {
    const { clock, memory, master } = lab();
    const said: unknown[] = [];
    master.on('agent', ({ type, agent }) => said.push([type, agent]));
    memory.agent('a1', 'cpus:4;mem:4096');
    subscribe(master, { framework: 'f1', roles: ['etl'] }, launching('cpus:1;mem:32'));
    await clock.advance(1_000);
    await master.control({ type: 'deactivate', agent: 'a1' });
    await master.control({ type: 'drain', agent: 'a1', maxGraceMs: 500 });
    await clock.advance(5_000);
    await master.control({ type: 'reactivate', agent: 'a1' });
    await master.control({ type: 'drain', agent: 'a1', markGone: true });
    await clock.advance(5_000);
    expect(said).toEqual([
      ['registered', 'a1'],
      ['deactivated', 'a1'],
      ['draining', 'a1'],
      ['drained', 'a1'],
      ['reactivated', 'a1'],
      ['gone', 'a1'],
    ]);
  });

  it('of a transition are all that is needed to follow the state', async () => {
    const { clock, memory, master } = lab();
    let followed: ClusterState = master.state;
    master.on('transition', ({ input, before, state, outputs }) => {
      expect(before).toBe(followed);
      const [again, same] = transition(before, input);
      expect(same).toEqual(outputs);
      expect(violation(again)).toBeUndefined();
      followed = state;
    });
    memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => 1_000 });
    subscribe(master, { roles: ['etl'] }, launching('cpus:1;mem:32', 3));
    await clock.advance(30_000);
    expect(followed).toBe(master.state);
  });

  it('stop when they are not wanted any more, each listener for itself', async () => {
    const { clock, master } = lab();
    const heard: number[] = [];
    const listen = (): void => void heard.push(1);
    const [stop, stopOther] = [master.on('agent', listen), master.on('agent', listen)];
    const register = async (agent: string): Promise<void> => {
      master.report({ type: 'register', agent, resources: 'cpus:1' });
      await clock.settle();
    };
    await register('a1');
    stop();
    stop();
    await register('a2');
    stopOther();
    await register('a3');
    expect(heard).toHaveLength(3);
  });

  it('of a name that there is none of cannot be listened to', () => {
    const { master } = lab();
    expect(thrownBy(() => master.on('offers' as 'offer', () => {}))).toMatchObject({ code: 'unknown-event' });
    expect(thrownBy(() => master.on('__proto__' as 'offer', () => {}))).toMatchObject({ code: 'unknown-event' });
    expect(thrownBy(() => master.on('offer', undefined as never))).toMatchObject({
      code: 'wrong-type',
      path: 'listen',
    });
  });

  it('cannot be emitted or silenced through the master', () => {
    const { master } = lab();
    expect(Object.keys(master).filter((key) => /emit|remove|listen|^off$/.test(key))).toEqual([]);
  });
});

describe('a host without types hears at once', () => {
  it.each([
    ['policy', 'drf'],
    ['policy', { name: 'p' }],
    ['policy', { rank: () => 0 }],
    ['policy', null],
    ['transports', memoryTransport()],
    ['clock', { now: () => 0 }],
    ['record', []],
  ])('that its %s cannot be %o', (option, value) => {
    const error = thrownBy(() => createMaster({ [option]: value }));
    expect(error).toMatchObject({ name: 'InputError', code: 'bad-options', path: option });
  });

  it('that nobody subscribes', () => {
    const { master } = lab();
    const made = (info: unknown, scheduler: unknown) =>
      thrownBy(() => master.subscribe(info as never, scheduler as never));
    expect(made({ roles: ['r'] }, undefined)).toMatchObject({ code: 'wrong-type', path: 'scheduler' });
    expect(made(undefined, {})).toMatchObject({ code: 'wrong-type', path: 'info' });
    expect(master.state.frameworks.size).toBe(0);
  });
});

describe('close', () => {
  it('disconnects everybody and kills nothing', async () => {
    const { clock, memory, master } = lab();
    const agent = memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => undefined });
    const etl = subscribe(master, { roles: ['etl'] }, launching('cpus:1;mem:32'));
    await clock.settle();
    const closing = master.close();
    expect(etl.heard.at(-1)).not.toBe('disconnected');
    await closing;
    expect(etl.heard.at(-1)).toBe('disconnected');
    expect([agent.connected, agent.tasks.length]).toEqual([false, 1]);
    expect(tasks(master.state)).toHaveLength(1);
    etl.driver.launch('o1', { id: 't9', resources: 'cpus:1' });
    await clock.settle();
    expect(etl.updates.at(-1)).toMatchObject({ task: 't9', state: 'dropped', reason: 'master-disconnected' });
  });

  it('in the turn of a launch leaves none without an answer, be it asked for before or after', async () => {
    const { clock, memory, master } = lab();
    memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => undefined });
    const etl = subscribe(master, { roles: ['etl'] });
    await clock.settle();
    const [offer] = etl.offers;
    etl.driver.launch('no offer', { id: 't1', resources: 'cpus:1' });
    const closing = master.close();
    etl.driver.launch(offer ?? '', { id: 't2', resources: 'cpus:1' });
    etl.driver.accept(offer ?? '', [{ type: 'reserve', id: 'o1', resources: 'cpus(etl):1' }]);
    etl.driver.kill('t1');
    etl.driver.decline(offer ?? '');
    expect(etl.updates).toEqual([]);
    await closing;
    await clock.settle();
    expect(etl.updates.map(({ task, state, reason }) => [task, state, reason])).toEqual([
      ['t1', 'dropped', 'invalid-offers'],
      ['t2', 'dropped', 'master-disconnected'],
    ]);
    expect(etl.heard).toEqual(['subscribed', 'offers', 'update', 'disconnected', 'update', 'rejected disconnected']);
  });

  it('still sends what was decided', async () => {
    const port = keeping();
    const { clock, master } = lab({ transports: [], agents: port });
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:4096' });
    await master.close();
    expect(port.sent.map(({ type }) => type)).toEqual(['registered']);
    await clock.advance(1_000);
  });

  it('refuses what comes later, and says so by code', async () => {
    const { memory, master } = lab();
    const peer = memory.connectAgent('a1');
    const before = master.state;
    const closing = master.close();
    const attempts = [
      () => master.report({ type: 'register', agent: 'a1', resources: 'cpus:1' }),
      () => master.call({ type: 'subscribe', connection: 'c' }),
      () => master.agentLost('a1'),
      () => master.frameworkLost('f1'),
      () => master.subscribe({}, {}),
    ];
    for (const attempt of attempts) expect(thrownBy(attempt)).toMatchObject({ name: 'InputError', code: 'closed' });
    await expect(master.control({ type: 'pause' })).rejects.toMatchObject({ code: 'closed' });
    expect(() => peer.say({ type: 'register', agent: 'a1', resources: 'cpus:1' })).not.toThrow();
    await closing;
    expect(master.state).toBe(before);
    expect(master.fork()).toBe(before);
  });

  it('may be called again, and leaves no order with the clock', async () => {
    const orders = new Set<number>();
    let made = 0;
    const clock = manualClock();
    const counting = {
      now: clock.now,
      wake: (at: number, run: () => void) => {
        const order = (made += 1);
        orders.add(order);
        const cancel = clock.wake(at, () => (orders.delete(order), run()));
        return () => (orders.delete(order), cancel());
      },
    };
    const master = createMaster({ clock: counting });
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:4096', heartbeatMs: 1_000 });
    subscribe(master, { roles: ['etl'] });
    await clock.advance(2_000);
    expect(orders.size).toBe(1);
    const closing = master.close();
    expect(master.close()).toBe(closing);
    await closing;
    expect(orders.size).toBe(0);
  });

  it('may be called by a handler', async () => {
    const { clock, master, errors } = lab();
    const etl = subscribe(master, { roles: ['etl'] }, { subscribed: () => master.close() });
    await clock.settle();
    expect([etl.heard, errors]).toEqual([['subscribed', 'disconnected'], []]);
  });
});

describe('a scheduler in this process', () => {
  it('that closes is disconnected and removed when its time is over', async () => {
    const { clock, master } = lab();
    const etl = subscribe(master, { framework: 'f1', roles: ['etl'], failoverTimeoutMs: 5_000 });
    await clock.settle();
    etl.driver.close();
    expect(master.state.frameworks.get('f1')?.state).toBe('disconnected');
    await clock.advance(5_000);
    expect(master.state.frameworks.has('f1')).toBe(false);
    expect(etl.heard).toEqual(['subscribed']);
  });

  it('that tears itself down is gone at once, for good', async () => {
    const { clock, master } = lab();
    const etl = subscribe(master, { framework: 'f1', roles: ['etl'] });
    await clock.settle();
    etl.driver.teardown();
    expect(master.state.frameworks.has('f1')).toBe(false);
    const again = subscribe(master, { framework: 'f1', roles: ['etl'] });
    await clock.settle();
    expect(again.heard).toEqual(['error framework-removed']);
  });

  it('that an operator removes is told so', async () => {
    const { clock, master } = lab();
    const etl = subscribe(master, { framework: 'f1', roles: ['etl'] });
    await clock.settle();
    await master.control({ type: 'teardown-framework', framework: 'f1' });
    await clock.settle();
    expect(etl.driver.connected).toBe(false);
    expect(etl.heard).toEqual(['subscribed', 'error framework-removed']);
  });

  it('that subscribes anew takes over from its older self', async () => {
    const { clock, master } = lab();
    const old = subscribe(master, { framework: 'f1', roles: ['etl'] });
    const newer = subscribe(master, { framework: 'f1', roles: ['etl'] });
    await clock.settle();
    old.driver.close();
    expect(old.heard).toEqual(['subscribed', 'error failed-over']);
    expect([newer.driver.connected, master.state.frameworks.get('f1')?.state]).toEqual([true, 'connected']);
  });
});

describe('who is not there', () => {
  it('cannot be lost', async () => {
    const { clock, master, errors } = lab();
    master.agentLost('nobody');
    master.frameworkLost('nobody', 'c1');
    await clock.settle();
    expect(errors).toEqual([]);
  });

  it('is not lost by the break of an older connection', async () => {
    const { master } = lab();
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:1', connection: 'old' });
    master.report({ type: 'reregister', agent: 'a1', resources: 'cpus:1', connection: 'new' });
    master.agentLost('a1', 'old');
    expect(master.state.agents.get('a1')?.connected).toBe(true);
    master.agentLost('a1', 'new');
    expect(master.state.agents.get('a1')?.connected).toBe(false);
    master.call({ type: 'subscribe', framework: 'f1', connection: 'c1', failoverTimeoutMs: 1_000 });
    master.frameworkLost('f1', 'older');
    expect(master.state.frameworks.get('f1')?.state).toBe('connected');
    master.frameworkLost('f1');
    expect(master.state.frameworks.get('f1')?.state).toBe('disconnected');
  });
});

describe('explain', () => {
  it('says why a framework gets nothing', async () => {
    const { clock, master } = lab();
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:4096' });
    subscribe(
      master,
      { framework: 'f1', roles: ['etl'] },
      { offers: (made, driver) => driver.decline(made, { refuseSeconds: 60 }) },
    );
    await clock.settle();
    const { agents } = master.explain({ framework: 'f1' });
    expect(agents).toMatchObject([{ agent: 'a1', role: 'etl', reason: { code: expect.stringContaining('filter') } }]);
    expect(offers(master.state)).toEqual([]);
  });
});
