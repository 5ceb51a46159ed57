import { describe, expect, it } from 'vitest';
import {
  excludes,
  offerConstraints,
  type AttributeConstraint,
  type ConstrainedAgent,
  type ConstraintPredicate,
  type ConstraintSelector,
} from '../../src/offers/index.js';
import { attributes } from '../../src/resources/index.js';
import { allocator } from './harness.js';

const rack: ConstraintSelector = { attribute: 'rack' };
const one = (selector: ConstraintSelector, predicate: ConstraintPredicate): AttributeConstraint => ({
  selector,
  predicate,
});
const forWeb = (...groups: readonly (readonly AttributeConstraint[])[]): ReturnType<typeof offerConstraints> =>
  offerConstraints([{ role: 'web', groups }]);

/** Whether an agent with these attributes may be offered in the role `web`. */
const wants = (constraint: AttributeConstraint, agent: string | Partial<ConstrainedAgent>): boolean =>
  !excludes(forWeb([constraint]), 'web', {
    attributes: '',
    hostname: 'a1.example.com',
    ...(typeof agent === 'string' ? { attributes: agent } : agent),
  });

describe('predicates (CONS-1, CONS-2)', () => {
  const missing = 'zone:a';
  const same = 'rack:r1';
  const other = 'rack:r2';
  const number = 'rack:1';
  const span = 'rack:[1-2]';

  it.each<[ConstraintPredicate, readonly string[], readonly string[]]>([
    [{ type: 'exists' }, [same, other, number, span], [missing, '']],
    [{ type: 'not-exists' }, [missing, ''], [same, other, number, span]],
    [{ type: 'text-equals', value: 'r1' }, [same, number, span], [missing, other]],
    [{ type: 'text-not-equals', value: 'r1' }, [missing, other, number, span], [same]],
    [{ type: 'text-matches', regex: 'r[01]' }, [same, number, span], [missing, other]],
    [{ type: 'text-not-matches', regex: 'r[01]' }, [missing, other, number, span], [same]],
  ])('%o', (predicate, wanted, unwanted) => {
    expect(wanted.filter((agent) => !wants(one(rack, predicate), agent))).toEqual([]);
    expect(unwanted.filter((agent) => wants(one(rack, predicate), agent))).toEqual([]);
  });

  it('a regex speaks of the whole text', () => {
    expect(wants(one(rack, { type: 'text-matches', regex: 'a|ab' }), 'rack:ab')).toBe(true);
    expect(wants(one(rack, { type: 'text-matches', regex: 'a|ab' }), 'rack:abc')).toBe(false);
    expect(wants(one(rack, { type: 'text-not-matches', regex: 'r' }), 'rack:r1')).toBe(true);
  });

  it.each([
    ['rack:r1;rack:r2', true],
    ['rack:r2;rack:r1', false],
    ['rack:7;rack:r2', true],
    ['rack:r2;rack:7', false],
  ])('only the first attribute of a name counts: %s', (agent, wanted) => {
    expect(wants(one(rack, { type: 'text-equals', value: 'r1' }), agent)).toBe(wanted);
  });

  it.each<['hostname' | 'region' | 'zone', ConstraintPredicate, Partial<ConstrainedAgent>, boolean]>([
    ['hostname', { type: 'text-equals', value: 'a1.example.com' }, {}, true],
    ['hostname', { type: 'text-matches', regex: 'a[0-9]+\\.example\\.com' }, {}, true],
    ['hostname', { type: 'text-not-matches', regex: '.*\\.example\\.com' }, {}, false],
    ['hostname', { type: 'not-exists' }, {}, false],
    // An attribute is no pseudo-attribute, and the other way round.
    ['hostname', { type: 'text-equals', value: 'h' }, { attributes: 'hostname:h' }, false],
    ['region', { type: 'exists' }, {}, false],
    ['region', { type: 'text-equals', value: 'eu' }, {}, false],
    ['region', { type: 'text-not-equals', value: 'eu' }, {}, true],
    ['region', { type: 'text-equals', value: 'eu' }, { region: 'eu', zone: 'eu-1' }, true],
    ['zone', { type: 'text-matches', regex: 'eu-\\d' }, { region: 'eu', zone: 'eu-1' }, true],
    ['zone', { type: 'text-not-matches', regex: 'eu-\\d' }, { region: 'eu', zone: 'eu-1' }, false],
    // A region called 1 is text all the same.
    ['region', { type: 'text-equals', value: '2' }, { region: '1', zone: '1' }, false],
  ])('%s %o', (pseudo, predicate, agent, wanted) => {
    expect(wants(one({ pseudo }, predicate), agent)).toBe(wanted);
  });

  it('names that objects have of themselves are names', () => {
    const selector = { attribute: '__proto__' };
    expect(wants(one(selector, { type: 'exists' }), '')).toBe(false);
    expect(wants(one(selector, { type: 'text-equals', value: 'x' }), '__proto__:x')).toBe(true);
    expect(wants(one({ attribute: 'constructor' }, { type: 'not-exists' }), '')).toBe(true);
    const constraints = offerConstraints([{ role: '__proto__', groups: [[one(rack, { type: 'exists' })]] }]);
    expect(excludes(constraints, '__proto__', { attributes: '', hostname: 'h' })).toBe(true);
    expect(excludes(constraints, 'constructor', { attributes: '', hostname: 'h' })).toBe(false);
  });
});

describe('groups (CONS-1)', () => {
  const has = (name: string): AttributeConstraint => one({ attribute: name }, { type: 'exists' });
  const agent = (text: string): ConstrainedAgent => ({ attributes: attributes(text), hostname: 'h' });

  it.each([
    ['a:1', true],
    ['b:1', true],
    ['a:1;b:1', false],
    ['c:1', false],
    ['', true],
  ])('one of them must hold, and all that is in it: %s', (text, excluded) => {
    expect(excludes(forWeb([has('a'), has('b')], [has('c')]), 'web', agent(text))).toBe(excluded);
  });

  it('a role without constraints excludes nobody (CONS-3)', () => {
    expect(excludes(offerConstraints([]), 'web', agent(''))).toBe(false);
    expect(excludes(forWeb([has('a')]), 'db', agent(''))).toBe(false);
    expect(excludes(forWeb([has('a')]), 'web/front', agent(''))).toBe(false);
  });
});

describe('reading constraints (CONS-3)', () => {
  const groups = [[{ selector: rack, predicate: { type: 'exists' } }]];
  const withOne = (constraint: unknown): unknown => [{ role: 'web', groups: [[constraint]] }];
  const withPredicate = (predicate: unknown): unknown => withOne({ selector: rack, predicate });
  const withSelector = (selector: unknown): unknown => withOne({ selector, predicate: { type: 'exists' } });
  const withRegex = (regex: unknown): unknown => withPredicate({ type: 'text-matches', regex });
  const constraint = 'offerConstraints[0].groups[0][0]';

  it.each<[string, unknown, string, RegExp]>([
    ['nothing', undefined, 'offerConstraints', /must be a list of roles/],
    ['an object', {}, 'offerConstraints', /must be a list of roles/],
    ['no object in the list', [null], 'offerConstraints[0]', /must be an object/],
    ['no role', [{ groups }], 'offerConstraints[0].role', /must be text/],
    ['an inherited role', [Object.create({ role: 'web', groups })], 'offerConstraints[0].role', /must be text/],
    ['an unknown field', [{ role: 'web', groups, group: 1 }], 'offerConstraints[0].group', /no such field/],
    [
      'a role twice',
      [
        { role: 'web', groups },
        { role: 'web', groups },
      ],
      'offerConstraints[1].role',
      /named twice/,
    ],
    ['no groups', [{ role: 'web' }], 'offerConstraints[0].groups', /must be a list of groups/],
    ['an empty list of groups', [{ role: 'web', groups: [] }], 'offerConstraints[0].groups', /no group for role 'web'/],
    [
      'an empty group',
      [{ role: 'web', groups: [...groups, []] }],
      'offerConstraints[0].groups[1]',
      /The group is empty/,
    ],
    ['a hole for a group', [{ role: 'web', groups: Array(1) }], 'offerConstraints[0].groups[0]', /list of constraints/],
    ['no constraint', withOne('rack'), constraint, /must be an object/],
    ['no selector', withOne({ predicate: { type: 'exists' } }), `${constraint}.selector`, /Exactly one of/],
    ['an empty selector', withSelector({}), `${constraint}.selector`, /Exactly one of/],
    ['two selectors', withSelector({ attribute: 'a', pseudo: 'zone' }), `${constraint}.selector`, /Exactly one of/],
    [
      'an attribute that is no text',
      withSelector({ attribute: 1 }),
      `${constraint}.selector.attribute`,
      /must be text/,
    ],
    [
      'a strange pseudo-attribute',
      withSelector({ pseudo: 'rack' }),
      `${constraint}.selector.pseudo`,
      /hostname, region/,
    ],
    ['no predicate', withOne({ selector: rack }), `${constraint}.predicate.type`, /is not set/],
    ['an empty predicate', withPredicate({}), `${constraint}.predicate.type`, /is not set/],
    ['a strange predicate', withPredicate({ type: '__proto__' }), `${constraint}.predicate.type`, /no such predicate/],
    ['no value', withPredicate({ type: 'text-equals' }), `${constraint}.predicate.value`, /must be text/],
    [
      'a value that is no text',
      withPredicate({ type: 'text-not-equals', value: 1 }),
      `${constraint}.predicate.value`,
      /text/,
    ],
    ['no regex', withPredicate({ type: 'text-matches', value: 'a' }), `${constraint}.predicate.regex`, /must be text/],
    ['a regex that is no text', withRegex(/a/), `${constraint}.predicate.regex`, /must be text/],
    ['a broken regex', withRegex('[a-d'), `${constraint}.predicate.regex`, /a \] is missing/],
    ['a look behind', withRegex('(?<=a)b'), `${constraint}.predicate.regex`, /looking ahead or behind/],
    ['a reference back', withRegex('(a)\\1'), `${constraint}.predicate.regex`, /referring back/],
    ['a long regex', withRegex('a|'.repeat(5_000)), `${constraint}.predicate.regex`, /4096 characters/],
    ['a complex regex', withRegex('(a+){50}'), `${constraint}.predicate.regex`, /201 instructions, more than 100/],
  ])('refuses %s', (_, raw, path, message) => {
    expect(() => offerConstraints(raw)).toThrow(
      expect.objectContaining({ name: 'InputError', code: 'bad-constraints', path }),
    );
    expect(() => offerConstraints(raw)).toThrow(message);
  });

  it('a regex that makes others hang is a regex like any other', () => {
    const constraints = forWeb([one(rack, { type: 'text-matches', regex: '^(a+)+$' })]);
    const ofLetters = (text: string): ConstrainedAgent => ({ attributes: `rack:${text}`, hostname: 'h' });
    expect(excludes(constraints, 'web', ofLetters(`${'a'.repeat(40)}!`))).toBe(true);
    expect(excludes(constraints, 'web', ofLetters('a'.repeat(40)))).toBe(false);
  });

  it('is frozen data by role, that shares nothing with what it was read from, and reads as itself', () => {
    const raw = [
      {
        role: 'web',
        groups: [[{ selector: { attribute: 'rack' }, predicate: { type: 'text-matches', regex: 'r.' } }]],
      },
      { role: 'db', groups: [[{ selector: { pseudo: 'zone' }, predicate: { type: 'text-equals', value: 'b' } }]] },
    ];
    const read = offerConstraints(raw);
    expect(read.map(({ role }) => role)).toEqual(['db', 'web']);
    expect(offerConstraints(JSON.parse(JSON.stringify(read)))).toEqual(read);
    expect(everything(read).every(Object.isFrozen)).toBe(true);
    raw[0]?.groups[0]?.pop();
    expect(read).toEqual(offerConstraints(read));
    expect(read[1]?.groups).toHaveLength(1);
    // What was saved as text still knows what it meant.
    const saved = JSON.parse(JSON.stringify(read)) as typeof read;
    expect(excludes(saved, 'web', { attributes: 'rack:r1', hostname: 'h' })).toBe(false);
    expect(excludes(saved, 'web', { attributes: 'rack:x1', hostname: 'h' })).toBe(true);
  });
});

describe('in a run (CONS-4, ALLOC-5)', () => {
  const inRack = (regex: string): ReturnType<typeof offerConstraints> =>
    forWeb([one(rack, { type: 'text-matches', regex })]);

  it('an agent that a framework does not want goes to the next', () => {
    const box = allocator();
    box.framework('f1', ['web'], { offerConstraints: inRack('r1') });
    box.framework('f2', ['web']);
    box.agent('a1', 'cpus:1;mem:32', { attributes: attributes('rack:r1') });
    box.agent('a2', 'cpus:1;mem:32', { attributes: attributes('rack:r2') });
    expect([...box.run()].sort()).toEqual(['f1 a1 as web cpus:1; mem:32', 'f2 a2 as web cpus:1; mem:32']);
  });

  it('each role has its own', () => {
    const box = allocator();
    box.framework('f1', ['db', 'web'], { offerConstraints: inRack('r1') });
    box.agent('a2', 'cpus:1;mem:32', { attributes: attributes('rack:r2') });
    expect(box.run()).toEqual(['f1 a2 as db cpus:1; mem:32']);
  });

  it('what changes counts from the next run on, and an absent list is an empty one', () => {
    const box = allocator();
    box.framework('f1', ['web'], { offerConstraints: inRack('r1') });
    box.agent('a1', 'cpus:1;mem:32', { attributes: attributes('rack:r2') });
    expect(box.run()).toEqual([]);
    box.send({ type: 'update-framework', framework: 'f1', roles: ['web'], offerConstraints: inRack('r2') });
    expect(box.pass(1_000)).toEqual(['1000: f1 a1 as web cpus:1; mem:32']);
    box.recover('f1', 'a1', 'web', 'cpus:1;mem:32');
    box.send({ type: 'update-framework', framework: 'f1', roles: ['web'], offerConstraints: inRack('r3') });
    expect(box.pass(5_000)).toEqual([]);
    box.send({ type: 'update-framework', framework: 'f1', roles: ['web'] });
    expect(box.pass(1_000)).toEqual(['7000: f1 a1 as web cpus:1; mem:32']);
  });

  it('an agent that changes its attributes is looked at anew', () => {
    const box = allocator();
    box.framework('f1', ['web'], { offerConstraints: inRack('r1') });
    box.agent('a1', 'cpus:1;mem:32', { attributes: attributes('rack:r2') });
    expect(box.run()).toEqual([]);
    box.send({ type: 'update-agent', agent: 'a1', attributes: attributes('rack:r1') });
    expect(box.run()).toEqual(['f1 a1 as web cpus:1; mem:32']);
  });

  it('hostname, region and zone are those of the agent', () => {
    const constraint = (pseudo: 'hostname' | 'region' | 'zone', value: string): AttributeConstraint =>
      one({ pseudo }, { type: 'text-equals', value });
    const box = allocator({ domain: { region: 'eu', zone: 'eu-1' } });
    const group = [constraint('hostname', 'h1'), constraint('region', 'eu'), constraint('zone', 'eu-2')];
    box.framework('f1', ['web'], { offerConstraints: forWeb(group) });
    box.agent('a1', 'cpus:1;mem:32', { hostname: 'h1', domain: { region: 'eu', zone: 'eu-2' } });
    box.agent('a2', 'cpus:1;mem:32', { hostname: 'h1', domain: { region: 'eu', zone: 'eu-1' } });
    box.agent('a3', 'cpus:1;mem:32', { hostname: 'h1' });
    expect(box.run()).toEqual(['f1 a1 as web cpus:1; mem:32']);
  });
});

function everything(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(everything)];
}
