import { describe, expect, it } from 'vitest';
import {
  v1AgentCapabilities,
  v1FrameworkCapabilities,
  v1OperationStates,
  v1Reasons,
  v1Sources,
  v1TaskStates,
} from '../../src/cluster/index.js';
import {
  agentCapabilities,
  frameworkCapabilities,
  operationStates,
  taskReasons,
  taskSources,
  taskStates,
} from '../../src/tasks/index.js';

describe('the names of the v1 API', () => {
  it('are there for each of ours, and lead back', () => {
    for (const state of taskStates) expect(v1TaskStates.read(v1TaskStates.write(state))).toBe(state);
    for (const it of operationStates) expect(v1OperationStates.read(v1OperationStates.write(it))).toBe(it);
    for (const reason of taskReasons) expect(v1Reasons.read(v1Reasons.write(reason))).toBe(reason);
    for (const source of taskSources) expect(v1Sources.read(v1Sources.write(source))).toBe(source);
    for (const it of frameworkCapabilities)
      expect(v1FrameworkCapabilities.read(v1FrameworkCapabilities.write(it))).toBe(it);
    for (const it of agentCapabilities) expect(v1AgentCapabilities.read(v1AgentCapabilities.write(it))).toBe(it);
  });

  it('are spelled as Mesos spells them', () => {
    expect(v1TaskStates.write('gone-by-operator')).toBe('TASK_GONE_BY_OPERATOR');
    expect(v1OperationStates.write('gone-by-operator')).toBe('OPERATION_GONE_BY_OPERATOR');
    expect(v1Reasons.write('agent-removed')).toBe('REASON_AGENT_REMOVED');
    expect(v1Reasons.read('REASON_INVALID_FRAMEWORKID')).toBe('invalid-frameworkid');
    expect(v1Sources.write('executor')).toBe('SOURCE_EXECUTOR');
    expect(v1FrameworkCapabilities.read('PARTITION_AWARE')).toBe('partition-aware');
    expect(v1AgentCapabilities.write('hierarchical-role')).toBe('HIERARCHICAL_ROLE');
  });

  it.each(['running', 'TASK_running', 'TASK_', '', 'TASK_FLYING', '__proto__', 'constructor'])(
    'do not hold %j',
    (name) => {
      expect(v1TaskStates.read(name)).toBeUndefined();
    },
  );
});
