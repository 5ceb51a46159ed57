/** A state on its way back from text, in steps of bounded work. */
import { InputError } from '../resources/index.js';
import { quote } from '../resources/quote.js';
import { entered, readFrom, record, refusal, type Reader } from '../resources/reading.js';
import { NotJson, parsed, Source } from '../resources/source.js';
import { Pace, ROWS_A_STEP, type Steps } from '../resources/steps.js';
import { clusterState } from './reading/state.js';
import { demandWhole } from './reading/whole.js';
import type { ClusterState } from './state.js';

/** What a saved state says of itself, before all else. */
export const FORMAT = 'proffer-state';
/** The version that is written, and the only one that can be read. */
export const VERSION = 1;

/** A text of any length is looked at in parts of so many characters. */
const LOOK = 65_536;

/** How much is done in one step. */
export interface Measure {
  /** Values of more characters are read part by part, and so many are read in one step; at least the 4 of `null`. */
  readonly piece?: number;
  readonly rows?: number;
}

/** Takes the text in parts, and gives the state at the end. */
export class Restoration {
  readonly #source: Source;
  readonly #pace = new Pace(LOOK);
  readonly #steps: Steps<ClusterState>;
  #state: ClusterState | undefined;

  constructor({ piece, rows = ROWS_A_STEP }: Measure = {}) {
    this.#source = new Source(piece);
    this.#steps = restoring(this.#source, rows);
  }

  /** Takes the next part of the text. @throws InputError */
  *take(text: string): Steps<void> {
    for (let at = 0; at < text.length; at += LOOK) {
      const part = text.slice(at, at + LOOK);
      this.#source.feed(part);
      yield* this.#work();
      if (this.#pace.isOver(part.length)) yield;
    }
  }

  /** The state, when all text was taken. @throws InputError */
  *end(): Steps<ClusterState> {
    this.#source.feed(undefined);
    yield* this.#work();
    if (this.#state === undefined) throw notASavedState();
    return this.#state;
  }

  /** Goes on until more text is needed. */
  *#work(): Steps<void> {
    for (;;) {
      const step = this.#step();
      if (step.done === true) this.#state = step.value;
      if (step.done === true || this.#source.isHungry) return;
      yield;
    }
  }

  #step(): IteratorResult<undefined, ClusterState> {
    try {
      return this.#steps.next();
    } catch (error) {
      if (error instanceof Unreadable) throw error.why;
      throw error instanceof NotJson ? notASavedState() : refusal(error, 'The saved state');
    }
  }
}

function* restoring(source: Source, rows: number): Steps<ClusterState> {
  const state = yield* readFrom(document, source);
  yield* source.end();
  yield* demandWhole(state, rows);
  return state;
}

/** A text that is no saved state, or not one of this version: that has no place within it. */
class Unreadable extends Error {
  readonly why: InputError;

  constructor(why: InputError) {
    super(why.message);
    this.why = why;
  }
}

function readDocument(value: unknown): ClusterState {
  const isDocument = typeof value === 'object' && value !== null && !Array.isArray(value);
  const { format, version, ...saved } = isDocument ? record(value) : {};
  if (format !== FORMAT) throw new Unreadable(notASavedState());
  demandVersion(version);
  return clusterState(saved);
}

const blank = '[ \\t\\n\\r]*';
const head = new RegExp(
  ['', '{', '"format"', ':', `"${FORMAT}"`, ',', '"version"', ':', '(\\d+)', ','].join(blank),
  'y',
);

/** Goes into the text after its format and version; where these don't come first, there is no telling before all is read. */
function* enterDocument(source: Source): Steps<ClusterState> {
  const match = yield* source.replace(head, '{');
  if (match === null) return readDocument(parsed(yield* source.wholeValue()));
  demandVersion(Number(match[1]));
  return yield* readFrom(clusterState, source);
}

const document: Reader<ClusterState> = entered(readDocument, enterDocument);

function demandVersion(version: unknown): void {
  if (version === VERSION) return;
  throw new Unreadable(
    new InputError('unknown-version', 'version', `States of version ${quote(version)} can't be read`),
  );
}

function notASavedState(): InputError {
  return new InputError('bad-state', '', 'This is not a saved cluster state');
}
