import { describe, expect, it } from 'vitest';
import { agentTransition, emptyAgent, nextAgentDeadline } from '../../src/agent/index.js';
import type { Command } from '../../src/tasks/index.js';
import { admitted, executorInfo, harness, launch, running, taskInfo } from './harness.js';

const registered = (connection?: string): Omit<Extract<Command, { type: 'registered' }>, 'agent'> => ({
  type: 'registered',
  ...(connection !== undefined && { connection }),
});

describe('an agent that connects', () => {
  it('registers with all that it is (AG-1)', () => {
    const it = harness({
      hostname: 'host1',
      attributes: 'zone:a;rack:7',
      domain: { region: 'r', zone: 'z' },
      heartbeatMs: 15_000,
    });
    expect(it.happen({ type: 'connected', connection: 'c1' })).toEqual(['register']);
    const [output] = it.all;
    expect(
      output?.to === 'master' && {
        ...output.report,
        resources: String(output.report.type === 'register' && output.report.resources),
      },
    ).toMatchObject({
      type: 'register',
      agent: 'a1',
      connection: 'c1',
      hostname: 'host1',
      resources: 'cpus:8; mem:8000',
      domain: { region: 'r', zone: 'z' },
      streams: true,
      heartbeatMs: 15_000,
    });
  });

  it('is given an id when it has none', () => {
    let [state, outputs] = agentTransition(emptyAgent({ resources: 'cpus:1', seed: 1 }), {
      type: 'connected',
      at: 0,
      connection: 'c',
    });
    expect(outputs).toMatchObject([{ report: { type: 'register', connection: 'c' } }]);
    expect(outputs[0]).not.toHaveProperty('report.agent');
    [state] = agentTransition(state, {
      type: 'command',
      at: 1,
      command: { type: 'registered', agent: 'S7', connection: 'c' },
    });
    expect(state.id).toBe('S7');
    [state, outputs] = agentTransition(state, { type: 'connected', at: 2 });
    expect(outputs).toMatchObject([{ report: { type: 'reregister', agent: 'S7' } }]);
  });

  it('asks again while no answer comes, ever more seldom', () => {
    const it = harness();
    it.happen({ type: 'connected', connection: 'c1' });
    const times: number[] = [];
    for (let i = 0; i < 12; i += 1) {
      const due = nextAgentDeadline(it.state) ?? NaN;
      times.push(due - it.now);
      it.now = due;
      expect(it.happen({ type: 'tick' })).toEqual(['register']);
    }
    for (const [i, wait] of times.entries()) {
      const most = Math.min(1_000 * 2 ** i, 60_000);
      expect(wait).toBeGreaterThanOrEqual(most / 2);
      expect(wait).toBeLessThanOrEqual(most);
    }
    expect(it.order(registered('c1'))).toEqual([]);
    expect(nextAgentDeadline(it.state)).toBeUndefined();
  });

  it('does not become a newcomer when the answer to its first registration was lost but tasks came', () => {
    const it = harness();
    it.happen({ type: 'connected', connection: 'c1' });
    it.order(launch(taskInfo('t1')));
    it.now = nextAgentDeadline(it.state) ?? NaN;
    expect(it.happen({ type: 'tick' })).toEqual(['reregister t1:staging']);
  });

  it('does not listen to answers to an older question, or for another agent', () => {
    const it = harness();
    it.happen({ type: 'connected', connection: 'c1' });
    it.happen({ type: 'connected', connection: 'c2' });
    it.order(registered('c1'));
    it.happen({ type: 'command', command: { type: 'registered', agent: 'other', connection: 'c2' } });
    expect(it.state.link.state).toBe('registering');
    expect(it.state.dropped).toBe(2);
    it.order(registered('c2'));
    expect(it.state.link.state).toBe('up');
    it.order(registered('c2'));
    expect(it.state.dropped).toBe(2);
  });

  it('does not take an answer that comes after the way broke', () => {
    const it = harness();
    it.happen({ type: 'connected' });
    it.happen({ type: 'disconnected' });
    it.order(registered());
    expect(it.state.link.state).toBe('down');
  });
});

describe('an agent that returns', () => {
  it('says everything that it holds (AG-5, AG-11)', () => {
    const it = running({
      executor: executorInfo('e1'),
      name: 'web-1',
      priority: 3,
      preemptible: true,
      labels: [{ key: 'k' }],
    });
    it.order(launch(taskInfo('t2')));
    it.says('t2', 'starting');
    it.says('t2', 'finished');
    it.happen({ type: 'disconnected' });
    it.happen({ type: 'connected' });
    expect(it.all.at(-1)).toMatchObject({
      report: {
        type: 'reregister',
        agent: 'a1',
        tasks: [
          {
            framework: 'F1',
            id: 't1',
            name: 'web-1',
            role: 'web',
            state: 'running',
            executor: 'e1',
            priority: 3,
            preemptible: true,
            labels: [{ key: 'k' }],
          },
          { framework: 'F1', id: 't2', state: 'finished', statusState: 'starting', statusUuid: it.uuid('t2') },
        ],
        executors: [{ id: 'e1', framework: 'F1', role: 'web' }],
        frameworks: [{ id: 'F1', capabilities: ['partition-aware'] }],
      },
    });
    expect(it.all.at(-1)).not.toHaveProperty('report.tasks[0].statusUuid');
    expect(it.all.at(-1)).not.toHaveProperty('report.tasks[1].executor');
  });

  it('does not speak of frameworks that have nothing here any more', () => {
    const it = running();
    it.says('t1', 'finished');
    it.acknowledge('t1');
    it.happen({ type: 'connected' });
    expect(it.all.at(-1)).toMatchObject({ report: { type: 'reregister', frameworks: [] } });
  });

  it('sends nothing on a new connection before it is admitted there', () => {
    const it = running();
    it.says('t1', 'finished');
    expect(it.happen({ type: 'connected', connection: 'c2' })).toEqual(['reregister t1:finished']);
    expect(new Set(it.pass(60_000))).toEqual(new Set(['reregister t1:finished']));
    expect(it.order(registered('c2'))).toEqual(['status t1 finished']);
  });

  it('takes the break of an older connection for nothing', () => {
    const it = admitted();
    it.happen({ type: 'connected', connection: 'c2' });
    it.order(registered('c2'));
    it.happen({ type: 'disconnected', connection: 'c1' });
    expect(it.state.link.state).toBe('up');
    it.happen({ type: 'disconnected', connection: 'c2' });
    expect(it.state.link.state).toBe('down');
  });
});

describe('heartbeats (AG-2)', () => {
  it('come as often as said while the agent is connected', () => {
    const it = admitted({ heartbeatMs: 15_000 });
    expect(it.pass(45_000)).toEqual(['heartbeat', 'heartbeat', 'heartbeat']);
    it.happen({ type: 'disconnected' });
    expect(it.pass(60_000)).toEqual([]);
  });

  it('come once after a long sleep', () => {
    const it = admitted({ heartbeatMs: 15_000 });
    it.now = 3_600_000;
    expect(it.happen({ type: 'tick' })).toEqual(['heartbeat']);
    expect(nextAgentDeadline(it.state)).toBe(3_615_000);
  });

  it('come not at all unless they were wanted', () => {
    expect(nextAgentDeadline(admitted().state)).toBeUndefined();
  });
});

describe('an agent that is refused', () => {
  const refusal = { type: 'registration-refused', code: 'bad-domain', message: 'no' } as const;

  it('is silent until it has another connection; its tasks go on', () => {
    const it = running();
    it.happen({ type: 'connected', connection: 'c2' });
    expect(it.order({ ...refusal, connection: 'c2' })).toEqual([]);
    expect(it.pass(3_600_000)).toEqual([]);
    expect(it.says('t1', 'finished')).toEqual([]);
    expect(it.happen({ type: 'connected', connection: 'c3' })).toEqual(['reregister t1:finished']);
    expect(it.order(registered('c3'))).toEqual(['status t1 finished']);
  });

  it('ends everything when it must (AG-6, AG-9)', () => {
    const it = running();
    it.happen({ type: 'connected', connection: 'c2' });
    expect(it.order({ ...refusal, connection: 'c2', shutdown: true })).toEqual(['shutdown-executor t1 within 5000']);
    expect(it.happen({ type: 'connected', connection: 'c3' })).toEqual([]);
  });

  it('does not listen to a refusal of an older connection, or of another agent', () => {
    const it = harness();
    it.happen({ type: 'connected', connection: 'c1' });
    it.happen({ type: 'connected', connection: 'c2' });
    it.order({ ...refusal, connection: 'c1' });
    it.happen({ type: 'command', command: { ...refusal, agent: 'other', connection: 'c2' } });
    expect(it.state.link.state).toBe('registering');
    it.happen({ type: 'command', command: { ...refusal, agent: '', connection: 'c2' } });
    expect(it.state.link.state).toBe('refused');
  });
});

describe('time', () => {
  it('that goes back stands still', () => {
    const it = admitted();
    it.now = 50_000;
    it.order(launch(taskInfo('t1')));
    it.now = 10_000;
    it.says('t1', 'running');
    expect(it.state.now).toBe(50_000);
    expect(nextAgentDeadline(it.state)).toBe(60_000);
  });
});

describe('emptyAgent', () => {
  it.each([
    [{ resources: 'cpus:x' }, 'bad-resources'],
    [{ attributes: 'nothing' }, 'bad-attributes'],
    [{ heartbeatMs: 0 }, 'bad-duration'],
    [{ heartbeatMs: NaN }, 'bad-duration'],
    [{ streamConfig: { firstMs: 0, maxMs: 1 } }, 'bad-duration'],
    [{ streamConfig: { firstMs: 1, maxMs: Infinity } }, 'bad-duration'],
    [{ seed: 0.5 }, 'bad-number'],
  ])('refuses %o', (options, code) => {
    expect(() => emptyAgent({ resources: 'cpus:1', seed: 1, ...options })).toThrow(expect.objectContaining({ code }));
  });
});

describe('an input of the wrong shape', () => {
  const command = (fields: object): unknown => ({ type: 'command', at: 0, command: fields });

  it.each([
    [null, 'bad-input'],
    [{}, 'unknown-input'],
    [{ type: '__proto__', at: 0 }, 'unknown-input'],
    [{ type: 'tick' }, 'bad-number'],
    [{ type: 'tick', at: NaN }, 'bad-number'],
    [{ type: 'tick', at: -1 }, 'bad-number'],
    [{ type: 'tick', at: 1.5 }, 'bad-number'],
    [{ type: 'executor-update', at: 0, framework: 'F', task: 't' }, 'bad-input'],
    [{ type: 'executor-update', at: 0, framework: 'F', task: 't', state: 'TASK_RUNNING' }, 'bad-input'],
    [{ type: 'executor-update', at: 0, framework: 'F', task: 7, state: 'running' }, 'bad-input'],
    ...[
      { uuid: 7 },
      { executor: {} },
      { message: 7 },
      { reason: 'because' },
      { data: { n: 1 } },
      { healthy: 'yes' },
      { labels: 7 },
      { labels: [null] },
      { labels: Array(1) },
    ].map((more): [unknown, string] => [
      { type: 'executor-update', at: 0, framework: 'F', task: 't', state: 'running', ...more },
      'bad-input',
    ]),
    [{ type: 'executor-exited', at: 0, framework: 'F', executor: 'e', status: NaN }, 'bad-input'],
    [{ type: 'connected', at: 0, connection: null }, 'bad-input'],
    [{ type: JSON.parse('{"toString":1}') as unknown, at: 0 }, 'unknown-input'],
    [{ type: 'command', at: 0 }, 'bad-input'],
    [command({ type: { toString: 1 }, agent: 'a1' }), 'unknown-input'],
    [command({ type: 'dance', agent: 'a1' }), 'unknown-input'],
    [command({ type: 'kill', agent: 'a1', framework: 'F' }), 'bad-input'],
    [command({ type: 'launch', agent: 'a1', framework: 'F' }), 'bad-input'],
    [command({ type: 'launch', agent: 'a1', framework: 'F', task: { id: 't' } }), 'bad-input'],
    [command({ type: 'launch', agent: 'a1', framework: 'F', task: { id: 't', role: 'r' } }), 'bad-input'],
    ...[{ executor: null }, { executor: { id: 7 } }, { maxCompletionMs: 0.5 }, { maxCompletionMs: 'soon' }].map(
      (more): [unknown, string] => [
        command({
          type: 'launch',
          agent: 'a1',
          framework: 'F',
          task: { id: 't', role: 'r', resources: 'cpus:1', ...more },
          frameworkInfo: { id: 'F', roles: [], capabilities: [] },
        }),
        'bad-input',
      ],
    ),
    [command({ type: 'launch-group', agent: 'a1', framework: 'F', tasks: {} }), 'bad-input'],
    [command({ type: 'launch-group', agent: 'a1', framework: 'F', tasks: [], executor: {} }), 'bad-input'],
    [command({ type: 'reconcile', agent: 'a1', tasks: [{}] }), 'bad-input'],
  ])('is the program’s mistake: %o', (input, code) => {
    const { state } = admitted();
    expect(() => agentTransition(state, input as never)).toThrow(expect.objectContaining({ code }));
  });
});
