/** What may happen next in a history, before anybody looked at the cluster. */

/** Agents come and go, frameworks too; offers are used, refused, left lying; tasks end; the operator changes his mind. */
export const honestMoves = [
  'allocate',
  'take',
  'take-all',
  'refuse',
  'finish',
  'agent-leaves',
  'agent-comes',
  'agent-changes',
  'framework-leaves',
  'framework-returns',
  'suppress',
  'revive',
  'weigh',
] as const;

/** What frameworks and agents do that do not know the rules, or do not care. */
export const dishonestMoves = [
  'accept-twice',
  'accept-nothing',
  'take-too-much',
  'refuse-twice',
  'answer-over-an-old-connection',
  'report-a-strange-task',
  'report-twice',
] as const;

/**
 * A kind of {@link Move}.
 *
 * @remarks Since 0.1.0
 */
export type MoveKind = (typeof honestMoves)[number] | (typeof dishonestMoves)[number];

/**
 * One step of a history: what is done, and numbers to choose by with whom. It means something in any cluster, since the
 * numbers are taken modulo how many there are to choose from; where there is nothing to choose from nothing happens. So a
 * history from which steps were taken away is one still.
 *
 * @remarks Since 0.1.0
 */
export interface Move {
  readonly kind: MoveKind;
  readonly choices: readonly number[];
}
