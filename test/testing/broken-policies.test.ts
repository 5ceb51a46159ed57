/** Policies with a mistake each: the checker finds them within its default runs, and shows them small. */
import { describe, expect, it } from 'vitest';
import { emptyCluster, tasks, transition, type ClusterState } from '../../src/index.js';
import { checkPolicy, type Counterexample } from '../../src/testing/index.js';
import { brokenPolicies, type Broken } from './broken-policies.js';

const seed = 20_261_130;

/** What is small enough to be understood at a glance. */
function demandSmall({ agents, frameworks, sentence, replay }: Counterexample): void {
  expect(agents.length).toBeLessThanOrEqual(3);
  expect(frameworks.length).toBeLessThanOrEqual(3);
  expect(replay.length).toBeLessThanOrEqual(60);
  expect(sentence).toMatch(/^\S.{20,400}\.$/s);
}

/** The inputs alone lead to what is shown. */
function demandReplay({ replay, allocated }: Counterexample, make: Broken['make']): void {
  const policy = make();
  const end = replay.reduce<ClusterState>((state, input) => transition(state, input, policy)[0], emptyCluster());
  const running = tasks(end).filter(({ holds }) => holds);
  for (const { framework, tasks: count } of allocated) {
    expect(running.filter((task) => task.framework === framework)).toHaveLength(count);
  }
}

describe('a policy that', () => {
  it.each(brokenPolicies)('$what is caught by $laws', ({ what, make, laws, remembers = false }) => {
    const result = checkPolicy(make(), { laws, seed });
    for (const law of laws) {
      const { verdict, counterexample } = result.laws[law] ?? {};
      expect(verdict, law).toBe('violated');
      if (counterexample === undefined) throw new Error(`${law} is shown on no cluster`);
      demandSmall(counterexample);
      // Who rolls dice does something else the next time, and who never ends is stopped by nobody but the checker.
      if (!laws.includes('determinism') && !remembers && what !== 'never ends') demandReplay(counterexample, make);
    }
  });
});

it('so are at least sixty of them', () => {
  expect(brokenPolicies.length).toBeGreaterThanOrEqual(60);
});
