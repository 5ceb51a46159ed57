import { describe, expect, it } from 'vitest';
import { allocate, resources } from '../../src/resources/index.js';
import { readExecutor, readTask, sameExecutor, type TaskLike } from '../../src/tasks/index.js';

/** Paths of what is not frozen in a value. */
function unfrozen(value: unknown, without: readonly string[] = [], path: string = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).filter(([name]) => !without.includes(name));
  return [
    ...(Object.isFrozen(value) ? [] : [path]),
    ...inside.flatMap(([name, field]) => unfrozen(field, without, `${path}.${name}`)),
  ];
}

const owner = { agent: 'a1', role: 'web', framework: 'F1' };

describe('readTask', () => {
  it('fills in what the offer says and leaves resources without an allocation role (ACC-10)', () => {
    const task = readTask(
      { id: 't1', resources: allocate(resources('cpus:1'), 'web'), command: { value: 'x' } },
      owner,
    );
    expect(task).toMatchObject({ id: 't1', agent: 'a1', role: 'web', command: { value: 'x' } });
    expect(task.resources.toString()).toBe('cpus:1');
    expect(task).not.toHaveProperty('executor');
  });

  it('fills in the framework and the role of its executor', () => {
    const { executor } = readTask({ id: 't1', resources: 'cpus:1', executor: { id: 'e1' } }, owner);
    expect(executor).toMatchObject({ id: 'e1', framework: 'F1', role: 'web' });
    expect(executor?.resources.items).toEqual([]);
    expect(readExecutor({ id: 'e1', framework: 'F9' }, owner).framework).toBe('F9');
  });

  it('freezes what it reads, and all that is in it but the payload', () => {
    const like: TaskLike = {
      id: 't1',
      resources: 'cpus:1;ports:[1-2]',
      payload: { free: true },
      container: { type: 'mesos', networks: ['n'] },
      killPolicy: { graceMs: 1 },
      check: { type: 'http', http: { port: 80 } },
      healthCheck: { type: 'command', command: { arguments: ['a'], environment: [{ name: 'A', value: 'b' }] } },
      command: { value: 'x', artifacts: [{ path: 'a' }, { url: 'http://h/b', executable: true }] },
      labels: [{ key: 'k' }],
      limits: { cpus: 2 },
      executor: { id: 'e1', command: { value: 'x' }, labels: [{ key: 'k' }], resources: 'cpus:1' },
    };
    // Resources look after themselves.
    expect(unfrozen(readTask(like, owner), ['payload', 'resources'])).toEqual([]);
    expect(unfrozen(like)).toContain('.labels');
    expect(unfrozen(like)).toContain('.payload');
  });

  it('keeps every field that it knows, and none that it does not', () => {
    const written = {
      id: 't1',
      name: 'n',
      resources: 'cpus:1;mem:1',
      container: {
        type: 'mesos',
        docker: { image: 'i', parameters: [{ key: 'k', value: 'v', extra: 1 }], extra: 1 },
        networks: ['n'],
        shareCgroups: true,
        extra: 1,
      },
      killPolicy: { graceMs: 1, extra: 1 },
      maxCompletionMs: 2,
      check: {
        type: 'command',
        command: {
          value: 'c',
          arguments: ['a'],
          environment: [
            { name: 'A', value: 'b', extra: 1 },
            { name: 'B', type: 'secret', secret: 's', extra: 1 },
          ],
          artifacts: [
            { path: 'p', name: 'n', extra: 1 },
            { url: 'u', extract: true, executable: false, sha256: 's', extra: 1 },
          ],
        },
      },
      healthCheck: { type: 'http', http: { port: 80, path: '/', extra: 1 }, delayMs: 1 },
      labels: [{ key: 'k', value: 'v', extra: 1 }, { key: 'l' }],
      data: 'd',
      priority: -0,
      preemptible: true,
      limits: { cpus: Infinity, mem: 2 },
      payload: { deep: ['kept as it is'] },
      extra: 1,
    } as unknown as TaskLike;
    const task = readTask(written, owner);
    expect(JSON.stringify(task)).not.toContain('"extra"');
    expect(task).toMatchObject({
      name: 'n',
      container: {
        type: 'mesos',
        docker: { image: 'i', parameters: [{ key: 'k', value: 'v' }] },
        networks: ['n'],
        shareCgroups: true,
      },
      killPolicy: { graceMs: 1 },
      maxCompletionMs: 2,
      check: {
        type: 'command',
        command: {
          value: 'c',
          arguments: ['a'],
          environment: [
            { name: 'A', value: 'b' },
            { name: 'B', type: 'secret', secret: 's' },
          ],
          artifacts: [
            { path: 'p', name: 'n' },
            { url: 'u', extract: true, executable: false, sha256: 's' },
          ],
        },
      },
      healthCheck: { type: 'http', http: { port: 80, path: '/' }, delayMs: 1 },
      labels: [{ key: 'k', value: 'v' }, { key: 'l' }],
      data: 'd',
      preemptible: true,
      limits: { cpus: 'unlimited', mem: 2 },
      payload: { deep: ['kept as it is'] },
    });
    expect(Object.is(task.priority, 0)).toBe(true);
  });

  it('does not share what the caller may change later', () => {
    const labels = [{ key: 'k' }];
    const artifacts = [{ path: 'a' }];
    const task = readTask({ id: 't1', resources: 'cpus:1', labels, command: { artifacts } }, owner);
    labels.push({ key: 'late' });
    Object.assign(artifacts[0] ?? {}, { path: '/etc/passwd' });
    artifacts.push({ path: 'late' });
    expect(task.labels).toEqual([{ key: 'k' }]);
    expect(task.command?.artifacts).toEqual([{ path: 'a' }]);
  });

  it('throws for resources that cannot be read', () => {
    expect(() => readTask({ id: 't1', resources: 'cpus:x' }, owner)).toThrow(
      expect.objectContaining({ code: 'bad-resources' }),
    );
  });
});

describe('sameExecutor (VAL-9)', () => {
  const one = readExecutor(
    { id: 'e1', resources: 'cpus:1;mem:1', labels: [{ key: 'a' }], command: { value: 'x' } },
    owner,
  );

  it('looks at amounts, not at how they were written', () => {
    const two = {
      id: 'e1',
      command: { value: 'x' },
      labels: [{ key: 'a' }],
      resources: ['mem:1', 'cpus:0.5', 'cpus:0.5'],
    };
    expect(sameExecutor(one, readExecutor(two, owner))).toBe(true);
  });

  it.each([
    { name: 'other' },
    { resources: 'cpus:1' },
    { labels: [{ key: 'b' }] },
    { labels: [] },
    { command: { value: 'x', user: 'root' } },
    { framework: 'F2' },
  ])('knows %o from it', (fields) => {
    const like = { id: 'e1', resources: 'cpus:1;mem:1', labels: [{ key: 'a' }], command: { value: 'x' }, ...fields };
    expect(sameExecutor(one, readExecutor(like, owner))).toBe(false);
    expect(sameExecutor(readExecutor(like, owner), one)).toBe(false);
  });
});
