import { describe, expect, it } from 'vitest';
import type { Executor } from '../../src/framework-api/index.js';
import {
  serviceScheduler,
  type App,
  type InstanceInfo,
  type ServiceOptions,
  type ServiceScheduler,
  type ServiceState,
} from '../../src/schedulers/index.js';
import { manualClock, type MemoryAgent, type MemoryFramework } from '../../src/transport/index.js';
import { thrownBy } from '../master/harness.js';
import { lab, running, violation, type Lab } from './harness.js';

const second = 1_000;
const minute = 60 * second;

const app = (id: string, more: Partial<App> = {}): App => ({
  id,
  task: { payload: {}, resources: 'cpus:1;mem:32' },
  ...more,
});
const checked = (version: string): App['task'] => ({
  command: version,
  resources: 'cpus:1;mem:32',
  healthCheck: { type: 'command', command: { value: 'ok' }, consecutiveFailures: 3, intervalMs: 10 * second },
});

interface Started {
  readonly service: ServiceScheduler;
  readonly framework: MemoryFramework;
  readonly saved: ServiceState[];
  readonly errors: unknown[];
}

function start({ memory, clock }: Lab, options: ServiceOptions = {}): Started {
  const saved: ServiceState[] = [];
  const errors: unknown[] = [];
  const service = serviceScheduler({
    clock,
    role: 'web',
    onError: (error) => errors.push(error),
    save: (state) => saved.push(JSON.parse(JSON.stringify(state)) as ServiceState),
    ...options,
  });
  return { service, framework: memory.framework(service.info(), service), saved, errors };
}

const steady: Executor = {
  launch: ({ id }, driver) => driver.update({ task: id, state: 'running' }),
  kill: (task, _grace, driver) => driver.update({ task, state: 'killed' }),
};

/** Agents on which everything runs until it is told otherwise. */
const agents = ({ memory }: Lab, count: number, resources = 'cpus:4;mem:4096;ports:[31000-31009]'): MemoryAgent[] =>
  Array.from({ length: count }, (_, index) =>
    memory.agent(`a${index}`, resources, { run: steady, hostname: `host${index}`, attributes: `zone:z${index % 2}` }),
  );

const slots = (list: readonly InstanceInfo[]): number[] => list.map(({ instance }) => instance);

describe('a service scheduler', () => {
  it('keeps as many instances running as are wanted, and says where', async () => {
    const cluster = lab();
    agents(cluster, 2);
    const changes: string[] = [];
    const { service, errors } = start(cluster, {
      apps: [
        app('shop', {
          instances: 3,
          task: { command: 'serve', resources: 'cpus:1;mem:32', ports: ['http', 'admin'] },
        }),
      ],
      onChange: ({ id, ready }, list) => changes.push(`${id} ${ready}/${list.length}`),
    });
    await cluster.clock.advance(second);
    expect(service.app('shop')).toMatchObject({ wanted: 3, living: 3, ready: 3, version: 1, updating: false });
    const [first] = service.instances('shop');
    expect(first).toMatchObject({ instance: 0, task: 'shop.0.1', state: 'running', ready: true, current: true });
    expect(first?.hostname).toMatch(/^host/);
    expect([...(first?.portsByName ?? [])]).toEqual([
      ['http', 31000],
      ['admin', 31001],
    ]);
    expect(changes.at(-1)).toBe('shop 3/3');
    await cluster.clock.advance(30 * minute);
    expect(running(cluster)).toHaveLength(3);
    expect(errors).toEqual([]);
    expect(violation(cluster.master.state)).toBeUndefined();
  });

  it('runs more or fewer when it is scaled, and none when the app is removed', async () => {
    const cluster = lab();
    agents(cluster, 2);
    const { service } = start(cluster, { apps: [app('shop', { instances: 2 }), app('other')] });
    await cluster.clock.advance(second);
    service.scale('shop', 5);
    await cluster.clock.advance(2 * second);
    expect(slots(service.instances('shop'))).toEqual([0, 1, 2, 3, 4]);
    service.scale('shop', 1);
    await cluster.clock.advance(second);
    // Those that came last go first.
    expect(slots(service.instances('shop'))).toEqual([0]);
    service.scale('shop', 0);
    service.remove('other');
    await cluster.clock.advance(second);
    expect(service.apps()).toMatchObject([{ id: 'shop', wanted: 0, living: 0 }]);
    expect(running(cluster)).toEqual([]);
    expect(() => service.instances('other')).toThrow(expect.objectContaining({ code: 'unknown-app' }));
    expect(() => service.scale('shop', NaN)).toThrow(expect.objectContaining({ code: 'bad-count', path: 'instances' }));
  });

  it('starts anew what ends, after longer and longer waits as long as it is not steady', async () => {
    const cluster = lab();
    const [agent] = agents(cluster, 1);
    const starts: number[] = [];
    cluster.master.on('task', ({ type }) => type === 'launched' && starts.push(cluster.clock.now()));
    const backOff = { firstMs: 10 * second, maxMs: 60 * second, jitter: 0 };
    const { service } = start(cluster, { apps: [app('shop', { backOff, steadyAfterMs: 5 * minute })] });
    await cluster.clock.advance(second);
    const fail = (): void => {
      for (const { id } of agent?.tasks ?? []) agent?.failed(id, 'out of luck');
    };
    for (let failure = 0; failure < 4; failure += 1) {
      fail();
      await cluster.clock.settle();
      expect(service.app('shop')).toMatchObject({ living: 0, lastEnd: { state: 'failed', message: 'out of luck' } });
      expect(service.app('shop')?.waitsUntil).toBeGreaterThan(cluster.clock.now());
      await cluster.clock.advance(61 * second);
    }
    const waits = starts.slice(1).map((at, index) => at - (second + 61 * second * index));
    for (const [index, wait] of [10, 20, 40, 60].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(wait * second);
      expect(waits[index]).toBeLessThanOrEqual((wait + 1) * second);
    }
    await cluster.clock.advance(6 * minute);
    fail();
    const failedAt = cluster.clock.now();
    await cluster.clock.advance(12 * second);
    expect((starts.at(-1) ?? 0) - failedAt).toBeLessThanOrEqual(11 * second);
  });

  it('starts what was lost elsewhere, at once', async () => {
    const cluster = lab();
    const [agent] = agents(cluster, 2);
    const { service } = start(cluster, { apps: [app('shop', { instances: 2 })] });
    await cluster.clock.advance(second);
    agent?.crash();
    agent?.return();
    await cluster.clock.advance(2 * second);
    expect(service.app('shop')).toMatchObject({ ready: 2, living: 2 });
  });

  it('gives up instances on an agent that is out of sight for long, and ends them when it comes back', async () => {
    const cluster = lab();
    const lost = cluster.memory.agent('lost', 'cpus:4;mem:4096', { run: steady, heartbeatMs: second });
    const { service } = start(cluster, { apps: [app('shop')], unreachableAfterMs: 2 * minute });
    await cluster.clock.advance(second);
    agents(cluster, 1);
    lost.silence();
    await cluster.clock.advance(minute);
    expect(service.app('shop')).toMatchObject({ living: 1, ready: 0 });
    await cluster.clock.advance(2 * minute);
    expect(service.instances('shop')).toMatchObject([{ agent: 'a0', ready: true }]);
    lost.return();
    await cluster.clock.advance(second);
    expect(lost.tasks).toEqual([]);
    expect(service.app('shop')).toMatchObject({ living: 1, ready: 1 });
  });
});

describe('the health of an instance', () => {
  it('is what its check says: without an answer it is not ready', async () => {
    const cluster = lab();
    const [agent] = agents(cluster, 1);
    const { service } = start(cluster, { apps: [app('shop', { task: checked('v1') })] });
    await cluster.clock.advance(second);
    expect(service.instances('shop')).toMatchObject([{ state: 'running', ready: false }]);
    agent?.update('shop.0.1', { state: 'running', healthy: true });
    await cluster.clock.settle();
    expect(service.instances('shop')).toMatchObject([{ ready: true, healthy: true }]);
    agent?.update('shop.0.1', { state: 'running', healthy: false });
    await cluster.clock.settle();
    expect(service.instances('shop')).toMatchObject([{ ready: false, healthy: false, ending: false }]);
  });

  it('replaces one that failed its check so often in a row, or for as long as that takes', async () => {
    const cluster = lab();
    const [agent] = agents(cluster, 1);
    const { service } = start(cluster, { apps: [app('shop', { task: checked('v1') })] });
    await cluster.clock.advance(second);
    const say = async (task: string, healthy: boolean): Promise<void> => {
      agent?.update(task, { state: 'running', healthy });
      await cluster.clock.settle();
    };
    for (const healthy of [true, false, false, true, false, false]) await say('shop.0.1', healthy);
    expect(service.instances('shop')).toMatchObject([{ task: 'shop.0.1', ending: false }]);
    await say('shop.0.1', false);
    await cluster.clock.advance(2 * second);
    expect(service.instances('shop')).toMatchObject([{ task: 'shop.0.2', ready: false }]);
    // This agent tells a change only.
    await say('shop.0.2', false);
    await cluster.clock.advance(29 * second);
    expect(service.instances('shop')).toMatchObject([{ task: 'shop.0.2' }]);
    await cluster.clock.advance(2 * second);
    expect(service.instances('shop')).toMatchObject([{ task: 'shop.0.3' }]);
  });

  it('lets what is ended have its grace', async () => {
    const cluster = lab();
    const graces: number[] = [];
    const stubborn: Executor = {
      launch: steady.launch,
      kill: (_task, { graceMs }) => void graces.push(graceMs),
    };
    cluster.memory.agent('a1', 'cpus:4;mem:4096', { run: stubborn });
    const task = { payload: {}, resources: 'cpus:1;mem:32', killPolicy: { graceMs: 7 * second } };
    const { service } = start(cluster, { apps: [app('shop', { task })] });
    await cluster.clock.advance(second);
    service.scale('shop', 0);
    await cluster.clock.advance(6 * second);
    expect(service.instances('shop')).toMatchObject([{ ending: true, ready: false }]);
    await cluster.clock.advance(2 * second);
    expect(service.instances('shop')).toEqual([]);
    expect(graces).toEqual([7 * second]);
  });
});

describe('an update', () => {
  const versions = (service: ServiceScheduler): string =>
    service
      .instances('shop')
      .filter(({ ending }) => !ending)
      .map(({ current, ready }) => (current ? 'N' : 'O') + (ready ? '+' : '-'))
      .toSorted()
      .join(' ');
  /** Says that everything which runs there is healthy. */
  const heal = async (cluster: Lab, list: readonly MemoryAgent[]): Promise<void> => {
    for (const agent of list) {
      for (const { id, state } of agent.tasks) {
        if (state === 'running') agent.update(id, { state: 'running', healthy: true });
      }
    }
    await cluster.clock.advance(second);
  };

  it('replaces instances as new ones become healthy, never having too few or too many', async () => {
    const cluster = lab();
    const all = agents(cluster, 3);
    const { service } = start(cluster, {
      apps: [app('shop', { instances: 4, task: checked('v1'), update: { minHealthy: 1, maxSurge: 0.25 } })],
    });
    await cluster.clock.advance(second);
    await heal(cluster, all);
    expect(versions(service)).toBe('N+ N+ N+ N+');
    service.deploy(app('shop', { task: checked('v2'), update: { minHealthy: 1, maxSurge: 0.25 } }));
    await cluster.clock.advance(second);
    const seen: string[] = [];
    for (let step = 0; step < 5; step += 1) {
      seen.push(versions(service));
      await heal(cluster, all);
      await cluster.clock.advance(second);
    }
    expect(seen).toEqual(['N- O+ O+ O+ O+', 'N+ N- O+ O+ O+', 'N+ N+ N- O+ O+', 'N+ N+ N+ N- O+', 'N+ N+ N+ N+']);
    expect(service.app('shop')).toMatchObject({ version: 2, updating: false, wanted: 4 });
  });

  it('makes room first where no more may run at a time', async () => {
    const cluster = lab();
    const all = agents(cluster, 1);
    const update = { minHealthy: 0.5, maxSurge: 0 };
    const { service } = start(cluster, { apps: [app('shop', { instances: 4, task: checked('v1'), update })] });
    await cluster.clock.advance(second);
    await heal(cluster, all);
    service.deploy(app('shop', { task: checked('v2'), update }));
    await cluster.clock.advance(2 * second);
    expect(versions(service)).toBe('N- N- O+ O+');
    await heal(cluster, all);
    await cluster.clock.advance(second);
    expect(versions(service)).toBe('N+ N+ N- N-');
  });

  it('stops at what does not become healthy, and goes back at once', async () => {
    const cluster = lab();
    const all = agents(cluster, 2);
    const { service } = start(cluster, { apps: [app('shop', { instances: 2, task: checked('v1') })] });
    await cluster.clock.advance(second);
    await heal(cluster, all);
    service.deploy(app('shop', { task: checked('bad') }));
    await cluster.clock.advance(10 * minute);
    expect(versions(service)).toBe('N- O+ O+');
    service.deploy(app('shop', { task: checked('v1') }));
    await cluster.clock.advance(second);
    expect(versions(service)).toBe('N+ N+');
    expect(service.app('shop')).toMatchObject({ version: 1, updating: false });
  });

  it('does nothing to instances when nothing that they run is another', async () => {
    const cluster = lab();
    agents(cluster, 2);
    const { service } = start(cluster, { apps: [app('shop', { instances: 2 })] });
    await cluster.clock.advance(second);
    service.deploy(app('shop', { priority: 5, backOff: { firstMs: 1, maxMs: 2 } }));
    await cluster.clock.advance(minute);
    expect(service.instances('shop').map(({ task }) => task)).toEqual(['shop.0.1', 'shop.1.2']);
    expect(service.app('shop')).toMatchObject({ version: 1, wanted: 2 });
  });
});

describe('where instances run', () => {
  it('is where the constraints let them', async () => {
    const cluster = lab();
    agents(cluster, 4);
    const { service } = start(cluster, {
      apps: [
        app('one-each', { instances: 5, constraints: [{ type: 'unique' }] }),
        app('spread', { instances: 4, constraints: [{ type: 'spread', attribute: 'zone' }] }),
        app('there', { instances: 2, constraints: [{ type: 'like', attribute: '@hostname', pattern: 'host[3]' }] }),
        app('here', { instances: 2, constraints: [{ type: 'like', attribute: '@hostname', pattern: 'host?' }] }),
      ],
    });
    await cluster.clock.advance(second);
    const hosts = (id: string): string[] => service.instances(id).map(({ hostname }) => hostname);
    expect(hosts('one-each').toSorted()).toEqual(['host0', 'host1', 'host2', 'host3']);
    const zones = hosts('spread').map((host) => Number(host.slice(4)) % 2);
    expect(zones.toSorted()).toEqual([0, 0, 1, 1]);
    expect(hosts('there')).toEqual([]);
    expect(hosts('here')).toHaveLength(2);
  });
});

describe('a service scheduler that is restarted', () => {
  it('takes over what runs, goes on with an update, and launches nothing twice', async () => {
    const cluster = lab();
    agents(cluster, 2);
    const first = start(cluster, { apps: [app('shop', { instances: 3 })] });
    await cluster.clock.advance(second);
    first.service.close();
    first.framework.driver.close();
    await cluster.clock.advance(minute);
    const restored = first.saved.at(-1);
    const again = start(cluster, { restore: restored, apps: [app('shop')] });
    await cluster.clock.advance(20 * minute);
    expect(again.service.instances('shop').map(({ task }) => task)).toEqual(['shop.0.1', 'shop.1.2', 'shop.2.3']);
    again.service.close();
    again.framework.driver.close();
    const third = start(cluster, {
      restore: again.saved.at(-1) ?? restored,
      apps: [app('shop', { task: { payload: { v: 2 }, resources: 'cpus:1;mem:32' } })],
    });
    await cluster.clock.advance(minute);
    expect(third.service.app('shop')).toMatchObject({ version: 2, ready: 3, living: 3 });
    expect(running(cluster)).toHaveLength(3);
  });

  it('says when another took over', async () => {
    const cluster = lab();
    const first = start(cluster, { apps: [app('shop')] });
    await cluster.clock.advance(second);
    start(cluster, { restore: first.saved.at(-1) });
    expect(await first.service.ended).toMatchObject({ code: 'failed-over' });
  });

  it('reads back what it saved, and refuses what it cannot have', async () => {
    const cluster = lab();
    const all = agents(cluster, 2);
    const { service, saved } = start(cluster, { apps: [app('__proto__', { instances: 2, task: checked('v1') })] });
    await cluster.clock.advance(second);
    service.deploy(app('__proto__', { task: checked('v2') }));
    await cluster.clock.advance(second);
    for (const agent of all) {
      for (const { id } of agent.tasks) agent.update(id, { state: 'running', healthy: false });
    }
    await cluster.clock.advance(second);
    expect(saved.length).toBeGreaterThan(3);
    for (const state of saved) {
      expect(serviceScheduler({ restore: state, clock: manualClock() }).state).toEqual(state);
    }
    const broken = structuredClone(saved.at(-1)) as unknown as { apps: { instances: unknown[] }[] };
    broken.apps[0]?.instances.pop();
    expect(thrownBy(() => serviceScheduler({ restore: broken }))).toMatchObject({ code: 'bad-state' });
    expect(thrownBy(() => serviceScheduler({ restore: {} }))).toMatchObject({ code: 'bad-state', path: 'version' });
  });
});

describe('what a host writes about apps', () => {
  it.each<[unknown, string, string]>([
    [{}, 'missing-field', 'apps[0].id'],
    [{ id: 'a' }, 'missing-field', 'apps[0].task'],
    [app('a', { instances: -1 }), 'bad-count', 'apps[0].instances'],
    [app('a', { instances: 1.5 }), 'bad-count', 'apps[0].instances'],
    [app('a', { update: { minHealthy: 1, maxSurge: 0 } }), 'stuck-update', 'apps[0].update'],
    [app('a', { update: { minHealthy: 2 } }), 'bad-number', 'apps[0].update.minHealthy'],
    [app('a', { update: { minHealthy: NaN } }), 'wrong-type', 'apps[0].update.minHealthy'],
    [app('a', { steadyAfterMs: -1 }), 'bad-duration', 'apps[0].steadyAfterMs'],
    [{ ...app('a'), healthCheck: {} }, 'unknown-field', 'apps[0].healthCheck'],
    [app('x'.repeat(240)), 'bad-id', 'apps[0].id'],
  ])('%j is refused as %s at %s', (one, code, path) => {
    const thrown = thrownBy(() => serviceScheduler({ clock: manualClock(), apps: [one as App] }));
    expect(thrown).toMatchObject({ name: 'InputError', code, path });
  });

  it('is refused when it names an app twice', () => {
    const thrown = thrownBy(() => serviceScheduler({ clock: manualClock(), apps: [app('a'), app('a')] }));
    expect(thrown).toMatchObject({ code: 'duplicate-app', path: 'apps[1].id' });
  });
});
