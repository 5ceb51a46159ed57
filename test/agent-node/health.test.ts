import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchHealth, type HealthVerdict } from '../../src/agent/node/health.js';
import type { CheckInfo, CommandInfo } from '../../src/tasks/index.js';

let cwd = '';
let stops: (() => void)[] = [];

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'proffer-health-'));
});

afterEach(() => {
  vi.useRealTimers();
  for (const stop of stops) stop();
  stops = [];
  rmSync(cwd, { recursive: true });
});

const quick = { delayMs: 0, intervalMs: 5, timeoutMs: 5_000, gracePeriodMs: 0, consecutiveFailures: 3 } as const;

/** Watches, and gives the verdicts as they come. */
function watch(check: CheckInfo): HealthVerdict[] {
  const verdicts: HealthVerdict[] = [];
  const { stop } = watchHealth(
    { ...quick, ...check },
    {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', GREETING: 'hi' },
      onVerdict: (verdict) => verdicts.push(verdict),
    },
  );
  stops.push(stop);
  return verdicts;
}

const command = (value: string, more: Partial<CheckInfo> = {}): HealthVerdict[] =>
  watch({ type: 'command', command: { value }, ...more });

const short = ({ healthy, failures, giveUp }: HealthVerdict): string =>
  `${healthy ? 'healthy' : 'unhealthy'} ${failures}${giveUp ? ' give up' : ''}`;

async function come(verdicts: readonly HealthVerdict[], ...expected: readonly string[]): Promise<void> {
  await vi.waitFor(() => expect(verdicts.map(short)).toEqual(expected), { timeout: 10_000, interval: 5 });
}

/** How often the command of a check has run, which writes a file each time. */
const counting = 'n=0; while ! (set -C; : > "run$n") 2> /dev/null; do n=$((n+1)); done;';
const runs = (): number => readdirSync(cwd).filter((name) => name.startsWith('run')).length;

describe('what is said of health', () => {
  it('is the first answer, and then only changes', async () => {
    writeFileSync(join(cwd, 'well'), '');
    const verdicts = command(`${counting} test -e well`, { consecutiveFailures: 1_000 });
    await vi.waitFor(() => expect(runs()).toBeGreaterThan(3));
    await come(verdicts, 'healthy 0');
    rmSync(join(cwd, 'well'));
    await come(verdicts, 'healthy 0', 'unhealthy 1');
    writeFileSync(join(cwd, 'well'), '');
    await come(verdicts, 'healthy 0', 'unhealthy 1', 'healthy 0');
    expect(verdicts.map(({ message }) => message)).toEqual([
      'The health check succeeded',
      'The health check failed: the command exited with status 1',
      'The health check succeeded',
    ]);
  });

  it('is to give up after so many failures in a row, and nothing after that', async () => {
    const verdicts = command(`${counting} exit 7`);
    await come(verdicts, 'unhealthy 1', 'unhealthy 3 give up');
    await sleep(50);
    expect(runs()).toBe(3);
    await come(verdicts, 'unhealthy 1', 'unhealthy 3 give up');
  });

  it.each([0, 1])('is to give up at once when %i failures are allowed', async (consecutiveFailures) => {
    await come(command('exit 1', { consecutiveFailures }), 'unhealthy 1 give up');
  });

  it('begins to count anew after a success', async () => {
    const verdicts = command(`${counting} test $((n % 3)) = 2`, { consecutiveFailures: 3 });
    await vi.waitFor(() => expect(runs()).toBeGreaterThan(7), { timeout: 10_000 });
    expect(verdicts.some(({ giveUp }) => giveUp)).toBe(false);
    expect(verdicts.slice(0, 3).map(short)).toEqual(['unhealthy 1', 'healthy 0', 'unhealthy 1']);
  });

  it('does not count failures in the grace period', async () => {
    const since = Date.now();
    const verdicts = command(`${counting} exit 1`, { gracePeriodMs: 600 });
    await vi.waitFor(() => expect(verdicts.length).toBeGreaterThan(0), { timeout: 10_000, interval: 5 });
    // The clock of the test began a little before that of the check.
    expect(Date.now() - since).toBeGreaterThanOrEqual(600);
    expect(runs()).toBeGreaterThan(1);
    await come(verdicts, 'unhealthy 1', 'unhealthy 3 give up');
  });

  it('counts them in the grace period once it was well', async () => {
    const verdicts = command(`${counting} test "$n" = 1`, { gracePeriodMs: 600_000 });
    await come(verdicts, 'healthy 0', 'unhealthy 1', 'unhealthy 3 give up');
  });

  it('comes after the delay, at the times of Mesos where the check says none', async () => {
    vi.useFakeTimers();
    const verdicts: HealthVerdict[] = [];
    const { stop } = watchHealth({ type: 'tcp' }, { cwd, env: {}, onVerdict: (verdict) => verdicts.push(verdict) });
    await vi.advanceTimersByTimeAsync(14_999);
    expect(verdicts).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(verdicts.map(short)).toEqual(['unhealthy 1']);
    await vi.advanceTimersByTimeAsync(19_999);
    expect(verdicts.map(short)).toEqual(['unhealthy 1']);
    await vi.advanceTimersByTimeAsync(1);
    expect(verdicts.map(short)).toEqual(['unhealthy 1', 'unhealthy 3 give up']);
    stop();
  });

  it('is nothing any more after it was stopped', async () => {
    const verdicts = command(`${counting} exit 1`, { consecutiveFailures: 1_000 });
    await come(verdicts, 'unhealthy 1');
    for (const stop of stops) stop();
    const count = runs();
    await sleep(50);
    expect(runs() - count).toBeLessThan(2);
    expect(verdicts).toHaveLength(1);
  });
});

describe('a check by command', () => {
  const of = (it: CommandInfo): HealthVerdict[] => watch({ type: 'command', command: it, consecutiveFailures: 1 });

  it('has the environment and the folder of the task, and its own variables', async () => {
    const environment = [
      { name: 'GREETING', value: 'ho' },
      { name: 'MORE', value: '$(exit 3)' },
    ];
    await come(of({ value: 'echo "$GREETING $MORE" > said; test -n "$PATH"', environment }), 'healthy 0');
    expect(readFileSync(join(cwd, 'said'), 'utf8')).toBe('ho $(exit 3)\n');
    await come(of({ value: 'test "$GREETING" = hi' }), 'healthy 0');
  });

  it('runs without a shell when it says so', async () => {
    await come(of({ value: 'test', arguments: ['$(exit 1)', '=', '$(exit 1)'], shell: false }), 'healthy 0');
  });

  it.each<[CommandInfo, string]>([
    [{ value: 'exit 3' }, 'exited with status 3'],
    [{ value: 'kill -TERM $$' }, 'ended by SIGTERM'],
    [{ value: './none', shell: false }, 'ENOENT'],
    [{ value: 'a\0b' }, 'null bytes'],
  ])('is a failure when it is %o', async (it, words) => {
    const verdicts = of(it);
    await come(verdicts, 'unhealthy 1 give up');
    expect(verdicts[0]?.message).toContain(words);
  });

  /** A command that leaves its process ids behind and never ends, nor does its child. */
  const stuck = 'sleep 600 & echo "$$ $!" > pids; wait';
  const pids = (): number[] => readFileSync(join(cwd, 'pids'), 'utf8').split(' ').map(Number);
  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
    } catch {
      return false;
    }
    const stat = `/proc/${pid}/stat`;
    // What nobody has buried yet does nothing any more.
    return !existsSync(stat) || !readFileSync(stat, 'utf8').includes(') Z ');
  };
  const end = (): Promise<void> => vi.waitFor(() => expect(pids().filter(isAlive)).toEqual([]));

  it('is ended with all that it started when it takes too long', async () => {
    const verdicts = command(stuck, { timeoutMs: 300, consecutiveFailures: 1 });
    await come(verdicts, 'unhealthy 1 give up');
    expect(verdicts[0]?.message).toBe('The health check failed: no answer in 300 ms');
    await end();
  });

  it('is ended with all that it started when the watch is stopped', async () => {
    const verdicts = command(stuck, { timeoutMs: 0 });
    await vi.waitFor(() => expect(pids()).toHaveLength(2));
    for (const stop of stops) stop();
    await end();
    expect(verdicts).toEqual([]);
  });

  it('leaves nothing behind when it ends by itself', async () => {
    await come(command('sleep 600 & echo "$$ $!" > pids', { intervalMs: 600_000 }), 'healthy 0');
    await end();
  });
});

describe('a check over the network', () => {
  let status = 200;
  let server: Server;
  let port = 0;
  const asked: string[] = [];
  const silent = createTcpServer((socket) => void socket.resume());

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (status !== 0) response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('body');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    silent.close();
  });
  const http = (path?: string, more: Partial<CheckInfo> = {}): HealthVerdict[] =>
    watch({ type: 'http', http: { port, ...(path !== undefined && { path }) }, consecutiveFailures: 1, ...more });
  const silentPort = (): number => (silent.address() as AddressInfo).port;

  it.each([200, 204, 302, 399])('is a success with the answer %i', async (said) => {
    status = said;
    asked.length = 0;
    await come(http('/health?deep=1', { intervalMs: 600_000 }), 'healthy 0');
    expect(asked).toEqual(['GET /health?deep=1']);
  });

  it.each([400, 404, 500, 503])('is a failure with the answer %i', async (said) => {
    status = said;
    const verdicts = http();
    await come(verdicts, 'unhealthy 1 give up');
    expect(verdicts[0]?.message).toBe(`The health check failed: the answer was ${said}`);
  });

  it('is a failure without an answer in time', async () => {
    status = 0;
    const verdicts = http('/', { timeoutMs: 50 });
    await come(verdicts, 'unhealthy 1 give up');
    expect(verdicts[0]?.message).toBe('The health check failed: no answer in 50 ms');
  });

  it.each<[string, CheckInfo, string]>([
    ['nobody listens', { type: 'http', http: { port: 1 } }, 'ECONNREFUSED'],
    ['nobody listens', { type: 'tcp', tcp: { port: 1 } }, 'ECONNREFUSED'],
    ['no request has such a path', { type: 'http', http: { port: 1, path: '/a b\n' } }, 'unescaped characters'],
    ['there is no such port', { type: 'tcp', tcp: { port: NaN } }, 'Port should be'],
    ['it does not say what to ask', { type: 'http' }, 'nothing to check by http'],
  ])('is a failure when %s', async (_name, check, words) => {
    const verdicts = watch({ ...check, consecutiveFailures: 1 });
    await come(verdicts, 'unhealthy 1 give up');
    expect(verdicts[0]?.message).toContain(words);
  });

  it('by TCP is a success when somebody listens', async () => {
    await come(watch({ type: 'tcp', tcp: { port: silentPort() } }), 'healthy 0');
  });

  it('keeps no connection open', async () => {
    const connections = (): Promise<number> =>
      new Promise((resolve) => silent.getConnections((_error, count) => resolve(count)));
    const verdicts = watch({ type: 'tcp', tcp: { port: silentPort() }, intervalMs: 600_000 });
    await come(verdicts, 'healthy 0');
    await vi.waitFor(async () => expect(await connections()).toBe(0));
    const waiting = watch({ type: 'http', http: { port: silentPort() }, timeoutMs: 0 });
    await vi.waitFor(async () => expect(await connections()).toBe(1));
    for (const stop of stops) stop();
    await vi.waitFor(async () => expect(await connections()).toBe(0));
    expect(waiting).toEqual([]);
  });
});
