import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ArtifactError, fetchArtifacts, type FetchOptions } from '../../src/agent/node/artifacts.js';
import type { Artifact } from '../../src/tasks/index.js';
import { tarOf, zipOf, type Member } from './archives.js';

const folder = mkdtempSync(join(tmpdir(), 'proffer-artifacts-'));
const baseDir = join(folder, 'base');
let sandbox = '';
let runs = 0;

const hasProgram = (name: string): boolean => spawnSync(name, ['--help']).error === undefined;

/** What the server says to each path. */
const answers: Readonly<Record<string, RequestListener>> = {
  '/plain': (_request, response) => response.end('hello'),
  '/empty': (_request, response) => response.writeHead(204).end(),
  '/moved': (_request, response) => response.writeHead(302, { location: '/plain' }).end(),
  '/round': (_request, response) => response.writeHead(302, { location: '/round' }).end(),
  '/absent': (_request, response) => response.writeHead(404).end('hello'),
  '/broken': (_request, response) => response.writeHead(500).end('hello'),
  '/cut': (_request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('hello', () => response.destroy());
  },
  '/endless': (_request, response) => {
    const more = (): unknown => !response.destroyed && response.write('x'.repeat(1_000), () => setTimeout(more, 1));
    more();
  },
  '/stuck': (_request, response) => void response.write('hello'),
  '/packed': (request, response) => response.end(String(request.headers['accept-encoding'])),
};
let server: Server;
let address = '';

beforeAll(async () => {
  mkdirSync(baseDir);
  server = createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  runs += 1;
  sandbox = join(folder, `sandbox [${runs}] it's $(exit)`);
  mkdirSync(sandbox);
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function make(name: string, content: string | Uint8Array, mode: number = 0o644): string {
  const path = join(baseDir, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

/** What is in the sandbox, by path: the text of files, the targets of links. */
function contents(path: string = sandbox, prefix: string = ''): Record<string, string> {
  const found = readdirSync(path, { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const name = `${prefix}${entry.name}`;
    if (entry.isDirectory()) return Object.entries(contents(join(path, entry.name), `${name}/`));
    if (entry.isSymbolicLink()) return [[name, 'link']];
    return [[name, readFileSync(join(path, entry.name), 'utf8')]];
  });
  return Object.fromEntries(found);
}

const fetching = (artifacts: readonly Artifact[], more: Partial<FetchOptions> = {}): Promise<void> =>
  fetchArtifacts(artifacts, sandbox, { baseDir, ...more });

/** How fetching fails. */
async function failure(artifacts: readonly Artifact[], more: Partial<FetchOptions> = {}): Promise<ArtifactError> {
  const error: unknown = await fetching(artifacts, more).catch((it: unknown) => it);
  if (!(error instanceof ArtifactError)) throw new Error(`It failed otherwise: ${String(error)}`, { cause: error });
  return error;
}

const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

describe('artifacts from files', () => {
  it('are copied, wherever they lie, and keep the permissions that they had', async () => {
    make('a', 'A');
    make('tool', '#!', 0o750);
    await fetching([
      { path: 'a' },
      { path: join(baseDir, 'a'), name: 'absolute' },
      { path: 'tool' },
      { url: pathToFileURL(join(baseDir, 'a')).href, name: 'program', executable: true },
    ]);
    expect(contents()).toEqual({ a: 'A', absolute: 'A', tool: '#!', program: 'A' });
    const modes = ['a', 'tool', 'program'].map((name) => statSync(join(sandbox, name)).mode & 0o777);
    expect(modes).toEqual([0o644, 0o750, 0o755]);
  });

  it('take the place of what has their name, and do not write through links', async () => {
    const victim = make('victim', 'whole');
    make('new', 'new');
    symlinkSync(victim, join(sandbox, 'new'));
    await fetching([{ path: 'new' }]);
    expect(lstatSync(join(sandbox, 'new')).isFile()).toBe(true);
    expect(readFileSync(victim, 'utf8')).toBe('whole');
  });

  it.each(['__proto__', '-rf', "it's", '$(exit 1)', 'a\nb', 'ü'])('may be called %j', async (name) => {
    make('a', 'A');
    await fetching([{ path: 'a', name }]);
    expect(readdirSync(sandbox)).toEqual([name]);
  });

  it.each<[string, Artifact, string]>([
    ['is not there', { path: 'nothing' }, 'artifact-missing'],
    ['is in something that is no folder', { path: 'a/b' }, 'artifact-missing'],
    ['is a folder', { path: '.', name: 'x' }, 'artifact-unreadable'],
    ['is endless', { path: '/dev/zero' }, 'artifact-unreadable'],
    ['is on another machine', { url: 'file://elsewhere/a' }, 'artifact-unreadable'],
    ['has another sum', { path: 'a', sha256: sha256('B') }, 'artifact-checksum'],
  ])('fail when what is named %s', async (_name, artifact, code) => {
    make('a', 'A');
    const error = await failure([artifact]);
    expect(error).toMatchObject({ name: 'ArtifactError', code });
    expect(error.artifact).toBe(artifact);
    expect(readdirSync(sandbox)).toEqual([]);
  });

  it('are whole or not there', async () => {
    make('a', 'A');
    const upper = sha256('A').toUpperCase();
    await fetching([{ path: 'a', sha256: upper }]);
    const error = await failure([{ path: 'a', name: 'b' }, { path: 'gone' }, { path: 'a', name: 'c' }]);
    expect(error.message).toMatch(/^'gone' cannot be read: ENOENT/);
    expect(contents()).toEqual({ a: 'A', b: 'A' });
  });

  it('may not be larger than the agent takes', async () => {
    make('large', 'x'.repeat(11));
    expect(await failure([{ path: 'large' }], { maxBytes: 10 })).toMatchObject({ code: 'artifact-too-large' });
    await fetching([{ path: 'large' }], { maxBytes: 11 });
    expect(readdirSync(sandbox)).toEqual(['large']);
  });

  it('fail where the sandbox has a folder of their name, or is none', async () => {
    make('a', 'A');
    mkdirSync(join(sandbox, 'a'));
    expect(await failure([{ path: 'a' }])).toMatchObject({ code: 'artifact-unwritable' });
    expect(readdirSync(sandbox)).toEqual(['a']);
    rmSync(sandbox, { recursive: true });
    expect(await failure([{ path: 'a' }])).toMatchObject({ code: 'artifact-unwritable' });
  });

  it('are not fetched at all when one of them is nonsense', async () => {
    make('a', 'A');
    await expect(fetching([{ path: 'a' }, { path: 'a', name: '../b' }])).rejects.toMatchObject({
      ...{ name: 'InputError', code: 'bad-artifact', path: 'artifacts[1].name' },
    });
    expect(readdirSync(sandbox)).toEqual([]);
  });
});

describe('artifacts from addresses', () => {
  const at = (path: string, more: Artifact = {}): Artifact => ({ url: `${address}${path}`, ...more });

  it('are downloaded, also from where they have moved', async () => {
    await fetching([
      at('/plain', { sha256: sha256('hello') }),
      at('/moved'),
      at('/empty'),
      at('/plain', { name: 'x' }),
    ]);
    expect(contents()).toEqual({ plain: 'hello', moved: 'hello', empty: '', x: 'hello' });
    expect(statSync(join(sandbox, 'plain')).mode & 0o777).toBe(0o644);
  });

  it('come as they are', async () => {
    await fetching([at('/packed')]);
    expect(contents()).toEqual({ packed: 'identity' });
  });

  it.each([
    ['/absent', 'artifact-missing', 'answers 404'],
    ['/broken', 'artifact-unreadable', 'answers 500'],
    ['/round', 'artifact-unreadable', 'redirect'],
    ['/cut', 'artifact-unreadable', 'read to its end'],
    ['/endless', 'artifact-too-large', 'larger than 5000 bytes'],
  ])('fail when %s is such: %s', async (path, code, words) => {
    const error = await failure([at(path)], { maxBytes: 5_000 });
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
    expect(readdirSync(sandbox)).toEqual([]);
  });

  it.each(['http://127.0.0.1:1/x', 'http://[::/x', 'http://user:secret@127.0.0.1:1/x'])('fail at %s', async (url) => {
    const error = await failure([{ url }]);
    expect(error.code).toBe('artifact-unreadable');
    expect(error.message.split(' cannot')[0]).not.toContain('secret');
    expect(readdirSync(sandbox)).toEqual([]);
  });

  it.each(['/stuck', '/endless'])('are given up when %s is aborted', async (path) => {
    const controller = new AbortController();
    const fetched = fetching([at(path), at('/plain')], { signal: controller.signal });
    const caught = fetched.catch((error: unknown) => error);
    await vi.waitFor(() => expect(readdirSync(sandbox)).toHaveLength(1));
    controller.abort();
    expect(await caught).toMatchObject({ name: 'AbortError' });
    expect(readdirSync(sandbox)).toEqual([]);
  });

  it('are not begun when that was aborted before', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(fetching([at('/plain')], { signal: controller.signal })).rejects.toBe(controller.signal.reason);
    expect(readdirSync(sandbox)).toEqual([]);
  });
});

describe('archives', () => {
  const members: readonly Member[] = [
    { name: 'bin/run', text: '#!/bin/sh\n', mode: 0o755 },
    { name: 'bin/python', link: '/usr/bin/python3' },
    { name: 'a b/$(exit)', text: 'odd' },
  ];
  const expected = { 'bin/run': '#!/bin/sh\n', 'bin/python': 'link', 'a b/$(exit)': 'odd' };
  const extract = true;
  const through = (program: string, bytes: Uint8Array): Uint8Array => execFileSync(program, { input: bytes });
  /** How archives are made by their names, and what must be there to make them or to take them apart. */
  const kinds: readonly [name: string, pack: (...all: readonly Member[]) => Uint8Array, needs: readonly string[]][] = [
    ['x.tar', tarOf, ['tar']],
    ['x.tgz', (...all) => gzipSync(tarOf(...all)), ['tar', 'gzip']],
    ['x.tar.gz', (...all) => gzipSync(tarOf(...all)), ['tar', 'gzip']],
    ['x.tar.bz2', (...all) => through('bzip2', tarOf(...all)), ['tar', 'bzip2']],
    ['x.tar.xz', (...all) => through('xz', tarOf(...all)), ['tar', 'xz']],
    ['x.zip', zipOf, ['unzip']],
  ];

  describe.each(kinds)('called %s', (name, pack, needs) => {
    const isThere = needs.every(hasProgram);

    it.runIf(isThere)('are taken apart in the sandbox', async () => {
      make(name, pack(...members));
      await fetching([{ path: name, extract }]);
      const { [name]: archive, ...rest } = contents();
      expect(rest).toEqual(expected);
      expect(archive).toBeDefined();
      expect(statSync(join(sandbox, 'bin/run')).mode & 0o777).toBe(0o755);
    });

    it.runIf(isThere)('fail when they are none', async () => {
      make(name, 'no archive');
      const error = await failure([{ path: name, extract }]);
      expect(error).toMatchObject({
        code: 'artifact-archive',
        message: expect.stringContaining('cannot be extracted'),
      });
      expect(readdirSync(sandbox)).toEqual([]);
    });

    it.runIf(isThere)('are refused with .. in a name', async () => {
      make(name, pack({ name: 'fine', text: 'x' }, { name: '../evil', text: 'x' }));
      expect(await failure([{ path: name, extract }])).toMatchObject({ code: 'artifact-archive' });
      expect(readdirSync(sandbox)).toEqual([]);
    });

    it.runIf(isThere).each<[string, ...Member[]]>([
      ['above', { name: 'a/../../../evil', text: 'x' }],
      ['absolute', { name: join(folder, 'evil'), text: 'x' }],
      ['through a link', { name: 'l', link: folder }, { name: 'l/evil', text: 'x' }],
      ['through a link above', { name: 'l', link: '../..' }, { name: 'l/evil', text: 'x' }],
    ])('cannot write outside of the sandbox: %s', async (_name, ...all) => {
      make(name, pack(...all));
      const error: unknown = await fetching([{ path: name, extract }]).catch((it: unknown) => it);
      expect(existsSync(join(folder, 'evil'))).toBe(false);
      if (error === undefined) return;
      expect(error).toMatchObject({ code: 'artifact-archive' });
      expect(readdirSync(sandbox)).toEqual([]);
    });
  });

  it('stay whole unless it is asked for', async () => {
    make('x.tar', tarOf(...members));
    await fetching([{ path: 'x.tar' }]);
    expect(readdirSync(sandbox)).toEqual(['x.tar']);
  });

  it('are judged by their name in the sandbox', async () => {
    make('download', gzipSync(tarOf(...members)));
    await fetching([{ path: 'download', name: 'x.tgz', extract }]);
    expect(contents()).toMatchObject(expected);
  });

  it('lie over each other', async () => {
    make('one.tar', tarOf({ name: 'd/a', text: '1' }, { name: 'd/b', text: '1' }, { name: 'f', text: '1' }));
    make('two.tar', tarOf({ name: 'd/b', text: '2' }, { name: 'd/c', text: '2' }, { name: 'f/g', text: '2' }));
    await fetching(['one.tar', 'two.tar'].map((path) => ({ path, extract })));
    const { 'one.tar': _one, 'two.tar': _two, ...rest } = contents();
    expect(rest).toEqual({ 'd/a': '1', 'd/b': '2', 'd/c': '2', 'f/g': '2' });
  });

  it('do not take the place of a folder by a file', async () => {
    mkdirSync(join(sandbox, 'kept'));
    make('x.tar', tarOf({ name: 'kept', text: '' }));
    expect(await failure([{ path: 'x.tar', extract }])).toMatchObject({ code: 'artifact-unwritable' });
    expect(contents()).toEqual({});
    expect(readdirSync(sandbox)).toEqual(['kept']);
  });

  it('cannot write through a link that an earlier one brought', async () => {
    const outside = join(folder, 'outside');
    mkdirSync(outside);
    make('one.tar', tarOf({ name: 'l', link: outside }, { name: 'd/l', link: outside }));
    make('two.tar', tarOf({ name: 'l/evil', text: 'x' }, { name: 'd/l/evil', text: 'x' }));
    await fetching(['one.tar', 'two.tar'].map((path) => ({ path, extract })));
    expect(readdirSync(outside)).toEqual([]);
    expect(contents()).toMatchObject({ 'l/evil': 'x', 'd/l/evil': 'x' });
  });

  it('fail where there is no program for them', async () => {
    vi.stubEnv('PATH', baseDir);
    make('x.tar', tarOf(...members));
    const error = await failure([{ path: 'x.tar', extract }]);
    vi.unstubAllEnvs();
    expect(error).toMatchObject({ code: 'artifact-archive', message: expect.stringContaining('no program tar') });
  });

  it('are given up when that is aborted', async () => {
    const programs = join(folder, 'slow');
    mkdirSync(programs);
    writeFileSync(join(programs, 'tar'), '#!/bin/sh\n: > begun\nexec sleep 600\n', { mode: 0o755 });
    vi.stubEnv('PATH', `${programs}:${process.env['PATH']}`);
    make('x.tar', tarOf(...members));
    const controller = new AbortController();
    const caught = fetching([{ path: 'x.tar', extract }], { signal: controller.signal }).catch((it: unknown) => it);
    await vi.waitFor(() => expect(readdirSync(sandbox, { recursive: true }).join(' ')).toContain('begun'));
    vi.unstubAllEnvs();
    controller.abort();
    expect(await caught).toMatchObject({ name: 'AbortError' });
    expect(readdirSync(sandbox)).toEqual([]);
  });
});
