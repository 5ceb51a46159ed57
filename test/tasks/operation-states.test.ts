import { describe, expect, it } from 'vitest';
import { isReportableOperation, isTerminalOperation, operationStates } from '../../src/tasks/index.js';

describe('the states of an operation (OP-1)', () => {
  it('are over, or not', () => {
    expect(operationStates.filter(isTerminalOperation)).toEqual([
      'finished',
      'failed',
      'error',
      'dropped',
      'gone-by-operator',
    ]);
  });

  it('are an agent’s to say, or the master’s', () => {
    expect(operationStates.filter(isReportableOperation)).toEqual([
      'pending',
      'finished',
      'failed',
      'error',
      'dropped',
    ]);
  });
});
