/** From the tree of a pattern to instructions of a small machine (Thompson's construction). */
import { InputError } from '../../resources/index.js';
import type { CharSet } from './chars.js';
import { parsePattern, type Assertion, type Node } from './parse.js';

/** One step; `next` and the like are numbers of instructions. */
export type Instruction =
  | { readonly type: 'chars'; readonly set: CharSet; readonly next: number }
  | { readonly type: 'assertion'; readonly kind: Assertion; readonly next: number }
  | { readonly type: 'either'; readonly next: number; readonly other: number }
  | { readonly type: 'match' };

/** A pattern, ready to run. */
export interface Program {
  readonly instructions: readonly Instruction[];
  readonly start: number;
}

/**
 * How large a program may be (Mesos's limit for RE2, CONS-3). A character, a class, an assertion, a branch and a loop
 * count 1, a capturing group 2, and a counted repetition as often as it is written out.
 */
export const MAX_PROGRAM_SIZE = 100;

/**
 * Compiles a pattern.
 *
 * @throws InputError `bad-constraints`: not a regex that is supported, too long, or too complex
 */
export function compileRegex(pattern: string, path: string): Program {
  const tree = parsePattern(pattern, path);
  const size = sizeOf(tree) + 1;
  if (size > MAX_PROGRAM_SIZE) {
    const message = `The regex is too complex: its program has ${size} instructions, more than ${MAX_PROGRAM_SIZE}`;
    throw new InputError('bad-constraints', path, message);
  }
  const instructions: Instruction[] = [{ type: 'match' }];
  return { instructions, start: emit(instructions, tree, 0) };
}

/** The size before anything is written out. Nothing counts 0: repeating nothing often would still take its time. */
function sizeOf(node: Node): number {
  switch (node.type) {
    case 'empty':
    case 'chars':
    case 'assertion':
      return 1;
    case 'group':
      return sizeOf(node.inner) + 2;
    case 'sequence':
      return node.parts.reduce((sum, part) => sum + sizeOf(part), 0);
    case 'choice':
      return node.options.reduce((sum, option) => sum + sizeOf(option) + 1, -1);
    case 'repeat': {
      const { min, max } = node;
      const inner = sizeOf(node.inner);
      if (max === Infinity) return Math.max(min, 1) * inner + 1;
      return Math.max(min * inner + (max - min) * (inner + 1), 1);
    }
  }
  return node satisfies never;
}

/** Adds the instructions of a node, after which `next` follows; answers where to start. */
function emit(instructions: Instruction[], node: Node, next: number): number {
  switch (node.type) {
    case 'empty':
      return next;
    case 'chars':
      return instructions.push({ type: 'chars', set: node.set, next }) - 1;
    case 'assertion':
      return instructions.push({ type: 'assertion', kind: node.kind, next }) - 1;
    case 'group':
      return emit(instructions, node.inner, next);
    case 'sequence':
      return node.parts.reduceRight((after, part) => emit(instructions, part, after), next);
    case 'choice':
      return node.options
        .map((option) => emit(instructions, option, next))
        .reduceRight((other, option) => instructions.push({ type: 'either', next: option, other }) - 1);
    case 'repeat':
      return node.max === Infinity ? emitLoop(instructions, node, next) : emitCounted(instructions, node, next);
  }
  return node satisfies never;
}

type Repeat = Extract<Node, { readonly type: 'repeat' }>;

/** `x{3,}` is `xxx+`; the loop comes back to its branch. */
function emitLoop(instructions: Instruction[], { inner, min }: Repeat, next: number): number {
  const branch = instructions.push({ type: 'either', next, other: next }) - 1;
  const body = emit(instructions, inner, branch);
  instructions[branch] = { type: 'either', next: body, other: next };
  let start = min === 0 ? branch : body;
  for (let copy = 1; copy < min; copy += 1) start = emit(instructions, inner, start);
  return start;
}

/** `x{1,3}` is `x(x(x)?)?`. */
function emitCounted(instructions: Instruction[], { inner, min, max }: Repeat, next: number): number {
  let start = next;
  for (let copy = min; copy < max; copy += 1) {
    const body = emit(instructions, inner, start);
    start = instructions.push({ type: 'either', next: body, other: next }) - 1;
  }
  for (let copy = 0; copy < min; copy += 1) start = emit(instructions, inner, start);
  return start;
}
