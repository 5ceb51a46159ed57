/** What each law of fairness makes of a cluster before it looks: it takes away what it does not ask about. */
import { isOfCrews } from './crews.js';
import { remembered } from './remembered.js';
import type { FairnessLaw } from './names.js';
import { asOneAgent, everybodyNeeds, ofOneKind, withBottleneck, type Trial } from './trial.js';

/**
 * Shares that can be compared: everybody in a role of its own, or all in one, or those of one role alike. Of other clusters
 * each framework gets a role of its own, and its part of the weight of the one it was in.
 */
function level(trial: Trial, mayHaveCrews: boolean): Trial {
  const roles = new Set(trial.users.map(({ role }) => role));
  const isFlat = ![...roles].some((role) => role.includes('/'));
  const isApart = roles.size === trial.users.length || (mayHaveCrews && isOfCrews(trial));
  if (roles.size === 1 || (isFlat && isApart)) return { ...trial, quotas: [] };
  const users = trial.users.map((user, i) => {
    const company = trial.users.filter(({ role }) => role === user.role).length;
    return { ...user, role: `role-${i + 1}`, weight: user.weight / company };
  });
  return { ...trial, users, quotas: [] };
}

/** A cluster with nothing that is done to it. */
const bare = remembered((trial: Trial): Trial => ({ ...level(trial, false), lie: null, leaver: null, growth: null }));

/** The same, and several frameworks of one role may stay together. */
const crewed = remembered((trial: Trial): Trial => ({ ...level(trial, true), lie: null, leaver: null, growth: null }));

/**
 * Laws that compare two divisions look at one machine: what does not fit in between two machines may be more than what they
 * are about.
 */
const pooled = remembered((trial: Trial): Trial => asOneAgent(level(trial, false)));

/** For each law, the cluster that it is judged on. Those of the same function are one object, so work on it is shared. */
export const preparations: Readonly<Record<FairnessLaw, (trial: Trial) => Trial>> = {
  'sharing-incentive': bare,
  'envy-freeness': bare,
  'pareto-efficiency': bare,
  'strategy-proofness': (trial) => ({ ...pooled(trial), leaver: null, growth: null }),
  'single-resource-fairness': (trial) => ofOneKind(bare(trial)),
  'bottleneck-fairness': (trial) => withBottleneck(bare(trial)),
  // What is not needed at all may go to others when somebody leaves: the paper asks for this of tasks that need everything.
  'population-monotonicity': (trial) => ({ ...everybodyNeeds(pooled(trial)), lie: null, growth: null }),
  'resource-monotonicity': (trial) => ({ ...pooled(trial), lie: null, leaver: null }),
};

/** The same for policies, which know of roles. */
export const policyPreparations: typeof preparations = {
  ...preparations,
  'sharing-incentive': crewed,
  'envy-freeness': crewed,
  'pareto-efficiency': crewed,
  'single-resource-fairness': (trial) => ofOneKind(crewed(trial)),
  'bottleneck-fairness': (trial) => withBottleneck(crewed(trial)),
};
