/**
 * What an agent writes down before it acts, so that a restart loses nothing. The agent is a pure machine: its state is the
 * state it began with and the inputs since. So an input is one short line, however much the agent runs, and now and then
 * the file is begun anew with the state of that moment.
 */
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import {
  agentFromJSON,
  agentToJSON,
  agentTransition,
  restoreAgent,
  type AgentInput,
  type AgentState,
} from '../index.js';
import type { AgentOptions, ReconfigurationPolicy } from '../index.js';
import { InputError } from '../../resources/index.js';
import { jsonLine } from './json-lines.js';
import type { RunName } from './sandbox.js';

/** Which sandbox something that runs was given. */
export interface RunRecord extends RunName {
  /** The number of the run. */
  readonly n: number;
}

/** An agent as an earlier life left it. */
export interface SavedLife {
  readonly state: AgentState;
  readonly runs: readonly RunRecord[];
}

type Line =
  | { readonly version: typeof version; readonly state: unknown; readonly runs: readonly RunRecord[] }
  | { readonly input: AgentInput }
  | { readonly run: RunRecord };

const version = 1;
/** A file is begun anew when it has grown by this much, bytes, and to twice its beginning. */
const patience = 1024 * 1024;

/** An agent's journal. Nothing is synced to the disk: it outlives the process, not the machine, whose tasks end with it. */
export class Journal {
  readonly #path: string;
  #file: number | undefined;
  #begin = 0;
  #size = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * What an earlier life left; `undefined` = there was none.
   *
   * @param amend makes of the state as it was what is compared with the options: for what may differ without a word.
   * @throws InputError `bad-journal` for a file that this is not; what {@link restoreAgent} throws for one of another agent.
   */
  read(
    options: AgentOptions,
    policy: ReconfigurationPolicy,
    amend: (state: AgentState) => AgentState,
  ): SavedLife | undefined {
    if (!existsSync(this.#path)) return undefined;
    // What follows the last line break was being written when the agent died: nobody has acted on it.
    const lines = readFileSync(this.#path, 'utf8').split('\n').slice(0, -1).map(parseLine);
    const [first, ...rest] = lines;
    if (first === undefined) return undefined;
    if (!('state' in first) || first.version !== version)
      throw unreadable('its beginning is missing or of another version');
    const runs = [...first.runs];
    let state = agentFromJSON(first.state);
    for (const line of rest) {
      if ('run' in line) runs.push(line.run);
      if (!('input' in line)) continue;
      [state] = agentTransition(state, line.input);
      // A task of an id that ran here before has no sandbox until one is written down for it.
      for (const name of startedBy(line.input)) remove(runs, name);
    }
    // Only now with what it is configured to be: with another seed it would not have made the uuids that it made.
    const { seed } = state.description;
    return { state: restoreAgent(agentToJSON(amend(state)), { ...options, seed }, policy), runs };
  }

  /** Begins the file anew with a state. */
  begin({ state, runs }: SavedLife): void {
    const text = jsonLine({ version, state: agentToJSON(state), runs } satisfies Line);
    const fresh = openSync(`${this.#path}.new`, 'w', 0o600);
    const size = writeAll(fresh, text);
    renameSync(`${this.#path}.new`, this.#path);
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = fresh;
    this.#begin = size;
    this.#size = size;
  }

  /** Writes an input down. The agent may act on it when this returns. */
  input(input: AgentInput): void {
    this.#append({ input });
  }

  /** Writes down which sandbox a run has. It may start when this returns. */
  run(run: RunRecord): void {
    this.#append({ run });
  }

  /** Whether it is time to begin anew. */
  get isLong(): boolean {
    return this.#size > this.#begin * 2 + patience;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #append(line: Line): void {
    const file = this.#file;
    if (file === undefined) return;
    try {
      this.#size += writeAll(file, jsonLine(line));
    } catch (error) {
      // Half a line, and what is written after it, could never be read again.
      ftruncateSync(file, this.#size);
      throw error;
    }
  }
}

/** Appends a text; gives its length, bytes. */
function writeAll(file: number, text: string): number {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
  return bytes.length;
}

/** The tasks that an input starts. */
function startedBy(input: AgentInput): readonly Pick<RunRecord, 'framework' | 'id'>[] {
  if (input.type !== 'command') return [];
  const { command } = input;
  if (command.type === 'launch') return [{ framework: command.framework, id: command.task.id }];
  if (command.type !== 'launch-group') return [];
  return command.tasks.map(({ id }) => ({ framework: command.framework, id }));
}

function remove(runs: RunRecord[], { framework, id }: Pick<RunRecord, 'framework' | 'id'>): void {
  for (let at = runs.length - 1; at >= 0; at -= 1) {
    const run = runs[at];
    if (run?.framework === framework && run.id === id && !run.isExecutor) runs.splice(at, 1);
  }
}

function parseLine(text: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    throw unreadable('a line is not JSON');
  }
}

function unreadable(why: string): InputError {
  return new InputError('bad-journal', 'workDir', `The agent's journal cannot be read: ${why}`);
}
