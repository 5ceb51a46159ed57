import { nextQuestionAt } from '../common/reconciliation.js';
import type { Desk, DeskSettings } from './desk.js';
import { nextGivingUpAt } from './statuses.js';

/** When the desk has something to do by itself, ms; `Infinity` = never. */
export function deskDeadline(desk: Desk, settings: Pick<DeskSettings, 'unreachableAfterMs'>): number {
  const { reconciliation } = desk.session;
  const question = reconciliation === null || desk.attempts.size === 0 ? Infinity : nextQuestionAt(reconciliation);
  return Math.min(question, nextGivingUpAt(desk, settings.unreachableAfterMs));
}
