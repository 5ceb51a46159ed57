import { deserialize, parseInput, transition, type ClusterState, type Input, type Output } from '../cluster/index.js';
import { drf } from '../drf/index.js';
import type { Policy } from '../offers/index.js';
import { InputError } from '../resources/index.js';
import { quote } from '../resources/quote.js';
import { isInputError } from './errors.js';
import { journalVersion, type JournalHead } from './journal.js';
import { decode } from './journal-json.js';

/** By which policies a record may have been made, and how strictly it is read. */
export interface ReplayOptions {
  /** Matched by name. `drf` is always among them. */
  readonly policies?: readonly Policy[];
  /** A last line that is not whole is left out: the process ended while it was written. Default false. */
  readonly tolerateTornLine?: boolean;
}

/** One recorded input and what it does. */
export interface ReplayStep {
  /** Number of the line, from 1; the first input is on line 2. */
  readonly line: number;
  readonly input: Input;
  readonly before: ClusterState;
  readonly state: ClusterState;
  readonly outputs: readonly Output[];
}

/**
 * Plays a record again: the state after it, byte for byte the one of the master that wrote it.
 *
 * @param lines the lines of `createMaster({ record })`, with or without their line breaks.
 * @throws InputError `empty-record`; `bad-record` for a line that is none of ours; `unknown-version`;
 *   `unknown-policy` for a policy that is not among `policies`; `bad-state`; `torn-line`. The path names the line.
 * @example
 * const state = replay(readFileSync('cluster.jsonl', 'utf8').trimEnd().split('\n'), { policies: [myPolicy] });
 */
export function replay(lines: Iterable<string>, options: ReplayOptions = {}): ClusterState {
  const rows = readRows(lines, options.tolerateTornLine === true);
  const { state, policy } = begin(rows, options.policies ?? []);
  let last = state;
  for (const step of play(rows, state, policy)) last = step.state;
  return last;
}

/**
 * Plays a record input by input.
 *
 * @returns the steps, made while they are asked for; the errors of `replay` come with them.
 */
export function* replaySteps(
  lines: Iterable<string>,
  options: ReplayOptions = {},
): Generator<ReplayStep, void, undefined> {
  const rows = readRows(lines, options.tolerateTornLine === true);
  const { state, policy } = begin(rows, options.policies ?? []);
  yield* play(rows, state, policy);
}

interface Row {
  readonly line: number;
  readonly value: unknown;
}

function begin(rows: Iterator<Row>, policies: readonly Policy[]): { state: ClusterState; policy: Policy } {
  const first = rows.next();
  if (first.done === true)
    throw new InputError('empty-record', 'line 1', 'A record begins with a state; this one is empty');
  const head = readHead(first.value.value);
  const policy = [...policies, drf].find(({ name }) => name === head.policy);
  if (policy === undefined) {
    const message = `The record was made by policy ${quote(head.policy)}, which is not among the given ones`;
    throw new InputError('unknown-policy', 'line 1', message);
  }
  return { state: readStart(head.state), policy };
}

function readStart(state: unknown): ClusterState {
  try {
    return deserialize([JSON.stringify(state)]);
  } catch (error) {
    throw isInputError(error) ? new InputError(error.code, 'line 1', error.message) : error;
  }
}

function* play(rows: Iterator<Row>, start: ClusterState, policy: Policy): Generator<ReplayStep, void, undefined> {
  let before = start;
  for (let row = rows.next(); row.done !== true; row = rows.next()) {
    const { line, value } = row.value;
    const input = readRecorded(line, value);
    const [state, outputs] = apply(line, before, input, policy);
    yield { line, input, before, state, outputs };
    before = state;
  }
}

function apply(line: number, before: ClusterState, input: Input, policy: Policy): ReturnType<typeof transition> {
  try {
    return transition(before, input, policy);
  } catch (error) {
    throw badLine(line, `was never accepted: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Lines as values. A line is judged when the next one is asked for: only the last one may be torn. */
function* readRows(lines: Iterable<string>, tolerateTornLine: boolean): Generator<Row, void, undefined> {
  let line = 0;
  let torn: number | undefined;
  for (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    if (torn !== undefined) throw badLine(torn, 'is not JSON');
    const value = tryDecode(text);
    if (value === undefined) torn = line;
    else yield { line, value };
  }
  if (torn === undefined || tolerateTornLine) return;
  throw new InputError('torn-line', `line ${torn}`, `Line ${torn}, the last one, is not whole`);
}

function tryDecode(text: string): unknown {
  try {
    return decode(text);
  } catch {
    return undefined;
  }
}

function readHead(value: unknown): JournalHead {
  const head = fieldsOf(value);
  if (head?.['proffer'] !== 'record') throw badLine(1, 'does not begin a record');
  const { version, policy, state } = head;
  if (version !== journalVersion) {
    throw new InputError(
      'unknown-version',
      'line 1',
      `The record has version ${quote(version)}; known is ${journalVersion}`,
    );
  }
  if (typeof policy !== 'string' || state === undefined)
    throw badLine(1, 'does not say by which policy and from which state');
  return { proffer: 'record', version, policy, state };
}

function readRecorded(line: number, value: unknown): Input {
  const at = fieldsOf(value)?.['at'];
  if (typeof at !== 'number') throw badLine(line, 'is not an input');
  try {
    return parseInput(value, at);
  } catch (error) {
    throw badLine(line, `is not an input: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function badLine(line: number, why: string): InputError {
  return new InputError('bad-record', `line ${line}`, `Line ${line} ${why}`);
}
