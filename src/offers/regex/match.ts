/**
 * Running a program over a text: all ways to match at once, one character after the other (Pike's simulation). Every
 * instruction is looked at once a character at most, so the time is at most the product of the two sizes, whatever the
 * pattern: no pattern of a user can stall the process, as one can with the engine's own `RegExp`.
 */
import { isWord, point, takes } from './chars.js';
import type { Assertion } from './parse.js';
import type { Program } from './program.js';

/** Whether the program matches the text as a whole. */
export function matchesWhole(program: Program, text: string): boolean {
  return runProgram(program, text).matched;
}

/** As {@link matchesWhole}, with the number of steps that it took: at most 4 for each instruction and place. */
export function runProgram(program: Program, text: string): { readonly matched: boolean; readonly steps: number } {
  const points = Array.from(text, point);
  const run = new Run(program, points);
  let active = run.follow(program.start, 0);
  for (const [at, codePoint] of points.entries()) {
    if (active.length === 0) break;
    const next: number[] = [];
    for (const id of active) {
      const instruction = program.instructions[id];
      run.steps += 1;
      if (instruction?.type === 'chars' && takes(instruction.set, codePoint)) {
        next.push(...run.follow(instruction.next, at + 1));
      }
    }
    active = next;
  }
  return { matched: active.some((id) => program.instructions[id]?.type === 'match'), steps: run.steps };
}

class Run {
  steps: number = 0;
  readonly #program: Program;
  readonly #points: readonly number[];
  /** Per instruction: the place at which it was reached last. */
  readonly #reached: number[];

  constructor(program: Program, points: readonly number[]) {
    this.#program = program;
    this.#points = points;
    this.#reached = program.instructions.map(() => -1);
  }

  /** The instructions that wait for a character (or match), reached from here without one, and not reached before. */
  follow(start: number, at: number): readonly number[] {
    const waiting: number[] = [];
    const open = [start];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      this.steps += 1;
      const instruction = this.#program.instructions[id];
      if (instruction === undefined || this.#reached[id] === at) continue;
      this.#reached[id] = at;
      if (instruction.type === 'either') open.push(instruction.other, instruction.next);
      else if (instruction.type !== 'assertion') waiting.push(id);
      else if (this.#holds(instruction.kind, at)) open.push(instruction.next);
    }
    return waiting;
  }

  #holds(kind: Assertion, at: number): boolean {
    const before = this.#points[at - 1];
    const after = this.#points[at];
    switch (kind) {
      case 'text-start':
        return before === undefined;
      case 'text-end':
        return after === undefined;
      case 'line-start':
        return before === undefined || before === 10;
      case 'line-end':
        return after === undefined || after === 10;
      case 'word-edge':
        return isWord(before) !== isWord(after);
      case 'no-word-edge':
        return isWord(before) === isWord(after);
    }
    return kind satisfies never;
  }
}
