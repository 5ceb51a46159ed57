/** How the cluster of a trial comes about: what is told to an empty one. */
import type { ConfigLike, Input } from '../../cluster/index.js';
import type { FrameworkCapability } from '../../tasks/index.js';
import { resourcesOf } from '../laws/show.js';
import type { Trial, TrialAgent, TrialUser } from '../laws/trial.js';

/** However little is free, it is offered, and to anybody. */
const config: ConfigLike = { minAllocatable: [], filterGpus: false };

const capabilities: readonly FrameworkCapability[] = ['multi-role', 'partition-aware', 'revocable-resources'];

/** Everybody and everything is there from the beginning. */
export function openingOf(trial: Trial): Input[] {
  const { kinds, agents, users } = trial;
  return [
    { type: 'configure', at: 0, config },
    ...weightsOf(users),
    ...users.map(subscription),
    ...agents.map((agent) => registration(kinds, agent)),
    ...quotasOf(trial),
  ];
}

function weightsOf(users: readonly TrialUser[]): Input[] {
  const weights = new Map(users.map(({ role, weight }) => [role, weight]));
  return [...weights].flatMap(([role, weight]) =>
    weight === 1 ? [] : [{ type: 'set-weight', at: 0, role, weight } as const],
  );
}

/** A framework comes; its id and its connection are its name. */
export function subscription({ name, role }: TrialUser, _index?: number, _all?: unknown, at: number = 0): Input {
  return { type: 'subscribe', at, connection: name, framework: name, name, roles: [role], capabilities };
}

/** A machine comes. */
export function registration(kinds: readonly string[], agent: TrialAgent, at: number = 0): Input {
  return { type: 'register', at, agent: agent.id, resources: resourcesOf(kinds, agent) };
}

function quotasOf({ kinds, quotas }: Trial): Input[] {
  if (quotas.length === 0) return [];
  const named = (amounts: readonly (number | null)[]): readonly (readonly [string, number])[] =>
    amounts.flatMap((amount, kind) => (amount === null ? [] : [[kinds[kind] ?? '', amount / 1_000] as const]));
  return [
    {
      type: 'set-quota',
      at: 0,
      quotas: quotas.map(({ role, guarantees, limits }) => ({
        role,
        guarantees: named(guarantees),
        limits: named(limits),
      })),
      force: true,
    },
  ];
}
