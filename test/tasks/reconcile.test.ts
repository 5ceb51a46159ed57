import { describe, expect, it } from 'vitest';
import { reconcileAnswer, type ReconcileFacts } from '../../src/tasks/index.js';

const facts: ReconcileFacts = { agent: 'absent', anyRecovered: false, partitionAware: true };

type Row = readonly [
  name: string,
  given: Partial<ReconcileFacts>,
  aware: string | undefined,
  otherwise: string | undefined,
  message?: string,
];

/** Semantics §17: the facts, the state if partition-aware, otherwise, the message. */
const rows: readonly Row[] = [
  ['1 known', { known: { state: 'running' }, agent: 'registered' }, 'running', 'running', 'Latest task state'],
  ['1 known and ended', { known: { state: 'finished' } }, 'finished', 'finished', 'Latest task state'],
  ['1 known, agent not back', { known: { state: 'running' }, agent: 'recovered' }, 'running', 'running', 'Latest'],
  ['2 agent not back yet', { agent: 'recovered' }, undefined, undefined],
  ['2 no agent named, one not back', { anyRecovered: true }, undefined, undefined],
  ['3 agent registered', { agent: 'registered' }, 'gone', 'lost', 'Task is unknown to the agent'],
  ['3 another agent not back', { agent: 'registered', anyRecovered: true }, 'gone', 'lost'],
  ['4 agent unreachable', { agent: 'unreachable' }, 'unreachable', 'lost', 'Task is unreachable'],
  ['5 agent gone', { agent: 'gone' }, 'gone-by-operator', 'lost', 'Task is gone'],
  ['6 agent unknown', { agent: 'unknown' }, 'unknown', 'lost', 'Task is unknown'],
  ['6 agent unknown, another not back', { agent: 'unknown', anyRecovered: true }, 'unknown', 'lost'],
  ['6 no agent named', {}, 'unknown', 'lost', 'Task is unknown'],
];

describe('reconcileAnswer (semantics §17)', () => {
  it.each(rows.map((row) => ({ name: row[0], row })))('row $name', ({ row: [, given, aware, otherwise, message] }) => {
    for (const [partitionAware, state] of [
      [true, aware],
      [false, otherwise],
    ] as const) {
      const answer = reconcileAnswer({ ...facts, ...given, partitionAware });
      expect(answer?.state).toBe(state);
      if (state !== undefined) expect(answer?.message).toContain(`Reconciliation: ${message ?? ''}`);
    }
  });

  it('says since when an agent is unreachable, to everybody (row 4)', () => {
    const given = { ...facts, agent: 'unreachable', unreachableTime: 75_000 } as const;
    expect(reconcileAnswer(given)).toMatchObject({ state: 'unreachable', unreachableTime: 75_000 });
    expect(reconcileAnswer({ ...given, partitionAware: false })).toMatchObject({
      state: 'lost',
      unreachableTime: 75_000,
    });
    expect(reconcileAnswer({ ...given, agent: 'gone' })).not.toHaveProperty('unreachableTime');
    expect(reconcileAnswer({ ...given, known: { state: 'running' } })).not.toHaveProperty('unreachableTime');
  });
});
