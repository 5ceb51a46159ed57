import fc from 'fast-check';

/**
 * What might happen next, before anybody looked at the state: a kind, a step in time and numbers to choose by. `resolve`
 * makes an input of it that means something in the state at hand, so that shrinking an intent keeps a history sensible.
 */
export interface Intent {
  readonly kind: IntentKind;
  readonly step: TimeStep;
  readonly choices: readonly number[];
}

/** How far the clock moves: by so many ms, to the next batch, to the next deadline, or just before it. */
export type TimeStep = number | 'batch' | 'deadline' | 'before-deadline';

export type SingleKind =
  | 'register'
  | 'reregister'
  | 'unregister'
  | 'update-agent'
  | 'heartbeat'
  | 'agent-disconnected'
  | 'mark-unreachable'
  | 'mark-gone'
  | 'drain'
  | 'deactivate'
  | 'reactivate'
  | 'set-maintenance'
  | 'machine-down'
  | 'machine-up'
  | 'subscribe'
  | 'resubscribe'
  | 'update-framework'
  | 'framework-disconnected'
  | 'teardown'
  | 'teardown-framework'
  | 'accept'
  | 'accept-badly'
  | 'decline'
  | 'answer-inverse'
  | 'suppress'
  | 'unsuppress'
  | 'clear-filters'
  | 'revive'
  | 'request'
  | 'kill'
  | 'shutdown'
  | 'acknowledge'
  | 'acknowledge-operation'
  | 'reconcile'
  | 'reconcile-operations'
  | 'framework-message'
  | 'agent-message'
  | 'status'
  | 'operation-status'
  | 'executor-exited'
  | 'set-weight'
  | 'set-quota'
  | 'operate'
  | 'set-whitelist'
  | 'configure'
  | 'pause'
  | 'resume'
  | 'allocate'
  | 'tick';

export type IntentKind = SingleKind | 'batch';

const weights: Readonly<Record<IntentKind, number>> = {
  register: 4,
  reregister: 5,
  unregister: 1,
  'update-agent': 3,
  heartbeat: 2,
  'agent-disconnected': 2,
  'mark-unreachable': 2,
  'mark-gone': 1,
  drain: 3,
  deactivate: 1,
  reactivate: 2,
  'set-maintenance': 4,
  'machine-down': 2,
  'machine-up': 2,
  subscribe: 4,
  resubscribe: 3,
  'update-framework': 3,
  'framework-disconnected': 1,
  teardown: 1,
  'teardown-framework': 1,
  accept: 18,
  'accept-badly': 3,
  decline: 6,
  'answer-inverse': 4,
  suppress: 2,
  unsuppress: 1,
  'clear-filters': 1,
  revive: 3,
  request: 1,
  kill: 3,
  shutdown: 1,
  acknowledge: 6,
  'acknowledge-operation': 5,
  reconcile: 2,
  'reconcile-operations': 1,
  'framework-message': 1,
  'agent-message': 1,
  status: 16,
  'operation-status': 14,
  'executor-exited': 2,
  'set-weight': 2,
  'set-quota': 3,
  operate: 8,
  'set-whitelist': 1,
  configure: 1,
  pause: 1,
  resume: 2,
  allocate: 22,
  tick: 4,
  batch: 5,
};

export const kinds = Object.keys(weights) as readonly IntentKind[];

const steps: fc.Arbitrary<TimeStep> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.constantFrom<TimeStep>(1, 400, 999, 1_000, 'batch', 'batch', 'batch') },
  { weight: 2, arbitrary: fc.constantFrom<TimeStep>('deadline', 'before-deadline') },
  { weight: 1, arbitrary: fc.constantFrom<TimeStep>(-1, -5_000, 4_000, 6_000, 60_000) },
);

/** Long sleeps end most of what was going on: they are rarer. */
const rareSteps: fc.Arbitrary<TimeStep> = fc.oneof(
  { weight: 30, arbitrary: steps },
  { weight: 1, arbitrary: fc.constantFrom<TimeStep>(300_000, 700_000, 3_000_000_000, -100_000_000) },
);

function intentOf(kind: fc.Arbitrary<IntentKind>): fc.Arbitrary<Intent> {
  return fc.record({ kind, step: rareSteps, choices: fc.array(fc.nat(9_999), { minLength: 24, maxLength: 24 }) });
}

function kindOf(allowed: readonly IntentKind[]): fc.Arbitrary<IntentKind> {
  return fc.oneof(...allowed.map((kind) => ({ weight: weights[kind], arbitrary: fc.constant(kind) })));
}

/** Kinds that no history goes without: the others are drawn by swarm, so that rare ones meet each other often. */
const always: readonly IntentKind[] = ['register', 'subscribe', 'accept', 'status', 'allocate'];
const sometimes = kinds.filter((kind) => !always.includes(kind));

const swarm: fc.Arbitrary<readonly IntentKind[]> = fc.oneof(
  fc.constant(kinds),
  fc.subarray([...sometimes], { minLength: 4 }).map((chosen) => [...always, ...chosen]),
);

const opening: fc.Arbitrary<readonly Intent[]> = fc
  .array(intentOf(fc.constantFrom<IntentKind>('register', 'subscribe')), { minLength: 2, maxLength: 6 })
  .map((all) => [...all, { kind: 'allocate', step: 0, choices: all[0]?.choices ?? [] }]);

/** A history: somebody comes, then anything. */
export function histories(maxLength = 50): fc.Arbitrary<readonly Intent[]> {
  const rest = swarm.chain((allowed) => fc.array(intentOf(kindOf(allowed)), { maxLength, size: 'max' }));
  return fc.tuple(opening, rest).map(([first, then]) => [...first, ...then]);
}
