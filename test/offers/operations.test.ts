import { describe, expect, it } from 'vitest';
import { validateOperation, type OfferOperation, type OperationContext } from '../../src/offers/index.js';
import { resources, type ResourceInput } from '../../src/resources/index.js';
import { agentCapabilities, frameworkCapabilities } from '../../src/tasks/index.js';

const operator: OperationContext = { framework: null, agentCapabilities };
const framework: OperationContext = {
  framework: { id: 'f1', roles: ['db', 'db/dev'], capabilities: frameworkCapabilities },
  role: 'db',
  agentCapabilities,
};

const { role: _role, ...withoutOffer } = framework;

function dynamic(role: string, more: Partial<ResourceInput> & { readonly principal?: string } = {}): ResourceInput {
  const { principal, ...rest } = more;
  const reservation = { type: 'dynamic', role, ...(principal === undefined ? {} : { principal }) } as const;
  return { name: 'cpus', value: 8, reservations: [reservation], ...rest };
}

function volume(id: string, more: Partial<ResourceInput> = {}): ResourceInput {
  return { name: 'disk', value: 64, role: 'db', disk: { id, path: 'data' }, ...more };
}

function dynamicVolume(role: string): ResourceInput {
  return { name: 'disk', value: 64, reservations: [{ type: 'dynamic', role }], disk: { id: 'v1', path: 'data' } };
}

const refined = {
  name: 'cpus',
  value: 8,
  reservations: [
    { type: 'static', role: 'db' },
    { type: 'dynamic', role: 'db/dev' },
  ],
} as const;

type Row = readonly [claim: string, operation: OfferOperation, context: OperationContext, message?: string];

function told(rows: readonly Row[]): void {
  for (const [claim, operation, context, message] of rows) {
    it(claim, () => {
      const problem = validateOperation(operation, context);
      if (message === undefined) expect(problem).toBeUndefined();
      else expect(problem?.message).toContain(message);
    });
  }
}

describe('RESERVE (RSV-2, RSV-5)', () => {
  const reserve = (item: ResourceInput | string): OfferOperation => ({ type: 'reserve', resources: item });
  const inRole = (role: string): OperationContext => ({ ...framework, role });
  told([
    ['a framework reserves to the role of its offer', reserve(dynamic('db')), framework],
    ['and may say so', reserve(dynamic('db', { allocated: 'db' })), framework],
    ['not to another one', reserve(dynamic('web')), framework, "the resource was allocated to role 'db'"],
    [
      'not to one that it left',
      reserve(dynamic('web')),
      inRole('web'),
      "the framework only has roles '{ db, db/dev }'",
    ],
    [
      'not what it says was offered to another role',
      reserve(dynamic('db/dev', { allocated: 'db/dev' })),
      framework,
      "while the offer is for role 'db'",
    ],
    ['without an offer it reserves nothing', reserve(dynamic('db')), withoutOffer, 'unallocated'],
    ['the operator reserves what nobody holds', reserve(dynamic('anything')), operator],
    ['and nothing else', reserve(dynamic('db', { allocated: 'db' })), operator, 'with an allocated resource'],
    ['nothing can be reserved to *', reserve(dynamic('*')), operator, 'role "*" cannot be reserved'],
    ['not statically', reserve('cpus(db):1'), operator, 'is not dynamically reserved'],
    ['not revocable', reserve(dynamic('db', { revocable: true })), operator, 'from revocable resources'],
    ['not nothing', reserve(''), operator, 'names no resources'],
    ['not without sense', { type: 'reserve', resources: 7 as unknown as string }, operator, 'Expecting'],
    ['a refinement', reserve(refined), inRole('db/dev')],
    [
      'not a refinement for an old agent',
      reserve(refined),
      { ...inRole('db/dev'), agentCapabilities: ['hierarchical-role'] },
      'with reservation refinement cannot be reserved on an agent without RESERVATION_REFINEMENT',
    ],
    [
      'not a role below a role for an older one',
      reserve(dynamic('db/dev')),
      { ...inRole('db/dev'), agentCapabilities: [] },
      "hierarchical role 'db/dev' cannot be reserved on an agent without HIERARCHICAL_ROLE",
    ],
    [
      'not from two providers',
      { type: 'reserve', resources: [dynamic('db', { provider: 'one' }), dynamic('db', { provider: 'two' })] },
      framework,
      'multiple resource providers',
    ],
    ['its principal signs', reserve(dynamic('db', { principal: 'p' })), { ...framework, principal: 'p' }],
    ['always', reserve(dynamic('db')), { ...framework, principal: 'p' }, 'with no principal set'],
    [
      'with its own name',
      reserve(dynamic('db', { principal: 'q' })),
      { ...framework, principal: 'p' },
      "principal 'q'",
    ],
    ['without one any name will do', reserve(dynamic('db', { principal: 'q' })), framework],
  ]);
});

describe('a re-reservation (RSV-5)', () => {
  const other = dynamic('web');
  told([
    ['is for the operator', { type: 'reserve', resources: other, source: dynamic('db') }, operator],
    ['only', { type: 'reserve', resources: dynamic('db'), source: other }, framework, 'not allowed'],
    [
      'of the same amounts',
      { type: 'reserve', resources: other, source: { ...other, value: 4 } },
      operator,
      'the same',
    ],
    [
      'from one stack',
      { type: 'reserve', resources: [other, dynamic('web', { name: 'mem' })], source: [other, 'mem:8'] },
      operator,
      'Mixed reservations',
    ],
    [
      'not from a static one',
      { type: 'reserve', resources: other, source: 'cpus(db):8' },
      operator,
      'static reservation',
    ],
    ['down to a static one', { type: 'reserve', resources: refined, source: 'cpus(db):8' }, operator],
    [
      'not under a volume',
      {
        type: 'reserve',
        source: dynamicVolume('db'),
        resources: dynamicVolume('web'),
      },
      operator,
      'destroy the persistent volume first',
    ],
  ]);
});

describe('UNRESERVE (RSV-3)', () => {
  const unreserve = (item: ResourceInput | string): OfferOperation => ({ type: 'unreserve', resources: item });
  told([
    ['takes a dynamic reservation away', unreserve(dynamic('db')), framework],
    ["be it somebody else's", unreserve(dynamic('db', { principal: 'q' })), { ...framework, principal: 'p' }],
    ['not a static one', unreserve('cpus(db):1'), operator, 'is not dynamically reserved'],
    ['not from under a volume', unreserve(dynamicVolume('db')), operator, 'Please destroy the persistent volume first'],
    [
      'not of another role',
      unreserve(dynamic('db', { allocated: 'db/dev' })),
      framework,
      'while the offer is for role',
    ],
  ]);
});

describe('CREATE (VOL-1, SHARE-1)', () => {
  const create = (...volumes: ResourceInput[]): OfferOperation => ({ type: 'create', volumes });
  const incapable: OperationContext = { ...framework, framework: { roles: ['db'], capabilities: [] } };
  told([
    ['makes a volume of reserved disk', create(volume('v1')), framework],
    ['not of plain disk', create(volume('v1', { role: '*' })), framework, 'from unreserved resources'],
    ['not of revocable disk', create(volume('v1', { revocable: true })), framework, 'from revocable resources'],
    ['not of cpus', create({ name: 'cpus', value: 1, role: 'db' }), framework, 'Not a persistent volume'],
    ['with an id', create(volume('a/b')), framework, 'invalid characters'],
    ['that nobody has', create(volume('v1')), { ...framework, checkpointed: resources(volume('v1')) }, 'not unique'],
    ['and that is named once', create(volume('v1'), volume('v1', { value: 1 })), framework, 'not unique'],
    [
      'but for another role',
      create(volume('v1')),
      { ...framework, checkpointed: resources(volume('v1', { role: 'w' })) },
    ],
    ['that is written', create(volume('v1', { disk: { id: 'v1', path: 'p', mode: 'ro' } })), framework, 'Read-only'],
    ['inside', create(volume('v1', { disk: { id: 'v1', path: 'p', hostPath: 'h' } })), framework, 'host_path'],
    ['shared by those who know how', create(volume('v1', { shared: true })), framework],
    ['and by nobody else', create(volume('v1', { shared: true })), incapable, 'with no SHARED_RESOURCES capability'],
    ['the operator knows', create(volume('v1', { shared: true })), operator],
    ['in one copy', create(volume('v1', { shared: 2 })), operator, 'created once'],
    ['signed', create(volume('v1')), { ...framework, principal: 'p' }, 'no principal set'],
    [
      'by its owner',
      create(volume('v1', { disk: { id: 'v1', path: 'p', principal: 'q' } })),
      { ...framework, principal: 'p' },
      "principal 'q' set",
    ],
  ]);
});

describe('DESTROY (VOL-2)', () => {
  const destroy: OfferOperation = { type: 'destroy', volumes: volume('v1') };
  const there: OperationContext = { ...framework, checkpointed: resources([volume('v1'), volume('v2')]) };
  const usedBy = (id: string): OperationContext => ({
    ...there,
    usedByFramework: new Map([['f2', resources(['cpus:1', volume(id, { allocated: 'db' })])]]),
  });
  told([
    ['takes a volume that is there', destroy, there],
    ['not one that is not', destroy, framework, 'Persistent volumes not found'],
    ['not one in use, by whomever', destroy, usedBy('v1'), 'Persistent volumes in use'],
    ['one beside it', destroy, usedBy('v2')],
    ['not disk', { type: 'destroy', volumes: 'disk(db):64' }, there, 'Not a persistent volume'],
    ['of a provider it is not asked', { type: 'destroy', volumes: volume('v1', { provider: 'one' }) }, framework],
  ]);
});

describe('GROW_VOLUME and SHRINK_VOLUME (VOL-3)', () => {
  const grow = (item: ResourceInput, addition: ResourceInput | string): OfferOperation => ({
    type: 'grow-volume',
    volume: item,
    addition,
  });
  const shrink = (item: ResourceInput, by: number): OfferOperation => ({
    type: 'shrink-volume',
    volume: item,
    subtract: by,
  });
  const old: OperationContext = { ...framework, agentCapabilities: [] };
  const mounted = { source: { type: 'mount', root: 'm' } } as const;
  const onMount = volume('v1', { disk: { id: 'v1', path: 'p', ...mounted } });
  told([
    ['by disk reserved alike', grow(volume('v1'), 'disk(db):8'), framework],
    ['not otherwise', grow(volume('v1'), 'disk(web):8'), framework, 'Incompatible resources'],
    ['not by nothing', grow(volume('v1'), 'disk(db):0'), framework, 'names no resources'],
    ['not shared', grow(volume('v1', { shared: true }), 'disk(db):8'), framework, 'shared'],
    ['not on a mount', grow(onMount, { name: 'disk', value: 8, role: 'db', disk: mounted }), framework, 'MOUNT'],
    ['not on an old agent', grow(volume('v1'), 'disk(db):8'), old, 'cannot be grown on an agent without RESIZE_VOLUME'],
    ['by less than there is', shrink(volume('v1'), 63.999), framework],
    ['not by all', shrink(volume('v1'), 64), framework, 'must be less'],
    ['not by nothing', shrink(volume('v1'), 0), framework, 'must be positive'],
    ['not by what rounds to nothing', shrink(volume('v1'), 0.0001), framework, 'must be positive'],
    ['not by what is no number', shrink(volume('v1'), NaN), framework, 'must be positive'],
    ['not beyond all numbers', shrink(volume('v1'), 1e308), framework, ''],
    ['not on an old agent', shrink(volume('v1'), 1), old, 'cannot be shrunk on an agent without RESIZE_VOLUME'],
    ['not of a provider', shrink(volume('v1', { provider: 'one' }), 1), framework, 'resource provider'],
  ]);
});

describe('CREATE_DISK and DESTROY_DISK (VAL-14)', () => {
  const raw = (more: object = {}): ResourceInput => ({
    name: 'disk',
    value: 10,
    provider: 'one',
    disk: { source: { type: 'raw', ...more } },
  });
  told([
    [
      'of a raw disk with a profile',
      { type: 'create-disk', source: raw({ profile: 'p' }), targetType: 'mount' },
      operator,
    ],
    [
      'or with one that is given',
      { type: 'create-disk', source: raw(), targetType: 'block', targetProfile: 'p' },
      operator,
    ],
    ['not without', { type: 'create-disk', source: raw(), targetType: 'block' }, operator, 'must be set when'],
    [
      'not to a path',
      { type: 'create-disk', source: raw({ profile: 'p' }), targetType: 'path' as 'mount' },
      operator,
      'neither MOUNT or BLOCK',
    ],
    ['one thing at a time', { type: 'create-disk', source: '', targetType: 'mount' }, operator, 'Expecting one item'],
    ['a disk with an id goes', { type: 'destroy-disk', source: raw({ id: 'd1' }) }, operator],
    ['one without is none', { type: 'destroy-disk', source: raw() }, operator, 'not backed by a CSI volume'],
    [
      'plain disk is none',
      { type: 'destroy-disk', source: { name: 'disk', value: 1, provider: 'one' } },
      operator,
      'neither',
    ],
  ]);
});

it('an operation that nobody knows is a problem, not an exception', () => {
  expect(validateOperation({ type: 'explode' } as unknown as OfferOperation, operator)?.code).toBe('unknown-operation');
});
