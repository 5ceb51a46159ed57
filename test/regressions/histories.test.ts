/** Histories that once broke a rule, shrunk: each was found by the properties of `test/properties`. */
import { describe, expect, it } from 'vitest';
import {
  deserialize,
  emptyCluster,
  explain,
  parseInput,
  recoverCluster,
  serialize,
  stepViolation,
  tasks,
  transition,
  violation,
  type ClusterState,
  type Input,
  type Output,
} from '../../src/cluster/index.js';

function bytes(state: ClusterState): string {
  return [...serialize(state)].join('');
}

/** Tells the machine one input after the other, and judges each step. */
function play(
  inputs: readonly Input[],
  state: ClusterState = emptyCluster(),
): { state: ClusterState; outputs: readonly Output[] } {
  let outputs: readonly Output[] = [];
  for (const input of inputs) {
    const [after, told] = transition(state, input);
    expect(stepViolation(state, input, after, told)).toBeUndefined();
    state = after;
    outputs = told;
  }
  return { state, outputs };
}

function types(outputs: readonly Output[]): readonly string[] {
  return outputs.map(({ type }) => type);
}

const agent: Input = { type: 'register', at: 0, agent: 'a1', resources: 'cpus:4;mem:4096' };
const framework: Input = {
  type: 'subscribe',
  at: 0,
  connection: 'c',
  framework: 'f1',
  roles: ['web'],
  checkpoint: true,
};
const allocate: Input = { type: 'allocate', at: 0, agents: 'all' };
const launch: Input = {
  type: 'accept',
  at: 0,
  connection: 'c',
  framework: 'f1',
  offers: ['proffer-O0'],
  operations: [{ type: 'launch', tasks: [{ id: 't1', resources: 'cpus:1;mem:512', payload: null }] }],
};
const running = [agent, framework, allocate, launch, status('running')];

function status(state: Extract<Input, { type: 'status' }>['state'] & string): Input {
  return { type: 'status', at: 0, agent: 'a1', framework: 'f1', task: 't1', state, uuid: 'u' };
}

describe('bounds', () => {
  it('that are lowered hold at once', () => {
    const lost: Input = { type: 'mark-unreachable', at: 0, agent: 'a1' };
    const { state } = play([
      ...running,
      lost,
      { type: 'subscribe', at: 0, connection: 'd', framework: 'f2' },
      { type: 'teardown-framework', at: 0, framework: 'f2' },
      {
        type: 'configure',
        at: 0,
        config: { maxUnreachableAgents: 0, maxUnreachableTasks: 0, maxCompletedFrameworks: 0 },
      },
    ]);
    expect(tasks(state)).toEqual([]);
  });

  it('hold in a cluster that was recovered under lower ones', () => {
    const unreachable = ['a1', 'a2', 'a3'].map((id, since) => ({ id, since }));
    const registry = { version: 1, masterId: 'm', incarnation: 0, agents: [], unreachable, weights: [] } as const;
    const state = recoverCluster(registry, { maxUnreachableAgents: 1 });
    expect(violation(state)).toBeUndefined();
    expect(state.unreachable.keys()).toEqual(['a3']);
  });
});

describe('a batch', () => {
  it('forgets deadlines without a cause where single inputs would', () => {
    const inputs: Exclude<Input, { type: 'batch' }>[] = [
      agent,
      framework,
      allocate,
      { type: 'decline', at: 0, connection: 'c', framework: 'f1', offers: ['proffer-O0'] },
      { type: 'register', at: 0, agent: 'a2', resources: 'cpus:1;mem:64', heartbeatMs: 1_000 },
    ] as never;
    const { state } = play(inputs);
    expect(bytes(play([{ type: 'batch', at: 0, inputs }]).state)).toBe(bytes(state));
  });
});

describe('the state of a task', () => {
  it('never goes back to staging', () => {
    expect(tasks(play([...running, status('staging')]).state).map(({ state }) => state)).toEqual(['running']);
  });

  it.each(['unreachable', 'unknown'] as const)('is never %s because its own agent says so', (state) => {
    const { state: after, outputs } = play([...running, status(state)]);
    expect(tasks(after).map((task) => task.state)).toEqual(['running']);
    expect(outputs).toEqual([]);
    expect(after.counters.invalidStatusReports).toBe(1);
    const task = { framework: 'f1', id: 't1', role: 'web', resources: 'cpus:1;mem:512', state };
    const back: Input = { type: 'reregister', at: 0, agent: 'a1', resources: 'cpus:4;mem:4096', tasks: [task] };
    expect(play([...running, back]).outputs).toMatchObject([{ type: 'report-refused', code: 'bad-task-state' }]);
  });

  it('and its launch are remembered over a loss of its agent', () => {
    const task = { framework: 'f1', id: 't1', role: 'web', resources: 'cpus:1;mem:512', state: 'running' } as const;
    const { state } = play([
      ...running,
      { type: 'mark-unreachable', at: 5_000, agent: 'a1' },
      { type: 'reregister', at: 6_000, agent: 'a1', resources: 'cpus:4;mem:4096', tasks: [task] },
    ]);
    expect(tasks(state)).toMatchObject([{ id: 't1', state: 'running', launchedAt: 0 }]);
  });
});

describe('an agent that connects again', () => {
  it('with a task that nobody knew gives back the offers that its task leaves no room for', () => {
    const task = { framework: 'f1', id: 't1', role: 'web', resources: 'cpus:4', state: 'running' } as const;
    const back: Input = { type: 'reregister', at: 0, agent: 'a1', resources: 'cpus:4;mem:4096', tasks: [task] };
    const { state, outputs } = play([agent, framework, allocate, back]);
    expect(types(outputs)).toContain('rescind');
    expect(state.offers.size).toBe(0);
    expect(types(play([allocate], state).outputs)).toEqual(['offers']);
  });

  it('and tells of a framework in a role that can not be is refused', () => {
    const task = { framework: 'f1', id: 't1', role: 'web', resources: 'cpus:1', state: 'running' } as const;
    const frameworks = [{ id: 'f1', roles: ['web//api'], capabilities: ['multi-role'] }] as const;
    const back: Input = { type: 'reregister', at: 0, agent: 'a1', resources: 'cpus:4', tasks: [task], frameworks };
    const { outputs } = play([back]);
    expect(outputs).toMatchObject([{ type: 'registration-refused', code: 'bad-role' }]);
  });

  it('keeps no silence of a framework towards its former self', () => {
    const { state } = play([
      agent,
      { ...framework, failoverTimeoutMs: 600_000 },
      allocate,
      { type: 'tick', at: 300_000 },
      { type: 'mark-unreachable', at: 300_000, agent: 'a1' },
    ] as Input[]);
    expect(state.frameworks.get('f1')?.unanswered.size).toBe(0);
  });
});

describe('resources', () => {
  const most = 'cpus:9007199254740';

  it('beyond what can be counted are refused, not thrown', () => {
    const refused = [{ type: 'registration-refused', code: 'too-large' }];
    expect(play([agent, { type: 'register', at: 0, agent: 'a2', resources: most }]).outputs).toMatchObject(refused);
    expect(play([agent, { type: 'reregister', at: 0, agent: 'a2', resources: most }]).outputs).toMatchObject(refused);
    const small: Input = { type: 'register', at: 0, agent: 'a2', resources: 'cpus:1' };
    expect(play([agent, small, { type: 'update-agent', at: 0, agent: 'a2', resources: most }]).outputs).toMatchObject([
      { type: 'report-refused', code: 'too-large' },
    ]);
    const task = { framework: 'f1', id: 't1', role: 'web', resources: most, state: 'running' } as const;
    expect(
      play([agent, { type: 'reregister', at: 0, agent: 'a2', resources: 'cpus:1', tasks: [task] }]).outputs,
    ).toMatchObject(refused);
  });

  it('of an agent that has nearly all that can be counted are offered, and it may come back', () => {
    const big: Input = { type: 'register', at: 0, agent: 'a1', resources: `${most};mem:64` };
    const again: Input = { type: 'reregister', at: 0, agent: 'a1', resources: `${most};mem:64` };
    const { outputs } = play([big, framework, allocate, again]);
    expect(types(outputs)).toEqual(['registered']);
  });

  it('reserved otherwise than they are used leave sums that can be counted', () => {
    const task = { framework: 'f1', id: 't1', role: 'web', resources: 'cpus(web):1', state: 'running' } as const;
    const back: Input = { type: 'reregister', at: 0, agent: 'a1', resources: most, tasks: [task] };
    expect(types(play([framework, back, allocate]).outputs)).toEqual([]);
  });

  it('in a range wider than can be counted are refused', () => {
    const wide: Input = { type: 'register', at: 0, agent: 'a1', resources: 'cpus:1;mem:64;ports:[0-9007199254740990]' };
    expect(play([wide]).outputs).toMatchObject([{ type: 'registration-refused', code: 'too-large' }]);
  });

  it('of an agent are never allocated to a role, also when it changes', () => {
    const resources = [{ name: 'cpus', value: 4, allocated: 'web' }];
    const { outputs } = play([agent, { type: 'update-agent', at: 0, agent: 'a1', resources }]);
    expect(outputs).toMatchObject([{ type: 'report-refused', code: 'bad-resources' }]);
  });

  it('of a returning task are held in unallocated form', () => {
    const resources = [{ name: 'cpus', value: 1, allocated: 'web' }];
    const task = { framework: 'f1', id: 't1', role: 'web', resources, state: 'running' } as const;
    const { state } = play([{ type: 'reregister', at: 0, agent: 'a1', resources: 'cpus:4;mem:64', tasks: [task] }]);
    expect(tasks(state).map((one) => String(one.resources))).toEqual(['cpus:1']);
    expect(String(state.allocator.agents.get('a1')?.free)).toBe('cpus:3; mem:64');
  });
});

describe('a framework that is removed', () => {
  it('leaves no executor behind, even one that holds nothing', () => {
    const executor = { id: 'e1', command: { value: 'x' }, resources: '' };
    const { state } = play([
      agent,
      framework,
      allocate,
      { ...launch, operations: [{ type: 'launch', tasks: [{ id: 't1', resources: 'cpus:1', executor }] }] } as Input,
      { type: 'teardown', at: 0, connection: 'c', framework: 'f1' },
      { type: 'agent-disconnected', at: 0, agent: 'a1' },
    ]);
    expect(state.agents.get('a1')?.executors).toEqual([]);
  });
});

describe('the configuration', () => {
  it('keeps its master id while offers stand that are named after it', () => {
    const { state } = play([agent, framework, allocate]);
    expect(() => transition(state, { type: 'configure', at: 0, config: { masterId: 'other' } })).toThrow('masterId');
  });
});

describe('ids with blanks', () => {
  it('are not mistaken for one another by explain', () => {
    const { state } = play([
      { type: 'register', at: 0, agent: 'c', resources: 'cpus:1;mem:64' },
      { type: 'register', at: 0, agent: 'b c', resources: 'cpus:0.001' },
      { type: 'subscribe', at: 0, connection: 'c1', framework: 'a', roles: ['web'] },
      { type: 'subscribe', at: 0, connection: 'c2', framework: 'a b', roles: ['web'] },
      allocate,
      { type: 'decline', at: 0, connection: 'c1', framework: 'a', offers: ['proffer-O0'], refuseSeconds: 60 },
    ]);
    const reasons = (id: string): readonly string[] =>
      explain(state, { framework: id }).agents.map(({ reason }) => reason.code);
    // By agent: first `b c`, then `c`.
    expect(reasons('a b')).toEqual(['below-minimum', 'offered-now']);
    expect(reasons('a')).toEqual(['below-minimum', 'filtered']);
  });
});

describe('networks of a container', () => {
  it('are names, so that a saved state can be read back', () => {
    const container = { type: 'mesos', networks: [{ $table: [] }] };
    const executor = { id: 'e1', command: { value: 'x' }, container };
    const operations = [{ type: 'launch', tasks: [{ id: 't1', resources: 'cpus:1', executor }] }];
    expect(() => parseInput({ ...launch, operations }, 0)).toThrow('networks[0]');
    const { state } = play([agent, framework, allocate]);
    expect(bytes(deserialize([bytes(state)]))).toBe(bytes(state));
  });
});
