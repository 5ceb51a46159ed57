import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareText,
  hashText,
  isStrictSubrole,
  mix,
  parseRoleList,
  roleAncestors,
  unitFrom,
  validateId,
  validateRole,
  validateRoles,
} from '../../src/resources/index.js';
import { refusal } from './refusal.js';

describe('roles', () => {
  it.each(['*', 'a', 'a/b/c', 'foo-bar', '...', 'foo/.bar', '**', '__proto__', 'é', '\u{1F600}'])(
    '%j is a role',
    (role) => {
      expect(validateRole(role)).toBeUndefined();
    },
  );

  it.each([
    ['', 'Empty role name is invalid'],
    ['/', "Role '/' cannot start with a slash"],
    ['a/', "Role 'a/' cannot end with a slash"],
    ['a//b', "Role 'a//b' cannot contain two adjacent slashes"],
    ['a/./b', "Role 'a/./b' cannot include '.' as a component"],
    ['..', "Role '..' cannot include '..' as a component"],
    ['a/*', "Role 'a/*' cannot include '*' as a component"],
    ['a/-b', "Role component '-b' is invalid because it begins with a dash"],
    ['a b', "Role component 'a b' is invalid because it contains whitespace or control characters"],
  ])('%j is refused', (role, message) => {
    expect(validateRole(role)).toEqual({ code: 'bad-role', path: 'role', message });
  });

  it.each(['\t', '\n', '\v', '\f', '\r', '\u007f', '\u0000', '\u001b[31m', '\ud800'])(
    '%j in a role is refused',
    (text) => {
      expect(validateRole(`a/x${text}`)?.message).toMatch(
        /is invalid because it contains whitespace or control characters$/,
      );
    },
  );

  it('are refused when they are long: all roles above them would be held too', () => {
    expect(validateRole('a/'.repeat(511) + 'bc')).toBeUndefined();
    expect(validateRole('a/'.repeat(512) + 'b')?.message).toBe('Role names cannot be longer than 1024 characters');
  });

  it('of a list are all checked', () => {
    expect(validateRoles(['a', '*'])).toBeUndefined();
    expect(validateRoles(['a', '/b', ''])?.path).toBe('roles[1]');
    expect(parseRoleList(',a,,b/c,a,')).toEqual(['a', 'b/c', 'a']);
    expect(refusal(() => parseRoleList('a,-b'))).toMatch(/^bad-role at roles\[1\]/);
  });

  it('have their ancestors above them', () => {
    expect(roleAncestors('a/b/c')).toEqual(['a/b', 'a']);
    expect(roleAncestors('a')).toEqual([]);
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'cc'), { minLength: 1, maxLength: 6 }), (parts) => {
        const role = parts.join('/');
        const ancestors = roleAncestors(role);
        expect(ancestors).toHaveLength(parts.length - 1);
        expect(ancestors.every((ancestor) => isStrictSubrole(role, ancestor))).toBe(true);
        expect(isStrictSubrole(role, role)).toBe(false);
      }),
    );
  });
});

describe('ids', () => {
  it.each(['a', 'x'.repeat(255), '...', '__proto__', 'task 1', '\u{1F600}', '\u202e'])('%j is an id', (id) => {
    expect(validateId(id)).toBeUndefined();
  });

  it.each([
    ['', 'ID must not be empty'],
    ['x'.repeat(256), 'ID must not be greater than 255 characters'],
    ['.', "'.' is disallowed"],
    ['..', "'..' is disallowed"],
    ['a/b', "'a/b' contains invalid characters"],
    ['a\\b', "'a\\b' contains invalid characters"],
    ['a\nb', "'a\nb' contains invalid characters"],
    ['\u0000', "'\u0000' contains invalid characters"],
    ['\u007f', "'\u007f' contains invalid characters"],
    ['\ud83d', "'\ud83d' contains invalid characters"],
  ])('%j is refused', (id, message) => {
    expect(validateId(id, 'task.id')).toEqual({ code: 'bad-id', path: 'task.id', message });
  });
});

describe('compareText', () => {
  it('orders as the bytes of UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(compareText(a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
    expect(compareText('\u{1F600}', '\uFF5E')).toBe(1);
    expect(compareText('a', 'a/.')).toBe(-1);
    expect(compareText('a/-', 'a/.')).toBe(-1);
  });
});

describe('hashes', () => {
  it('are the same in every release', () => {
    expect([hashText(''), hashText('a'), hashText('agent-1'), mix(), mix(1, 2, 3), mix(2 ** 40, -1)])
      .toMatchInlineSnapshot(`
      [
        2872998923,
        444641715,
        2146876314,
        2462723854,
        3937662068,
        230787989,
      ]
    `);
  });

  it('flip about half of the bits when anything changes', () => {
    const flips: number[] = [];
    for (let i = 0; i < 20_000; i += 1) {
      flips.push(
        bits(hashText(`agent-${i}`) ^ hashText(`agent-${i + 1}`)),
        bits(mix(7, i) ^ mix(7, i + 1)),
        bits(mix(i, 0) ^ mix(0, i)),
      );
    }
    const mean = flips.reduce((sum, n) => sum + n, 0) / flips.length;
    expect(mean).toBeGreaterThan(15.8);
    expect(mean).toBeLessThan(16.2);
  });

  it('tell numbers apart that differ only beyond 32 bits', () => {
    expect(mix(1)).not.toBe(mix(1 + 2 ** 32));
    expect(mix(1, 2)).not.toBe(mix(2, 1));
    expect(mix(1)).not.toBe(mix(1, 0));
  });

  it('spread over [0, 1)', () => {
    const units = Array.from({ length: 20_000 }, (_, i) => unitFrom(mix(1, i), mix(2, i)));
    expect(Math.min(...units)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...units)).toBeLessThan(1);
    const tenths = Array.from({ length: 10 }, (_, t) => units.filter((u) => Math.floor(u * 10) === t).length);
    for (const n of tenths) expect(Math.abs(n - 2000)).toBeLessThan(200);
    expect(unitFrom(0xffffffff, 0xffffffff)).toBeLessThan(1);
    expect(unitFrom(0, 0)).toBe(0);
  });
});

function bits(n: number): number {
  let count = 0;
  for (let rest = n >>> 0; rest !== 0; rest >>>= 1) count += rest & 1;
  return count;
}
