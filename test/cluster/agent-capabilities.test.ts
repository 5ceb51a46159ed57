/** What an agent can't be asked for when it does not say that it understands it (AG-12). */
import { describe, expect, it } from 'vitest';
import { explain, type OperationLike } from '../../src/cluster/index.js';
import type { ResourcesLike } from '../../src/resources/index.js';
import { agentCapabilities, type AgentCapability } from '../../src/tasks/index.js';
import { cluster, task, type Cluster } from './harness.js';

const all = agentCapabilities.filter((name) => name !== 'resource-provider' && name !== 'agent-operation-feedback');

/** A cluster with one agent that understands `capabilities`, offered to `f1`. */
function withAgent(capabilities: readonly AgentCapability[], roles: readonly string[], has: ResourcesLike): Cluster {
  const box = cluster();
  box.send({ type: 'register', agent: 'a1', resources: has, capabilities });
  box.framework('f1', roles, { capabilities: ['multi-role', 'reservation-refinement', 'shared-resources'] });
  return box;
}

const offered = (box: Cluster): boolean => box.offersOf('f1').length > 0;
const why = (box: Cluster): string => explain(box.state, { framework: 'f1' }).counts[0]?.code ?? '';

const reserved = (...roles: readonly string[]) => [
  { name: 'cpus', value: 1, reservations: roles.map((role) => ({ type: 'dynamic' as const, role })) },
];
const disk = (value: number) => [{ name: 'disk', value, role: 'a', disk: { id: 'v', path: 'p' } }] as const;

/** What becomes of an operation by the operator: done, or the code of the refusal. */
function operated(box: Cluster, input: Parameters<Cluster['send']>[0]): string {
  try {
    box.send(input);
    return 'done';
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

/** What becomes of an operation of the framework. */
function accepted(box: Cluster, operation: OperationLike): string {
  const ids = box.offersOf('f1').map(({ id }) => id);
  const lines = box.accept('f1', ids, [operation], { refuseSeconds: 0 });
  return lines.find((line) => line.startsWith('operation of')) ?? (lines.length > 0 ? 'sent' : 'nothing');
}

type Row = readonly [
  missing: AgentCapability,
  forbids: string,
  does: (box: Cluster) => unknown,
  roles: readonly string[],
  has: ResourcesLike,
  withIt: unknown,
  withoutIt: unknown,
];

const rows: readonly Row[] = [
  ['multi-role', 'offers to frameworks with several roles', offered, ['a'], 'cpus:4', true, false],
  ['hierarchical-role', 'offers in roles below roles', offered, ['a/b'], 'cpus:4', true, false],
  [
    'hierarchical-role',
    'reservations to roles below roles',
    (box) => operated(box, { type: 'reserve', agent: 'a1', resources: reserved('a/b') }),
    ['z'],
    'cpus:4',
    'done',
    'agent-incapable',
  ],
  [
    'reservation-refinement',
    'reservations on reservations',
    (box) => operated(box, { type: 'reserve', agent: 'a1', resources: reserved('a', 'a/b') }),
    ['z'],
    reserved('a'),
    'done',
    'agent-incapable',
  ],
  ['reservation-refinement', 'offers of what is so reserved', offered, ['a/b'], reserved('a', 'a/b'), true, false],
  [
    'resize-volume',
    'larger volumes',
    (box) => operated(box, { type: 'grow-volume', agent: 'a1', volume: disk(10), addition: 'disk(a):5' }),
    ['z'],
    ['disk(a):50', ...disk(10)],
    'done',
    'agent-incapable',
  ],
  [
    'resize-volume',
    'smaller volumes',
    (box) => operated(box, { type: 'shrink-volume', agent: 'a1', volume: disk(10), subtract: 5 }),
    ['z'],
    ['disk(a):50', ...disk(10)],
    'done',
    'agent-incapable',
  ],
  [
    'agent-draining',
    'a bound on the grace of tasks while it is drained',
    (box) => operated(box, { type: 'drain', agent: 'a1', maxGraceMs: 5_000 }),
    ['a'],
    'cpus:4',
    'done',
    'agent-incapable',
  ],
  [
    'task-resource-limits',
    'limits on what tasks may use',
    (box) => box.launch('f1', 'a1', [task('t1', 'cpus:1', { limits: { cpus: 2 } })])[0]?.includes('launch'),
    ['a'],
    'cpus:4',
    true,
    false,
  ],
];

describe('an agent without a capability', () => {
  it.each(rows)('%s: no %s', (missing, _, does, roles, has, withIt, withoutIt) => {
    expect(does(withAgent(all, roles, has))).toBe(withIt);
    expect(
      does(
        withAgent(
          all.filter((name) => name !== missing),
          roles,
          has,
        ),
      ),
    ).toBe(withoutIt);
  });

  it.each<AgentCapability>(['resource-provider', 'agent-operation-feedback'])(
    '%s: no word on operations, so none by name (ACC-9)',
    (missing) => {
      const operation = { type: 'reserve', id: 'o1', resources: reserved('a') } as const;
      const unnamed = { type: 'reserve', resources: reserved('a') } as const;
      const full = withAgent(agentCapabilities, ['a'], 'cpus:4');
      expect(accepted(full, operation)).not.toContain('error');
      const less = agentCapabilities.filter((name) => name !== missing);
      expect(accepted(withAgent(less, ['a'], 'cpus:4'), operation)).toBe('operation of f1: o1 error');
      expect(accepted(withAgent(less, ['a'], 'cpus:4'), unnamed)).toBe('sent');
    },
  );

  it('is drained all the same, with the graces of its tasks', () => {
    const box = withAgent([], ['a'], 'cpus:4');
    expect(operated(box, { type: 'drain', agent: 'a1' })).toBe('done');
  });

  it.each<[readonly AgentCapability[], readonly string[], ResourcesLike, string]>([
    [[], ['a'], 'cpus:4', 'agent-without-multi-role'],
    [['multi-role'], ['a/b'], 'cpus:4', 'agent-without-hierarchical-role'],
    [['multi-role', 'hierarchical-role'], ['a/b'], reserved('a', 'a/b'), 'agent-without-reservation-refinement'],
  ])('with %s says why it is not offered', (capabilities, roles, has, code) => {
    expect(why(withAgent(capabilities, roles, has))).toBe(code);
  });

  it('has the rest of what it has offered', () => {
    const box = withAgent(['multi-role', 'hierarchical-role'], ['a/b'], ['mem:64', ...reserved('a', 'a/b')]);
    expect(box.offersOf('f1').map(({ resources }) => String(resources))).toEqual(['mem:64']);
  });

  it('gets what it was kept from once it says that it understands', () => {
    const box = withAgent([], ['a'], 'cpus:4');
    expect(box.do({ type: 'update-agent', agent: 'a1', capabilities: all })).toEqual([
      'offers to f1: m-O0 a1 as a cpus:4',
    ]);
  });
});
