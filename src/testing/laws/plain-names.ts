/**
 * The names of clusters that are drawn here: letters for users, who mostly have roles of their own, m1 … for machines. Now and
 * then a name that somebody trips over: one that every object has, one that is a number, one that sorts before the others.
 */
import type { Trial } from './trial.js';

/** What resources are called, in this order. */
export const plainKinds: readonly string[] = ['cpus', 'mem', 'disk'];

/** The name of a user by number. */
export function userName(index: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + index);
}

/** The name of a machine by number. */
export function agentName(index: number): string {
  return `m${index + 1}`;
}

/** Names of users that are rare, by number. */
export const strangeUsers: readonly string[] = ['__proto__', 'constructor', '10', 'B', 'a.b'];

/** Names of machines that are rare, by number. */
export const strangeAgents: readonly string[] = ['__proto__', '10', 'toString', 'M', 'm1.b'];

/** How many names are not what they would be in a cluster that was drawn with just so many of everything. */
export function oddNames(trial: Trial): number {
  if (!isDrawn(trial)) return 0;
  const { kinds, agents, users } = trial;
  const kindsOff = kinds.filter((kind, i) => kind !== plainKinds[i]).length;
  const usersOff = users.filter(({ name }, i) => name !== userName(i)).length;
  return kindsOff + usersOff + agents.filter(({ id }, i) => id !== agentName(i)).length;
}

/** The same cluster with the first names of all. A reader's own names are left alone. */
export function* renamed(trial: Trial): Generator<Trial> {
  if (!isDrawn(trial)) return;
  const names = new Map(trial.users.map(({ name }, i) => [name, userName(i)]));
  const newRole = (role: string): string =>
    role
      .split('/')
      .map((part) => names.get(part) ?? part)
      .join('/');
  const withUsers: Trial = {
    ...trial,
    users: trial.users.map((user, i) => ({
      ...user,
      name: userName(i),
      role: newRole(user.role),
      ...(user.secondRole === undefined ? {} : { secondRole: newRole(user.secondRole) }),
    })),
    quotas: trial.quotas.map((quota) => ({ ...quota, role: newRole(quota.role) })),
    agents: trial.agents.map((agent) => ({
      ...agent,
      others: agent.others.map((other) => (other.role === undefined ? other : { ...other, role: newRole(other.role) })),
    })),
  };
  const withAgents = (one: Trial): Trial => ({
    ...one,
    agents: one.agents.map((agent, i) => ({ ...agent, id: agentName(i) })),
  });
  const withKinds = (one: Trial): Trial => ({ ...one, kinds: plainKinds.slice(0, one.kinds.length) });
  yield withKinds(withAgents(withUsers));
  yield withUsers;
  yield withAgents(trial);
  yield withKinds(trial);
}

/** Whether all names are of those that are drawn. */
function isDrawn({ kinds, agents, users }: Trial): boolean {
  const isLetter = ({ name }: { readonly name: string }): boolean =>
    (name.length === 1 && name >= 'a' && name <= 'z') || strangeUsers.includes(name);
  return (
    kinds.every((kind) => plainKinds.includes(kind)) &&
    users.every(isLetter) &&
    agents.every(({ id }) => /^m\d$/.test(id) || strangeAgents.includes(id))
  );
}

/** Whether somebody is in a role of another name than its own. */
export function isInOddRole({ name, role }: Trial['users'][number]): boolean {
  return role !== name;
}

/** Everybody in a role of its own; or at the top, if they are below one that has nobody else. */
export function* simplerRoles(trial: Trial): Generator<Trial> {
  if (!trial.users.some(isInOddRole)) return;
  const own = trial.users.map(({ secondRole: _, ...user }) => ({ ...user, role: user.name }));
  const renaming = new Map(trial.users.map(({ name, role }) => [role, name]));
  const moved = (role: string): string => renaming.get(role) ?? role;
  yield {
    ...trial,
    users: own,
    quotas: trial.quotas.map((quota) => ({ ...quota, role: moved(quota.role) })),
    agents: trial.agents.map((agent) => ({
      ...agent,
      others: agent.others.map((other) => (other.role === undefined ? other : { ...other, role: moved(other.role) })),
    })),
  };
}
