import {
  explain,
  explainText,
  stats,
  violation,
  type ClusterState,
  type ExplainQuery,
  type Input,
  type Violation,
} from '../cluster/index.js';
import { replaySteps } from '../master/index.js';
import type { Policy } from '../offers/index.js';
import { InputError } from '../resources/index.js';
import { readText } from './files.js';
import { type Io, RunError, UsageError } from './io.js';
import { loadPolicy } from './policy.js';
import { countOption, parseVerb, type Verb } from './verb.js';

const help = `Usage: proffer replay FILE [options]

Plays a record (createMaster({ record })) again and says what the cluster came to.

  --at N               stop after N inputs
  --policy P           the policy that the record was made by: a name, or a file
  --explain FRAMEWORK  say why the framework is, or is not, offered something there
  --role ROLE          … in this role only
  --agent AGENT        … of this agent only
  --resources TEXT     … and what each agent lacks of these
  --inputs             print the inputs, one a line, instead of the summary
  --torn               leave out a last line that is not whole
  --json               print { inputs, stats, violation }

Exit code: 0 done, 1 the record does not play or a state breaks an invariant, 2 the file cannot be read.
`;

/** `proffer replay`: a recorded history, from a file. */
export const replay: Verb = { help, run };

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseVerb(args, {
    at: { type: 'string' },
    policy: { type: 'string' },
    explain: { type: 'string' },
    role: { type: 'string' },
    agent: { type: 'string' },
    resources: { type: 'string' },
    inputs: { type: 'boolean' },
    torn: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError('replay needs one file');
  const policy = values.policy === undefined ? undefined : await loadPolicy(values.policy);
  const at = countOption('at', values.at, 0) ?? Infinity;

  const played = play((await readText(file, io)).split('\n'), policy, at, values.torn === true);
  if (values.inputs === true) {
    io.stdout(played.inputs.map((input) => `${JSON.stringify(input)}\n`).join(''));
    return 0;
  }
  if (values.explain !== undefined) {
    io.stdout(`${explained(played.state, { framework: values.explain, ...narrowed(values) }, policy)}\n`);
    return 0;
  }
  const broken = violation(played.state);
  const summary = { inputs: played.inputs.length, stats: stats(played.state), violation: broken };
  io.stdout(
    values.json === true
      ? `${JSON.stringify({ ...summary, violation: broken ?? null }, undefined, 2)}\n`
      : render(summary),
  );
  return broken === undefined ? 0 : 1;
}

interface Played {
  readonly state: ClusterState;
  readonly inputs: readonly Input[];
}

/** Plays the first inputs of a record. */
function play(lines: readonly string[], policy: Policy | undefined, at: number, torn: boolean): Played {
  const inputs: Input[] = [];
  let state: ClusterState | undefined;
  try {
    const policies = policy === undefined ? [] : [policy];
    for (const step of replaySteps(lines, { policies, tolerateTornLine: torn })) {
      state ??= step.before;
      if (inputs.length >= at) break;
      inputs.push(step.input);
      ({ state } = step);
    }
  } catch (error) {
    if (error instanceof InputError) throw new RunError(error.message);
    throw error;
  }
  if (state === undefined) throw new RunError('The record holds no input');
  return { state, inputs };
}

function explained(state: ClusterState, query: ExplainQuery, policy: Policy | undefined): string {
  try {
    return explainText(explain(state, query, policy));
  } catch (error) {
    if (error instanceof InputError) throw new UsageError(error.message);
    throw error;
  }
}

function narrowed(values: { readonly [name in 'role' | 'agent' | 'resources']?: string }): Partial<ExplainQuery> {
  const { role, agent, resources } = values;
  return {
    ...(role === undefined ? {} : { role }),
    ...(agent === undefined ? {} : { agent }),
    ...(resources === undefined ? {} : { resources }),
  };
}

function render({ inputs, stats: counted, violation: broken }: Summary): string {
  const { now, runs, agents, frameworks, tasks, offers, total } = counted;
  const lines = [
    `${inputs} inputs up to ${now} ms, ${runs} allocation runs`,
    `${agents} agents with ${String(total)}`,
    `${frameworks} frameworks, ${tasks} tasks, ${offers} outstanding offers`,
  ];
  if (broken !== undefined) lines.push(`${broken.rule} is broken at ${broken.where}: ${broken.what}`);
  return `${lines.join('\n')}\n`;
}

interface Summary {
  readonly inputs: number;
  readonly stats: ReturnType<typeof stats>;
  readonly violation: Violation | undefined;
}
