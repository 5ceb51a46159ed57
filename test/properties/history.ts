/** Drives a machine through a history of intents. */
import fc from 'fast-check';
import {
  emptyCluster,
  mesosDefaults,
  recoverCluster,
  serialize,
  transition,
  type ClusterState,
  type Input,
  type Output,
} from '../../src/cluster/index.js';
import type { Policy } from '../../src/offers/index.js';
import type { Intent } from './intents.js';
import { resolve } from './resolve.js';

/** One step that the machine took. */
export interface Step {
  readonly before: ClusterState;
  readonly input: Input;
  readonly after: ClusterState;
  readonly outputs: readonly Output[];
  /** The code with which the machine refused a control; the state stayed. */
  readonly refused?: string;
}

/** Where a history begins. */
export const beginnings: fc.Arbitrary<ClusterState> = fc.constantFrom(
  emptyCluster(),
  emptyCluster(),
  emptyCluster({ seed: 7, minAllocatable: [], offerTimeoutMs: 20_000, maxOffersPerFramework: 1 }),
  emptyCluster(mesosDefaults),
  emptyCluster({ maxCompletedTasks: 1, maxCompletedFrameworks: 1, maxUnreachableTasks: 1, maxUnreachableAgents: 1 }),
  emptyCluster({ domain: { region: 'r2', zone: 'z' }, agentReregisterTimeoutMs: 5_000 }),
  recoverCluster(
    {
      version: 1,
      masterId: 'm',
      incarnation: 0,
      agents: [
        { id: 'a1', hostname: 'a1' },
        { id: '__proto__', hostname: 'host' },
      ],
      unreachable: [{ id: 'a2', since: 5 }],
      weights: [{ role: 'web', weight: 2 }],
    },
    { agentRemovalRateLimit: { agents: 1, perMs: 60_000 }, agentReregisterTimeoutMs: 5_000 },
    10,
  ),
  recoverCluster(
    {
      version: 1,
      masterId: 'm',
      incarnation: 0,
      agents: ['a1', 'a2', 'a3', 'c'].map((id) => ({ id, hostname: id })),
      unreachable: [],
      weights: [],
      quotas: [{ role: 'web', guarantees: 'cpus:1', limits: '' }],
    },
    { maxOffersPerFramework: 2, recoveryWaitMs: 20_500 },
    10,
  ),
);

/** A beginning and what follows. Both are data: the same one gives the same history. */
export function fullHistories(
  intents: fc.Arbitrary<readonly Intent[]>,
): fc.Arbitrary<{ readonly beginning: ClusterState; readonly intents: readonly Intent[] }> {
  return fc.record({ beginning: beginnings.map(hidden), intents });
}

/** A state prints itself short in a counterexample. */
function hidden(state: ClusterState): ClusterState {
  return Object.defineProperty({ ...state }, fc.toStringMethod, {
    value: () => `a beginning with ${JSON.stringify(state.config)}`,
    enumerable: false,
  });
}

/** Takes one step; a control that means nothing changes nothing. Everything else that is thrown is a mistake. */
export function take(before: ClusterState, input: Input, policy?: Policy): Step {
  try {
    const [after, outputs] = transition(before, input, policy);
    return { before, input, after, outputs };
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined || !mayRefuse(input)) throw error;
    return { before, input, after: before, outputs: [], refused: code };
  }
}

const controls: ReadonlySet<string> = new Set([
  'allocate',
  'tick',
  'set-weight',
  'set-quota',
  'reserve',
  'unreserve',
  'create-volumes',
  'destroy-volumes',
  'grow-volume',
  'shrink-volume',
  'set-whitelist',
  'teardown-framework',
  'mark-unreachable',
  'mark-gone',
  'drain',
  'deactivate',
  'reactivate',
  'set-maintenance',
  'machine-down',
  'machine-up',
  'configure',
  'pause',
  'resume',
]);

function mayRefuse(input: Input): boolean {
  return input.type === 'batch'
    ? input.inputs.some(mayRefuse)
    : controls.has(input.type) && input.type !== 'allocate' && input.type !== 'tick';
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && error.name === 'InputError' ? (error as Error & { code: string }).code : undefined;
}

/** Runs a whole history and shows every step. A failure carries the inputs that led to it, one a line. */
export function run(
  beginning: ClusterState,
  intents: readonly Intent[],
  look: (step: Step) => void = () => {},
  policy?: Policy,
): { readonly state: ClusterState; readonly inputs: readonly Input[] } {
  let state = beginning;
  const inputs: Input[] = [];
  for (const intent of intents) {
    const input = resolve(state, intent);
    inputs.push(input);
    try {
      const step = take(state, input, policy);
      look(step);
      state = step.after;
    } catch (error) {
      throw Object.assign(new Error(`${message(error)}\n${lines(inputs)}`, { cause: error }), { inputs });
    }
  }
  return { state, inputs };
}

export function message(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Inputs as text, one a line. */
export function lines(inputs: readonly Input[]): string {
  return inputs.map((input) => JSON.stringify(input, sayNumbers)).join('\n');
}

function sayNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? `<${value}>` : value;
}

/** All bytes of a state. */
export function bytes(state: ClusterState): string {
  return [...serialize(state)].join('');
}
