import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyStandIn,
  nextStandInDeadline,
  standInCommand,
  standInFromJSON,
  standInGone,
  standInLost,
  standInReport,
  standInTick,
  standInToJSON,
  type StandIn,
} from '../../src/agent/index.js';
import type { Command, Report, StatusReport, TaskState } from '../../src/tasks/index.js';
import { taskInfo } from './harness.js';

/** A stand-in with a clock, between agents and a master that remembers what it heard. */
class Between {
  state: StandIn = emptyStandIn({ seed: 1 });
  now = 0;
  readonly heard: Report[] = [];

  report(report: Report): readonly Report[] {
    const [next, reports] = standInReport(this.state, report, this.now);
    this.state = next;
    this.heard.push(...reports);
    return reports;
  }

  command(command: Command): { readonly passed: readonly Command[]; readonly reports: readonly Report[] } {
    const [next, passed, reports] = standInCommand(this.state, command, this.now);
    this.state = next;
    this.heard.push(...reports);
    return { passed, reports };
  }

  register(agent: string, more: object = {}): void {
    this.report({ type: 'register', agent, resources: 'cpus:4', ...more });
    this.command({ type: 'registered', agent });
  }

  status(task: string, state: TaskState, more: Partial<StatusReport> = {}): string[] {
    return this.report({ type: 'status', agent: 'a1', framework: 'F1', task, state, ...more }).map(words);
  }

  uuid(task: string): string {
    const last = this.heard.findLast((it) => it.type === 'status' && it.task === task && it.uuid !== undefined);
    return last?.type === 'status' ? (last.uuid ?? 'none') : 'none';
  }

  acknowledge(task: string, uuid: string = this.uuid(task)): string[] {
    const { passed, reports } = this.command({ type: 'acknowledge', agent: 'a1', framework: 'F1', task, uuid });
    return [...passed.map((it) => `pass ${it.type}`), ...reports.map(words)];
  }

  pass(ms: number): string[] {
    const until = this.now + ms;
    const said: string[] = [];
    for (
      let due = nextStandInDeadline(this.state);
      due !== undefined && due <= until;
      due = nextStandInDeadline(this.state)
    ) {
      this.now = due;
      const [next, reports] = standInTick(this.state, due);
      this.state = next;
      said.push(...reports.map(words));
    }
    this.now = until;
    return said;
  }
}

function words(report: Report): string {
  if (report.type !== 'status') return report.type;
  const { task, state = 'nothing', latestState, uuid } = report;
  return `${task} ${state}${latestState === undefined ? '' : ` latest=${latestState}`}${uuid === undefined ? ' without uuid' : ''}`;
}

function simple(): Between {
  const it = new Between();
  it.register('a1');
  return it;
}

describe('a stand-in for simple agents', () => {
  it('gives their updates a uuid, one in flight at a time, and takes the acknowledgements (UPD-1, UPD-2, UPD-4)', () => {
    const it = simple();
    expect(it.status('t1', 'running')).toEqual(['t1 running']);
    expect(it.uuid('t1')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(it.status('t1', 'finished')).toEqual(['t1 nothing latest=finished without uuid']);
    expect(it.status('t2', 'running')).toEqual(['t2 running']);
    expect(it.acknowledge('t1')).toEqual(['t1 finished']);
    expect(it.acknowledge('t1')).toEqual([]);
    expect(it.acknowledge('t2')).toEqual([]);
    expect(nextStandInDeadline(it.state)).toBeUndefined();
  });

  it('sends again after 10 s, then after twice as long, with the same uuid (UPD-3)', () => {
    const it = simple();
    it.status('t1', 'running');
    const uuid = it.uuid('t1');
    expect(it.pass(9_999)).toEqual([]);
    expect(it.pass(1)).toEqual(['t1 running']);
    it.status('t1', 'failed');
    expect(it.pass(20_000)).toEqual(['t1 running latest=failed']);
    expect(it.uuid('t1')).toBe(uuid);
  });

  it('keeps what the agent said, and fills in who and when', () => {
    const it = simple();
    it.now = 77;
    it.status('t1', 'failed', {
      reason: 'container-limitation',
      message: 'm',
      data: 'd',
      healthy: false,
      labels: [{ key: 'k' }],
    });
    expect(it.heard.at(-1)).toEqual({
      type: 'status',
      agent: 'a1',
      framework: 'F1',
      task: 't1',
      state: 'failed',
      uuid: it.uuid('t1'),
      source: 'executor',
      timestamp: 77,
      reason: 'container-limitation',
      message: 'm',
      data: 'd',
      healthy: false,
      labels: [{ key: 'k' }],
    });
  });

  it('does not let a late word undo an end (TASK-4)', () => {
    const it = simple();
    it.status('t1', 'running');
    it.status('t1', 'finished');
    expect(it.status('t1', 'running')).toEqual([]);
    expect(it.acknowledge('t1')).toEqual(['t1 finished']);
    expect(it.acknowledge('t1')).toEqual([]);
  });

  it('ignores acknowledgements of something else (UPD-4)', () => {
    const it = simple();
    it.status('t1', 'running');
    expect(it.acknowledge('t1', 'nope')).toEqual([]);
    expect(it.acknowledge('t9', 'nope')).toEqual([]);
    expect(it.pass(10_000)).toEqual(['t1 running']);
  });
});

describe('a stand-in leaves alone', () => {
  it('agents that keep streams of their own', () => {
    const it = new Between();
    it.register('a1', { streams: true });
    expect(it.status('t1', 'running', { uuid: 'own' })).toEqual(['t1 running']);
    expect(it.status('t1', 'running')).toEqual(['t1 running without uuid']);
    expect(it.acknowledge('t1', 'own')).toEqual(['pass acknowledge']);
    expect(nextStandInDeadline(it.state)).toBeUndefined();
  });

  it('agents that it never met: the master does not know them either (UPD-7)', () => {
    const it = new Between();
    expect(it.status('t1', 'running')).toEqual(['t1 running without uuid']);
    expect(it.acknowledge('t1', 'u')).toEqual(['pass acknowledge']);
  });

  it('updates that have a uuid, and reports that are no update', () => {
    const it = simple();
    expect(it.status('t1', 'running', { uuid: 'own' })).toEqual(['t1 running']);
    expect(
      it.report({ type: 'status', agent: 'a1', framework: 'F1', task: 't1', latestState: 'running' }).map(words),
    ).toEqual(['t1 nothing latest=running without uuid']);
    expect(it.report({ type: 'heartbeat', agent: 'a1' })).toEqual([{ type: 'heartbeat', agent: 'a1' }]);
    // The master takes it without a uuid, and then it is over (OP-2).
    const ended = { type: 'operation-status', agent: 'a1', operation: 'P0', state: 'finished' } as const;
    expect(it.report(ended)).toEqual([ended]);
  });

  it('commands that are no acknowledgement', () => {
    const it = simple();
    const commands: Command[] = [
      { type: 'kill', agent: 'a1', framework: 'F1', task: 't1' },
      { type: 'reconcile', agent: 'a1', tasks: [] },
      { type: 'shutdown-agent', agent: 'a1', message: '' },
      { type: 'acknowledge-operation', agent: 'a1', operation: 'P0', uuid: 'u' },
    ];
    for (const command of commands) expect(it.command(command).passed).toEqual([command]);
  });
});

describe('a stand-in for an agent', () => {
  it('without an id learns it with the master’s answer', () => {
    const it = new Between();
    it.report({ type: 'register', connection: 'c1', resources: 'cpus:1', streams: true });
    it.report({ type: 'register', connection: 'c2', resources: 'cpus:1' });
    it.command({ type: 'registered', agent: 'own', connection: 'c1' });
    it.command({ type: 'registered', agent: 'a1', connection: 'c2' });
    expect(it.status('t1', 'running', { agent: 'own' })).toEqual(['t1 running without uuid']);
    expect(it.status('t1', 'running')).toEqual(['t1 running']);
    expect(it.state.nameless.size).toBe(0);
  });

  it('that is lost waits, and goes on when it is registered again (UPD-8)', () => {
    const it = simple();
    it.status('t1', 'running');
    const uuid = it.uuid('t1');
    it.state = standInLost(it.state, 'a1');
    expect(nextStandInDeadline(it.state)).toBeUndefined();
    expect(it.status('t1', 'finished')).toEqual([]);
    expect(it.status('t2', 'running')).toEqual([]);
    it.report({ type: 'reregister', agent: 'a1', resources: 'cpus:4' });
    expect(nextStandInDeadline(it.state)).toBeUndefined();
    const { passed, reports } = it.command({ type: 'registered', agent: 'a1' });
    expect(passed).toHaveLength(1);
    expect(reports.map(words)).toEqual(['t1 running latest=finished', 't2 running']);
    expect(it.uuid('t1')).toBe(uuid);
    expect(standInLost(it.state, 'nobody')).toBe(it.state);
    // The master's second answer to a question that was asked twice.
    expect(it.command({ type: 'registered', agent: 'a1' }).reports).toEqual([]);
  });

  it('that begins anew, ends, or is gone forgets', () => {
    const endings: ((it: Between) => void)[] = [
      (it) => it.register('a1'),
      (it) => it.report({ type: 'unregister', agent: 'a1' }),
      (it) => it.command({ type: 'shutdown-agent', agent: 'a1', message: '' }),
      (it) => it.command({ type: 'registration-refused', agent: 'a1', code: 'x', message: '' }),
      (it) => it.command({ type: 'shutdown-framework', agent: 'a1', framework: 'F1' }),
      (it) => {
        it.state = standInGone(it.state, 'a1');
      },
    ];
    for (const end of endings) {
      const it = simple();
      it.status('t1', 'running');
      end(it);
      expect(it.pass(3_600_000)).toEqual([]);
      expect(it.state.agents.get('a1')?.tasks.size ?? 0).toBe(0);
    }
  });

  it('whose task is launched anew forgets the end of the old one (TASK-6)', () => {
    const it = simple();
    it.status('t1', 'finished');
    it.status('t2', 'running');
    const frameworkInfo = { id: 'F1', roles: ['web'], capabilities: [] };
    it.command({ type: 'launch', agent: 'a1', framework: 'F1', task: taskInfo('t1'), frameworkInfo });
    it.command({ type: 'launch', agent: 'a1', framework: 'F1', task: taskInfo('t2'), frameworkInfo });
    expect(it.pass(10_000)).toEqual(['t2 running']);
  });

  it('may have any names', () => {
    const it = new Between();
    it.register('__proto__');
    const of = { type: 'status', agent: '__proto__', framework: 'constructor', task: '__proto__' } as const;
    expect(it.report({ ...of, state: 'running' }).map(words)).toEqual(['__proto__ running']);
    const uuid = it.uuid('__proto__');
    const { passed } = it.command({
      type: 'acknowledge',
      agent: '__proto__',
      framework: 'constructor',
      task: '__proto__',
      uuid,
    });
    expect(passed).toEqual([]);
    expect(nextStandInDeadline(it.state)).toBeUndefined();
  });
});

describe('emptyStandIn', () => {
  it.each([
    [{ seed: NaN }, 'bad-number'],
    [{ seed: 1, streamConfig: { firstMs: -1, maxMs: 1 } }, 'bad-duration'],
  ])('refuses %o', (options, code) => {
    expect(() => emptyStandIn(options)).toThrow(expect.objectContaining({ code }));
    expect(() => standInTick(emptyStandIn({ seed: 1 }), NaN)).toThrow(expect.objectContaining({ code: 'bad-number' }));
  });
});

describe('any history of a stand-in', () => {
  const agents = ['a1', 'a2'];
  const act = fc.tuple(
    fc.constantFrom('status', 'status', 'status', 'ack', 'ack', 'lost', 'return', 'tick', 'json'),
    fc.constantFrom(...agents),
    fc.constantFrom('t1', 't2'),
    fc.constantFrom<TaskState>('running', 'killing', 'finished', 'failed'),
    fc.constantFrom(0, 3_000, 15_000),
  );

  it('delivers in order with one in flight a task, survives being written down, and ends quiet', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60, size: 'max' }), (acts) => {
        const it = new Between();
        for (const agent of agents) it.register(agent);
        const inFlight = new Map<string, string>();
        const hear = (reports: readonly Report[]): void => {
          for (const report of reports) {
            if (report.type !== 'status' || report.uuid === undefined) continue;
            const key = `${report.agent}/${report.task}`;
            expect([undefined, report.uuid]).toContain(inFlight.get(key));
            inFlight.set(key, report.uuid);
          }
        };
        const acknowledge = (agent: string, task: string): void => {
          const uuid = inFlight.get(`${agent}/${task}`);
          if (uuid === undefined) return;
          // What is due comes before the acknowledgement takes effect.
          const [next, due] = standInTick(it.state, it.now);
          it.state = next;
          hear(due);
          inFlight.delete(`${agent}/${task}`);
          hear(it.command({ type: 'acknowledge', agent, framework: 'F1', task, uuid }).reports);
        };
        for (const [what, agent, task, state, wait] of acts) {
          it.now += wait;
          if (what === 'status') hear(it.report({ type: 'status', agent, framework: 'F1', task, state }));
          else if (what === 'ack') acknowledge(agent, task);
          else if (what === 'lost') it.state = standInLost(it.state, agent);
          else if (what === 'json')
            it.state = standInFromJSON(JSON.parse(JSON.stringify(standInToJSON(it.state))) as never);
          else if (what === 'return') {
            hear(it.report({ type: 'reregister', agent, resources: 'cpus:4' }));
            hear(it.command({ type: 'registered', agent }).reports);
          } else {
            const [next, reports] = standInTick(it.state, it.now);
            it.state = next;
            hear(reports);
          }
        }
        for (const agent of agents) {
          hear(it.report({ type: 'reregister', agent, resources: 'cpus:4' }));
          hear(it.command({ type: 'registered', agent }).reports);
        }
        for (let left = 200; inFlight.size > 0 && left > 0; left -= 1) {
          for (const key of [...inFlight.keys()]) acknowledge(key.slice(0, 2), key.slice(3));
        }
        expect(nextStandInDeadline(it.state)).toBeUndefined();
        expect(it.state.agents.values().map((agent) => agent.tasks.size)).toEqual([0, 0]);
      }),
    );
  });

  it('refuses what it did not write', () => {
    expect(() => standInFromJSON({ version: 2 } as never)).toThrow(expect.objectContaining({ code: 'bad-state' }));
    expect(() => standInFromJSON(null as never)).toThrow(expect.objectContaining({ code: 'bad-state' }));
  });
});
