/** Messages that met on the way; found by the simulator of faults. */
import { describe, expect, it } from 'vitest';
import {
  emptyCluster,
  stepViolation,
  tasks,
  transition,
  type ClusterState,
  type Input,
} from '../../src/cluster/index.js';

function play(inputs: readonly Input[]): ClusterState {
  let state = emptyCluster();
  for (const input of inputs) {
    const [after, outputs] = transition(state, input);
    expect(stepViolation(state, input, after, outputs)).toBeUndefined();
    state = after;
  }
  return state;
}

const task = { framework: 'f1', id: 't1', role: 'web', resources: 'cpus:1;mem:512' } as const;
const subscribed: Input = {
  type: 'subscribe',
  at: 0,
  connection: 'c',
  framework: 'f1',
  roles: ['web'],
  checkpoint: true,
};
const launched: readonly Input[] = [
  { type: 'register', at: 0, agent: 'a1', resources: 'cpus:4;mem:4096', streams: true },
  subscribed,
  { type: 'allocate', at: 0, agents: 'all' },
  {
    type: 'accept',
    at: 0,
    connection: 'c',
    framework: 'f1',
    offers: ['proffer-O0'],
    operations: [{ type: 'launch', tasks: [{ id: 't1', resources: 'cpus:1;mem:512', payload: null }] }],
  },
  { type: 'status', at: 0, agent: 'a1', framework: 'f1', task: 't1', state: 'finished', uuid: 'u' },
];
const acknowledged: Input = {
  type: 'acknowledge',
  at: 0,
  connection: 'c',
  framework: 'f1',
  agent: 'a1',
  task: 't1',
  uuid: 'u',
};
/** What the agent said before it was told of the acknowledgement. */
const back: Input = {
  type: 'reregister',
  at: 0,
  agent: 'a1',
  resources: 'cpus:4;mem:4096',
  streams: true,
  tasks: [{ ...task, state: 'finished', statusUuid: 'u' }],
};

describe('the return of an agent that meets the acknowledgement of a task', () => {
  it('does not bring the task back to wait for what has been', () => {
    expect(tasks(play([...launched, acknowledged, back]))).toEqual([]);
  });

  it('still tells a master that was lost of the task', () => {
    const known = play([subscribed, back]);
    expect(tasks(known)).toMatchObject([{ id: 't1', state: 'finished', holds: false }]);
  });
});
