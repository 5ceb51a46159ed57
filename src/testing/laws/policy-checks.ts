/** The laws of policies, each with what it is tried on and how it is judged. */
import type fc from 'fast-check';
import type { Policy } from '../../offers/index.js';
import { Filling } from '../drives/fill.js';
import { byRole, hasCrews, summedByRole } from './crews.js';
import { determinism } from './determinism.js';
import type { Judge } from './minimize.js';
import { isFairnessLaw, type ConductLaw, type FairnessLaw, type Law } from './names.js';
import { filledOutcome } from './outcomes.js';
import { paretoEfficiency, type FillOf } from './pareto.js';
import { play } from './played.js';
import { policyLaws } from './policy-laws.js';
import { policyPreparations } from './prepare.js';
import { guaranteesFirst, liveness, workConservation } from './progress-laws.js';
import { remembered } from './remembered.js';
import { limits, noOverAllocation, termination } from './safety-laws.js';
import { wholeMachines } from './whole-machines.js';
import type { LawCheck } from './hunt.js';
import type { Trial } from './trial.js';

/** What policies are tried on. */
export interface PolicyTrials {
  readonly fair: fc.Arbitrary<Trial>;
  /** The same with many more tasks, for a law that is broken by some part of what somebody has. */
  readonly ample: fc.Arbitrary<Trial>;
  readonly eventful: fc.Arbitrary<Trial>;
}

/** How a policy is checked against some laws. */
export function policyChecks(policy: Policy, laws: readonly Law[], trials: PolicyTrials): readonly LawCheck[] {
  const fill = fillings(policy);
  const conduct = conductJudges(policy);
  return laws.map((law) =>
    isFairnessLaw(law)
      ? {
          law,
          trials: trialsFor(law, trials),
          prepare: policyPreparations[law],
          judge: fairnessJudge(law, fill, policy),
        }
      : { law, trials: trials.eventful, prepare: (trial) => trial, judge: conduct[law] },
  );
}

function trialsFor(law: FairnessLaw, { fair, ample }: PolicyTrials): fc.Arbitrary<Trial> {
  return law === 'resource-monotonicity' ? ample : fair;
}

function conductJudges(policy: Policy): Readonly<Record<ConductLaw, Judge>> {
  const played = remembered((trial: Trial) => play(trial, policy));
  return {
    termination: termination(played),
    determinism: determinism(policy),
    'no-over-allocation': noOverAllocation(played),
    limits: limits(played),
    'guarantees-first': guaranteesFirst(policy),
    'work-conservation': workConservation(policy, played),
    liveness: liveness(policy, played),
  };
}

function fairnessJudge(law: FairnessLaw, fill: FillOf, policy: Policy): Judge {
  if (law === 'pareto-efficiency') return paretoEfficiency(fill);
  const taskwise = taskwiseJudge(law, fill);
  if (law !== 'single-resource-fairness') return taskwise;
  const whole = wholeMachines(policy);
  return (trial) => taskwise(trial) ?? whole(trial);
}

function taskwiseJudge(law: Exclude<FairnessLaw, 'pareto-efficiency'>, fill: FillOf): Judge {
  const look = policyLaws[law];
  return (trial) => {
    const breach = hasCrews(trial)
      ? look(byRole(trial), () => summedByRole(trial, fill(trial).filled.tasks))
      : look(trial, (one) => fill(one).filled.tasks);
    if (breach === undefined) return undefined;
    const { sentence, instead } = breach;
    const shown = filledOutcome(trial, fill(trial).filled);
    if (instead === undefined) return { ...shown, sentence };
    return { ...shown, sentence, instead: filledOutcome(instead, fill(instead).filled) };
  };
}

/** Laws of fairness share drives: one for the same machines, users, kinds and setting, whatever else is done to them. */
function fillings(policy: Policy): FillOf {
  const byAgents = remembered((_agents: Trial['agents']) =>
    remembered((_users: Trial['users']) =>
      remembered((_setting: Trial['setting']) => new WeakMap<Trial['kinds'], ReturnType<FillOf>>()),
    ),
  );
  return (trial) => {
    // Kinds too: to a policy that looks at memory alone, the same amounts of something else are another cluster.
    const byKinds = byAgents(trial.agents)(trial.users)(trial.setting);
    const known = byKinds.get(trial.kinds);
    if (known !== undefined) return known;
    const filling = new Filling(trial, policy).fill();
    const found = { filling, filled: filling.filled };
    byKinds.set(trial.kinds, found);
    return found;
  };
}
