import { isShim, signalSession } from './process-run.js';
import { claimRun, liveSandboxes, readPids, WorkFolder } from './sandbox.js';

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
    // One that has not started must not start any more.
    if (pids === undefined) claimRun(sandbox);
    // The shim lives as long as its task. When it is gone, the number may be somebody else's by now.
    if (pids === undefined || !isShim(pids.shim)) continue;
    ended += 1;
    signalSession(pids.task, 'SIGKILL');
    signalSession(pids.shim, 'SIGKILL');
  }
  return ended;
}
