import { describe, expect, it } from 'vitest';
import {
  agentFromJSON,
  agentToJSON,
  agentTransition,
  emptyAgent,
  nextAgentDeadline,
  type AgentInput,
  type AgentState,
} from '../../src/agent/index.js';
import { resources } from '../../src/resources/index.js';
import { agentCapabilities, type OperationStatusReport, type Report } from '../../src/tasks/index.js';
import { admitted as harness, type Harness } from './harness.js';

const operation = {
  type: 'apply-operation',
  agent: 'a1',
  operation: 'reserve',
  consumed: resources('cpus:1'),
  converted: resources({ name: 'cpus', value: 1, reservations: [{ type: 'dynamic', role: 'r' }] }),
} as const;
const after = 'cpus:3; cpus(reservations: [(DYNAMIC,r)]):1';

function admitted(text = 'cpus:4'): AgentState {
  let state = emptyAgent({ id: 'a1', resources: text, seed: 1 });
  const steps: AgentInput[] = [
    { type: 'connected', at: 0 },
    { type: 'command', at: 0, command: { type: 'registered', agent: 'a1' } },
  ];
  for (const input of steps) [state] = agentTransition(state, input);
  return state;
}

describe('an operation on the resources of an agent (RSV-6)', () => {
  it('is kept, and said when it comes back', () => {
    const [kept, said] = agentTransition(admitted(), { type: 'command', at: 1, command: operation });
    expect(said).toEqual([]);
    const [gone] = agentTransition(kept, { type: 'disconnected', at: 2 });
    const [, again] = agentTransition(gone, { type: 'connected', at: 3 });
    const [report] = again.flatMap((output) => (output.to === 'master' ? [output.report] : []));
    if (report?.type !== 'reregister') throw new Error('it does not come back');
    expect(String(report.resources)).toBe(after);
  });

  it('survives a restart', () => {
    const [kept] = agentTransition(admitted(), { type: 'command', at: 1, command: operation });
    const json: unknown = JSON.parse(JSON.stringify(agentToJSON(kept)));
    expect(String(agentFromJSON(json).description.resources)).toBe(after);
  });

  it('may come as JSON', () => {
    const command = JSON.parse(JSON.stringify(operation)) as typeof operation;
    const [kept] = agentTransition(admitted(), { type: 'command', at: 1, command });
    expect(String(kept.description.resources)).toBe(after);
  });

  it('on what it does not have changes nothing; it says what it has', () => {
    const [same, said] = agentTransition(admitted('mem:1'), { type: 'command', at: 1, command: operation });
    expect(same.description.resources.toString()).toBe('mem:1');
    expect(said).toMatchObject([{ to: 'master', report: { type: 'update-agent', agent: 'a1' } }]);
  });
});

const named = { ...operation, uuid: 'P0', framework: 'F1', id: 'r1' } as const;
const tooMuch = { ...named, uuid: 'P1', consumed: resources('cpus:100'), converted: resources('cpus:100') };

/** What the agent told the master from its output number `since` on. */
function told(it: Harness, since = 0): readonly Report[] {
  return it.all.slice(since).flatMap((output) => (output.to === 'master' ? [output.report] : []));
}

function statuses(it: Harness, since = 0): readonly OperationStatusReport[] {
  return told(it, since).flatMap((report) => (report.type === 'operation-status' ? [report] : []));
}

function uuidOf(it: Harness, uuid = 'P0'): string {
  return statuses(it).find((report) => report.operation === uuid)?.uuid ?? 'none';
}

const acknowledgement = (it: Harness, uuid = 'P0') =>
  ({ type: 'acknowledge-operation', operation: uuid, uuid: uuidOf(it, uuid) }) as const;

describe('an operation under a name (OP-2)', () => {
  it('is applied, and said to be finished', () => {
    const it = harness();
    it.order(named);
    expect(statuses(it)).toEqual([
      {
        ...{ type: 'operation-status', agent: 'a1', operation: 'P0', state: 'finished' },
        ...{ framework: 'F1', id: 'r1', uuid: expect.any(String) },
      },
    ]);
    expect(String(it.state.description.resources)).toContain('cpus(reservations: [(DYNAMIC,r)]):1');
  });

  it('that can not be applied changes nothing, and is said to be dropped, and why', () => {
    const it = harness();
    it.order(tooMuch);
    expect(statuses(it)).toMatchObject([{ operation: 'P1', state: 'dropped', message: expect.any(String) }]);
    expect(told(it, 1)).toHaveLength(1);
    expect(String(it.state.description.resources)).toBe('cpus:8; mem:8000');
    expect(it.state.dropped).toBe(0);
  });

  it("of nobody in particular is said to be nobody's", () => {
    const it = harness();
    it.order({ ...operation, uuid: 'P0' });
    expect(Object.keys(statuses(it)[0] ?? {})).toEqual(['type', 'agent', 'operation', 'state', 'uuid']);
  });

  it('is said again after 10 s, 20 s and so on up to 10 min, under the same uuid (UPD-3)', () => {
    const it = harness();
    it.order(named);
    const times: number[] = [];
    while (times.length < 9) {
      const before = it.all.length;
      const due = nextAgentDeadline(it.state) ?? 0;
      it.pass(due - it.now);
      times.push(due / 1_000);
      expect(statuses(it, before).map(({ uuid }) => uuid)).toEqual([uuidOf(it)]);
    }
    expect(times).toEqual([10, 30, 70, 150, 310, 630, 1_230, 1_830, 2_430]);
  });

  it('is said once after a long sleep', () => {
    const it = harness();
    it.order(named);
    it.now = 3_600_000;
    it.happen({ type: 'tick' });
    expect(statuses(it)).toHaveLength(2);
    expect(nextAgentDeadline(it.state)).toBe(3_620_000);
  });

  it('is said no more when that is acknowledged, by its own uuid', () => {
    const it = harness();
    it.order(named);
    it.order({ type: 'acknowledge-operation', operation: 'P0', uuid: 'other' });
    it.order({ type: 'acknowledge-operation', operation: 'P9', uuid: uuidOf(it) });
    expect(it.state.dropped).toBe(2);
    it.order(acknowledgement(it));
    expect(nextAgentDeadline(it.state)).toBeUndefined();
    expect(it.pass(3_600_000)).toEqual([]);
    expect(it.state.operations.size).toBe(0);
  });

  it('that comes twice is applied once, also when its end was acknowledged between', () => {
    const it = harness();
    it.order(named);
    it.order(named);
    it.order(acknowledgement(it));
    it.order(named);
    expect(String(it.state.description.resources)).toBe('cpus:7; cpus(reservations: [(DYNAMIC,r)]):1; mem:8000');
    expect(it.state.dropped).toBe(2);
  });

  it('remembers only so many acknowledged ones', () => {
    const it = harness();
    for (let n = 0; n < 100; n += 1) {
      it.order({ ...tooMuch, uuid: `P${n}` });
      it.order(acknowledgement(it, `P${n}`));
    }
    expect(it.state.settledOperations).toHaveLength(64);
    expect(it.state.settledOperations.at(-1)).toBe('P99');
  });

  it('waits while the agent is cut off, is named at its return, and said at once when it is admitted (UPD-8)', () => {
    const it = harness();
    it.order(named);
    it.happen({ type: 'disconnected' });
    it.order(tooMuch);
    it.order({ ...operation, uuid: '__proto__' });
    expect(statuses(it)).toHaveLength(1);
    expect(nextAgentDeadline(it.state)).toBeUndefined();

    const before = it.all.length;
    it.happen({ type: 'connected', connection: 'c2' });
    const [back] = told(it, before);
    expect(back).toMatchObject({
      type: 'reregister',
      operations: [
        { operation: 'P0', framework: 'F1', id: 'r1', state: 'finished', statusUuid: uuidOf(it) },
        { operation: 'P1', framework: 'F1', id: 'r1', state: 'dropped' },
        { operation: '__proto__', state: 'finished' },
      ],
    });
    expect(it.order({ type: 'registered', connection: 'c2' })).toEqual(Array(3).fill('operation-status'));
    expect(nextAgentDeadline(it.state)).toBe(10_000);
  });

  it('survives a restart', () => {
    const it = harness();
    it.order(named);
    it.order({ ...tooMuch, uuid: '__proto__' });
    it.order(acknowledgement(it, '__proto__'));
    const json = JSON.stringify(agentToJSON(it.state));
    const back = agentFromJSON(JSON.parse(json));
    expect(JSON.stringify(agentToJSON(back))).toBe(json);
    expect(back.operations.get('P0')).toEqual(it.state.operations.get('P0'));
    expect(nextAgentDeadline(back)).toBe(nextAgentDeadline(it.state));
    expect(agentTransition(back, { type: 'tick', at: 10_000 })[1]).toHaveLength(1);
  });

  it('ends with the agent (AG-6)', () => {
    const it = harness();
    it.order(named);
    it.order({ type: 'shutdown-agent', message: 'gone' });
    expect(it.state.operations.size).toBe(0);
    expect(nextAgentDeadline(it.state)).toBeUndefined();
  });

  it('makes an agent come back that was never told that it is admitted', () => {
    const it = harness();
    const [fresh] = agentTransition(emptyAgent({ id: 'a1', resources: 'cpus:4', seed: 1 }), {
      type: 'connected',
      at: 0,
    });
    it.state = fresh;
    it.order(named);
    const before = it.all.length;
    it.happen({ type: 'connected', connection: 'c2' });
    expect(told(it, before)).toMatchObject([{ type: 'reregister', operations: [{ operation: 'P0' }] }]);
  });
});

it('reads agents that were written before there was feedback', () => {
  const { operations: _, settledOperations: __, ...older } = agentToJSON(admitted());
  const back = agentFromJSON(JSON.parse(JSON.stringify(older)));
  expect(back).toEqual(admitted());
});

it('understands everything by default, feedback too, and says so', () => {
  const [report] = told(harness());
  if (report?.type !== 'register') throw new Error('it does not register');
  expect([...(report.capabilities ?? [])].sort()).toEqual([...agentCapabilities].sort());
});
