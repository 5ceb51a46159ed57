import { describe, expect, it } from 'vitest';
import {
  taskFunction,
  type Executor,
  type ExecutorDriver,
  type ExecutorStatus,
  type TaskFunction,
} from '../../src/framework-api/index.js';
import { resources } from '../../src/resources/index.js';
import type { TaskInfo } from '../../src/tasks/index.js';

const task = (id: string, payload?: unknown): TaskInfo => ({
  id,
  agent: 'a1',
  role: '*',
  resources: resources('cpus:1'),
  payload,
});
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

function driverOf(executor = 'e'): ExecutorDriver & { said: ExecutorStatus[] } {
  const said: ExecutorStatus[] = [];
  return {
    agent: 'a1',
    framework: 'f1',
    executor,
    said,
    update: (status) => void said.push(status),
    sendMessage: () => {},
  };
}

async function run(
  fn: TaskFunction,
  act: (executor: Executor, driver: ExecutorDriver) => unknown = () => {},
): Promise<ExecutorStatus[]> {
  const executor = taskFunction(fn);
  const driver = driverOf();
  void executor.launch(task('t1', 42), driver);
  await act(executor, driver);
  await settled();
  return driver.said;
}

/** Ends when its signal is aborted. */
const untilKilled: TaskFunction = (_task, signal) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

describe('a task that is a function', () => {
  it('is running when it is called and finished when it returns', async () => {
    expect(await run(() => {})).toEqual([
      { task: 't1', state: 'running' },
      { task: 't1', state: 'finished' },
    ]);
  });

  it.each([
    ['text as it is', 'done', 'done'],
    ['anything else as JSON', { lines: [1, 2] }, '{"lines":[1,2]}'],
    ['null as JSON', null, 'null'],
  ])('gives back %s', async (_what, result, data) => {
    expect((await run(async () => result)).at(-1)).toEqual({ task: 't1', state: 'finished', data });
  });

  it('is given the task', async () => {
    expect((await run((given) => given.payload)).at(-1)?.data).toBe('42');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
    [
      'throws what is no error',
      () => {
        throw 'broken';
      },
    ],
  ])('is failed, with the message, when it %s', async (_what, fn) => {
    expect((await run(fn)).at(-1)).toEqual({ task: 't1', state: 'failed', message: 'broken' });
  });

  it('is failed when what it gives back cannot be said', async () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect((await run(() => circle)).at(-1)).toMatchObject({ state: 'failed' });
    expect(
      (
        await run(() => {
          throw Object.create(null);
        })
      ).at(-1),
    ).toEqual({ task: 't1', state: 'failed', message: 'something that has no words' });
  });

  it('is killed when it ends after its signal was aborted, however it ends', async () => {
    const kill = (executor: Executor, driver: ExecutorDriver) => executor.kill?.('t1', { graceMs: 1 }, driver);
    expect((await run(untilKilled, kill)).at(-1)).toMatchObject({ task: 't1', state: 'killed' });
    const heeding: TaskFunction = async (_task, signal) => {
      while (!signal.aborted) await settled();
      return 'half';
    };
    expect((await run(heeding, kill)).at(-1)).toEqual({ task: 't1', state: 'killed', data: 'half' });
  });

  it('is killed when it is ended by force, and what it does later is ignored', async () => {
    let finish: (value: unknown) => void = () => {};
    const deaf: TaskFunction = () => new Promise((resolve) => (finish = resolve));
    const said = await run(deaf, (executor, driver) => executor.destroy?.('t1', driver));
    finish('too late');
    await settled();
    expect(said).toEqual([
      { task: 't1', state: 'running' },
      { task: 't1', state: 'killed', message: 'Ended by force' },
    ]);
  });

  it('may be launched again under an id whose last run was ended by force and is still running', async () => {
    const executor = taskFunction(untilKilled);
    const driver = driverOf();
    void executor.launch(task('t1'), driver);
    void executor.destroy?.('t1', driver);
    void executor.launch(task('t1'), driver);
    await settled();
    void executor.kill?.('t1', { graceMs: 1 }, driver);
    await settled();
    expect(driver.said.map(({ state }) => state)).toEqual(['running', 'killed', 'running', 'killed']);
  });

  it('is told apart from one of the same id of another executor', async () => {
    const executor = taskFunction(untilKilled);
    const [one, other] = [driverOf('one'), driverOf('other')];
    for (const driver of [one, other]) void executor.launch(task('t1'), driver);
    void executor.kill?.('t1', { graceMs: 1 }, one);
    await settled();
    expect([one.said.length, other.said.length]).toEqual([2, 1]);
  });

  it('ends with its executor, which waits for it', async () => {
    let order: string[] = [];
    const slow: TaskFunction = async (_task, signal) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await settled();
      order.push('task');
    };
    order = [];
    await run(slow, async (executor, driver) => {
      await executor.shutdown?.({ graceMs: 1 }, driver);
      order.push('executor');
    });
    expect(order).toEqual(['task', 'executor']);
  });

  it('cannot be killed twice, or when it is over', async () => {
    const said = await run(untilKilled, (executor, driver) => {
      void executor.kill?.('t1', { graceMs: 1 }, driver);
      void executor.kill?.('t1', { graceMs: 1 }, driver);
      void executor.kill?.('nobody', { graceMs: 1 }, driver);
    });
    expect(said).toHaveLength(2);
  });

  it('is destroyed with all others when no one is named', async () => {
    const executor = taskFunction(untilKilled);
    const driver = driverOf();
    for (const id of ['t1', 't2']) void executor.launch(task(id), driver);
    void executor.destroy?.(undefined, driver);
    await settled();
    expect(driver.said.filter(({ state }) => state === 'killed').map(({ task: id }) => id)).toEqual(['t1', 't2']);
  });
});
