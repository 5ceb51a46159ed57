/**
 * The same state and input, the same outcome: asked twice in a row, played twice from the beginning, and with ranks that are
 * asked anew each time. The last finds a `changesWith` that says a rank stands when it does not.
 *
 * The second time all is different that must not matter: dice, clocks, which objects hold the same numbers, and what else the
 * policy is asked in between.
 */
import { deserialize, serialize, type ClusterState, type Output } from '../../cluster/index.js';
import { isAllocationPolicy, type Policy } from '../../offers/index.js';
import { Driven, offersIn, type Step } from '../drives/driven.js';
import { openingOf } from '../drives/opening.js';
import { shaken } from '../drives/shaken.js';
import { enact } from '../histories/enact.js';
import { twiceAsked, withRank, withSteadyLots } from './asked.js';
import { companyOf } from './company.js';
import type { Counterexample } from './names.js';
import type { Judge } from './minimize.js';
import { playedOutcome } from './outcomes.js';
import { resourcesText } from './show.js';
import type { Trial } from './trial.js';

/** The law. */
export function determinism(policy: Policy): Judge {
  return (trial) => {
    const first = listen(trial, policy);
    if (first.odd !== undefined) return { ...playedOutcome(trial, first.driven), sentence: first.odd };
    return changeability(trial, policy, first) ?? staleness(trial, policy, first);
  };
}

/** What may change: all at once, since that is quick, and what it was if something came of it. */
function changeability(trial: Trial, policy: Policy, first: Heard): Counterexample | undefined {
  const company = (): Between => ({ run: companyOf(trial, policy) });
  // Other ones for other histories.
  const salt = trial.moves.reduce((sum, { choices }) => choices.reduce((a, b) => a + b, sum), trial.moves.length);
  const changed = shaken(salt, () => listen(trial, policy, { ...restarted, ...company() }));
  if (differing(trial, first, changed, () => '') === undefined) return undefined;
  const ways: readonly (readonly [why: string, listen: () => Heard])[] = [
    ['the next time', () => listen(trial, policy)],
    ['when `Math.random` and the time of the day are others', () => shaken(salt, () => listen(trial, policy))],
    ['when its state is written down and read back on the way', () => listen(trial, policy, restarted)],
    ['when the policy serves another cluster in between', () => listen(trial, policy, company())],
    ['the next time', () => changed],
  ];
  for (const [why, again] of ways) {
    const found = differing(
      trial,
      first,
      again(),
      (one, other) => `The same history gives ${one} at first, and ${other} ${why}.`,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What happens before each run of a history that must not matter. */
interface Between {
  readonly run?: () => void;
  readonly state?: (state: ClusterState) => ClusterState;
}

/** The same state, made of other objects. */
const restarted: Between = { state: (state) => deserialize(serialize(state)) };

function staleness(trial: Trial, policy: Policy, first: Heard): Counterexample | undefined {
  if (isAllocationPolicy(policy) || policy.changesWith === 'sort') return undefined;
  const said = policy.changesWith === undefined ? 'no changesWith' : `changesWith '${policy.changesWith}'`;
  // A rule that says `run` may draw lots, other ones at each look: what it looks at are lots that stand for a run.
  const rule = policy.changesWith === 'run' ? withSteadyLots(policy) : policy;
  const stated = rule === policy ? first : listen(trial, rule);
  const fresh = listen(
    trial,
    withRank(rule, 'sort', (client) => rule.rank(client)),
  );
  return differing(
    trial,
    stated,
    fresh,
    (one, other) => `With ${said} a run gives ${one}; with ranks asked anew it is ${other}.`,
  );
}

/** What came of each input, as text. */
interface Heard {
  readonly driven: Driven;
  readonly lines: readonly string[];
  /** What was odd in this history by itself. */
  readonly odd: string | undefined;
}

function listen(trial: Trial, policy: Policy, between: Between = {}): Heard {
  const odd: { sentence?: string } = {};
  const driven = new Driven(twiceAsked(policy, odd), { agents: trial.agents.length, users: trial.users.length });
  const lines: string[] = [];
  driven.look = (step) => {
    const line = lineOf(step.outputs);
    lines.push(line);
    if (step.input.type !== 'allocate' || odd.sentence !== undefined) return;
    const other = repeated(driven, step);
    if (other !== line)
      odd.sentence = `The same run gives ${line || 'nothing'} at first, and ${other || 'nothing'} the next time.`;
  };
  for (const input of openingOf(trial)) driven.tell(input);
  for (const move of trial.moves) {
    if (move.kind === 'allocate') {
      between.run?.();
      driven.state = between.state?.(driven.state) ?? driven.state;
    }
    enact(driven, trial, move);
  }
  driven.look = () => {};
  return { driven, lines, odd: odd.sentence };
}

/** What comes of the same step once more. */
function repeated(driven: Driven, { before, input, after }: Step): string {
  driven.state = before;
  const outputs = driven.peek(input);
  driven.state = after;
  return lineOf(outputs);
}

function lineOf(outputs: readonly Output[]): string {
  const granted = offersIn(outputs).map(
    ({ agent, framework, resources }) => `${resourcesText(resources)} of ${agent} to ${framework}`,
  );
  const failed = outputs.flatMap((output) => (output.type === 'policy-failed' ? [`an error (${output.message})`] : []));
  return [...granted, ...failed].join(', ');
}

function differing(
  trial: Trial,
  first: Heard,
  second: Heard,
  say: (one: string, other: string) => string,
): Counterexample | undefined {
  const at = first.lines.findIndex((line, i) => line !== second.lines[i]);
  if (at === -1) return undefined;
  const sentence = say(first.lines[at] || 'nothing', second.lines[at] || 'nothing');
  return { ...playedOutcome(trial, first.driven), sentence, instead: playedOutcome(trial, second.driven) };
}
