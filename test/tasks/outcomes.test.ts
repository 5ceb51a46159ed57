import { describe, expect, it } from 'vitest';
import { isTerminal, outcome, situations, stateSeenBy, type Situation } from '../../src/tasks/index.js';
import { exitSituation } from '../../src/tasks/index.js';

/** Semantics §15: situation, state if partition-aware, otherwise, reason, source. */
const table = [
  ['invalid-offers', 'dropped', 'lost', 'invalid-offers', 'master'],
  ['launch-agent-removed', 'dropped', 'lost', 'agent-removed', 'master'],
  ['launch-agent-disconnected', 'dropped', 'lost', 'agent-disconnected', 'master'],
  ['launch-master-disconnected', 'dropped', 'lost', 'master-disconnected', 'master'],
  ['agent-restarted', 'dropped', 'lost', 'agent-restarted', 'agent'],
  ['launch-agent-draining', 'dropped', 'lost', 'agent-draining', 'agent'],
  ['launch-resources-unknown', 'dropped', 'lost', 'resources-unknown', 'agent'],
  ['launch-resources-stale', 'dropped', 'lost', 'invalid-offers', 'agent'],
  ['launch-gc-error', 'dropped', 'lost', 'gc-error', 'agent'],
  ['no-executor', 'dropped', 'lost', 'executor-terminated', 'agent'],
  ['not-on-agent', 'dropped', 'lost', 'reconciliation', 'agent'],
  ['task-invalid', 'error', 'error', 'task-invalid', 'master'],
  ['task-group-invalid', 'error', 'error', 'task-group-invalid', 'master'],
  ['task-unauthorized', 'error', 'error', 'task-unauthorized', 'master'],
  ['task-group-unauthorized', 'error', 'error', 'task-group-unauthorized', 'master'],
  ['killed-before-launch', 'killed', 'killed', 'task-killed-during-launch', 'master'],
  ['killed-before-delivery', 'killed', 'killed', 'task-killed-during-launch', 'agent'],
  ['agent-unreachable', 'unreachable', 'lost', 'agent-removed', 'master'],
  ['agent-removed', 'lost', 'lost', 'agent-removed', 'master'],
  ['agent-disconnected', 'lost', 'lost', 'agent-disconnected', 'master'],
  ['container-preempted', 'gone', 'lost', 'container-preempted', 'agent'],
  ['container-update-failed', 'gone', 'lost', 'container-update-failed', 'agent'],
  ['framework-removed', 'killed', 'killed', 'framework-removed', 'master'],
  ['drained', 'killed', 'killed', 'agent-draining', 'agent'],
  ['drained-and-gone', 'gone-by-operator', 'killed', 'agent-draining', 'agent'],
  ['executor-terminated', 'failed', 'failed', 'executor-terminated', 'agent'],
  ['executor-registration-timeout', 'failed', 'failed', 'executor-registration-timeout', 'agent'],
  ['executor-reregistration-timeout', 'failed', 'failed', 'executor-reregistration-timeout', 'agent'],
  ['container-launch-failed', 'failed', 'failed', 'container-launch-failed', 'agent'],
  ['container-limitation', 'failed', 'failed', 'container-limitation', 'agent'],
  ['container-limitation-memory', 'failed', 'failed', 'container-limitation-memory', 'agent'],
  ['container-limitation-disk', 'failed', 'failed', 'container-limitation-disk', 'agent'],
  ['max-completion-time', 'failed', 'failed', 'max-completion-time-reached', 'executor'],
] as const;

describe('outcome (semantics §15)', () => {
  it.each(table)('of %s is %s or %s', (situation, aware, otherwise, reason, source) => {
    expect(outcome(situation, true)).toEqual({ state: aware, reason, source });
    expect(outcome(situation, false)).toEqual({ state: otherwise, reason, source });
  });

  it('says of an agent that an operator gave up, why, only to those who know such agents (AG-6)', () => {
    expect(outcome('agent-gone', true)).toEqual({
      state: 'gone-by-operator',
      reason: 'agent-removed-by-operator',
      source: 'master',
    });
    expect(outcome('agent-gone', false)).toEqual({ state: 'lost', reason: 'agent-removed', source: 'master' });
  });

  it('is the whole table', () => {
    expect(situations.toSorted()).toEqual([...table.map(([situation]) => situation), 'agent-gone'].toSorted());
  });

  it('tells no framework a state that it does not know (TASK-3), and ends every task but an unreachable one', () => {
    for (const situation of situations) {
      const { state } = outcome(situation, false);
      expect(stateSeenBy({ capabilities: [] }, state)).toBe(state);
      expect(isTerminal(outcome(situation, true).state)).toBe(situation !== 'agent-unreachable');
    }
  });

  it('refuses a situation that there is not', () => {
    for (const situation of ['weather', '__proto__', 'constructor']) {
      expect(() => outcome(situation as Situation, true)).toThrow(
        expect.objectContaining({ code: 'unknown-situation' }),
      );
    }
  });
});

describe('exitSituation (TASK-11)', () => {
  it('is the reason of the container where there is one', () => {
    expect(exitSituation(undefined)).toBe('executor-terminated');
    expect(exitSituation('task-invalid')).toBe('executor-terminated');
    expect(exitSituation('container-limitation-memory')).toBe('container-limitation-memory');
    expect(exitSituation('container-preempted')).toBe('container-preempted');
  });
});
