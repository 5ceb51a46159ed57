/** What is held is counted rightly. */
import { first, firstOfBig, type Pace, type Steps } from '../../resources/steps.js';
import { kindOf, Ledger, type Entry } from '../ledger.js';
import { offersOn } from '../outstanding.js';
import type { Agent, ClusterState } from '../state.js';
import { addScalars, isWithinRole } from './amounts.js';
import { broken, partsOfAgent, type Violation } from './rule.js';

/** I8: what agents hold is what offers, tasks and executors hold, and the sums per role and framework agree with it. */
export function* sumsAgree(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const sums = new HeldSums();
  const differs = yield* first(
    state.agents.walk(),
    pace,
    (agent) => {
      const machine = state.allocator.agents.get(agent.id);
      if (machine === undefined) return broken('I12', agent.id, 'the allocator does not know it');
      const ledger = new Ledger();
      for (const holding of machine.held) {
        ledger.book(holding);
        if (state.frameworks.has(holding.framework)) sums.add(agent.id, holding);
      }
      enterUse(state, agent, ledger);
      const difference = ledger.difference();
      if (difference !== undefined) return broken('I8', agent.id, `held and used differ in ${difference}`);
      const twice = agent.overcommitted ? undefined : ledger.heldTwice();
      return twice === undefined ? undefined : broken('I1', agent.id, `two hold the same ${twice}`);
    },
    partsOfAgent,
  );
  if (differs !== undefined) return differs;
  return yield* sharesAgree(state, sums, pace);
}

/** What is held in all, by role and by role and framework. */
class HeldSums {
  readonly byRole = new Map<string, Map<string, number>>();
  readonly byClient = new Map<string, Map<string, number>>();
  readonly copies: SharedCopy[] = [];

  add(agent: string, { framework, role, resources }: Entry): void {
    const own = resources.items.filter((item) => item.shared === undefined);
    addScalars(bucket(this.byRole, role), own);
    addScalars(bucket(this.byClient, `${role} ${framework}`), own);
    for (const item of resources.items) {
      if (item.shared === undefined || item.value.type !== 'scalar') continue;
      const key = JSON.stringify([agent, kindOf(item), item.value.milli]);
      this.copies.push({ key, framework, role, name: item.name, milli: item.value.milli });
    }
  }
}

/** What offers, tasks and executors hold of an agent, by framework and role. */
function enterUse(state: ClusterState, agent: Agent, ledger: Ledger): void {
  for (const offer of offersOn(state, agent.id)) ledger.use(offer);
  for (const { framework, task } of agent.tasks) {
    const row = state.frameworks.get(framework)?.tasks.get(task);
    if (row?.holds === true) ledger.use(row);
  }
  for (const { framework, role, info } of agent.executors) {
    ledger.use({ framework, role, resources: info.resources });
  }
}

/** Something shared that is held of an agent, in one copy or more. `key` tells it from all others. */
interface SharedCopy {
  readonly key: string;
  readonly framework: string;
  readonly role: string;
  readonly name: string;
  readonly milli: number;
}

/** A sum, and in it each shared thing once, however many hold it (SORT-9). */
function withShared(
  sum: ReadonlyMap<string, number>,
  copies: readonly SharedCopy[],
  counts: (copy: SharedCopy) => boolean,
): ReadonlyMap<string, number> {
  const mine = copies.filter(counts);
  if (mine.length === 0) return sum;
  const total = new Map(sum);
  for (const { name, milli } of new Map(mine.map((copy) => [copy.key, copy])).values()) {
    total.set(name, (total.get(name) ?? 0) + milli);
  }
  return total;
}

function* sharesAgree(state: ClusterState, sums: HeldSums, pace: Pace): Steps<Violation | undefined> {
  const { clients, shares } = state.allocator;
  return yield* firstOfBig(clients.walk(), pace, function* (tree, role) {
    const difference = firstDifference(asMap(shares.nodes.get(role)?.allocated), sumBelow(sums, role));
    if (difference !== undefined) return broken('I8', role, `its share counts another amount of ${difference}`);
    return yield* first(tree.nodes.walk(), pace, ({ path, allocated }) => {
      if (path === '') return undefined;
      const own = sums.byClient.get(`${role} ${path}`) ?? new Map<string, number>();
      const its = withShared(own, sums.copies, (copy) => copy.role === role && copy.framework === path);
      const differs = firstDifference(asMap(allocated), its);
      if (differs === undefined) return undefined;
      return broken('I8', `${path} in ${role}`, `its share counts another amount of ${differs}`);
    });
  });
}

/** What is held in a role and those below it. */
function sumBelow({ byRole, copies }: HeldSums, role: string): ReadonlyMap<string, number> {
  let sum = new Map<string, number>();
  for (const [other, part] of byRole) if (isWithinRole(other, role)) sum = merged(sum, part);
  return withShared(sum, copies, (copy) => isWithinRole(copy.role, role));
}

function bucket(map: Map<string, Map<string, number>>, key: string): Map<string, number> {
  const found = map.get(key) ?? new Map<string, number>();
  map.set(key, found);
  return found;
}

function merged(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): Map<string, number> {
  const sum = new Map(a);
  for (const [name, milli] of b) sum.set(name, (sum.get(name) ?? 0) + milli);
  return sum;
}

function asMap(
  quantities: { readonly names: readonly string[]; readonly millis: readonly number[] } | undefined,
): Map<string, number> {
  const millis = quantities?.millis;
  return new Map(quantities?.names.map((name, index) => [name, millis?.[index] ?? 0]));
}

function firstDifference(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): string | undefined {
  return [...a.keys(), ...b.keys()].find((name) => (a.get(name) ?? 0) !== (b.get(name) ?? 0));
}
