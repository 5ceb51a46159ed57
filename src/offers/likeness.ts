/**
 * Which agents of a run are alike: of them the same can be used by everybody. It is told in the order in which their rows
 * lie in memory, once; the run itself visits them shuffled, where each look at a row is a look into the dark.
 */
import { isPlainScalars, type Resources } from '../resources/index.js';
import { someOther } from '../resources/resources.js';
import type { AllocatorAgent } from './state.js';

/** What can be used of agents that are alike, as far as it was asked. */
export class Judgement {
  /** What is free of each. */
  readonly free: Resources;
  /** Nothing of it is reserved, so that it depends on the kind of client alone who can use what. */
  readonly isForAll: boolean;
  /** All of it is amounts that nothing else is known of. */
  readonly isPlain: boolean;
  /** By kind: what of it could be used; null = not judged yet. */
  readonly usable: (Resources | undefined | null)[];
  /** Whether anybody at all could use something; undefined = not asked yet. */
  isOfUse: boolean | undefined;

  constructor(free: Resources, kinds: number) {
    this.free = free;
    this.isPlain = isPlainScalars(free);
    this.isForAll = this.isPlain || !someOther(free, ({ reservations }) => reservations.length > 0);
    this.usable = Array<Resources | undefined | null>(kinds).fill(null);
  }
}

/** Agents by the number of their likeness. */
export interface Likenesses {
  /** By agent. */
  readonly of: Int32Array;
  /** By likeness: one that is so. */
  readonly examples: readonly AllocatorAgent[];
  /** By agent: 1 = nobody refused anything of it. */
  readonly bare: Uint8Array;
}

/** How many likenesses back one is looked for: clusters have few kinds of machines, or as many as there are machines. */
const recent = 4;

/**
 * Tells which agents are alike.
 *
 * @param hasConstraints whether somebody asks what agents say of themselves, not only what they have: then none are
 */
export function likenessesOf(agents: readonly AllocatorAgent[], hasConstraints: boolean): Likenesses {
  const of = new Int32Array(agents.length);
  const bare = new Uint8Array(agents.length);
  const examples: AllocatorAgent[] = [];
  for (let at = 0; at < agents.length; at += 1) {
    const agent = agents[at] as AllocatorAgent;
    if (agent.refusals.groups.length === 0) bare[at] = 1;
    let likeness = hasConstraints ? -1 : examples.length - 1;
    const oldest = examples.length - recent;
    while (likeness >= 0 && !isLike(examples[likeness] as AllocatorAgent, agent)) {
      likeness = likeness > oldest ? likeness - 1 : -1;
    }
    of[at] = likeness === -1 ? examples.push(agent) - 1 : likeness;
  }
  return { of, examples, bare };
}

/** Whether of two agents the same can be used by everybody who has no constraints. */
function isLike(a: AllocatorAgent, b: AllocatorAgent): boolean {
  return a.free === b.free && a.total === b.total && a.capabilities === b.capabilities && a.domain === b.domain;
}
