/**
 * The same state and input, the same outcome: asked twice in a row, played twice from the beginning, and with ranks that are
 * asked anew each time. The last finds a `changesWith` that says a rank stands when it does not.
 */
import type { Output } from '../../cluster/index.js';
import type { Client, OrderRule } from '../../drf/index.js';
import { isAllocationPolicy, type Policy } from '../../offers/index.js';
import { Driven, offersIn, type Step } from '../drives/driven.js';
import { openingOf } from '../drives/opening.js';
import { enact } from '../histories/enact.js';
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
    const again = listen(trial, policy);
    return (
      differing(
        trial,
        first,
        again,
        (one, other) => `The same history gives ${one} at first, and ${other} the next time.`,
      ) ?? staleness(trial, policy, first)
    );
  };
}

function staleness(trial: Trial, policy: Policy, first: Heard): Counterexample | undefined {
  if (isAllocationPolicy(policy) || policy.changesWith === 'sort') return undefined;
  const said = policy.changesWith === undefined ? 'no changesWith' : `changesWith '${policy.changesWith}'`;
  const fresh = listen(trial, rankedAnew(policy));
  return differing(
    trial,
    first,
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

function listen(trial: Trial, policy: Policy): Heard {
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
  for (const move of trial.moves) enact(driven, trial, move);
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

/** A rule that is asked twice about each client; `odd` is told when the answers differ. */
function twiceAsked(policy: Policy, odd: { sentence?: string }): Policy {
  if (isAllocationPolicy(policy)) return policy;
  return withRank(policy, policy.changesWith, (client) => {
    const rank: unknown = policy.rank(client);
    const next: unknown = policy.rank(client);
    if (rank !== next && !(Number.isNaN(rank) && Number.isNaN(next))) {
      odd.sentence ??= `Asked twice about ${client.path} as it is, '${policy.name}' ranks it ${String(rank)} and then ${String(next)}.`;
    }
    return rank as number;
  });
}

/**
 * The same rule, but that ranks are asked each time somebody looks. A rule that says `run` may draw: it draws once a run, so
 * the first draw of a run is what it sees all through it.
 */
function rankedAnew(rule: OrderRule): Policy {
  const draws = new Map<string, number>();
  let run = -1;
  return withRank(rule, 'sort', (client) => {
    if (rule.changesWith !== 'run') return rule.rank(client);
    // Time passes between runs, and within a run it stands.
    if (client.now !== run) draws.clear();
    run = client.now;
    return rule.rank(
      new Proxy(client, {
        get(target, key) {
          if (key !== 'draw') return Reflect.get(target, key, target) as unknown;
          const draw = draws.get(target.path) ?? target.draw;
          draws.set(target.path, draw);
          return draw;
        },
      }),
    );
  });
}

function withRank(rule: OrderRule, changesWith: OrderRule['changesWith'], rank: (client: Client) => number): OrderRule {
  return {
    name: rule.name,
    ...(changesWith === undefined ? {} : { changesWith }),
    ...(rule.flat === undefined ? {} : { flat: rule.flat }),
    rank,
  };
}
