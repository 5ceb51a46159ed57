/** Policies with a mistake each, and the laws that find it. */
import { amount, names, type AllocationPolicy, type Client, type OrderRule, type Policy } from '../../src/index.js';
import {
  add,
  contains,
  isEmpty,
  nonRevocable,
  quantities,
  resources,
  scalars,
  shrinkToQuantities,
  type Quantities,
  type ResourceItem,
} from '../../src/resources/index.js';
import type { AgentView, AllocationView, Candidate, Grant } from '../../src/offers/index.js';
import type { Law } from '../../src/testing/index.js';

/** A policy, and the laws of which each must find it. */
export interface Broken {
  readonly what: string;
  /** Made anew for each check: some remember things. */
  readonly make: () => Policy;
  readonly laws: readonly Law[];
  /** Whether a new one does otherwise than one that was used, so that what it did cannot be shown once more. */
  readonly remembers?: boolean;
}

function rule(name: string, rank: (client: Client) => number, more: Partial<OrderRule> = {}): OrderRule {
  return { name, rank, ...more };
}

function policy(name: string, allocate: (view: AllocationView) => Iterable<Grant>): AllocationPolicy {
  return { name, allocate };
}

/** Gives each agent whole to one of its candidates. */
function toOne(
  name: string,
  choose: (candidates: readonly Candidate[], agent: AgentView) => Candidate | undefined,
): AllocationPolicy {
  return policy(name, function* (view) {
    for (const agent of view.agents()) {
      const pick = choose([...view.candidates(agent)], agent);
      if (pick !== undefined) yield grantOf(agent, pick);
    }
  });
}

function grantOf(agent: AgentView, { framework, role, most }: Candidate, what = most): Grant {
  return { agent: agent.id, framework, role, resources: what };
}

function share({ allocated, total }: Pick<Client, 'allocated' | 'total'>, kind: string): number {
  const whole = amount(total, kind);
  return whole === 0 ? 0 : amount(allocated, kind) / whole;
}

function shares(client: Client): readonly number[] {
  return names(client.total).map((kind) => share(client, kind));
}

function sumOf(all: Quantities): number {
  return names(all).reduce((sum, name) => sum + amount(all, name), 0);
}

const wronglyOrdered: readonly Broken[] = [
  {
    what: 'ignores weights',
    make: () => rule('no-weights', ({ dominantShare, weight }) => dominantShare * weight),
    laws: ['sharing-incentive', 'envy-freeness', 'single-resource-fairness'],
  },
  {
    what: 'counts weights twice',
    make: () => rule('squared', ({ dominantShare, weight }) => dominantShare / weight),
    laws: ['sharing-incentive'],
  },
  {
    what: 'knows whole weights only',
    make: () =>
      rule('whole', ({ dominantShare, weight }) => (dominantShare * weight) / Math.max(1, Math.floor(weight))),
    laws: ['sharing-incentive'],
  },
  {
    what: 'knows the weights of roles, and the share within the role',
    make: () => toOne('within', (all) => [...all].sort((a, b) => a.client.dominantShare - b.client.dominantShare)[0]),
    laws: ['sharing-incentive'],
  },
  {
    what: 'looks at the cpus alone',
    make: () => rule('cpus', (client) => share(client, 'cpus') / client.weight),
    laws: ['sharing-incentive', 'envy-freeness'],
  },
  {
    what: 'looks at cpus and memory alone',
    make: () => rule('two', (client) => Math.max(share(client, 'cpus'), share(client, 'mem')) / client.weight),
    laws: ['sharing-incentive'],
  },
  {
    what: 'takes the smallest share for the largest',
    make: () => rule('smallest', (client) => Math.min(...shares(client)) / client.weight),
    laws: ['sharing-incentive'],
  },
  {
    what: 'multiplies shares',
    make: () => rule('product', (client) => shares(client).reduce((all, one) => all * one, 1) / client.weight),
    laws: ['sharing-incentive'],
  },
  {
    what: 'adds amounts of different kinds',
    make: () => rule('amounts', ({ allocated, weight }) => sumOf(allocated) / weight),
    laws: ['sharing-incentive', 'bottleneck-fairness'],
  },
  {
    what: 'adds shares',
    make: () => rule('sum', (client) => shares(client).reduce((all, one) => all + one, 0) / client.weight),
    laws: ['sharing-incentive', 'bottleneck-fairness'],
  },
  {
    what: 'counts allocations instead of shares',
    make: () => rule('count', ({ count, weight }) => count / weight),
    laws: ['sharing-incentive', 'strategy-proofness'],
  },
  {
    what: 'starves the largest',
    make: () =>
      toOne('small-first', (all) => [...all].sort((a, b) => sumOf(a.client.allocated) - sumOf(b.client.allocated))[0]),
    laws: ['sharing-incentive'],
  },
  {
    what: 'serves who has most',
    make: () => rule('rich', (client) => -client.dominantShare),
    laws: ['sharing-incentive'],
  },
  { what: 'serves the heaviest only', make: () => rule('heavy', ({ weight }) => -weight), laws: ['sharing-incentive'] },
  {
    what: 'prefers by name',
    make: () => rule('name', ({ path }) => path.codePointAt(0) ?? 0),
    laws: ['envy-freeness'],
  },
  { what: 'prefers who came last', make: () => rule('last', ({ since }) => -since), laws: ['sharing-incentive'] },
  {
    what: 'favours who came first by a tenth of the cluster',
    make: () => rule('early', ({ dominantShare, path }) => dominantShare + (path.startsWith('a') ? 0 : 0.1)),
    laws: ['sharing-incentive', 'envy-freeness'],
  },
  {
    what: 'rounds shares to quarters',
    make: () => rule('coarse', ({ dominantShare }) => Math.floor(dominantShare * 4)),
    laws: ['envy-freeness'],
  },
  {
    what: 'rounds shares and breaks ties by the order in which it met clients',
    make: () => {
      const met = new Map<string, number>();
      return rule('map-order', ({ path, dominantShare }) => {
        if (!met.has(path)) met.set(path, met.size);
        return Math.floor(dominantShare * 4) + (met.get(path) ?? 0) / 1_000;
      });
    },
    laws: ['envy-freeness'],
    remembers: true,
  },
  {
    what: 'gives everything to whom it saw first',
    make: () => toOne('favourite', (all) => [...all].sort((a, b) => (a.framework < b.framework ? -1 : 1))[0]),
    laws: ['sharing-incentive'],
  },
  {
    what: 'serves the last in order',
    make: () => toOne('backwards', (all) => all.at(-1)),
    laws: ['sharing-incentive'],
  },
  {
    what: 'remembers the first rank of everybody for ever',
    make: () => {
      const ranks = new Map<string, number>();
      return rule('memory', ({ path, dominantShare }) => {
        const rank = ranks.get(path) ?? dominantShare;
        ranks.set(path, rank);
        return rank;
      });
    },
    laws: ['sharing-incentive'],
  },
];

const changing: readonly Broken[] = [
  { what: 'rolls dice', make: () => rule('dice', () => Math.random()), laws: ['determinism'] },
  {
    what: 'alternates',
    make: () => {
      let calls = 0;
      return rule('alternating', ({ dominantShare }) => ((calls += 1) % 2 === 0 ? dominantShare : -dominantShare));
    },
    laws: ['determinism'],
  },
  {
    what: 'remembers whom it served in other runs',
    make: () => {
      const served = new Map<string, number>();
      return toOne('memorious', (all) => {
        const count = ({ framework }: Candidate): number => served.get(framework) ?? 0;
        const [pick] = [...all].sort((a, b) => count(a) - count(b));
        if (pick !== undefined) served.set(pick.framework, count(pick) + 1);
        return pick;
      });
    },
    laws: ['determinism'],
  },
  {
    what: 'says that ranks stand through a run, and they do not',
    make: () => rule('stale', ({ dominantShare }) => dominantShare, { changesWith: 'run' }),
    laws: ['determinism'],
  },
  {
    what: 'draws, and does not say so',
    make: () => rule('secret-luck', ({ draw, weight }) => draw / weight),
    laws: ['determinism'],
  },
];

const failing: readonly Broken[] = [
  {
    what: 'ranks by NaN',
    make: () => rule('nan', ({ dominantShare }) => dominantShare * Number.NaN),
    laws: ['termination', 'liveness'],
  },
  {
    what: 'ranks by NaN who has nothing yet',
    make: () => rule('ratio', ({ dominantShare, count }) => dominantShare / count),
    laws: ['termination', 'pareto-efficiency'],
  },
  {
    what: 'throws when there are three',
    make: () =>
      policy('throws', function* (view) {
        for (const agent of view.agents()) {
          const all = [...view.candidates(agent)];
          if (all.length > 2) throw new Error('too many');
          for (const one of all.slice(0, 1)) yield grantOf(agent, one);
        }
      }),
    laws: ['termination', 'work-conservation'],
  },
  {
    what: 'never ends',
    make: () =>
      policy('endless', function* (view) {
        for (;;)
          for (const agent of view.agents())
            for (const one of view.candidates(agent)) if (isEmpty(one.most)) yield grantOf(agent, one);
      }),
    laws: ['termination'],
  },
  {
    what: 'gives the same again and again',
    make: () =>
      policy('repeats', function* (view) {
        for (const agent of view.agents()) {
          const [one] = view.candidates(agent);
          if (one === undefined) continue;
          const spoonful = grantOf(agent, one, shrinkToQuantities(one.most, quantities('cpus:1')));
          for (;;) yield spoonful;
        }
      }),
    laws: ['no-over-allocation'],
  },
  {
    what: 'gives more than the most: all that is free, whatever the limits are',
    make: () =>
      policy('ignores-limits', function* (view) {
        for (const agent of view.agents()) {
          const [one] = view.candidates(agent);
          if (one !== undefined) yield grantOf(agent, one, agent.free);
        }
      }),
    laws: ['no-over-allocation', 'limits'],
  },
  {
    what: 'gives what the machine has, free or not',
    make: () =>
      policy('all-there-is', function* (view) {
        for (const agent of view.agents()) {
          const [one] = view.candidates(agent);
          if (one !== undefined) yield grantOf(agent, one, agent.total);
        }
      }),
    laws: ['no-over-allocation'],
  },
  {
    what: 'gives what was declined twice: what it noted as free, and what is',
    make: () => {
      const free = new Map<string, AgentView['free']>();
      return policy('double-free', function* (view) {
        for (const agent of view.agents()) {
          const [one] = view.candidates(agent);
          const noted = free.get(agent.id) ?? resources('');
          if (one === undefined) continue;
          free.set(agent.id, agent.free);
          yield grantOf(agent, one, add(noted, one.most));
        }
      });
    },
    laws: ['no-over-allocation'],
  },
  {
    what: 'gives to all that ever came, whether they want anything or not',
    make: () => {
      const known = new Map<string, string>();
      return policy('ignores-suppression', function* (view) {
        for (const agent of view.agents()) {
          for (const { framework, role } of view.candidates(agent)) known.set(framework, role);
          const [framework, role] = [...known].at(-1) ?? [];
          if (framework !== undefined && role !== undefined)
            yield { agent: agent.id, framework, role, resources: agent.free };
        }
      });
    },
    laws: ['no-over-allocation'],
  },
  {
    what: 'ignores filters: gives to who comes first by share, refused or not',
    make: () =>
      policy('ignores-filters', function* (view) {
        const all = new Map<string, Candidate>();
        for (const agent of view.agents()) for (const one of view.candidates(agent)) all.set(one.framework, one);
        for (const agent of view.agents()) {
          const [one] = all.values();
          if (one !== undefined) yield grantOf(agent, one, agent.free);
        }
      }),
    laws: ['no-over-allocation'],
  },
];

const leaving: readonly Broken[] = [
  {
    what: 'gives nothing',
    make: () => policy('nothing', () => []),
    laws: ['work-conservation', 'liveness', 'pareto-efficiency'],
  },
  {
    what: 'forgets what is revocable',
    make: () =>
      policy('firm-only', function* (view) {
        for (const agent of view.agents()) {
          for (const one of view.candidates(agent)) {
            const firm = nonRevocable(one.most);
            if (!isEmpty(firm)) yield grantOf(agent, one, firm);
          }
        }
      }),
    laws: ['work-conservation'],
  },
  {
    what: 'forgets ports',
    make: () =>
      policy('numbers-only', function* (view) {
        for (const agent of view.agents()) {
          for (const one of view.candidates(agent)) {
            const numbers = scalars(one.most);
            if (!isEmpty(numbers)) yield grantOf(agent, one, numbers);
          }
        }
      }),
    laws: ['work-conservation'],
  },
  {
    what: 'skips the last agent',
    make: () =>
      policy('all-but-one', function* (view) {
        for (const agent of [...view.agents()].slice(0, -1)) {
          const [one] = view.candidates(agent);
          if (one !== undefined) yield grantOf(agent, one);
        }
      }),
    laws: ['work-conservation', 'pareto-efficiency'],
  },
  {
    what: 'skips one machine',
    make: () => toOne('choosy', (all, { id }) => (id === 'm2' ? undefined : all[0])),
    laws: ['work-conservation', 'pareto-efficiency'],
  },
  {
    what: 'waits for whole machines',
    make: () => toOne('whole-only', (all, { free, total }) => (contains(free, total) ? all[0] : undefined)),
    laws: ['work-conservation', 'pareto-efficiency'],
  },
  {
    what: 'never serves a role below another',
    make: () => toOne('top-only', (all) => all.find(({ role }) => !role.includes('/'))),
    laws: ['work-conservation', 'liveness'],
  },
  {
    what: 'never serves the last of three',
    make: () => toOne('no-third', (all) => all.find(({ framework }) => framework !== 'c')),
    laws: ['liveness', 'sharing-incentive'],
  },
  {
    what: 'gives crumbs',
    make: () =>
      policy('crumbs', function* (view) {
        for (const agent of view.agents()) {
          const [one] = view.candidates(agent);
          const crumb =
            one === undefined ? undefined : shrinkToQuantities(one.most, quantities('cpus:0.5;mem:0.5;disk:0.5'));
          if (one !== undefined && crumb !== undefined && !isEmpty(crumb)) yield grantOf(agent, one, crumb);
        }
      }),
    laws: ['pareto-efficiency', 'liveness'],
  },
  {
    what: 'never gives to a role that is below its guarantee: that is, to whom most is less than what is free',
    make: () => toOne('not-owed', (all, { free }) => all.find(({ most }) => !contains(most, free))),
    laws: ['guarantees-first', 'work-conservation'],
  },
];

/** What is wrong only where few look: far numbers, deep roles, strange names, other days. */
const seldomWrong: readonly Broken[] = [
  {
    what: 'knows weights up to 4',
    make: () => rule('capped', (client) => Math.max(0, ...shares(client)) / Math.min(client.weight, 4)),
    laws: ['single-resource-fairness'],
  },
  {
    what: 'takes every weight below a half for a half',
    make: () => rule('floored', (client) => Math.max(0, ...shares(client)) / Math.max(client.weight, 0.5)),
    laws: ['single-resource-fairness'],
  },
  {
    what: 'divides by weights at the top of the tree only',
    make: () =>
      rule('top-weights', ({ path, dominantShare, weight }) =>
        path.includes('/') ? dominantShare * weight : dominantShare,
      ),
    laws: ['single-resource-fairness'],
  },
  {
    what: 'divides a role among frameworks as if each were a role',
    make: () =>
      toOne(
        'headcount',
        (all) =>
          all.toSorted(
            (one, other) =>
              one.client.dominantShare / one.roleClient.weight - other.client.dominantShare / other.roleClient.weight,
          )[0],
      ),
    laws: ['single-resource-fairness'],
  },
  {
    what: 'gives all machines of a run to whom it gave the first',
    make: () =>
      policy('no-second-look', function* (view) {
        let first: string | undefined;
        for (const agent of view.agents()) {
          const all = [...view.candidates(agent)];
          const pick = all.find(({ framework }) => framework === first) ?? all[0];
          if (pick !== undefined) yield grantOf(agent, pick);
          first ??= pick?.framework;
        }
      }),
    laws: ['single-resource-fairness'],
  },
  {
    what: 'counts in 32 bits',
    make: () =>
      rule('int32', ({ allocated, total, weight }) => {
        const parts = names(total).map((kind) => (amount(allocated, kind) | 0) / (amount(total, kind) | 0 || 1));
        return Math.max(0, ...parts) / weight;
      }),
    laws: ['single-resource-fairness'],
  },
  {
    what: 'looks up names in an object that has a prototype',
    make: () => {
      const handicaps: Readonly<Record<string, number>> = {};
      return rule('object', ({ path, dominantShare }) => dominantShare + (handicaps[path] ?? 0));
    },
    laws: ['termination'],
  },
  {
    what: 'ranks by NaN whose priority is below 0',
    make: () => rule('root', ({ priority, dominantShare }) => dominantShare + 0 * Math.sqrt(priority)),
    laws: ['termination'],
  },
  {
    what: 'remembers ranks by the object of what is held, whatever else changes',
    make: () => {
      const known = new WeakMap<Quantities, number>();
      return rule('by-object', ({ allocated, dominantShare }) => {
        const rank = known.get(allocated) ?? dominantShare;
        known.set(allocated, rank);
        return rank;
      });
    },
    laws: ['determinism'],
    remembers: true,
  },
  {
    what: 'remembers by name and number of grants, and serves two clusters',
    make: () => {
      const known = new Map<string, number>();
      return toOne('by-name', (all) => {
        const rank = ({ framework, client }: Candidate): number => {
          const key = `${framework} ${client.count}`;
          const found = known.get(key) ?? client.dominantShare;
          known.set(key, found);
          return found;
        };
        return all.toSorted((one, other) => rank(one) - rank(other))[0];
      });
    },
    laws: ['single-resource-fairness'],
    remembers: true,
  },
  {
    what: 'rolls dice once in a hundred thousand looks',
    make: () => rule('rare', ({ since }) => (Math.random() < 1e-5 ? -since : since)),
    laws: ['determinism'],
  },
  {
    what: 'is another one on Sundays',
    make: () => rule('sunday', ({ since }) => (new Date().getUTCDay() === 0 ? -since : since)),
    laws: ['determinism'],
  },
  {
    what: 'gives nothing after ten minutes',
    make: () => {
      const { allocate } = toOne('tired', (all) => all[0]);
      return policy('tired', (view) => (view.now > 600_000 ? [] : allocate(view)));
    },
    laws: ['work-conservation'],
  },
  {
    what: 'forgets sets',
    make: () => keeping('no-sets', ({ value }) => value.type !== 'set'),
    laws: ['work-conservation'],
  },
  {
    what: 'forgets what is reserved while the machine runs',
    make: () => keeping('static-only', ({ reservations }) => reservations.every(({ type }) => type === 'static')),
    laws: ['work-conservation'],
  },
  {
    what: 'forgets what is shared',
    make: () => keeping('no-shared', ({ shared }) => shared === undefined),
    laws: ['work-conservation'],
  },
  {
    what: 'forgets what is reserved to the role above',
    make: () =>
      keeping('own-only', ({ reservations }, { role }) =>
        reservations.every((reservation) => reservation.role === role),
      ),
    laws: ['work-conservation'],
  },
  {
    what: 'skips machines that have attributes',
    make: () => toOne('no-racks', (all, { attributes }) => (attributes.items.length > 0 ? undefined : all[0])),
    laws: ['work-conservation'],
  },
];

/** Gives to the first of whom something is left, when some items are left out. */
function keeping(name: string, isKept: (item: ResourceItem, candidate: Candidate) => boolean): AllocationPolicy {
  return policy(name, function* (view) {
    for (const agent of view.agents()) {
      for (const candidate of view.candidates(agent)) {
        const some = resources(candidate.most.items.filter((item) => isKept(item, candidate)));
        if (isEmpty(some)) continue;
        yield grantOf(agent, candidate, some);
        break;
      }
    }
  });
}

/** All of them. */
export const brokenPolicies: readonly Broken[] = [
  ...wronglyOrdered,
  ...changing,
  ...failing,
  ...leaving,
  ...seldomWrong,
];
