/** What clusters of laws of conduct have beside machines and users: odd resources, quotas, and a history. */
import fc from 'fast-check';
import type { ResourceInput } from '../../resources/index.js';
import { dishonestMoves, honestMoves, type Move, type MoveKind } from '../histories/moves.js';
import { totalsOf, unit, type Trial, type TrialQuota } from '../laws/trial.js';

/** What a history may hold. */
export interface MoveBounds {
  readonly maxMoves?: number;
  /** Whether there are those who do not know the rules; true if absent. */
  readonly dishonest?: boolean;
}

/** How often each kind is drawn: without runs nothing happens, and without answers little. */
const shares: Readonly<Partial<Record<MoveKind, number>>> = {
  allocate: 8,
  take: 6,
  refuse: 4,
  'take-all': 2,
  finish: 2,
};

/** Steps of a history: any of them taken away leaves a history. */
export function moves({ maxMoves = 20, dishonest = true }: MoveBounds = {}): fc.Arbitrary<readonly Move[]> {
  const kinds: readonly MoveKind[] = dishonest ? [...honestMoves, ...dishonestMoves] : honestMoves;
  const kind = fc.oneof(...kinds.map((one) => ({ weight: shares[one] ?? 1, arbitrary: fc.constant(one) })));
  const choices = fc.array(fc.nat(5), { minLength: 3, maxLength: 3 });
  return fc.array(fc.record({ kind, choices }), { maxLength: maxMoves, size: 'max' });
}

interface RawQuota {
  readonly guaranteed: number;
  readonly more: number;
  readonly isLimited: boolean;
  readonly isPresent: boolean;
}

const quotas: fc.Arbitrary<readonly RawQuota[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.array(
      fc.record({ guaranteed: fc.nat(3), more: fc.nat(2), isLimited: fc.boolean(), isPresent: fc.boolean() }),
      { minLength: 1, maxLength: 3 },
    ),
  },
);

/** What only some machines have: of each, so much. */
const extras: fc.Arbitrary<readonly number[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }) },
);

/** Clusters with a history. */
export function withMoves(plain: fc.Arbitrary<Trial>, bounds: MoveBounds = {}): fc.Arbitrary<Trial> {
  return fc.tuple(plain, moves(bounds)).map(([trial, what]) => ({ ...trial, moves: what }));
}

/** Clusters with all of that, made of plain ones. */
export function eventful(plain: fc.Arbitrary<Trial>, bounds: MoveBounds = {}): fc.Arbitrary<Trial> {
  return fc
    .record({
      trial: plain,
      nested: fc.constantFrom(false, false, true),
      raw: quotas,
      extra: extras,
      marked: fc.constantFrom(null, null, null, null, null, 0, 1, 2),
      second: fc.constantFrom(false, false, false, false, true),
      what: moves(bounds),
    })
    .map(({ trial, nested, raw, extra, marked, second, what }) => {
      const where = nested ? trial.users.map((user) => ({ ...user, role: `top/${user.role}` })) : trial.users;
      const users = second ? withSecondRole(where) : where;
      const agents = trial.agents.map((agent, i) => {
        const drawn = extra[i] ?? 0;
        const kind = drawn === sharedKind && raw.length > 0 ? 0 : drawn;
        const others = [...agent.others, ...oddity(kind, users[0]?.role ?? '')];
        return { ...agent, others, ...(i === marked ? { attributes: 'rack:r1' } : {}) };
      });
      const whole = { ...trial, users, agents, moves: what };
      return { ...whole, quotas: quotasOf(whole, raw) };
    });
}

/** The last one takes offers in the role of the first, too. */
function withSecondRole(users: Trial['users']): Trial['users'] {
  const [first] = users;
  const last = users.at(-1);
  if (first === undefined || last === undefined || first.role === last.role) return users;
  return [...users.slice(0, -1), { ...last, secondRole: first.role }];
}

/**
 * What is shared can be offered again and again. Where a quota holds back the rest of a machine, a policy that serves one a run
 * on each machine, as it may, would never come to the next.
 */
const sharedKind = 7;

/** Nothing, ports, something revocable, something reserved, a set, volumes, what is reserved above a role, and gpus. */
function oddity(kind: number, role: string): readonly ResourceInput[] {
  const reservations = [{ type: 'dynamic', role }] as const;
  switch (kind) {
    case 1:
      return [{ name: 'ports', value: '[31000-31001]' }];
    case 2:
      return [{ name: 'cpus', value: 2, revocable: true }];
    case 3:
      return [{ name: 'cpus', value: 1, role }];
    case 4:
      return [{ name: 'zones', value: '{a,b}' }];
    case 5:
      return [{ name: 'cpus', value: 1, reservations }];
    case 6:
      return [{ name: 'disk', value: 1, reservations, disk: { id: 'v', path: 'v' } }];
    case sharedKind:
      return [{ name: 'disk', value: 1, reservations, disk: { id: 's', path: 's' }, shared: true }];
    case 8:
      return [{ name: 'cpus', value: 1, role: role.split('/')[0] ?? role }];
    case 9:
      return [{ name: 'gpus', value: 1 }];
    default:
      return [];
  }
}

/** Guarantees of so many tasks, as far as there is enough for all of them, and limits a little above, or none. */
function quotasOf(trial: Trial, raw: readonly RawQuota[]): readonly TrialQuota[] {
  const left = [...totalsOf(trial)];
  const found: TrialQuota[] = [];
  for (const [i, { guaranteed, more, isLimited, isPresent }] of raw.entries()) {
    const user = trial.users[i];
    if (user === undefined || !isPresent || found.some(({ role }) => role === user.role)) continue;
    const wanted = user.demand.map((amount) => amount * guaranteed);
    const isThere = wanted.every((amount, kind) => amount <= (left[kind] ?? 0));
    for (const [kind, amount] of wanted.entries()) if (isThere) left[kind] = (left[kind] ?? 0) - amount;
    const guarantees = wanted.map((amount) => (isThere && amount > 0 ? amount : null));
    const limits = user.demand.map((amount, kind) =>
      isLimited ? Math.max(unit, (guarantees[kind] ?? 0) + amount * more) : null,
    );
    if ([...guarantees, ...limits].some((amount) => amount !== null))
      found.push({ role: user.role, guarantees, limits });
  }
  return found;
}
