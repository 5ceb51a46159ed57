import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deserialize, serialize, stats, tasks, type ClusterState } from '../../src/cluster/index.js';
import type { OrderRule } from '../../src/drf/index.js';
import { createMaster, replay, replaySteps, type MasterOptions } from '../../src/master/index.js';
import { manualClock, memoryTransport } from '../../src/transport/index.js';
import { keeping, lab, launching, subscribe, thrownBy } from './harness.js';

const bytes = (state: ClusterState): string => [...serialize(state)].join('');

/** A master whose record is kept. */
function recorded(options: MasterOptions = {}) {
  const lines: string[] = [];
  return { lines, ...lab({ record: (line) => lines.push(line), ...options }) };
}

/** A short life: agents, a scheduler, a task, a fault. */
async function live(built: ReturnType<typeof recorded>): Promise<void> {
  const { clock, memory, master } = built;
  const agent = memory.agent('a1', 'cpus:4;mem:4096;ports:[1000-2000]', { autorun: () => 2_000, heartbeatMs: 5_000 });
  subscribe(
    master,
    { framework: '__proto__', roles: ['etl/a'], failoverTimeoutMs: 9_000 },
    launching('cpus:1;mem:32', 3),
  );
  await clock.advance(10_000);
  agent.disconnect();
  await master.control({ type: 'set-weight', role: 'etl', weight: 2.5 });
  await clock.advance(10_000);
  agent.return();
  await clock.advance(60_000);
}

describe('a record', () => {
  it('begins with the state and the policy, then has each input that was accepted', async () => {
    const built = recorded();
    built.master.report({ type: 'register', agent: 'a1', resources: 'cpus:4' });
    await built.master.control({ type: 'mark-unreachable', agent: 'nobody' }).catch(() => undefined);
    await built.clock.settle();
    const [head, ...inputs] = built.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(head).toMatchObject({ proffer: 'record', version: 1, policy: 'drf', state: { format: 'proffer-state' } });
    expect(inputs).toEqual([
      { type: 'register', at: 0, agent: 'a1', resources: 'cpus:4' },
      { type: 'allocate', at: 0 },
    ]);
    expect(built.lines.some((line) => line.includes('\n'))).toBe(false);
  });

  it('played again gives the same bytes', async () => {
    const built = recorded();
    await live(built);
    expect(stats(built.master.state).inputs).toBeGreaterThan(20);
    expect(bytes(replay(built.lines))).toBe(bytes(built.master.state));
  });

  it('has what the stand-in made of a report, not what the host said', async () => {
    const built = recorded({ transports: [], agents: keeping() });
    const { clock, master } = built;
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:4096' });
    subscribe(master, { framework: 'f1', roles: ['r'] }, launching('cpus:1'), { acknowledge: 'explicit' });
    await clock.settle();
    master.report({ type: 'status', agent: 'a1', framework: 'f1', task: 't1', state: 'running' });
    await clock.advance(60_000);
    const statuses = built.lines.filter((line) => line.includes('"status"')).map((line) => JSON.parse(line) as object);
    expect(statuses.length).toBeGreaterThan(2);
    expect(statuses.every((status) => 'uuid' in status)).toBe(true);
    expect(bytes(replay(built.lines))).toBe(bytes(master.state));
  });

  it('goes on from a state that was restored', async () => {
    const first = recorded();
    await live(first);
    const second = recorded({ state: first.master.fork() });
    await live(second);
    expect(bytes(replay(second.lines))).toBe(bytes(second.master.state));
  });

  it('can be played step by step', async () => {
    const built = recorded();
    const seen: string[] = [];
    built.master.on('transition', ({ input }) => seen.push(input.type));
    await live(built);
    const steps = [...replaySteps(built.lines)];
    expect(steps.map(({ input }) => input.type)).toEqual(seen);
    expect(steps[0]).toMatchObject({ line: 2, input: { type: 'register' } });
    expect(steps.some(({ outputs }) => outputs.some(({ type }) => type === 'offers'))).toBe(true);
  });

  it('knows numbers and names that JSON does not', async () => {
    const built = recorded({ transports: [], agents: keeping() });
    const { clock, master } = built;
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:4096' });
    const payload = { __proto__: null, $number: 'Infinity', nested: [{ $fields: 1 }, { $number: NaN }] };
    Object.defineProperty(payload, '__proto__', { value: 'own', enumerable: true });
    subscribe(
      master,
      { framework: 'f1', roles: ['r'] },
      {
        offers: ([offer], driver) => {
          if (offer)
            driver.launch(
              offer,
              { id: 't1', resources: 'cpus:1', limits: { cpus: Infinity }, payload },
              { refuseSeconds: NaN },
            );
        },
      },
    );
    await clock.settle();
    const [, accept] = [...replaySteps(built.lines)]
      .map(({ input }) => input)
      .filter(({ type }) => type === 'accept' || type === 'subscribe');
    expect(accept).toMatchObject({ operations: [{ tasks: [{ limits: { cpus: Infinity } }] }], refuseSeconds: NaN });
    const task =
      accept?.type === 'accept' && accept.operations[0]?.type === 'launch' ? accept.operations[0].tasks[0] : undefined;
    expect(Object.entries(task?.payload as object)).toEqual([
      ['$number', 'Infinity'],
      ['nested', [{ $fields: 1 }, { $number: NaN }]],
      ['__proto__', 'own'],
    ]);
    expect(bytes(replay(built.lines))).toBe(bytes(master.state));
  });

  it.each<[string, unknown]>([
    ['a function', () => 'work'],
    ['a symbol', Symbol('work')],
    ['something with a function in it', { run: () => 'work' }],
  ])('has a payload that is %s as one that is there', async (_what, payload) => {
    const built = recorded({ transports: [], agents: keeping() });
    const { clock, master, lines } = built;
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:4096' });
    const launch = { id: 't1', resources: 'cpus:1', payload };
    subscribe(master, { roles: ['r'] }, { offers: ([offer], driver) => offer && driver.launch(offer, launch) });
    await clock.settle();
    expect(tasks(replay(lines))).toHaveLength(1);
    expect(bytes(replay(lines))).toBe(bytes(master.state));
  });

  it('of any policy is played by that policy', async () => {
    const reversed: OrderRule = { name: 'reversed', rank: ({ since }) => -since };
    const built = recorded({ policy: reversed });
    await live(built);
    expect(bytes(replay(built.lines, { policies: [reversed] }))).toBe(bytes(built.master.state));
    expect(thrownBy(() => replay(built.lines))).toMatchObject({ code: 'unknown-policy', path: 'line 1' });
  });

  it('ends where something cannot be written, and is whole up to there', async () => {
    const built = recorded({ transports: [], agents: keeping() });
    const { clock, master, errors, lines } = built;
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:4096' });
    const payload: unknown[] = [];
    payload.push(payload);
    subscribe(
      master,
      { framework: 'f1', roles: ['r'] },
      {
        offers: ([offer], driver) => offer && driver.launch(offer, { id: 't1', resources: 'cpus:1', payload }),
      },
    );
    await clock.settle();
    expect(errors.map(({ code }) => code)).toEqual(['record-failed']);
    const { length } = lines;
    master.report({ type: 'heartbeat', agent: 'a1' });
    expect(lines).toHaveLength(length);
    expect(thrownBy(() => replay(lines))).toBeUndefined();
  });

  it('whose writer throws is an error, and the master goes on', async () => {
    const { clock, master, errors } = lab({
      record: () => {
        throw new Error('disk full');
      },
    });
    master.report({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:4096' });
    await clock.settle();
    expect([errors.map(({ code }) => code), master.state.agents.size]).toEqual([['record-failed'], 1]);
  });
});

describe('a record that is not whole', () => {
  const make = async (): Promise<string[]> => {
    const built = recorded();
    built.master.report({ type: 'register', agent: 'a1', resources: 'cpus:4' });
    await built.clock.settle();
    return built.lines;
  };

  it('with a torn last line is refused, unless that is expected', async () => {
    const lines = await make();
    const torn = [...lines.slice(0, -1), (lines.at(-1) ?? '').slice(0, -4)];
    expect(thrownBy(() => replay(torn))).toMatchObject({ code: 'torn-line', path: `line ${lines.length}` });
    expect(bytes(replay(torn, { tolerateTornLine: true }))).toBe(bytes(replay(lines.slice(0, -1))));
  });

  it.each([
    ['nothing', (): string[] => [], 'empty-record', 'line 1'],
    ['another beginning', (lines: string[]) => lines.slice(1), 'bad-record', 'line 1'],
    [
      'a torn line in the middle',
      (lines: string[]) => [lines[0] ?? '', '{"type":', ...lines.slice(1)],
      'bad-record',
      'line 2',
    ],
    ['a line that is no input', (lines: string[]) => [...lines, '{"type":"nonsense","at":1}'], 'bad-record', 'line 4'],
    ['a line without a time', (lines: string[]) => [...lines, '{"type":"tick"}'], 'bad-record', 'line 4'],
    [
      'an input that cannot be',
      (lines: string[]) => [...lines, '{"type":"mark-unreachable","agent":"x","at":1}'],
      'bad-record',
      'line 4',
    ],
    ['a line that is null', (lines: string[]) => [...lines, 'null'], 'bad-record', 'line 4'],
    [
      'another version',
      (lines: string[]) => [(lines[0] ?? '').replace('"version":1', '"version":99')],
      'unknown-version',
      'line 1',
    ],
    [
      'another version of the state',
      (lines: string[]) => [(lines[0] ?? '').replace('-state","version":1', '-state","version":99')],
      'unknown-version',
      'line 1',
    ],
    ['no state', (lines: string[]) => [(lines[0] ?? '').replace(/"state":.*$/, '"state":{}}')], 'bad-state', 'line 1'],
  ] as const)('with %s is refused by code', async (_what, break_, code, path) => {
    const lines = break_(await make());
    expect(thrownBy(() => replay(lines, { tolerateTornLine: true }))).toMatchObject({
      name: 'InputError',
      code,
      path,
    });
  });

  it('may have line breaks and empty lines', async () => {
    const lines = await make();
    expect(bytes(replay(lines.map((line) => `${line}\r\n`).concat('', '\n')))).toBe(bytes(replay(lines)));
  });
});

describe('whatever happens', () => {
  type Act = readonly [what: number, ms: number];
  const acts = fc.array(fc.tuple(fc.nat(9), fc.nat(20_000)), { maxLength: 25 });

  it('its record gives the same bytes, and so does the state after it was saved', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (list: readonly Act[]) => {
        const lines: string[] = [];
        const clock = manualClock();
        const memory = memoryTransport({ clock });
        const master = createMaster({ clock, transports: [memory], record: (line) => lines.push(line) });
        master.on('error', () => {});
        const agents = ['a1', 'a2'].map((id) =>
          memory.agent(id, 'cpus:4;mem:4096', {
            heartbeatMs: 1_000,
            autorun: ({ id: task }) => Number(task.slice(1)) * 700,
          }),
        );
        const parties = ['r1', 'r2'].map((role) =>
          memory.framework({ roles: [role], failoverTimeoutMs: 5_000 }, launching('cpus:1;mem:32', 5)),
        );
        for (const [what, ms] of list) {
          const [agent, party] = [agents[what % 2], parties[what % 2]];
          if (what < 2) agent?.crash();
          else if (what < 4) agent?.silence();
          else if (what < 6) agent?.return();
          else if (what < 8) party?.disconnect();
          else party?.return();
          await clock.advance(ms);
        }
        expect(bytes(replay(lines))).toBe(bytes(master.state));
        expect(bytes(deserialize(serialize(master.state)))).toBe(bytes(master.state));
        await master.close();
      }),
      { numRuns: 25 },
    );
  });
});
