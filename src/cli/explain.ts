import {
  deserialize,
  explain as explainQuery,
  explainText,
  frameworks,
  remedies,
  transition,
  type ClusterState,
  type ExplainQuery,
  type Explanation,
  type Remedy,
} from '../cluster/index.js';
import { drf } from '../drf/index.js';
import type { Policy } from '../offers/index.js';
import { contains, formatMilli, InputError, resources } from '../resources/index.js';
import { readText } from './files.js';
import { type Io, UsageError } from './io.js';
import { loadPolicy } from './policy.js';
import { parseVerb, type Verb } from './verb.js';

const help = `Usage: proffer explain STATE.json (--framework F | --role R --task RESOURCES) [options]

Says why a framework is, or is not, offered something in a state that was saved (serialize,
writeState), agent by agent, and what change would place it.

  --framework F      its id, or its name
  --task RESOURCES   what it needs of one agent, such as 'cpus:4;mem:8192'
  --role R           in this role only; without --framework, for a new framework in this role
  --agent A          of this agent only
  --policy P         who is offered what: a name, or a file; default drf
  --json             print { explanation, remedies }

Exit code: 0 it is offered enough now, 1 it is not, 2 the words or the file cannot be understood.
`;

/** `proffer explain`: why something is not placed, from a saved state. */
export const explain: Verb = { help, run };

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseVerb(args, {
    framework: { type: 'string' },
    task: { type: 'string' },
    role: { type: 'string' },
    agent: { type: 'string' },
    policy: { type: 'string' },
    json: { type: 'boolean' },
  });
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new UsageError('explain needs one file');
  const policy = values.policy === undefined ? drf : await loadPolicy(values.policy);
  try {
    const subject = subjectOf(deserialize([await readText(file, io)]), values, policy);
    const answer = answerFor(subject, values, policy);
    io.stdout(values.json === true ? `${JSON.stringify(answer, undefined, 2)}\n` : render(answer));
    return answer.isPlaced ? 0 : 1;
  } catch (error) {
    if (error instanceof InputError) throw new UsageError(error.message);
    throw error;
  }
}

/** Who is asked about, and in which state. */
interface Subject {
  readonly state: ClusterState;
  readonly framework: string;
}

interface Narrowed {
  readonly framework?: string | undefined;
  readonly role?: string | undefined;
  readonly agent?: string | undefined;
  readonly task?: string | undefined;
}

function subjectOf(state: ClusterState, { framework, role, task }: Narrowed, policy: Policy): Subject {
  if (framework !== undefined) return { state, framework: idOf(state, framework) };
  if (role === undefined || task === undefined) {
    throw new UsageError('explain needs --framework, or --role and --task');
  }
  return newcomer(state, role, policy);
}

function idOf(state: ClusterState, said: string): string {
  if (state.frameworks.has(said)) return said;
  const named = frameworks(state).filter(({ name }) => name === said);
  const [one, ...others] = named.map(({ id }) => id);
  if (one === undefined) throw new UsageError(`there is no framework ${JSON.stringify(said)} in the state`);
  if (others.length > 0)
    throw new UsageError(`several frameworks are named ${JSON.stringify(said)}: ${[one, ...others].join(', ')}`);
  return one;
}

/** The state with one more framework, which nobody has refused anything to. */
function newcomer(state: ClusterState, role: string, policy: Policy): Subject {
  const call = { type: 'subscribe', at: state.now, connection: 'newcomer', name: 'newcomer', roles: [role] } as const;
  const [next, outputs] = transition(state, { ...call, capabilities: ['multi-role', 'partition-aware'] }, policy);
  for (const output of outputs) {
    if (output.type === 'subscribed') return { state: next, framework: output.framework };
    if (output.type === 'error') throw new UsageError(output.message);
  }
  throw new UsageError(`no framework can subscribe to the role ${JSON.stringify(role)}`);
}

interface Answer {
  readonly explanation: Explanation;
  readonly remedies: readonly Remedy[];
  /** Whether the next run offers enough of one agent. */
  readonly isPlaced: boolean;
}

function answerFor({ state, framework }: Subject, { role, agent, task }: Narrowed, policy: Policy): Answer {
  const query: ExplainQuery = {
    framework,
    ...(role !== undefined && { role }),
    ...(agent !== undefined && { agent }),
  };
  const explanation = explainQuery(state, task === undefined ? query : { ...query, resources: task }, policy);
  const found = task === undefined ? [] : remedies(state, { ...query, resources: task }, policy);
  const wanted = resources(task ?? '');
  const isPlaced = explanation.agents.some(
    ({ reason }) => reason.code === 'offered-now' && contains(reason.resources, wanted),
  );
  return { explanation, remedies: found, isPlaced };
}

function render({ explanation, remedies: found, isPlaced }: Answer): string {
  const { counts, nearest } = explanation;
  const lines = [explainText(explanation)];
  if (counts.length > 1) lines.push('', ...counts.map(({ code, count }) => `${String(count).padStart(6)}  ${code}`));
  if (nearest?.shortOfFree !== undefined) {
    const short = nearest.shortOfFree.map(({ name, milli }) => `${formatMilli(milli)} ${name}`).join(', ');
    lines.push('', `Nearest: ${nearest.agent}, short of ${short}.`);
  }
  if (found.length > 0) lines.push('', 'Any of these would place it:', ...found.map(({ text }) => `- ${text}`));
  else if (isPlaced) lines.push('', 'It is offered enough in the next run.');
  return `${lines.join('\n')}\n`;
}
