import { isAlive, signalGroup } from './process-run.js';
import { liveSandboxes, readPids, WorkFolder } from './sandbox.js';

/**
 * Ends everything that still runs of an agent that is gone, by force: what it started in its folder and has not ended.
 *
 * @param workDir the agent's folder. There must be no agent in it.
 * @returns how many tasks and executors were ended.
 */
export function killRemains(workDir: string): number {
  let ended = 0;
  for (const sandbox of liveSandboxes(new WorkFolder(workDir))) {
    const pids = readPids(sandbox);
    // The shim lives as long as its task. When it is gone, the number may be somebody else's by now.
    if (pids === undefined || !isAlive(pids.shim)) continue;
    ended += 1;
    signalGroup(pids.task, 'SIGKILL');
    signalGroup(pids.shim, 'SIGKILL');
  }
  return ended;
}
