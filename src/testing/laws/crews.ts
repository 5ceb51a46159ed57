/**
 * Frameworks of one role that want tasks of one size, beside other roles: what counts is what the role has, by its weight,
 * however many they are. To a law each role of them is one user.
 */
import type { Trial, TrialUser } from './trial.js';

/** Whether some roles have several frameworks, and others there are. All in one role is no crew: it has nobody beside it. */
export function hasCrews({ users }: Pick<Trial, 'users'>): boolean {
  const roles = new Set(users.map(({ role }) => role));
  return roles.size > 1 && roles.size < users.length;
}

/** Whether those of one role want the same. */
export function isOfCrews({ users }: Pick<Trial, 'users'>): boolean {
  const firsts = new Map<string, TrialUser>();
  return users.every((user) => {
    const first = firsts.get(user.role) ?? user;
    firsts.set(user.role, first);
    return user.demand.every((amount, kind) => amount === first.demand[kind]);
  });
}

/** With roles as users; the same object if there are no crews. */
export function byRole(trial: Trial): Trial {
  if (!hasCrews(trial)) return trial;
  const roles = new Map(trial.users.map((user) => [user.role, { ...user, name: user.role }]));
  return { ...trial, users: [...roles.values()] };
}

/** What users have, as what roles have: in the order of {@link byRole}. */
export function summedByRole(trial: Trial, has: readonly number[]): readonly number[] {
  if (!hasCrews(trial)) return has;
  const sums = new Map<string, number>();
  for (const [i, { role }] of trial.users.entries()) sums.set(role, (sums.get(role) ?? 0) + (has[i] ?? 0));
  return [...sums.values()];
}
