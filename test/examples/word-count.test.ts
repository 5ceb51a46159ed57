import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from './build.js';
import { help, readArguments, roles } from '../../examples/word-count/arguments.js';
import { defaultChunkSize, splitTexts } from '../../examples/word-count/chunks.js';
import { runJob, type JobOptions } from '../../examples/word-count/job.js';
import { mergeIndexes, noLines } from '../../examples/word-count/lines.js';
import { workerPool } from '../../examples/word-count/pool.js';
import { disagreements, singlePass } from '../../examples/word-count/single-pass.js';
import { clip, fit, oneLine, safe, widthOf } from '../../examples/word-count/terminal-text.js';
import { readTexts, type Text } from '../../examples/word-count/texts.js';
import { doWork, keptLines, readLines, readWords, readWork } from '../../examples/word-count/work.js';
import { wordCount, type Host } from '../../examples/word-count/word-count.js';
import { countWords, mergeCounts, topWords, totalWords } from '../../examples/word-count/words.js';

const home = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'proffer-word-count-'));
const texts = join(folder, 'texts');
const escape = '\u001b';

/** Worker threads run no TypeScript, so the worker is built as it is for `npm start`; the others are bad ones. */
const scripts = {
  good: join(folder, 'worker.mjs'),
  firstDies: join(folder, 'first-dies.mjs'),
  broken: join(folder, 'broken.mjs'),
  endless: join(folder, 'endless.mjs'),
  executor: join(folder, 'executor.mjs'),
};

beforeAll(async () => {
  await buildProgram('word-count/worker.ts', scripts.good);
  await buildProgram('word-count/executor.ts', scripts.executor);
  writeFileSync(
    scripts.firstDies,
    `import { writeFileSync } from 'node:fs';
     import { parentPort } from 'node:worker_threads';
     let first = true;
     try {
       writeFileSync(new URL('./died', import.meta.url), '', { flag: 'wx' });
     } catch {
       first = false;
     }
     if (first) parentPort.on('message', () => process.exit(3));
     else await import('./worker.mjs');`,
  );
  writeFileSync(scripts.broken, `throw new Error('out of \\u001b[31morder');`);
  writeFileSync(
    scripts.endless,
    `import { parentPort } from 'node:worker_threads';
     parentPort.on('message', () => { for (;;); });`,
  );
  mkdirSync(join(texts, 'below'), { recursive: true });
  for (let at = 0; at < 12; at += 1) writeFileSync(join(texts, `below/${at}.txt`), verse(at).repeat(20));
  writeFileSync(join(texts, 'binary'), new Uint8Array([1, 0, 2]));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function verse(at: number): string {
  return `The quick brown fox no. ${at}\njumps over ${'the lazy dog '.repeat(at)}\n\n`;
}

/** A host that keeps what is written, and what it kept. */
function fakeHost(worker: string, more: Partial<Host> = {}): { host: Host; out: () => string; err: () => string } {
  let [out, err] = ['', ''];
  const host: Host = {
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
    terminal: undefined,
    cwd: folder,
    home,
    worker: pathToFileURL(worker),
    executor: scripts.executor,
    signal: new AbortController().signal,
    ...more,
  };
  return { host, out: () => out, err: () => err };
}

describe('words', () => {
  it('are runs of letters and digits of any script, in lower case', () => {
    const counts = countWords("Naïve x86, don't; 第3章 第3章 __proto__\nÉÉ");
    const expected = { naïve: 1, x86: 1, don: 1, t: 1, 第3章: 2, proto: 1, éé: 1 };
    expect(Object.fromEntries(counts)).toEqual(expected);
  });

  it('do not depend on what stands around them', () => {
    // A capital sigma that ends a word becomes another letter than one that does not, and a full stop is looked through.
    expect([...countWords('ΣΑΣ.Α').keys()]).toEqual([...countWords('ΣΑΣ').keys(), 'α']);
  });

  it('may be called like what every object has', () => {
    expect([...countWords('constructor toString constructor')]).toEqual([
      ['constructor', 2],
      ['tostring', 1],
    ]);
  });

  it('are merged by adding, and listed by how frequent they are, then by their letters', () => {
    const whole = countWords('a b b');
    mergeCounts(whole, countWords('c c b'));
    expect(topWords(whole, 2)).toEqual([
      ['b', 3],
      ['c', 2],
    ]);
    expect(totalWords(whole)).toBe(6);
    expect(topWords(countWords('z y x'), 2)).toEqual([
      ['x', 1],
      ['y', 1],
    ]);
  });
});

describe('chunks', () => {
  const text = (content: string): Text => ({ name: 'text', content });

  it('end where lines end, and number their lines', () => {
    const [first, second, ...more] = splitTexts([text('one\r\ntwo\nthree\nfour')], 6);
    expect(first).toEqual([{ text: 0, firstLine: 1, content: 'one\r\ntwo\n' }]);
    expect(second).toEqual([{ text: 0, firstLine: 3, content: 'three\n' }]);
    expect(more).toEqual([[{ text: 0, firstLine: 4, content: 'four' }]]);
  });

  it('hold several short texts together', () => {
    expect(splitTexts([text('a\n'), text(''), text('b'), text('c\n')], 3)).toEqual([
      [
        { text: 0, firstLine: 1, content: 'a\n' },
        { text: 2, firstLine: 1, content: 'b' },
      ],
      [{ text: 3, firstLine: 1, content: 'c\n' }],
    ]);
  });

  it('are none for no text, and one for a line that is longer', () => {
    expect(splitTexts([], 10)).toEqual([]);
    expect(splitTexts([text('')], 10)).toEqual([]);
    expect(splitTexts([text('x'.repeat(100))], 10)).toHaveLength(1);
  });

  it('grow with the amount of text', () => {
    expect(defaultChunkSize(0)).toBe(8192);
    expect(defaultChunkSize(100_000_000)).toBe(500_000);
  });

  it('hold every character once, and give what a single pass gives', () => {
    const parts = fc.constantFrom('a', 'B', 'Σ', '.', ' ', '\n', '\r', '\r\n', '𝟘', 'é', 'e\u0301', '\u2028', '\ud800');
    const content = fc.array(parts, { maxLength: 60 }).map((all) => all.join(''));
    fc.assert(
      fc.property(fc.array(content, { maxLength: 4 }), fc.integer({ min: 1, max: 30 }), (contents, size) => {
        const all = contents.map(text);
        const chunks = splitTexts(all, size);
        const joined = contents.map(() => '');
        for (const piece of chunks.flat()) joined[piece.text] += piece.content;
        expect(joined).toEqual(contents);

        const counts = new Map<string, number>();
        let index = noLines;
        for (const chunk of chunks) {
          mergeCounts(counts, readWords(JSON.stringify(doWork({ kind: 'count-words', chunk }))));
          const lines = readLines(JSON.stringify(doWork({ kind: 'index-lines', chunk })));
          index = mergeIndexes(lines, index, keptLines);
        }
        expect(disagreements({ counts, index }, singlePass(all))).toEqual([]);
      }),
    );
  });
});

describe('a single pass', () => {
  it('contradicts what is wrong, in words', () => {
    const counts = countWords('a a b');
    const index = { lines: 2, longest: [{ text: 0, line: 1, length: 5, sample: 'a a b' }] };
    expect(disagreements({ counts, index }, singlePass([{ name: 'x', content: 'a b b' }]))).toEqual([
      "'a': 2 by the tasks, 1 in a single pass",
      "'b': 1 by the tasks, 2 in a single pass",
      'lines: 2 by the tasks, 1 in a single pass',
    ]);
    expect(disagreements({ counts, index: noLines }, singlePass([{ name: 'x', content: 'a a b' }]))).toContain(
      'long line 1: none by the tasks, 5 characters in line 1 of text 1 in a single pass',
    );
  });
});

describe('work', () => {
  it('is told from any other payload', () => {
    const chunk = [{ text: 0, firstLine: 1, content: 'a' }];
    expect(readWork({ kind: 'count-words', chunk })).toEqual({ kind: 'count-words', chunk });
    for (const payload of [undefined, null, 1, {}, { kind: 'rest', chunk }, { kind: 'count-words', chunk: [{}] }]) {
      expect(() => readWork(payload)).toThrow('not work');
    }
  });

  it('is told from any other answer', () => {
    for (const data of ['', '{', '{}', 'null', '[1]', '[["a"]]', '{"lines":1,"longest":[{}]}']) {
      expect(() => readWords(data)).toThrow();
      expect(() => readLines(data)).toThrow();
    }
  });
});

describe('the command line', () => {
  it('takes paths, weights, a chunk size and a number of agents', () => {
    const args = ['a', '--weight', 'words=2', 'b', '--weight=lines=0.5', '--chunk-size', '100', '--agents', '5'];
    const weights = { words: 2, lines: 0.5 };
    expect(readArguments(args)).toEqual({
      help: false,
      paths: ['a', 'b'],
      weights,
      chunkSize: 100,
      agents: 5,
      processes: false,
    });
    expect(readArguments([])).toEqual({
      help: false,
      paths: [],
      weights: { words: 1, lines: 1 },
      agents: 3,
      processes: false,
    });
  });

  it.each([
    [['--weight', 'words'], 'ROLE=NUMBER'],
    [['--weight', 'words=1=2'], 'ROLE=NUMBER'],
    [['--weight', 'letters=1'], "names no role: there are 'words' and 'lines'"],
    [['--weight', 'words='], 'between 0.001'],
    [['--weight', 'words=0'], 'between 0.001'],
    [['--weight', 'words=-1'], 'between 0.001'],
    [['--weight', 'words=0x10'], 'between 0.001'],
    [['--weight', 'words=0.0004'], 'between 0.001'],
    [['--weight', `words=${'9'.repeat(30)}`], 'between 0.001'],
    [['--weight', 'words=1', '--weight', 'words=2'], 'comes after another'],
    [['--agents', '0'], 'from 1 to 32'],
    [['--chunk-size', '1.5'], 'from 1 to'],
    [['--colour'], '--colour'],
  ])('refuses %j', async (args, why) => {
    const { host, out, err } = fakeHost(scripts.good);
    expect(await wordCount(args, host)).toBe(2);
    expect(err()).toContain(why);
    expect(out()).toBe('');
  });

  it('explains itself', async () => {
    const { host, out } = fakeHost(scripts.good);
    expect(await wordCount(['--help', '--weight', 'wrong'], host)).toBe(0);
    expect(out()).toBe(help);
  });

  it('refuses a path where there is nothing', async () => {
    const { host, err } = fakeHost(scripts.good);
    expect(await wordCount([texts, 'no\u001b[2Jwhere'], host)).toBe(2);
    expect(err()).toContain("there is no file or folder 'no\\u001b[2Jwhere'");
  });
});

describe('reading', () => {
  const { signal } = new AbortController();

  it('skips what is no text and says why', async () => {
    const odd = join(folder, 'odd');
    mkdirSync(join(odd, 'node_modules'), { recursive: true });
    writeFileSync(join(odd, 'bom'), '\ufeffwith a mark');
    writeFileSync(join(odd, 'latin1'), new Uint8Array([0x63, 0xe9]));
    writeFileSync(join(odd, 'nul'), 'a\0b');
    symlinkSync('..', join(odd, 'up'));
    symlinkSync('nowhere', join(odd, 'void'));
    const reading = await readTexts([{ path: odd, name: 'odd' }], signal);
    expect(reading.texts).toEqual([{ name: 'odd/bom', content: 'with a mark' }]);
    expect(reading.skipped.map(({ name, why }) => `${name}: ${why}`)).toEqual([
      'odd/latin1: binary',
      'odd/node_modules: left out',
      'odd/nul: binary',
      'odd/up: a link to a folder',
      'odd/void: unreadable: ENOENT',
    ]);
  });

  it('reads a file once, however often it is named', async () => {
    const file = join(texts, 'below/3.txt');
    const places = [file, texts, file].map((path) => ({ path, name: path }));
    expect((await readTexts(places, signal)).texts).toHaveLength(12);
  });
});

describe('text for a terminal', () => {
  it('does nothing but being seen', () => {
    expect(safe('a\u001b[2J\u0007\u009b1m\u202eb\u2028\ud800\u{e0001}')).toBe(
      'a\\u001b[2J\\u0007\\u009b1m\\u202eb\\u2028\\ud800\\u{e0001}',
    );
    expect(oneLine('  a\t\tb\u0000 ')).toBe('a b\\u0000');
  });

  it('is as wide as it is said to be', () => {
    expect([widthOf('abc'), widthOf('漢字'), widthOf('e\u0301')]).toEqual([3, 4, 1]);
    expect(clip('漢字漢字', 5)).toBe('漢字…');
    expect(clip('abc', 0)).toBe('');
    expect(fit('漢字漢字', 4)).toBe('漢… ');
  });
});

describe('a pool', () => {
  it('says what was thrown on a thread, which goes on', async () => {
    const pool = workerPool(pathToFileURL(scripts.good), 1);
    const { signal } = new AbortController();
    const chunk = [{ text: 0, firstLine: 1, content: 'a b' }];
    await expect(pool.run({ kind: 'rest', chunk } as never, signal)).rejects.toThrow('not work');
    expect(await pool.run({ kind: 'count-words', chunk }, signal)).toBe('[["a",1],["b",1]]');
    await pool.close();
    await expect(pool.run({ kind: 'count-words', chunk }, signal)).rejects.toThrow('called off');
  });

  it('ends what is called off, and goes on with the rest', async () => {
    const pool = workerPool(pathToFileURL(scripts.endless), 1);
    const [first, second] = [new AbortController(), new AbortController()];
    const running = pool.run({ kind: 'count-words', chunk: [] }, first.signal);
    const waiting = pool.run({ kind: 'count-words', chunk: [] }, second.signal);
    second.abort();
    await expect(waiting).rejects.toThrow('called off');
    first.abort();
    await expect(running).rejects.toThrow('the worker thread ended');
    await pool.close();
  });
});

describe('a job', () => {
  const options = async (script: string, more: Partial<JobOptions> = {}): Promise<JobOptions> => {
    const { signal } = new AbortController();
    const reading = await readTexts([{ path: texts, name: texts }], signal);
    return {
      chunks: splitTexts(reading.texts, 1_000),
      weights: { words: 1, lines: 1 },
      agents: 3,
      workers: { script: pathToFileURL(script), size: 2 },
      attempts: 3,
      signal,
      ...more,
    };
  };

  it('offers first to the role with the smaller share, so that they take turns', async () => {
    const { history } = await runJob(await options(scripts.good));
    const first = history.offers.slice(0, 3);
    expect(new Set(first.map(({ agent }) => agent)).size).toBe(3);
    expect(first.map(({ role }) => role).slice(0, 2)).toEqual(['lines', 'words']);
    for (const { role, shares } of first) {
      const other = roles.find((each) => each !== role) ?? '';
      expect(shares.get(role)).toBeLessThanOrEqual(shares.get(other) ?? 0);
    }
  });

  it('offers a role more when its weight is larger', async () => {
    const { history } = await runJob(await options(scripts.good, { weights: { words: 4, lines: 1 } }));
    expect(history.offers.slice(0, 3).map(({ role }) => role)).toEqual(['lines', 'words', 'words']);
  });

  it('runs tasks again that died with their thread', async () => {
    const job = await options(scripts.firstDies);
    const { counts, index, retried } = await runJob(job);
    const all = (await readTexts([{ path: texts, name: texts }], job.signal)).texts;
    expect(disagreements({ counts, index }, singlePass(all))).toEqual([]);
    expect(retried).toBe(1);
  });

  it('is given up when a task fails too often', async () => {
    const [chunk = []] = splitTexts([{ name: 'x', content: 'one line' }], 1);
    await expect(runJob(await options(scripts.broken, { chunks: [chunk] }))).rejects.toMatchObject({
      name: 'BatchError',
      message: expect.stringMatching(/^(words|lines)-\d+ failed 3 times, the last time because .*out of/),
    });
  });

  it('ends at once when it is interrupted, whatever its threads are at', async () => {
    const interruption = new AbortController();
    const { signal } = interruption;
    const running = runJob(await options(scripts.endless, { signal }));
    setTimeout(() => interruption.abort(), 200);
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('the command', () => {
  it('counts a folder and agrees with a single pass', async () => {
    const { host, out, err } = fakeHost(scripts.good);
    expect(await wordCount(['texts', '--chunk-size', '1000', '--weight', 'words=2'], host)).toBe(0);
    expect(err()).toBe('');
    expect(out()).toContain('12 texts with');
    expect(out()).toContain('skipped texts/binary: binary');
    expect(out()).toMatch(/^ +1,560 {2}the$/m);
    expect(out()).toMatch(/^ +154 {2}texts\/below\/11\.txt:2 {3}jumps over the lazy dog/m);
    expect(out()).toContain('divided by the weights (words 2, lines 1)');
    expect(out()).toMatch(/^ +1 {2}lines {2}a\d .* before: words 0 %, lines 0 %$/m);
    expect(out()).toMatch(/checked: a single pass over the texts finds the same\n$/);
  });

  it('counts the same in processes of its executors', async () => {
    const { host, out, err } = fakeHost(scripts.good);
    expect(await wordCount(['texts', '--chunk-size', '1000', '--processes'], host)).toBe(0);
    expect(out()).toContain('checked: a single pass over the texts finds the same');
    expect(err()).toBe('');
  });

  it('counts nothing where there is nothing', async () => {
    writeFileSync(join(folder, 'empty'), '');
    const { host, out } = fakeHost(scripts.good);
    expect(await wordCount(['empty'], host)).toBe(0);
    expect(out()).toContain('words: 0 in all');
  });

  it('draws within the terminal and gives the cursor back', async () => {
    const terminal = { columns: 60, rows: 14, colours: true };
    const { host, out } = fakeHost(scripts.good, { terminal });
    expect(await wordCount(['texts', '--chunk-size', '400', '--agents', '20'], host)).toBe(0);
    const [, drawn = ''] = out().split('\u001b[?25l');
    const [view = ''] = drawn.split('\u001b[?25h');
    const frames = view.split(new RegExp(`${escape}\\[\\d+A\r`));
    expect(frames.length).toBeGreaterThan(1);
    for (const frame of frames) {
      const lines = frame.replaceAll(new RegExp(`${escape}\\[[\\d;]*[A-Za-z]`, 'g'), '').split('\n');
      expect(lines.length).toBeLessThanOrEqual(14);
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(60);
    }
    expect(frames.at(-1)).toContain('100 %');
  });

  it('fails when a task cannot be done, and says so in safe words', async () => {
    const { host, err } = fakeHost(scripts.broken);
    expect(await wordCount(['texts'], host)).toBe(1);
    expect(err()).toContain('failed 3 times');
    expect(err()).toContain('out of \\u001b[31morder');
  });

  it('says that it was interrupted', async () => {
    const { host, err } = fakeHost(scripts.endless, { signal: AbortSignal.timeout(200) });
    expect(await wordCount(['texts'], host)).toBe(130);
    expect(err()).toBe('word-count: interrupted\n');
  });
});
