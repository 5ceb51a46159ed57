import { stateSeenBy, type TaskState } from './states.js';

/** Where the agent of a question stands: `absent` = the question names none. */
export type AgentStanding = 'registered' | 'recovered' | 'unreachable' | 'gone' | 'unknown' | 'absent';

/** Everything that the answer to one explicit question depends on. */
export interface ReconcileFacts {
  /**
   * The task, if the master has it: its state is that of the last update forwarded (TASK-7). A task in the cache of
   * unreachable ones is not known in this sense (REC-2).
   */
  readonly known?: { readonly state: TaskState };
  readonly agent: AgentStanding;
  /** Whether any agent is known from the registry and has not come back yet. */
  readonly anyRecovered: boolean;
  readonly partitionAware: boolean;
  /** Since when the agent is unreachable, ms. */
  readonly unreachableTime?: number;
}

/** An answer: source `master`, reason `reconciliation`, no uuid, no data (REC-1). */
export interface ReconcileAnswer {
  readonly state: TaskState;
  readonly message: string;
  readonly unreachableTime?: number;
}

/** The messages of REC-1. */
export const reconcileMessages = {
  known: 'Reconciliation: Latest task state',
  registered: 'Reconciliation: Task is unknown to the agent',
  unreachable: 'Reconciliation: Task is unreachable',
  gone: 'Reconciliation: Task is gone',
  unknown: 'Reconciliation: Task is unknown',
} as const;

/**
 * The answer to a framework that asks about one task, rows 1 to 6 of semantics §17; `undefined` = no answer yet, for an
 * agent that may still come back could know the task (row 2).
 */
export function reconcileAnswer(facts: ReconcileFacts): ReconcileAnswer | undefined {
  const framework = { capabilities: facts.partitionAware ? (['partition-aware'] as const) : [] };
  const say = (state: TaskState, message: string): ReconcileAnswer => ({
    state: stateSeenBy(framework, state),
    message,
  });

  if (facts.known !== undefined) return say(facts.known.state, reconcileMessages.known);
  switch (facts.agent) {
    case 'recovered':
      return undefined;
    case 'registered':
      return say('gone', reconcileMessages.registered);
    case 'unreachable': {
      const answer = say('unreachable', reconcileMessages.unreachable);
      return facts.unreachableTime === undefined ? answer : { ...answer, unreachableTime: facts.unreachableTime };
    }
    case 'gone':
      return say('gone-by-operator', reconcileMessages.gone);
    case 'absent':
      return facts.anyRecovered ? undefined : say('unknown', reconcileMessages.unknown);
    case 'unknown':
      return say('unknown', reconcileMessages.unknown);
  }
  facts.agent satisfies never;
  return undefined;
}
