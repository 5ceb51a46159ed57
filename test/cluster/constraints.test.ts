import { describe, expect, it } from 'vitest';
import {
  deserialize,
  explain,
  explainText,
  parseInput,
  serialize,
  v1OfferConstraints,
  type Batch,
  type Input,
} from '../../src/cluster/index.js';
import { excludes, offerConstraints, type ConstraintPredicate, type RoleConstraints } from '../../src/offers/index.js';
import { attributes } from '../../src/resources/index.js';
import { Cluster, cluster } from './harness.js';

/** Only agents whose rack matches, in one role. */
const inRack = (regex: string, role = 'web'): readonly RoleConstraints[] => [
  { role, groups: [[{ selector: { attribute: 'rack' }, predicate: { type: 'text-matches', regex } }]] },
];

function withAgents(): Cluster {
  const box = cluster();
  box.agent('a1', 'cpus:1;mem:32', { attributes: 'rack:r1' });
  box.agent('a2', 'cpus:1;mem:32', { attributes: 'rack:r2' });
  return box;
}

const update = (box: Cluster, more: object): readonly string[] =>
  box.do({ type: 'update-framework', framework: 'f1', connection: 'c-f1', ...more });

const offered = (box: Cluster): readonly string[] => box.offersOf('f1').map(({ agent, role }) => `${agent} as ${role}`);

describe('offer constraints of a framework (CONS-1 … 4)', () => {
  it('hold from its subscription on', () => {
    const box = withAgents();
    box.framework('f1', ['web'], { offerConstraints: inRack('r1') });
    expect(offered(box)).toEqual(['a1 as web']);
    box.framework('f2', ['web']);
    expect(box.offersOf('f2').map(({ agent }) => agent)).toEqual(['a2']);
  });

  it('hold from each update on, also within a batch of inputs', () => {
    const box = withAgents();
    box.framework('f1', ['web'], { offerConstraints: inRack('none') });
    const at = box.now;
    const become = (rack: string): Batch['inputs'][number] => ({
      type: 'update-framework',
      at,
      framework: 'f1',
      connection: 'c-f1',
      offerConstraints: inRack(rack),
    });
    const allocate: Batch['inputs'][number] = { type: 'allocate', at, agents: 'all' };
    box.send({ type: 'batch', inputs: [become('r1'), allocate, become('r2'), allocate] });
    expect(offered(box)).toContain('a2 as web');
  });

  it.each<[string, readonly RoleConstraints[]]>([
    ['of a role that is not its own', inRack('r1', 'db')],
    ['with a regex that is none', inRack('[')],
    ['with a regex that is too complex', inRack('(a+){50}')],
    ['without a group', [{ role: 'web', groups: [] }]],
    ['with an empty group', [{ role: 'web', groups: [[]] }]],
    ['of a role called __proto__', inRack('r1', '__proto__')],
  ])('%s refuse a subscription, and change nothing of one that stands', (_, offerConstraints) => {
    const box = withAgents();
    expect(box.framework('f1', ['web'], { offerConstraints })).toEqual(['error to c-f1: bad-constraints']);
    expect(box.state.frameworks.size).toBe(0);

    box.framework('f1', ['web'], { offerConstraints: inRack('r2') });
    const before = box.state.frameworks.get('f1');
    expect(update(box, { offerConstraints })).toEqual(['rejected update-framework of f1: bad-constraints']);
    expect(box.state.frameworks.get('f1')).toBe(before);
    const again = { type: 'subscribe', framework: 'f1', connection: 'c2', roles: ['web'], offerConstraints } as const;
    expect(box.do(again)).toEqual(['error to c2: bad-constraints']);
    expect(box.state.frameworks.get('f1')).toBe(before);
  });

  it('the answer says where', () => {
    const [output] = withAgents().ask({
      type: 'subscribe',
      connection: 'c1',
      roles: ['web'],
      offerConstraints: inRack('('),
    });
    expect(output).toMatchObject({
      type: 'error',
      message: expect.stringContaining('offerConstraints[0].groups[0][0].predicate.regex'),
    });
  });

  it('that change leave the offers that are out alone', () => {
    const box = withAgents();
    box.framework('f1', ['web'], { offerConstraints: inRack('r1') });
    expect(update(box, { offerConstraints: inRack('r2') })).toEqual([]);
    expect(offered(box)).toEqual(['a1 as web']);
    box.pass(1_000);
    expect(offered(box)).toEqual(['a1 as web', 'a2 as web']);
    // What comes back is not offered again.
    box.declineAll('f1', 0);
    box.pass(1_000);
    expect(offered(box)).toEqual(['a2 as web']);
  });

  it('stay through an update that does not speak of them, and go with their role', () => {
    const box = withAgents();
    box.framework('f1', ['db', 'web'], { offerConstraints: [...inRack('none'), ...inRack('none', 'db')] });
    const roles = (): readonly string[] =>
      box.state.frameworks.get('f1')?.settings.offerConstraints.map(({ role }) => role) ?? [];
    update(box, { name: 'new' });
    expect(roles()).toEqual(['db', 'web']);
    update(box, { roles: ['web'] });
    expect(roles()).toEqual(['web']);
    update(box, { roles: ['db', 'web'] });
    expect(roles()).toEqual(['web']);
    box.pass(1_000);
    expect([...offered(box)].sort()).toEqual(['a1 as db', 'a2 as db']);
    update(box, { offerConstraints: [] });
    expect(roles()).toEqual([]);
  });

  it('are replaced by a new subscription, by none if it names none (FW-4)', () => {
    const box = withAgents();
    box.framework('f1', ['web'], { offerConstraints: inRack('r1') });
    box.do({ type: 'subscribe', framework: 'f1', connection: 'c2', roles: ['web'] });
    box.pass(1_000);
    expect([...offered(box)].sort()).toEqual(['a1 as web', 'a2 as web']);
  });

  it('explain an agent that is not offered', () => {
    const box = withAgents();
    box.send({
      type: 'subscribe',
      framework: 'f1',
      connection: 'c-f1',
      roles: ['web'],
      offerConstraints: inRack('r1'),
    });
    expect(explainText(explain(box.state, { framework: 'f1' }))).toBe(
      'a1 as web: would be offered cpus:1; mem:32 now.\n' +
        "a2 as web: the framework's constraints for web exclude it.",
    );
    expect(explain(box.state, { framework: 'f1', agent: 'a2' }).agents).toEqual([
      { agent: 'a2', role: 'web', reason: { code: 'constraint', role: 'web' } },
    ]);
  });

  it('come before every other reason', () => {
    const box = withAgents();
    box.framework('f1', ['web']);
    box.declineAll('f1', 60);
    update(box, { offerConstraints: inRack('r1') });
    expect(explain(box.state, { framework: 'f1' }).agents.map(({ reason }) => reason.code)).toEqual([
      'filtered',
      'constraint',
    ]);
  });

  it('are saved with the cluster, whatever they are called', () => {
    const box = cluster();
    const predicate: ConstraintPredicate = { type: 'text-equals', value: '{"$table":[]}' };
    const offerConstraints = ['__proto__', 'constructor', '$table'].map((role) => ({
      role,
      groups: [[{ selector: { attribute: role }, predicate }]],
    }));
    box.framework('f1', ['__proto__', 'constructor', '$table'], { offerConstraints });
    expect(box.state.frameworks.get('f1')?.settings.offerConstraints).toHaveLength(3);
    const bytes = [...serialize(box.state)].join('');
    const again = new Cluster(deserialize([bytes]));
    expect([...serialize(again.state)].join('')).toBe(bytes);
    for (const one of [box, again]) {
      one.agent('a1', 'cpus:1;mem:32', {
        attributes: attributes([{ name: '$table', value: { type: 'text', text: predicate.value } }]),
      });
      expect(offered(one)).toEqual(['a1 as $table']);
    }
  });
});

describe('constraints over a wire', () => {
  const subscribe = (offerConstraints: unknown): Input =>
    parseInput({ type: 'subscribe', connection: 'c1', roles: ['web'], offerConstraints }, 0);

  it('are read field by field', () => {
    const offerConstraints = inRack('r1');
    const read = subscribe(offerConstraints);
    expect(read).toEqual({ type: 'subscribe', at: 0, connection: 'c1', roles: ['web'], offerConstraints });
    expect('offerConstraints' in read && read.offerConstraints).not.toBe(offerConstraints);
  });

  it.each<[unknown, string]>([
    [{}, 'offerConstraints'],
    [['web'], 'offerConstraints[0]'],
    [[{ role: 'web' }], 'offerConstraints[0].groups'],
    [[{ role: 'web', groups: [{}] }], 'offerConstraints[0].groups[0]'],
    [[{ role: 'web', groups: [[{ selector: 'rack' }]] }], 'offerConstraints[0].groups[0][0].selector'],
    [[{ role: 'web', groups: [[{ predicate: { regex: 1 } }]] }], 'offerConstraints[0].groups[0][0].predicate.regex'],
  ])('%o has the wrong shape', (offerConstraints, path) => {
    expect(() => subscribe(offerConstraints)).toThrow(expect.objectContaining({ name: 'InputError', path }));
  });

  it('what has the shape but no meaning is for the master to answer', () => {
    const box = cluster();
    const { at: _, ...input } = subscribe([{ role: 'web', groups: [[{}]] }]);
    expect(box.send(input as Parameters<Cluster['send']>[0])).toEqual(['error to c1: bad-constraints']);
  });
});

describe('constraints of the v1 API', () => {
  const v1 = (constraint: unknown): unknown => ({ web: { groups: [{ attribute_constraints: [constraint] }] } });
  const exists = { predicate: { exists: {} } };
  const rack = { selector: { attribute_name: 'rack' } };

  it.each<[unknown, unknown]>([
    [
      { ...rack, ...exists },
      { selector: { attribute: 'rack' }, predicate: { type: 'exists' } },
    ],
    [
      { selector: { pseudoattribute_type: 'HOSTNAME' }, predicate: { not_exists: {} } },
      { selector: { pseudo: 'hostname' }, predicate: { type: 'not-exists' } },
    ],
    [
      { selector: { pseudoattribute_type: 'REGION' }, predicate: { text_not_equals: { value: 'eu' } } },
      { selector: { pseudo: 'region' }, predicate: { type: 'text-not-equals', value: 'eu' } },
    ],
    [
      { ...rack, predicate: { text_not_matches: { regex: 'r.' } } },
      { selector: { attribute: 'rack' }, predicate: { type: 'text-not-matches', regex: 'r.' } },
    ],
  ])('%o', (written, own) => {
    expect(v1OfferConstraints(v1(written))).toEqual([{ role: 'web', groups: [[own]] }]);
  });

  it('keep the order of groups, and roles called whatever', () => {
    const group = (name: string): unknown => ({
      attribute_constraints: [{ selector: { attribute_name: name }, ...exists }],
    });
    const json = JSON.parse('{"__proto__": {"groups": []}, "web": {"groups": []}}') as Record<string, object>;
    const entries = Object.entries(json).map(([role]) => [role, { groups: [group('x'), group('y')] }]);
    const read = offerConstraints(v1OfferConstraints(Object.fromEntries(entries)));
    expect(read.map(({ role }) => role)).toEqual(['__proto__', 'web']);
    expect(excludes(read, '__proto__', { attributes: 'y:1', hostname: 'h' })).toBe(false);
    expect(excludes(read, '__proto__', { attributes: 'z:1', hostname: 'h' })).toBe(true);
  });

  it.each<[unknown, string]>([
    [v1({ ...rack }), 'is not set'],
    [v1({ ...rack, predicate: {} }), 'is not set'],
    [v1({ ...rack, predicate: { matches: {} } }), 'There is no such predicate'],
    [v1({ ...rack, predicate: { exists: {}, not_exists: {} } }), 'Only one of'],
    [v1({ ...exists }), 'Exactly one of'],
    [v1({ selector: {}, ...exists }), 'Exactly one of'],
    [v1({ selector: { pseudoattribute_type: 'UNKNOWN' }, ...exists }), 'hostname, region, zone'],
    [v1(3), 'must be an object'],
    [{ web: {} }, "There is no group for role 'web'"],
    [{ web: { groups: [{}] } }, 'The group is empty'],
    [{ web: { groups: {} } }, 'must be a list'],
    [[], 'must be an object'],
  ])('%o is refused', (json, message) => {
    const read = (): unknown => offerConstraints(v1OfferConstraints(json));
    expect(read).toThrow(expect.objectContaining({ name: 'InputError', code: 'bad-constraints' }));
    expect(read).toThrow(message);
  });
});
