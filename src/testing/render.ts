/** A check as text, for a person. */
import type { Input, OperationLike } from '../cluster/index.js';
import { format, resources } from '../resources/index.js';
import { cut } from '../resources/quote.js';
import type { CheckResult, Counterexample, Law, LawResult, Outcome } from './laws/names.js';

/** How many inputs of a history are told. */
const longestStory = 60;

/** All laws that are broken, each with its counterexample; `''` if none is. */
export function renderCheck({ policy, seed, laws }: CheckResult): string {
  const broken = Object.entries(laws).flatMap(([law, result]) => {
    return result?.counterexample === undefined ? [] : [renderLaw(law, result, result.counterexample)];
  });
  if (broken.length === 0) return '';
  const count = broken.length === 1 ? 'a law' : `${broken.length} laws`;
  return [`'${cut(policy)}' breaks ${count} (seed ${seed})`, ...broken].join('\n\n');
}

function renderLaw(law: string, { runs }: LawResult, counterexample: Counterexample): string {
  const { sentence, instead, replay } = counterexample;
  return [
    `${law}, on cluster ${runs}: ${sentence}`,
    indent(renderOutcome(counterexample)),
    ...(instead === undefined ? [] : ['  instead', indent(renderOutcome(instead), 4)]),
    ...(replay.length === 0 ? [] : ['  what happened', indent(story(replay), 4)]),
  ].join('\n');
}

/** Machines and frameworks, and what these have, in columns. */
function renderOutcome({ agents, frameworks, allocated }: Outcome): string {
  const width = Math.max(
    ...[...agents.map(({ id }) => id), ...frameworks.map(({ name }) => name)].map((id) => id.length),
  );
  const machines = agents.map(({ id, resources: what }) => `agent      ${id.padEnd(width)}  ${what}`);
  const users = frameworks.map(({ name, role, weight, demand }, i) => {
    const where = role === name ? '' : `, in role ${role}`;
    const heavy = weight === 1 ? '' : `, weight ${weight}`;
    const { tasks = 0, resources: has = '' } = allocated[i] ?? {};
    const count = `${Number(tasks.toPrecision(4))} ${tasks === 1 ? 'task' : 'tasks'}`;
    return `framework  ${name.padEnd(width)}  wants ${demand} a task${where}${heavy}; has ${count}${has === '' ? '' : ` (${has})`}`;
  });
  return [...machines, ...users].join('\n');
}

/** What was told, one input a line. */
function story(inputs: readonly Input[]): string {
  const lines = inputs.slice(0, longestStory).map((input) => `${String(input.at).padStart(6)} ms  ${told(input)}`);
  const more = inputs.length - lines.length;
  return [...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}

function told(input: Input): string {
  switch (input.type) {
    case 'accept':
      return `${input.framework} takes ${input.operations.map(operationText).join(' and ') || 'nothing'} of ${input.offers.join(', ')}`;
    case 'decline':
      return `${input.framework} refuses ${input.offers.join(', ')} for ${input.refuseSeconds ?? 5} s`;
    case 'register':
    case 'update-agent':
      return `${input.type} ${input.agent ?? ''} ${input.resources === undefined ? '' : format(resources(input.resources))}`;
    case 'subscribe':
      return `subscribe ${input.framework ?? ''} as ${(input.roles ?? []).join(', ')}`;
    case 'allocate':
      return `allocate ${input.agents ?? 'requested'}`;
    default: {
      const { at: _at, type, ...rest } = input;
      return `${type} ${JSON.stringify(rest)}`;
    }
  }
}

function operationText(operation: OperationLike): string {
  if (operation.type !== 'launch') return operation.type;
  return operation.tasks.map(({ id, resources: what }) => `${id} (${format(resources(what))})`).join(', ');
}

/** Whether anything is broken. */
export function isBroken(laws: Partial<Record<Law, LawResult>>): boolean {
  return Object.values(laws).some((result) => result.verdict === 'violated');
}

function indent(text: string, by = 2): string {
  return text.replaceAll(/^/gm, ' '.repeat(by));
}
