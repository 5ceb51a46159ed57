/**
 * The program of the executor: an agent starts it once and gives it tasks, each of which is an OCI bundle that `runc` runs as
 * a container. What the container writes goes where the executor's own output goes: into its sandbox.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Executor, ExecutorDriver } from 'proffer/framework-api';
import { connectExecutor } from 'proffer/transport/node';

/** Containers by task, and how they ended as soon as they have. */
const containers = new Map<string, { readonly id: string; readonly ended: Promise<void>; killed: boolean }>();

const executor: Executor = {
  launch(task, driver) {
    // Names of containers are the machine's, ids of tasks are the framework's.
    const id = `proffer-${createHash('sha256').update(`${driver.framework} ${task.id}`).digest('hex').slice(0, 16)}`;
    const process = spawn('runc', ['run', '--bundle', task.data ?? '', id], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    process.once('spawn', () => driver.update({ task: task.id, state: 'running' }));
    const ended = new Promise<void>((resolve) => {
      process.once('error', (error) => (sayEnd(driver, task.id, undefined, error.message), resolve()));
      process.once('exit', (code) => (sayEnd(driver, task.id, code ?? undefined), resolve()));
    });
    containers.set(task.id, { id, ended, killed: false });
  },

  async kill(task, { graceMs }) {
    const container = signal(task, 'TERM');
    // An executor of a framework escalates by itself: only its own tasks are the agent's to end.
    const force = setTimeout(() => signal(task, 'KILL'), graceMs);
    await container?.ended;
    clearTimeout(force);
  },

  destroy(task) {
    for (const one of task === undefined ? containers.keys() : [task]) signal(one, 'KILL');
  },

  async shutdown({ graceMs }, driver) {
    await Promise.all([...containers.keys()].map((task) => executor.kill?.(task, { graceMs: graceMs / 2 }, driver)));
  },
};

function signal(task: string, name: 'TERM' | 'KILL'): { readonly ended: Promise<void> } | undefined {
  const container = containers.get(task);
  if (container === undefined) return undefined;
  container.killed = true;
  spawnSync('runc', ['kill', container.id, name], { stdio: 'ignore' });
  return container;
}

function sayEnd(driver: ExecutorDriver, task: string, code: number | undefined, why?: string): void {
  const killed = containers.get(task)?.killed === true;
  containers.delete(task);
  const message = why ?? `The container exited with status ${code ?? 'unknown'}`;
  driver.update({ task, state: code === 0 ? 'finished' : killed ? 'killed' : 'failed', message });
}

await connectExecutor(executor).ended;
process.exit();
