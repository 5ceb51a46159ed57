/** What is explained is what happens (design §8). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  explain,
  explainText,
  nextDeadline,
  transition,
  type ClusterState,
  type Explained,
  type Explanation,
  type Input,
  type Output,
} from '../../src/cluster/index.js';
import { drf } from '../../src/drf/index.js';
import { contains, resources } from '../../src/resources/index.js';
import { isRunRequested, type Policy } from '../../src/offers/index.js';
import { fullHistories, run } from './history.js';
import { histories } from './intents.js';
import { clumsy, policies } from './policies.js';

function offeredBy(outputs: readonly Output[]): readonly string[] {
  return outputs
    .flatMap((output) => (output.type === 'offers' ? output.offers : []))
    .map(({ framework, role, agent, resources: what }) => JSON.stringify([framework, role, agent, String(what)]))
    .sort();
}

/** Everybody gives everything back unfiltered, so that there is something to say. */
function withOffersGivenBack(state: ClusterState): ClusterState {
  const at = state.now;
  const inputs = state.frameworks
    .values()
    .flatMap(({ id, connection }): Input[] =>
      connection === null
        ? []
        : [{ type: 'decline', at, framework: id, connection, offers: state.offers.keys(), refuseSeconds: 0 }],
    );
  // Bounded as it is, nobody waits any longer.
  const patience: Input = { type: 'configure', at, config: { recoveryWaitMs: null } };
  return [{ type: 'resume', at } as const, patience, ...inputs].reduce(
    (before, input) => transition(before, input)[0],
    state,
  );
}

function promised(explanations: readonly Explanation[]): readonly string[] {
  return explanations
    .flatMap(({ framework, agents }) =>
      agents.flatMap(({ agent, role, reason }) =>
        reason.code === 'offered-now' ? [JSON.stringify([framework, role, agent, String(reason.resources)])] : [],
      ),
    )
    .sort();
}

function all(state: ClusterState, policy: Policy): readonly Explanation[] {
  return state.frameworks.keys().map((framework) => explain(state, { framework }, policy));
}

describe('explain', () => {
  for (const policy of policies) {
    it(`says "offered now" for exactly what the next run of all agents grants under ${policy.name}`, () => {
      let promises = 0;
      fc.assert(
        fc.property(fullHistories(histories(40)), fc.boolean(), ({ beginning, intents }, free) => {
          const after = run(beginning, intents, undefined, policy).state;
          const state = free ? withOffersGivenBack(after) : after;
          const explanations = all(state, policy);
          const [, outputs] = transition(state, { type: 'allocate', at: state.now, agents: 'all' }, policy);
          expect(promised(explanations)).toEqual(offeredBy(outputs));
          promises += promised(explanations).length;
          for (const explanation of explanations) expect(explainText(explanation)).not.toContain('undefined');
        }),
        { numRuns: 300 },
      );
      if (policy !== clumsy) expect(promises).toBeGreaterThan(20);
    });
  }

  it('gives reasons that end when their cause does', () => {
    const met = new Map<string, number>();
    const judge = (state: ClusterState): void => {
      for (const explanation of all(state, drf)) {
        for (const explained of explanation.agents) {
          met.set(explained.reason.code, (met.get(explained.reason.code) ?? 0) + 1);
          const wrong = contradiction(state, explanation, explained);
          if (wrong !== undefined) throw new Error(`${explanation.framework} ${JSON.stringify(explained)}: ${wrong}`);
        }
        for (const { role, reason } of explanation.roles) {
          if (reason === 'suppressed')
            expect(rolesAfter(state, explanation, 'unsuppress', role)).not.toContain('suppressed');
        }
      }
    };
    fc.assert(
      fc.property(fullHistories(histories(40)), ({ beginning, intents }) => {
        judge(run(beginning, intents).state);
        // A cluster that comes back soon is back.
        if (beginning.allocator.awaiting === null) return;
        for (const soon of [5, 10, 20]) judge(run(beginning, intents.slice(0, soon)).state);
      }),
      { numRuns: 400 },
    );
    for (const code of [
      'offered-now',
      'filtered',
      'outranked',
      'nothing-free',
      'paused',
      'recovering',
      'too-many-offers',
      'agent-disconnected',
    ]) {
      expect([code, (met.get(code) ?? 0) > 0]).toEqual([code, true]);
    }
  });

  it('of a need never promises an agent that could not hold it', () => {
    fc.assert(
      fc.property(fullHistories(histories(30)), ({ beginning, intents }) => {
        const { state } = run(beginning, intents);
        const need = resources('cpus:3;mem:2000');
        for (const framework of state.frameworks.keys()) {
          for (const { agent, shortOfTotal, shortOfFree } of explain(state, { framework, resources: need }).agents) {
            const row = state.allocator.agents.get(agent);
            if (row === undefined) throw new Error('an agent that is not there');
            expect([shortOfTotal === undefined, shortOfFree === undefined]).toEqual([
              contains(row.total, need),
              contains(row.free, need),
            ]);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Lets time pass as a shell does, which wakes up whenever something is due: it did not sleep. */
function awake(state: ClusterState, until: number): ClusterState {
  let now = state;
  for (let due = nextDeadline(now); due !== undefined && due <= until; due = nextDeadline(now)) {
    now = transition(now, { type: isRunRequested(now.allocator) ? 'allocate' : 'tick', at: due })[0];
  }
  return now;
}

/** Takes away what a reason names; what is wrong if the reason is still given. */
function contradiction(state: ClusterState, { framework }: Explanation, explained: Explained): string | undefined {
  const at = state.now;
  const connection = state.frameworks.get(framework)?.connection ?? '';
  const { agent, role, reason } = explained;
  const after = (input: Input): Explained | undefined =>
    explain(transition(state, input)[0], { framework, role, agent }).agents.at(0);
  switch (reason.code) {
    case 'filtered':
      if (after({ type: 'clear-filters', at, framework, connection, roles: [role] })?.reason.code === 'filtered')
        return 'it is cleared and hides still';
      if (after({ type: 'tick', at: Math.max(at, reason.firstBatch) })?.reason.code === 'filtered')
        return 'it outlives its last batch';
      return undefined;
    case 'outranked':
      if (reason.by.some((taker) => taker.framework === framework && taker.role === role)) return 'it outranks itself';
      return reason.by.every((taker) => {
        const [found] = explain(state, { ...taker, agent }).agents;
        return found?.reason.code === 'offered-now';
      })
        ? undefined
        : 'who comes first gets nothing';
    case 'recovering':
      if (reason.agents >= reason.awaited) return 'enough are back';
      return awake(state, reason.until).allocator.awaiting === null ? undefined : 'its time is over';
    case 'too-many-offers': {
      const code = after({ type: 'configure', at, config: { maxOffersPerFramework: null } })?.reason.code;
      return code === 'too-many-offers' ? 'there is no bound' : undefined;
    }
    case 'paused':
      return after({ type: 'resume', at })?.reason.code === 'paused' ? 'it was resumed' : undefined;
    case 'not-whitelisted':
      return after({ type: 'set-whitelist', at, hosts: null })?.reason.code === 'not-whitelisted'
        ? 'there is none'
        : undefined;
    case 'agent-disconnected':
      return state.agents.get(agent)?.connected === true ? 'it is connected' : undefined;
    case 'left-by-policy':
    case 'policy-failed':
      return 'drf leaves nothing and does not fail';
    default:
      return undefined;
  }
}

function rolesAfter(
  state: ClusterState,
  { framework }: Explanation,
  type: 'unsuppress',
  role: string,
): readonly (string | undefined)[] {
  const connection = state.frameworks.get(framework)?.connection ?? '';
  const [after] = transition(state, { type, at: state.now, framework, connection, roles: [role] });
  return explain(after, { framework, role }).roles.map(({ reason }) => reason);
}
