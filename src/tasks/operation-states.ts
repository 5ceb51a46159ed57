/** The states of an operation on resources (OP-1). */
export const operationStates = [
  'pending',
  'finished',
  'failed',
  'error',
  'dropped',
  'gone-by-operator',
  'recovering',
  'unreachable',
  'unknown',
] as const;
Object.freeze(operationStates);
/** One of `operationStates`. */
export type OperationState = (typeof operationStates)[number];

const terminal: ReadonlySet<OperationState> = new Set(['finished', 'failed', 'error', 'dropped', 'gone-by-operator']);

/** Whether an operation in this state is over: what it did or did not do will not change (OP-1). */
export function isTerminalOperation(state: OperationState): boolean {
  return terminal.has(state);
}

/** Whether an agent may say this of an operation; the other states are the master's, of an operation that it lost sight of. */
export function isReportableOperation(state: OperationState): boolean {
  return state === 'pending' || (isTerminalOperation(state) && state !== 'gone-by-operator');
}
