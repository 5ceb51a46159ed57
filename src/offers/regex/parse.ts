/**
 * From the text of a pattern to a tree. The syntax is RE2's without Unicode properties (`\p`) and single bytes (`\C`):
 * whatever would need to look back at what was matched, or around, is refused.
 */
import { InputError } from '../../resources/index.js';
import {
  LAST_CODE_POINT,
  complement,
  merged,
  perlClasses,
  point,
  posixClasses,
  type CharRange,
  type CharSet,
} from './chars.js';

/** A place between two characters. */
export type Assertion = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word-edge' | 'no-word-edge';

/** A pattern as a tree. Greed plays no part: a whole text matches or does not. */
export type Node =
  | { readonly type: 'empty' }
  | { readonly type: 'chars'; readonly set: CharSet }
  | { readonly type: 'assertion'; readonly kind: Assertion }
  | { readonly type: 'sequence'; readonly parts: readonly Node[] }
  | { readonly type: 'choice'; readonly options: readonly Node[] }
  /** `max` may be Infinity. */
  | { readonly type: 'repeat'; readonly inner: Node; readonly min: number; readonly max: number }
  | { readonly type: 'group'; readonly inner: Node };

/** A pattern may be this long, in UTF-16 code units. */
export const MAX_PATTERN_LENGTH = 4_096;

/** A count in braces may be this large (RE2). */
const MAX_COUNT = 1_000;
/** Groups within groups; each is a call of the parser. */
const MAX_DEPTH = 100;

interface Flags {
  readonly anyCase: boolean;
  /** `^` and `$` also at line ends. */
  readonly lines: boolean;
  /** `.` takes the end of a line, too. */
  readonly dotAll: boolean;
}

/**
 * Reads a pattern.
 *
 * @throws InputError `bad-constraints`
 */
export function parsePattern(pattern: string, path: string): Node {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    const message = `A regex may have ${MAX_PATTERN_LENGTH} characters, this one has ${pattern.length}`;
    throw new InputError('bad-constraints', path, message);
  }
  return new Parser(pattern, path).parse();
}

class Parser {
  readonly #characters: readonly string[];
  readonly #pattern: string;
  readonly #path: string;
  readonly #names = new Set<string>();
  #at = 0;
  #depth = 0;
  #flags: Flags = { anyCase: false, lines: false, dotAll: false };

  constructor(pattern: string, path: string) {
    this.#characters = [...pattern];
    this.#pattern = pattern;
    this.#path = path;
  }

  parse(): Node {
    const node = this.#choice();
    if (this.#peek() === ')') this.#refuse('there is a ) without a (');
    return node;
  }

  #choice(): Node {
    const options = [this.#sequence()];
    while (this.#eat('|')) options.push(this.#sequence());
    const [only] = options;
    return options.length === 1 && only !== undefined ? only : { type: 'choice', options };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    let before: 'nothing' | 'atom' | 'repetition' = 'nothing';
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      const repetition = this.#repetition();
      if (repetition === undefined) {
        const atoms = this.#atoms();
        parts.push(...atoms);
        before = atoms.length > 0 ? 'atom' : 'nothing';
        continue;
      }
      const inner = parts.pop();
      if (before === 'repetition') this.#refuse('a repetition is repeated');
      if (before === 'nothing' || inner === undefined) this.#refuse('there is nothing to repeat');
      parts.push({ type: 'repeat', inner, ...repetition });
      before = 'repetition';
    }
    return parts.length === 0 ? { type: 'empty' } : { type: 'sequence', parts };
  }

  #repetition(): { readonly min: number; readonly max: number } | undefined {
    const counts = this.#shortRepetition() ?? this.#counts();
    if (counts !== undefined) this.#eat('?');
    return counts;
  }

  #shortRepetition(): { readonly min: number; readonly max: number } | undefined {
    if (this.#eat('*')) return { min: 0, max: Infinity };
    if (this.#eat('+')) return { min: 1, max: Infinity };
    return this.#eat('?') ? { min: 0, max: 1 } : undefined;
  }

  /** `{n}`, `{n,}` or `{n,m}`; braces around anything else are characters. */
  #counts(): { readonly min: number; readonly max: number } | undefined {
    if (this.#peek() !== '{') return undefined;
    // Enough for every count that is allowed, and one that is not.
    const ahead = this.#characters.slice(this.#at, this.#at + 24).join('');
    const found = /^\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/.exec(ahead);
    if (found === null) return undefined;
    const [whole, low, comma, high] = found;
    const min = Number(low);
    const max = high !== undefined ? Number(high) : comma === undefined ? min : Infinity;
    if (min > MAX_COUNT || (max > MAX_COUNT && max !== Infinity)) this.#refuse(`${whole} is beyond ${MAX_COUNT}`);
    if (min > max) this.#refuse(`${whole} ends before it begins`);
    this.#at += whole.length;
    return { min, max };
  }

  /** What stands at one place; none for what only changes flags, several for quoted text. */
  #atoms(): readonly Node[] {
    const next = this.#take();
    switch (next) {
      case '(':
        return this.#group();
      case '[':
        return [{ type: 'chars', set: this.#bracket() }];
      case '.':
        return [this.#chars(this.#flags.dotAll ? [[0, LAST_CODE_POINT]] : complement([[10, 10]]))];
      case '^':
        return [{ type: 'assertion', kind: this.#flags.lines ? 'line-start' : 'text-start' }];
      case '$':
        return [{ type: 'assertion', kind: this.#flags.lines ? 'line-end' : 'text-end' }];
      case '\\':
        return this.#eat('Q') ? this.#quoted() : [this.#escape()];
      default:
        return [this.#literal(point(next))];
    }
  }

  #group(): readonly Node[] {
    const outer = this.#flags;
    const opening = this.#opening();
    if (opening === 'flags') return [];
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.#refuse(`groups are nested more than ${MAX_DEPTH} deep`);
    const inner = this.#choice();
    if (!this.#eat(')')) this.#refuse('a ) is missing');
    this.#depth -= 1;
    this.#flags = outer;
    return [opening === 'capturing' ? { type: 'group', inner } : inner];
  }

  /** What follows `(`: which kind of group it is, or that it only sets flags. */
  #opening(): 'capturing' | 'plain' | 'flags' {
    if (!this.#eat('?')) return 'capturing';
    for (const look of ['=', '!', '<=', '<!'])
      if (this.#eat(look)) this.#refuse('looking ahead or behind is not supported');
    if (this.#eat('P<') || this.#eat('<')) return this.#name();
    const flags = { ...this.#flags };
    let on = true;
    for (let last = this.#take(); ; last = this.#take()) {
      if (last === 'i') flags.anyCase = on;
      else if (last === 'm') flags.lines = on;
      else if (last === 's') flags.dotAll = on;
      else if (last === '-' && on) on = false;
      else if (last === ')' || last === ':') {
        this.#flags = flags;
        return last === ')' ? 'flags' : 'plain';
      } else if (last !== 'U') this.#refuse(`there is no group (?${last}`);
    }
  }

  #name(): 'capturing' {
    let name = '';
    for (let next = this.#take(); next !== '>'; next = this.#take()) name += next;
    if (!/^\w+$/.test(name)) this.#refuse('the name of a group is made of letters, digits and _');
    if (this.#names.has(name)) this.#refuse(`two groups are called ${name}`);
    this.#names.add(name);
    return 'capturing';
  }

  /** After `\Q`: everything up to `\E` as it is. */
  #quoted(): readonly Node[] {
    const literals: Node[] = [];
    while (this.#peek() !== undefined && !this.#eat('\\E')) literals.push(this.#literal(point(this.#take())));
    return literals;
  }

  #escape(): Node {
    if (this.#eat('A')) return { type: 'assertion', kind: 'text-start' };
    if (this.#eat('z')) return { type: 'assertion', kind: 'text-end' };
    if (this.#eat('b')) return { type: 'assertion', kind: 'word-edge' };
    if (this.#eat('B')) return { type: 'assertion', kind: 'no-word-edge' };
    const known = this.#perlClass();
    return known === undefined ? this.#literal(this.#escapedPoint()) : this.#chars(known);
  }

  #perlClass(): readonly CharRange[] | undefined {
    const known = perlClasses.get(this.#peek() ?? '');
    if (known !== undefined) this.#at += 1;
    return known;
  }

  /** After a backslash: one character. */
  #escapedPoint(): number {
    const next = this.#take('a backslash ends the regex');
    const control = controls.get(next);
    if (control !== undefined) return control;
    if (next === 'x') return this.#hexadecimal();
    if (/[0-7]/.test(next)) return this.#octal(next);
    if (/[89]/.test(next)) this.#refuse('referring back to a group is not supported');
    // Letters are kept for what may get a meaning; everything else may be escaped.
    if (/[A-Za-z]/.test(next) || point(next) >= 0x80) this.#refuse(`there is no escape \\${next}`);
    return point(next);
  }

  #octal(first: string): number {
    let text = first;
    while (text.length < 3 && /[0-7]/.test(this.#peek() ?? '')) text += this.#take();
    if (first !== '0' && text.length === 1) this.#refuse('referring back to a group is not supported');
    return Number.parseInt(text, 8);
  }

  #hexadecimal(): number {
    let text = '';
    if (this.#eat('{')) {
      for (let next = this.#take(); next !== '}'; next = this.#take()) text += next;
    } else text = this.#take() + this.#take();
    const code = /^[\dA-Fa-f]{1,6}$/.test(text) ? Number.parseInt(text, 16) : Infinity;
    if (code > LAST_CODE_POINT) this.#refuse(`\\x${text} is no character`);
    return code;
  }

  /** After `[`: a class. A `]` that comes first is a character. */
  #bracket(): CharSet {
    const negated = this.#eat('^');
    const ranges: CharRange[] = [];
    for (let first = true; first || this.#peek() !== ']'; first = false) ranges.push(...this.#classItem());
    this.#at += 1;
    return { ranges: merged(ranges), negated, anyCase: this.#flags.anyCase };
  }

  #classItem(): readonly CharRange[] {
    const named = this.#posixClass();
    if (named !== undefined) return named;
    const first = this.#classPoint();
    if (typeof first !== 'number') return first;
    if (this.#peek() !== '-' || this.#peek(1) === ']') return [[first, first]];
    this.#at += 1;
    const last = this.#classPoint();
    if (typeof last !== 'number' || last < first) this.#refuse('a range of characters ends before it begins');
    return [[first, last]];
  }

  #classPoint(): number | readonly CharRange[] {
    const next = this.#take('a ] is missing');
    return next === '\\' ? (this.#perlClass() ?? this.#escapedPoint()) : point(next);
  }

  /** `[:alpha:]`, or `[:^alpha:]` for all others. */
  #posixClass(): readonly CharRange[] | undefined {
    if (this.#peek() !== '[' || this.#peek(1) !== ':') return undefined;
    const ahead = this.#characters.slice(this.#at, this.#at + 16).join('');
    const found = /^\[:(\^?)(\w+):\]/.exec(ahead);
    if (found === null) return undefined;
    const [whole, negated, name = ''] = found;
    const ranges = posixClasses.get(name);
    if (ranges === undefined) return this.#refuse(`there is no class ${whole}`);
    this.#at += whole.length;
    return negated === '^' ? complement(ranges) : ranges;
  }

  #literal(codePoint: number): Node {
    return this.#chars([[codePoint, codePoint]]);
  }

  #chars(ranges: readonly CharRange[]): Node {
    return { type: 'chars', set: { ranges, negated: false, anyCase: this.#flags.anyCase } };
  }

  #peek(ahead = 0): string | undefined {
    return this.#characters[this.#at + ahead];
  }

  #eat(text: string): boolean {
    for (let i = 0; i < text.length; i += 1) if (this.#peek(i) !== text[i]) return false;
    this.#at += text.length;
    return true;
  }

  #take(otherwise = 'the regex ends too early'): string {
    const next = this.#peek();
    if (next === undefined) return this.#refuse(otherwise);
    this.#at += 1;
    return next;
  }

  #refuse(why: string): never {
    const shown = this.#pattern.length > 80 ? `${this.#pattern.slice(0, 80)}…` : this.#pattern;
    throw new InputError('bad-constraints', this.#path, `The regex '${shown}' is not valid: ${why} (at ${this.#at})`);
  }
}

const controls: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
]);
