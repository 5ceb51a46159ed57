import { describe, expect, it } from 'vitest';
import {
  agentFromJSON,
  agentToJSON,
  agentTransition,
  emptyAgent,
  type AgentInput,
  type AgentState,
} from '../../src/agent/index.js';
import { resources } from '../../src/resources/index.js';

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
