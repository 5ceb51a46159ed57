import { InputError, type Problem } from './errors.js';
import { hasUnprintable } from './ids.js';

/** Every role above a role has a row of its own, with its whole path: without a bound they grow with its square. */
const longestRole = 1_024;

/**
 * Checks a role name (ROLE-1): `*`, or a path `a/b/c` of components that are not empty, `.`, `..` or `*`, do not begin
 * with `-`, and have neither white space nor control characters; at most 1,024 characters in all, where Mesos has no
 * bound.
 *
 * @returns a problem with code `bad-role`, or `undefined`.
 * @remarks Since 0.1.0
 */
export function validateRole(role: string): Problem | undefined {
  const bad = (message: string): Problem => ({ code: 'bad-role', path: 'role', message });
  if (role === '*') return undefined;
  if (role === '') return bad('Empty role name is invalid');
  if (role.length > longestRole) return bad(`Role names cannot be longer than ${longestRole} characters`);
  if (role.startsWith('/')) return bad(`Role '${role}' cannot start with a slash`);
  if (role.endsWith('/')) return bad(`Role '${role}' cannot end with a slash`);
  if (role.includes('//')) return bad(`Role '${role}' cannot contain two adjacent slashes`);
  for (const component of role.split('/')) {
    if (component === '.' || component === '..' || component === '*') {
      return bad(`Role '${role}' cannot include '${component}' as a component`);
    }
    if (component.startsWith('-')) return bad(`Role component '${component}' is invalid because it begins with a dash`);
    // Of the control characters Mesos refuses white space and DEL only; the others would do harm in logs and terminals.
    if (component.includes(' ') || hasUnprintable(component)) {
      return bad(`Role component '${component}' is invalid because it contains whitespace or control characters`);
    }
  }
  return undefined;
}

/**
 * Checks every role of a list; the first problem counts.
 *
 * @remarks Since 0.1.0
 */
export function validateRoles(roles: readonly string[]): Problem | undefined {
  for (const [i, role] of roles.entries()) {
    const problem = validateRole(role);
    if (problem !== undefined) return { ...problem, path: `roles[${i}]` };
  }
  return undefined;
}

/**
 * Reads a comma list of roles; empty entries are skipped, duplicates stay.
 *
 * @throws InputError `bad-role` with the first bad name.
 * @remarks Since 0.1.0
 */
export function parseRoleList(text: string): string[] {
  const roles = text.split(',').filter((role) => role !== '');
  const problem = validateRoles(roles);
  if (problem !== undefined) throw new InputError(problem.code, problem.path, problem.message);
  return roles;
}

/**
 * The roles above one, nearest first: `a/b/c` has `a/b` and `a`.
 *
 * @remarks Since 0.1.0
 */
export function roleAncestors(role: string): string[] {
  const ancestors: string[] = [];
  for (let at = role.lastIndexOf('/'); at > 0; at = role.lastIndexOf('/', at - 1)) ancestors.push(role.slice(0, at));
  return ancestors;
}

/**
 * Whether `role` lies below `ancestor`; a role does not lie below itself.
 *
 * @remarks Since 0.1.0
 */
export function isStrictSubrole(role: string, ancestor: string): boolean {
  return role.length > ancestor.length && role[ancestor.length] === '/' && role.startsWith(ancestor);
}
