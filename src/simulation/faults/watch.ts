/** The judge of a simulated history: it looks at every step, and never asks the machine what it thinks of itself. */
import { changeViolation, violation, type ClusterState, type Input } from '../../cluster/index.js';
import type { TransitionEvent } from '../../master/index.js';
import { hashText, mix } from '../../resources/index.js';
import type { Command, Report, TaskInfo } from '../../tasks/index.js';

/** What broke: a rule of the machine (I1 …), of a history (H1 …), of liveness (L1 …), or `throws`. */
export interface FaultFailure {
  readonly rule: string;
  readonly where: string;
  readonly what: string;
  /** By the true clock, ms from the beginning. */
  readonly at: number;
  /** How many inputs masters had taken. */
  readonly inputs: number;
}

/** A whole state is looked at after so many steps, and at the end; what a step alone can break, after each. */
export const stepsPerLook = 64;

/** Looks at all that is said and done. Keeps the first thing that is wrong. */
export class Watch {
  failure: FaultFailure | undefined;
  inputs = 0;
  /** A hash of every input and of what followed: two runs that agree in it were the same. */
  digest = 0;
  readonly #now: () => number;
  /** By agent and task: the update that its agent waits to have acknowledged. */
  readonly #inFlight = new Map<string, Map<string, string>>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Something is wrong. Only the first thing counts. */
  fail(rule: string, where: string, what: string): void {
    this.failure ??= { rule, where, what, at: this.#now(), inputs: this.inputs };
  }

  /** The machine took a step. */
  step({ input, before, state, outputs }: TransitionEvent): void {
    if (this.failure !== undefined) return;
    this.inputs += 1;
    this.digest = mix(this.digest, hashText(`${sayInput(input)} ${outputs.length} ${state.seq} ${state.nextOffer}`));
    const broken =
      changeViolation(before, input, state, outputs) ??
      (this.inputs % stepsPerLook === 0 ? violation(state) : undefined);
    if (broken !== undefined) this.fail(broken.rule, broken.where, broken.what);
  }

  /** Looks at a whole state. */
  look(state: ClusterState): void {
    const broken = violation(state);
    if (broken !== undefined) this.fail(broken.rule, broken.where, broken.what);
  }

  /** H2: an agent says one update of a task at a time, under one uuid until that is acknowledged. */
  said(report: Report): void {
    if (report.type !== 'status' || report.uuid === undefined) return;
    const mine = this.#inFlight.get(report.agent) ?? new Map<string, string>();
    this.#inFlight.set(report.agent, mine);
    const key = JSON.stringify([report.framework, report.task]);
    const known = mine.get(key);
    if (known !== undefined && known !== report.uuid) {
      this.fail(
        'H2',
        `${report.task} on ${report.agent}`,
        'a second update was said before the first was acknowledged',
      );
    }
    mine.set(key, report.uuid);
  }

  /** A command reached its agent. H4: a group comes whole. */
  told(command: Command): void {
    if (command.type === 'launch') this.#launched(command, [command.task]);
    else if (command.type === 'launch-group') this.#launched(command, command.tasks);
    else if (command.type === 'acknowledge') {
      const key = JSON.stringify([command.framework, command.task]);
      const mine = this.#inFlight.get(command.agent);
      if (mine?.get(key) === command.uuid) mine.delete(key);
    } else if (command.type === 'shutdown-framework') this.#forgetFramework(command.agent, command.framework);
  }

  #launched({ agent, framework }: Command & { readonly framework: string }, tasks: readonly TaskInfo[]): void {
    for (const task of tasks) {
      this.#groupIs(task, tasks.length);
      // A question that overtook the launch was answered with an update: the task begins with others.
      this.#inFlight.get(agent)?.delete(JSON.stringify([framework, task.id]));
    }
  }

  /** An agent ends everything of a framework, and knows nothing of its tasks from then on. */
  #forgetFramework(agent: string, framework: string): void {
    const mine = this.#inFlight.get(agent);
    for (const key of mine?.keys() ?? [])
      if ((JSON.parse(key) as readonly string[])[0] === framework) mine?.delete(key);
  }

  /** An agent's machine lost its memory. */
  forgotten(agent: string): void {
    this.#inFlight.delete(agent);
  }

  #groupIs({ id, labels = [] }: TaskInfo, together: number): void {
    const group = labels.find(({ key }) => key === 'group')?.value;
    const size = group === undefined ? undefined : Number(group.slice(group.lastIndexOf('/') + 1));
    if (size !== undefined && size !== together)
      this.fail('H4', id, `it was launched with ${together} of ${size} tasks`);
  }
}

/** An input in a few words: enough to tell two histories apart. */
function sayInput(input: Input): string {
  if (input.type === 'batch') return input.inputs.map(sayInput).join();
  const {
    type,
    at,
    agent = '',
    framework = '',
    task = '',
    uuid = '',
  } = input as {
    readonly type: string;
    readonly at: number;
    readonly agent?: string;
    readonly framework?: string;
    readonly task?: string;
    readonly uuid?: string;
  };
  return `${type} ${at} ${agent} ${framework} ${task} ${uuid}`;
}
