/** How the cluster of a trial comes about: what is told to an empty one. */
import type { ConfigLike, Input } from '../../cluster/index.js';
import type { FrameworkCapability } from '../../tasks/index.js';
import { resourcesOf } from '../laws/show.js';
import { placed, type Trial, type TrialAgent, type TrialUser } from '../laws/trial.js';

/** However little is free, it is offered, and to anybody. */
const config: ConfigLike = { minAllocatable: [], filterGpus: false };

const capabilities: readonly FrameworkCapability[] = [
  'multi-role',
  'partition-aware',
  'revocable-resources',
  'shared-resources',
  'gpu-resources',
];

/** Everybody and everything is there from the beginning. */
export function openingOf(trial: Trial): Input[] {
  const { kinds, agents } = trial;
  const at = trial.setting.begins;
  const users = placed(trial);
  return [
    { type: 'configure', at, config },
    ...weightsOf(users, at),
    ...users.map((user) => subscription(user, at)),
    ...agents.map((agent) => registration(kinds, agent, at)),
    ...quotasOf(trial, at),
  ];
}

function weightsOf(users: readonly TrialUser[], at: number): Input[] {
  const weights = new Map(users.map(({ role, weight }) => [role, weight]));
  return [...weights].flatMap(([role, weight]) =>
    weight === 1 ? [] : [{ type: 'set-weight', at, role, weight } as const],
  );
}

/** A framework comes; its id and its connection are its name. */
export function subscription({ name, role, secondRole }: TrialUser, at: number, priority: number = 0): Input {
  const roles = secondRole === undefined || secondRole === role ? [role] : [role, secondRole];
  const urgency = priority === 0 ? {} : { priority };
  return { type: 'subscribe', at, connection: name, framework: name, name, roles, capabilities, ...urgency };
}

/** A machine comes. */
export function registration(kinds: readonly string[], agent: TrialAgent, at: number): Input {
  const { id, attributes } = agent;
  const where = attributes === undefined ? {} : { attributes };
  return { type: 'register', at, agent: id, resources: resourcesOf(kinds, agent), ...where };
}

function quotasOf({ kinds, quotas }: Trial, at: number): Input[] {
  if (quotas.length === 0) return [];
  const named = (amounts: readonly (number | null)[]): readonly (readonly [string, number])[] =>
    amounts.flatMap((amount, kind) => (amount === null ? [] : [[kinds[kind] ?? '', amount / 1_000] as const]));
  return [
    {
      type: 'set-quota',
      at,
      quotas: quotas.map(({ role, guarantees, limits }) => ({
        role,
        guarantees: named(guarantees),
        limits: named(limits),
      })),
      force: true,
    },
  ];
}
