/** Ways to decide, good and bad, that the machine must bear. */
import { assetFairness, drf, fifo, priority, roundRobin, weightedRandom, type OrderRule } from '../../src/drf/index.js';
import type { AllocationPolicy, Policy } from '../../src/offers/index.js';
import { isEmpty, quantities, shrinkToQuantities } from '../../src/resources/index.js';

/** Two cpus at most to the last candidate of each agent; what is smaller it gives whole. */
export const spoonfuls: AllocationPolicy = {
  name: 'spoonfuls',
  *allocate(view) {
    for (const agent of view.agents()) {
      const last = [...view.candidates(agent)].at(-1);
      if (last === undefined) continue;
      const part = shrinkToQuantities(last.most, quantities('cpus:2;mem:512'));
      const granted = isEmpty(part) ? last.most : part;
      yield { agent: agent.id, framework: last.framework, role: last.role, resources: granted };
    }
  },
};

/** Fails as soon as there is anything to give. */
export const clumsy: AllocationPolicy = {
  name: 'clumsy',
  *allocate(view) {
    for (const agent of view.agents()) {
      yield { agent: agent.id, framework: 'nobody at all', role: 'web', resources: agent.free };
    }
  },
};

/** Luck by levels of the tree, where `weightedRandom` looks at all leaves at once. */
const luck: OrderRule = { name: 'luck', rank: ({ draw, weight }) => draw / weight, changesWith: 'sort' };

export const policies: readonly Policy[] = [
  drf,
  roundRobin,
  weightedRandom,
  priority,
  fifo,
  assetFairness,
  luck,
  spoonfuls,
  clumsy,
];
