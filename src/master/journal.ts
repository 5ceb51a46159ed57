import { serialize, type ClusterState, type Input } from '../cluster/index.js';
import { encode } from './journal-json.js';

/** The version of the format that is written; `replay` reads this one and older ones. */
export const journalVersion = 1;

/** The first line of a record: from what it goes on, and by which policy. */
export interface JournalHead {
  readonly proffer: 'record';
  readonly version: number;
  /** The policy is code: it is matched by name. */
  readonly policy: string;
  /** The starting state, as `serialize` wrote it. */
  readonly state: unknown;
}

/** The first line of a record. Lines are without their line breaks. */
export function journalHead(state: ClusterState, policy: string): string {
  const head: Omit<JournalHead, 'state'> = { proffer: 'record', version: journalVersion, policy };
  // The state is JSON already.
  return `${JSON.stringify(head).slice(0, -1)},"state":${[...serialize(state)].join('')}}`;
}

/**
 * The line of an accepted input, exactly as the machine saw it.
 *
 * @throws TypeError, RangeError for a payload that JSON cannot hold: one that contains itself, a BigInt, too deep a nesting.
 */
export function journalLine(input: Input): string {
  return encode(input);
}
