/** Ending tasks. A kill may be lost with its wire, so it is said again until the end is heard. */
import { setAttempt, type Attempt, type DeskStep } from './desk.js';

/** Tells a task to end. */
export function end(step: DeskStep, id: string, graceMs: number | null = null): void {
  const attempt = step.desk.attempts.get(id);
  if (attempt === undefined || attempt.ending !== null) return;
  const ending = { ...attempt, ending: { graceMs } };
  setAttempt(step, ending);
  killAgain(step, ending);
}

/** Says again that it is to end, if it is. While there is no subscription this waits for the next one. */
export function killAgain(step: DeskStep, { id, agent, ending }: Attempt): void {
  if (ending === null || step.desk.session.standing !== 'subscribed') return;
  const { graceMs } = ending;
  step.calls.push({ type: 'kill', task: id, agent, ...(graceMs !== null && { graceMs }) });
}

/** Ends a task that nobody wants: one that was given up and has come back. */
export function killStray(step: DeskStep, task: string, agent: string | undefined): void {
  if (step.desk.session.standing !== 'subscribed') return;
  step.calls.push({ type: 'kill', task, ...(agent !== undefined && { agent }) });
}
