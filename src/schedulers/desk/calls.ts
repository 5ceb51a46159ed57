import type { SchedulerDriver } from '../../framework-api/index.js';
import type { DeskCall } from './desk.js';

/** Makes the call that a scheduler wants. */
export function makeCall(driver: SchedulerDriver, call: DeskCall): void {
  switch (call.type) {
    case 'launch': {
      const { agent, offers, tasks, refuseSeconds } = call;
      // With the agent, so that the driver can say where tasks were meant to run if it answers by itself.
      return driver.launch(
        offers.map((id) => ({ id, agent })),
        tasks,
        { refuseSeconds },
      );
    }
    case 'decline':
      return driver.decline(call.offers, { refuseSeconds: call.refuseSeconds });
    case 'kill': {
      const { task, agent, graceMs } = call;
      return driver.kill(task, {
        ...(agent !== undefined && { agent }),
        ...(graceMs !== undefined && { killPolicy: { graceMs } }),
      });
    }
    case 'reconcile':
      return driver.reconcile(call.tasks);
    case 'request':
      return driver.request(call.requests);
    case 'suppress':
      return driver.suppress();
    case 'revive':
      return driver.revive();
  }
  call satisfies never;
}
