import { describe, expect, it } from 'vitest';
import {
  deserialize,
  emptyCluster,
  readState,
  serialize,
  violation,
  writeState,
  type ClusterState,
} from '../../src/cluster/index.js';
import { Cluster, cluster, task } from './harness.js';

/** A state with something in every table, and names that JSON and objects could trip over. */
function full(): Cluster {
  const box = cluster({
    offerTimeoutMs: 60_000,
    unansweredFilterMs: 5_000,
    agentOrder: 'best-fit',
    domain: { region: 'r', zone: 'z' },
    minAllocatable: ['cpus:0.1;mem:1', ''],
    roles: null,
  });
  box.agent('a1', 'cpus(a):1;cpus:4.125;mem:1024;ports:[1-3, 9-9];zones:{x, "y}', {
    attributes: 'rack:r1;n:[1-2];speed:2.5',
    heartbeatMs: 3_600_000,
    domain: { region: 'r', zone: 'y' },
  });
  box.framework('__proto__', ['a'], {
    checkpoint: true,
    failoverTimeoutMs: 86_400_000,
    priority: 1.5,
    labels: [{ key: '$table', value: '[]' }, { key: 'k' }],
    offerFilters: { a: { minAllocatable: ['mem:1'] } },
  });
  const executor = { id: 'constructor', command: { value: '$resources' }, resources: 'cpus:0.125' };
  box.launch('__proto__', 'a1', [{ id: 't "1"', resources: 'cpus:1;ports:[2-2]', executor }], { refuseSeconds: 2 });
  box.send({ type: 'status', agent: 'a1', framework: '__proto__', task: 't "1"', state: 'running', uuid: 'ü\u2028' });
  box.send({ type: 'set-weight', role: 'w', weight: 0.3 });
  box.send({ type: 'set-whitelist', hosts: ['a1', 'a2', 'a3'] });
  box.send({
    type: 'request',
    framework: '__proto__',
    connection: 'c-__proto__',
    requests: [{ resources: 'cpus:1', count: 2 }],
  });
  box.agent('a2', 'cpus:1');
  box.send({ type: 'mark-unreachable', agent: 'a2' });
  box.agent('a3', 'cpus:1');
  box.send({ type: 'agent-disconnected', agent: 'a3' });
  box.framework('gone', ['b']);
  box.send({ type: 'teardown', framework: 'gone', connection: 'c-gone' });
  box.framework('away', ['b'], { failoverTimeoutMs: 5_000 });
  box.send({ type: 'framework-disconnected', framework: 'away' });
  box.pass(1_500);
  box.send({ type: 'kill', framework: '__proto__', connection: 'c-__proto__', task: 't "1"' });
  return box;
}

const bytes = (state: ClusterState): string => [...serialize(state)].join('');
const again = (state: ClusterState): ClusterState => deserialize(serialize(state));

describe('a saved state (I13)', () => {
  it('is byte for byte the same after it was read', () => {
    const { state } = full();
    expect(bytes(again(state))).toBe(bytes(state));
    expect(violation(again(state))).toBeUndefined();
  });

  it('answers everything that follows as the one that was saved', () => {
    const one = full();
    const other = new Cluster(again(one.state));
    const story = (box: Cluster): readonly string[] => [
      ...box.pass(70_000),
      ...box.agent('a9', 'cpus:2'),
      ...box.status('a1', '__proto__', 't "1"', 'finished'),
      ...box.framework('new', ['c']),
      ...box.pass(1_000_000),
    ];
    const told = story(one);
    expect(told.length).toBeGreaterThan(10);
    expect(story(other)).toEqual(told);
    expect(bytes(other.state)).toBe(bytes(one.state));
  });

  it('is the same however often and in whatever pieces it is read and written', () => {
    const { state } = full();
    const text = bytes(state);
    const pieces = Array.from({ length: Math.ceil(text.length / 7) }, (_, n) => text.slice(n * 7, n * 7 + 7));
    expect(bytes(deserialize(pieces))).toBe(text);
    expect(bytes(again(again(state)))).toBe(text);
  });

  it('comes in small chunks, whatever the size of the cluster', () => {
    const box = cluster();
    for (let n = 0; n < 600; n += 1) box.send({ type: 'register', agent: `a${n}`, resources: 'cpus:1' });
    const lengths = [...serialize(box.state)].map(({ length }) => length);
    expect(lengths.length).toBeGreaterThan(5);
    expect(Math.max(...lengths)).toBeLessThan(40_000);
    expect(Math.min(...lengths.slice(0, -1))).toBeGreaterThan(30_000);
  });

  it('does not depend on the order in which things came', () => {
    const of = (ids: readonly string[]): string => {
      const box = cluster();
      for (const id of ids) box.send({ type: 'register', agent: id, resources: 'cpus:1' });
      return [...serialize(box.state)].join('').replace(/"watch":\d+/g, '');
    };
    expect(of(['a1', 'a2', 'a3', 'a4'])).toBe(of(['a4', 'a2', 'a1', 'a3']));
  });

  it('keeps the clock and the configuration', () => {
    const { config, now } = again(full().state);
    expect({ config, now }).toEqual({ config: full().state.config, now: 1_500 });
  });

  const good = bytes(emptyCluster());
  it.each([
    ['no text at all', '', 'bad-state'],
    ['no JSON', '{"format":', 'bad-state'],
    ['JSON of something else', '[]', 'bad-state'],
    ['an object of something else', '{}', 'bad-state'],
    ['another format', '{"format":"other","version":1}', 'bad-state'],
    ['a version of the future', good.replace('"version":1', '"version":2'), 'unknown-version'],
    ['a version that is text', good.replace('"version":1', '"version":"1"'), 'unknown-version'],
    ['no version', '{"format":"proffer-state"}', 'unknown-version'],
    ['only the head', '{"format":"proffer-state","version":1}', 'bad-state'],
    ['a table that is none', good.replace('"agents":{"$table":[]}', '"agents":{"$table":5}'), 'bad-state'],
    ['a tag that nobody knows', good.replace('"agents":{"$table":[]}', '"agents":{"$bag":[]}'), 'bad-state'],
    ['half of it', good.slice(0, good.length / 2), 'bad-state'],
  ])('that is %s is refused by code', (_, text, code) => {
    expect(() => deserialize([text])).toThrow(expect.objectContaining({ name: 'InputError', code }));
  });
});

describe('a state that is saved while others have their turn', () => {
  async function collect(chunks: AsyncIterable<string>): Promise<string[]> {
    const found: string[] = [];
    for await (const chunk of chunks) found.push(chunk);
    return found;
  }

  it('is the same text, and the same state', async () => {
    const { state } = full();
    let pauses = 0;
    const pause = (): Promise<void> => {
      pauses += 1;
      return Promise.resolve();
    };
    const chunks = await collect(writeState(state, pause));
    expect(chunks.join('')).toBe(bytes(state));
    expect(pauses).toBeGreaterThan(0);
    pauses = 0;
    expect(bytes(await readState(chunks, pause))).toBe(bytes(state));
    expect(bytes(await readState(writeState(state, pause), pause))).toBe(bytes(state));
    expect(pauses).toBeGreaterThan(0);
  });

  it('lets go of its text when that is damaged, or the pause says no', async () => {
    let closed = 0;
    async function* endless(chunk: string): AsyncGenerator<string> {
      try {
        for (;;) yield await Promise.resolve(chunk);
      } finally {
        closed += 1;
      }
    }
    const go = (): Promise<void> => Promise.resolve();
    const later = `{"format":"proffer-state","version":7,${' '.repeat(1_000)}`;
    await expect(readState(endless(later), go)).rejects.toThrow(expect.objectContaining({ code: 'unknown-version' }));
    const stop = (): Promise<void> => Promise.reject(new Error('stop'));
    await expect(readState(endless(' '.repeat(100_000)), stop)).rejects.toThrow('stop');
    await expect(collect(writeState(full().state, stop))).rejects.toThrow('stop');
    expect(closed).toBe(2);
  });
});

describe('a fork', () => {
  it('goes its own way, and the trunk its own', () => {
    const trunk = full();
    const fork = new Cluster(trunk.state);
    const before = bytes(trunk.state);
    fork.pass(100_000);
    fork.send({ type: 'teardown', framework: '__proto__', connection: 'c-__proto__' });
    expect(bytes(trunk.state)).toBe(before);
    trunk.launch('__proto__', 'a1', [task('t2', 'cpus:1')]);
    expect(fork.state.frameworks.has('__proto__')).toBe(false);
    expect(trunk.state.frameworks.get('__proto__')?.tasks.size).toBeGreaterThan(0);
  });
});

describe('refusals of the same by the same framework', () => {
  it('end when they end, in whatever order they came and whether or not the state was saved between', () => {
    const box = cluster({ minAllocatable: ['mem:32'] });
    box.agent('a1', 'cpus:4;mem:128');
    box.framework('f1', ['a']);
    // A year first, then a minute, of the same cpus: what is saved has no order of these two.
    for (const [id, refuseSeconds] of [['t1', 31_536_000] as const, ['t2', 60] as const]) {
      box.launch('f1', 'a1', [task(id, 'cpus:1;mem:32')], { refuseSeconds });
      box.status('a1', 'f1', id, 'finished');
      box.pass(5_000);
    }
    box.launch('f1', 'a1', [task('t3', 'cpus:1;mem:32')], { refuseSeconds: 0 });
    box.pass(1_000);
    const read = new Cluster(deserialize([bytes(box.state)]));
    for (const one of [box, read]) one.send({ type: 'allocate', agents: 'all' });
    expect(read.state.allocator.parkedUntil).toBe(box.state.allocator.parkedUntil);
    expect(box.state.allocator.parkedUntil).not.toBeNull();
    expect(bytes(read.state)).toBe(bytes(box.state));
  });
});
