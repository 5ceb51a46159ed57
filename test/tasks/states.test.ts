import { describe, expect, it } from 'vitest';
import {
  canApply,
  canMove,
  canReturn,
  isTaskReason,
  isTaskState,
  isTerminal,
  stateSeenBy,
  taskReasons,
  taskStates,
  taskStatus,
  type TaskState,
} from '../../src/tasks/index.js';

const terminal: readonly TaskState[] = [
  'finished',
  'failed',
  'killed',
  'lost',
  'error',
  'dropped',
  'gone',
  'gone-by-operator',
];
const live: readonly TaskState[] = ['staging', 'starting', 'running', 'killing'];

describe('task states', () => {
  it('are fourteen, and eight of them terminal (TASK-1)', () => {
    expect(taskStates).toHaveLength(14);
    expect(new Set(taskStates).size).toBe(14);
    expect(taskStates.filter(isTerminal).toSorted()).toEqual(terminal.toSorted());
  });

  it('and reasons are recognised, other texts are not', () => {
    expect(taskStates.every(isTaskState)).toBe(true);
    expect(taskReasons.every(isTaskReason)).toBe(true);
    expect([undefined, 'TASK_RUNNING', '__proto__', 7].some(isTaskState)).toBe(false);
    expect([undefined, 'slave-removed', 'constructor'].some(isTaskReason)).toBe(false);
    expect(taskReasons).toHaveLength(new Set(taskReasons).size);
  });
});

describe('the table of legal edges (TASK-4)', () => {
  const orderly: Readonly<Record<string, readonly TaskState[]>> = {
    staging: ['starting', 'running', ...terminal, 'unreachable'],
    starting: ['running', 'killing', ...terminal, 'unreachable'],
    running: ['running', 'killing', ...terminal, 'unreachable'],
    killing: [...terminal, 'unreachable'],
    unreachable: ['gone-by-operator', 'killed'],
  };

  it.each(taskStates)('of %s is that of the row', (from) => {
    expect(taskStates.filter((to) => canMove(from, to)).toSorted()).toEqual((orderly[from] ?? []).toSorted());
  });

  it('lets an executor go astray among states that are not terminal, and nowhere else', () => {
    for (const from of live) {
      for (const to of ['starting', 'running', 'killing'] as const) {
        expect(canApply(from, to), `${from} -> ${to}`).toBe(true);
      }
      expect(canApply(from, 'staging')).toBe(false);
      expect(canApply(from, 'unknown')).toBe(false);
    }
  });

  it('applies everything that is orderly', () => {
    for (const from of taskStates) {
      for (const to of taskStates) if (canMove(from, to)) expect(canApply(from, to)).toBe(true);
    }
  });

  it('has no way out of a terminal state (TASK-4), nor out of unknown', () => {
    for (const from of [...terminal, 'unknown'] as const) {
      expect(taskStates.filter((to) => canMove(from, to) || canApply(from, to))).toEqual([]);
    }
  });

  it('lets a task return from unreachable, lost and gone by operator only, as anything its agent can say (TASK-2)', () => {
    for (const from of taskStates) {
      const returns = taskStates.filter((to) => canReturn(from, to));
      const uncertain = from === 'unreachable' || from === 'lost' || from === 'gone-by-operator';
      expect(returns).toEqual(
        uncertain ? taskStates.filter((to) => !['unreachable', 'gone-by-operator', 'unknown'].includes(to)) : [],
      );
    }
  });
});

describe('stateSeenBy (TASK-3)', () => {
  const hidden = new Set<TaskState>(['dropped', 'unreachable', 'gone', 'gone-by-operator', 'unknown']);

  it.each(taskStates)('tells %s as it is to a partition-aware framework', (state) => {
    expect(stateSeenBy({ capabilities: ['partition-aware'] }, state)).toBe(state);
  });

  it.each(taskStates)('tells others lost for what they do not know: %s', (state) => {
    expect(stateSeenBy({ capabilities: ['multi-role'] }, state)).toBe(hidden.has(state) ? 'lost' : state);
  });
});

describe('taskStatus (TASK-9)', () => {
  it('fills in terminal and leaves out what is undefined', () => {
    const status = taskStatus({
      task: 't1',
      state: 'lost',
      source: 'master',
      timestamp: 5,
      reason: 'reconciliation',
      uuid: undefined,
      message: undefined,
    });
    expect(status).toStrictEqual({
      task: 't1',
      state: 'lost',
      terminal: true,
      source: 'master',
      timestamp: 5,
      reason: 'reconciliation',
    });
    expect(taskStatus({ task: 't', state: 'unreachable', source: 'master', timestamp: 0 }).terminal).toBe(false);
  });

  it('keeps every field that is given', () => {
    const fields = {
      task: 't1',
      state: 'running',
      source: 'executor',
      timestamp: 5,
      reason: 'task-health-check-status-updated',
      message: 'm',
      agent: 'a1',
      executor: 'e1',
      uuid: 'u',
      data: 'd',
      healthy: false,
      unreachableTime: 3,
      labels: [{ key: 'k' }],
    } as const;
    expect(taskStatus(fields)).toStrictEqual({ ...fields, terminal: false });
    const { labels } = taskStatus({ ...fields, labels: [{ key: 'k' }] });
    expect([taskStatus(fields), labels, labels?.[0]].every(Object.isFrozen)).toBe(true);
  });
});
