import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declinedCluster, freeCluster, offeredCluster } from '../../bench/clusters.js';
import { runWorkload, type WorkloadOptions } from '../../bench/index.js';
import { checksumOf } from '../../bench/peers/check.js';
import { limitOf } from '../../bench/peers/limit.js';
import { luckOf } from '../../bench/peers/luck.js';
import { NaiveAllocator, type NaiveOffer } from '../../bench/peers/naive.js';
import { textOf } from '../../bench/peers/amounts.js';
import { Lucks, RadixSort } from '../../src/offers/shuffle.js';
import { settle } from '../../bench/sizes.js';
import { usedCluster } from '../../bench/workloads/decline-offers.js';
import { quotaCluster } from '../../bench/workloads/large-small-quota.js';
import {
  emptyCluster,
  mesosDefaults,
  offers,
  transition,
  type ClusterState,
  type Input,
  type Output,
} from '../../src/cluster/index.js';
import { drf, fifo } from '../../src/drf/index.js';
import { planRun } from '../../src/offers/index.js';
import {
  amount,
  attributes,
  hashText,
  mix,
  names,
  quantitiesFromScalarResources,
  resources,
} from '../../src/resources/index.js';

/** Few and even sizes, so that shares tie; one too small to be offered at all. */
const sizes = [
  'cpus:2;mem:64',
  'cpus:2;mem:64',
  'cpus:4;mem:128',
  'cpus:3;mem:192;disk:10',
  'mem:64',
  'mem:8',
] as const;
const ports = 'ports:[100-109, 120-124]';
/** Some begin with all of another, and are not below it. */
const roles = ['a', 'b', 'ab', 'a/x', 'a/xy', 'c/x', 'c/y/z', '*'] as const;
const topRoles = ['a', 'b', 'c', '*'] as const;
const seconds = [0, 1, 2, 5, 3_600, undefined] as const;

interface Plan {
  readonly seed: number;
  readonly weights: readonly (readonly [role: string, weight: number])[];
  readonly frameworks: readonly (readonly string[])[];
  readonly agents: readonly { readonly size: string; readonly ports: boolean; readonly tasks: readonly number[] }[];
  readonly quotas: readonly {
    readonly role: string;
    readonly cpus: number;
    readonly mem: number;
    readonly limit: number;
  }[];
  readonly steps: readonly Step[];
}

type Step =
  | { readonly type: 'run'; readonly later: number }
  | { readonly type: 'decline'; readonly every: number; readonly seconds: number | undefined }
  | { readonly type: 'agent'; readonly size: string };

const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(),
  weights: fc.array(fc.tuple(fc.constantFrom(...roles, 'c'), fc.constantFrom(2, 0.5, 3, 1.001)), { maxLength: 3 }),
  frameworks: fc.array(fc.uniqueArray(fc.constantFrom(...roles), { minLength: 1, maxLength: 2 }), {
    minLength: 1,
    maxLength: 6,
  }),
  agents: fc.array(
    fc.record({
      size: fc.constantFrom(...sizes),
      ports: fc.boolean(),
      tasks: fc.array(fc.nat({ max: 5 }), { maxLength: 2 }),
    }),
    { maxLength: 8 },
  ),
  quotas: fc.constant([]),
  steps: fc.array(
    fc.oneof(
      fc.record({ type: fc.constant('run' as const), later: fc.integer({ min: 1, max: 3 }) }),
      fc.record({
        type: fc.constant('decline' as const),
        every: fc.integer({ min: 1, max: 3 }),
        seconds: fc.constantFrom(...seconds),
      }),
      fc.record({ type: fc.constant('agent' as const), size: fc.constantFrom(...sizes) }),
    ),
    { minLength: 1, maxLength: 10 },
  ),
});

const quotas = fc.uniqueArray(
  fc.record({
    role: fc.constantFrom(...topRoles),
    cpus: fc.integer({ min: 0, max: 6 }),
    mem: fc.constantFrom(0, 32, 64, 256),
    limit: fc.integer({ min: 0, max: 2 }),
  }),
  { selector: ({ role }) => role, minLength: 1, maxLength: 3 },
);

/** `f`, `ff`, `fff` …: each begins with all of the one before. */
function nameOf(framework: number): string {
  return 'f'.repeat(framework + 1);
}

/** A cluster as a plan says, before its first run; what is set comes first, as it takes offers back. */
class Box {
  state: ClusterState;
  now = 0;

  constructor({ seed, weights, frameworks, agents, quotas: guaranteed }: Plan) {
    this.state = emptyCluster({ ...mesosDefaults, seed });
    for (const [role, weight] of weights) this.tell({ type: 'set-weight', at: 0, role, weight });
    for (const [n, own] of frameworks.entries())
      this.tell({
        type: 'subscribe',
        at: 0,
        connection: `c-${nameOf(n)}`,
        framework: nameOf(n),
        name: 'f',
        roles: own,
      });
    for (const [n, { size, ports: withPorts, tasks }] of agents.entries()) {
      this.tell({
        type: 'reregister',
        at: 0,
        agent: `s${n}`,
        resources: withPorts ? `${size};${ports}` : size,
        attributes: 'zone:a',
        tasks: tasks.map((owner, index) => {
          const framework = owner % frameworks.length;
          const port = withPorts ? `;ports:[${101 + 3 * index}-${102 + 3 * index}]` : '';
          const role = frameworks[framework]?.[0] ?? '*';
          return {
            framework: nameOf(framework),
            id: `t${n}.${index}`,
            role,
            resources: `mem:4${port}`,
            state: 'running',
          };
        }),
      });
    }
    const asked = guaranteed.map(({ role, cpus, mem, limit }) => ({
      role,
      guarantees: { cpus, mem },
      limits: limit === 0 ? {} : limit === 1 ? { cpus, mem } : { cpus: cpus + 1 },
    }));
    if (asked.length > 0) this.tell({ type: 'set-quota', at: 0, quotas: asked, force: true });
  }

  tell(input: Input): readonly Output[] {
    const [next, outputs] = transition(this.state, input);
    this.state = next;
    return outputs;
  }

  /** Every offer but some; by framework. */
  someOffers(every: number): ReadonlyMap<string, readonly string[]> {
    const chosen = offers(this.state).filter((_, n) => n % every === 0);
    return new Map(
      chosen.map(({ framework }) => [
        framework,
        chosen.flatMap((offer) => (offer.framework === framework ? offer.id : [])),
      ]),
    );
  }

  decline(
    every: number,
    refuseSeconds: number | undefined,
    also: (ids: readonly string[]) => void = () => undefined,
  ): void {
    for (const [framework, ids] of this.someOffers(every)) {
      const connection = `c-${framework}`;
      const refuse = refuseSeconds === undefined ? {} : { refuseSeconds };
      this.tell({ type: 'decline', at: this.now, framework, connection, offers: ids, ...refuse });
      also(ids);
    }
  }
}

/** Plays a plan to the library and to the rival; what each offered, run by run, and how many offers there were. */
function playBoth(plan: Plan): { readonly ours: string[]; readonly theirs: string[]; readonly made: number } {
  const box = new Box(plan);
  const naive = NaiveAllocator.of(box.state);
  if (naive === undefined) throw new Error('the rival does not know what is in this cluster');
  const ours: string[] = [];
  const theirs: string[] = [];
  let made = 0;
  const run = (agents: 'requested' | 'all'): void => {
    const outputs = box.tell({ type: 'allocate', at: box.now, agents });
    ours.push(
      JSON.stringify(
        outputs.flatMap((output) => (output.type === 'offers' ? [[output.framework, output.offers]] : [])),
      ),
    );
    const other = naive.allocate(agents, box.now);
    theirs.push(JSON.stringify([...other].map(([framework, list]) => [framework, list.map(asWritten)])));
    made += [...other.values()].flat().length;
  };
  for (const step of [...plan.steps, { type: 'run', later: 1 } as const]) {
    if (step.type === 'run') {
      box.now += step.later * 1_000;
      run('all');
    } else if (step.type === 'decline') {
      box.decline(step.every, step.seconds, (ids) => naive.decline(ids, step.seconds, box.now));
    } else {
      const id = `late${ours.length}`;
      box.tell({ type: 'register', at: box.now, agent: id, resources: step.size });
      naive.addAgent(id, resources(step.size), attributes(''));
      run('requested');
    }
  }
  return { ours, theirs, made };
}

function asWritten(offer: NaiveOffer): object {
  return { ...offer, resources: textOf(offer.resources) };
}

describe('the naive rival', () => {
  it('offers what the library offers, byte for byte: weights, ties, roles below roles, filters that end, run after run', () => {
    let made = 0;
    fc.assert(
      fc.property(plans, (plan) => {
        const both = playBoth(plan);
        made += both.made;
        expect(both.theirs).toEqual(both.ours);
      }),
      { numRuns: 600 },
    );
    expect(made).toBeGreaterThan(3_000);
  });

  it('so too with guarantees and limits of top-level roles', () => {
    let made = 0;
    fc.assert(
      fc.property(plans, quotas, (plan, guaranteed) => {
        const both = playBoth({ ...plan, quotas: guaranteed });
        made += both.made;
        expect(both.theirs).toEqual(both.ours);
      }),
      { numRuns: 600 },
    );
    expect(made).toBeGreaterThan(2_000);
  });
});

const sizesOf = (given: Partial<WorkloadOptions>): WorkloadOptions => {
  return { ...settle({ agents: 120, frameworks: 30, ...given }), seed: 7, policy: drf, compare: [] };
};

/** The clusters that the workloads start with; {@link sizesOf} says how large. */
const clusters: readonly (readonly [name: string, state: () => ClusterState])[] = [
  ['free, own roles', () => freeCluster(sizesOf({})).state],
  ['free, two levels', () => freeCluster(sizesOf({ layout: 'two-level' })).state],
  ['free, ten roles', () => freeCluster(sizesOf({ roles: 10 })).state],
  ['offered', () => offeredCluster(sizesOf({})).state],
  ['declined but for 1 %', () => declinedCluster(sizesOf({}), 'one-percent').state],
  ['declined', () => declinedCluster(sizesOf({}), 'nobody').state],
  ['with tasks and fragments of ports', () => usedCluster(sizesOf({ roles: 1 })).state],
  ['with quotas', () => quotaCluster(sizesOf({ agents: 30 })).state],
];

describe('in the clusters of the workloads', () => {
  it.each(clusters)('%s: the naive rival offers what the library offers', (_, made) => {
    const state = made();
    const naive = NaiveAllocator.of(state);
    const at = state.now + 1_000;
    const [, outputs] = transition(state, { type: 'allocate', at, agents: 'all' });
    const theirs = [...(naive?.allocate('all', at).values() ?? [])].map((list) => list.map(asWritten));
    const ours = outputs.flatMap((output) => (output.type === 'offers' ? [output.offers] : []));
    expect(JSON.stringify(theirs)).toBe(JSON.stringify(ours));
    expect(naive).toBeDefined();
  });

  it.each(clusters.filter(([name]) => /^free|^with quotas/.test(name)))('%s: so does the limit', (_, made) => {
    expect(expectLimitToAgree(made())).toBeGreaterThan(0);
  });
});

describe('ratios', () => {
  function rivalsOf(name: string, given: Partial<WorkloadOptions>): Readonly<Record<string, readonly string[]>> {
    const rows = runWorkload(name, { agents: 30, frameworks: 6, runs: 1, compare: ['naive', 'limit'], ...given });
    return Object.fromEntries(
      rows.map(({ phase, ratio }) => [phase, Object.entries(ratio).flatMap(([peer, n]) => (n === null ? [] : peer))]),
    );
  }

  it('are there for each phase that a rival knows, and null for the others', () => {
    const both = ['naive', 'limit'];
    expect(rivalsOf('full-cycle', {})).toEqual({ cycle: both, cold: [] });
    expect(rivalsOf('idle-cycle', {})).toEqual({ cycle: ['naive'] });
    expect(rivalsOf('one-agent', {})).toEqual({ cycle: ['naive'], batch: ['naive'] });
    expect(rivalsOf('declined-cycle', {})).toEqual({ cycle: ['naive'], closed: ['naive'], after: ['naive'], heap: [] });
    expect(rivalsOf('decline-offers', {})).toEqual({
      cycle: ['naive'],
      decline: ['naive'],
      'decline-framework': ['naive'],
    });
    expect(rivalsOf('large-small-quota', {})).toEqual({ first: both, empty: both });
    expect(rivalsOf('inputs', {})).toEqual({ mixed: [] });
  });

  it('are not there when the policy is none that rivals know, or nobody asked', () => {
    expect(rivalsOf('full-cycle', { policy: fifo })).toEqual({ cycle: [], cold: [] });
    expect(rivalsOf('full-cycle', { compare: ['limit'] })).toEqual({ cycle: ['limit'], cold: [] });
  });
});

/** What the library would grant now, in order, stage by stage. */
function grantsOf({ allocator }: ClusterState): ReturnType<typeof planRun>['grants'] {
  return planRun(allocator, allocator.agents.values(), drf).grants;
}

function expectLimitToAgree(state: ClusterState): number {
  const limit = limitOf(state);
  if (limit === undefined) throw new Error('the limit does not know what is in this cluster');
  const grants = grantsOf(state);
  const checked = grants.map(({ agent, framework, role, resources: granted }) => {
    const scalars = quantitiesFromScalarResources(granted);
    const milli = names(scalars).reduce((sum, name) => sum + amount(scalars, name), 0);
    return { agent, framework, role, milli };
  });
  const expected = { offers: grants.length, checksum: checksumOf(checked) };
  expect(limit.run()).toEqual(expected);
  limit.reset();
  expect(limit.run(), 'after it was put back').toEqual(expected);
  return grants.length;
}

/** Plays a plan without ports or filters, and looks at the state before each run. */
function playToLimit(plan: Plan): number {
  const box = new Box({ ...plan, agents: plan.agents.map((agent) => ({ ...agent, ports: false })) });
  let made = expectLimitToAgree(box.state);
  for (const [n, step] of plan.steps.entries()) {
    if (step.type === 'agent') box.tell({ type: 'register', at: box.now, agent: `late${n}`, resources: step.size });
    else if (step.type === 'decline') box.decline(step.every, 0);
    else {
      made += expectLimitToAgree(box.state);
      box.now += step.later * 1_000;
      box.tell({ type: 'allocate', at: box.now, agents: 'all' });
    }
  }
  return made + expectLimitToAgree(box.state);
}

describe('the limit', () => {
  it('grants what the library grants, in the same order', () => {
    let made = 0;
    fc.assert(
      fc.property(plans, (plan) => {
        made += playToLimit(plan);
      }),
      { numRuns: 600 },
    );
    expect(made).toBeGreaterThan(3_000);
  });

  it('so too with guarantees and limits, where each role has one framework and none lies below another', () => {
    let made = 0;
    fc.assert(
      fc.property(plans, quotas, (plan, guaranteed) => {
        const frameworks = topRoles.map((role) => [role]);
        // It knows no guarantee of what no agent has.
        const agents = [{ size: sizes[0], ports: false, tasks: [] }, ...plan.agents];
        made += playToLimit({ ...plan, frameworks, agents, quotas: guaranteed });
      }),
      { numRuns: 600 },
    );
    expect(made).toBeGreaterThan(2_000);
  });

  it("shuffles by the library's own hash", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.array(fc.string(), { maxLength: 50 }), (seed, run, ids) => {
        const lucks = new Lucks(mix(seed, run));
        const keys = ids.map((id) => lucks.of(hashText(id) | 0));
        expect(keys).toEqual(ids.map((id) => luckOf(seed, run, id)));
        const radix = new RadixSort(ids.length);
        for (const [slot, key] of keys.entries()) {
          radix.keys[slot] = key;
          radix.slots[slot] = slot;
        }
        const expected = keys.map((key, slot) => ({ key, slot })).sort((a, b) => a.key - b.key || a.slot - b.slot);
        expect([...radix.sort(ids.length)]).toEqual(expected.map(({ slot }) => slot));
      }),
    );
  });
});
