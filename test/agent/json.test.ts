import { describe, expect, it } from 'vitest';
import { agentFromJSON, agentToJSON, emptyAgent, nextAgentDeadline } from '../../src/agent/index.js';
import { executorInfo, launchGroup, running, taskInfo } from './harness.js';

describe('the state of an agent as JSON', () => {
  it('is plain, ordered, and reads back as it was (UPD-8)', () => {
    const it = running({ executor: executorInfo('e1'), payload: { any: ['thing'] } });
    it.order(launchGroup(executorInfo('pod', { type: 'default' }), [taskInfo('g2'), taskInfo('g1')]));
    it.says('t1', 'running', { uuid: 'u1', labels: [{ key: 'k', value: 'v' }] });
    it.order({ type: 'kill', framework: 'F1', task: 'g1', killPolicy: { graceMs: 4_000 } });
    const json = agentToJSON(it.state);
    const back = agentFromJSON(JSON.parse(JSON.stringify(json)));
    expect(JSON.stringify(json)).toBe(JSON.stringify(agentToJSON(back)));
    expect(json).toEqual(JSON.parse(JSON.stringify(json)));
    expect(back.frameworks.get('F1')?.tasks.get('t1')).toEqual(it.state.frameworks.get('F1')?.tasks.get('t1'));
    expect(nextAgentDeadline(back)).toBe(nextAgentDeadline(it.state));
    expect(nextAgentDeadline(back)).toBe(4_000);
  });

  it('keeps what an agent is', () => {
    const agent = emptyAgent({
      resources: ['cpus:1', { name: 'disk', value: 5, role: 'db', disk: { id: 'v', path: 'p' } }],
      seed: 3,
      attributes: 'zone:a;rack:[1-2]',
      hostname: 'h',
      domain: { region: 'r', zone: 'z' },
      heartbeatMs: 5,
      capabilities: [],
    });
    expect(agentFromJSON(JSON.parse(JSON.stringify(agentToJSON(agent))))).toEqual(agent);
  });

  it.each([
    [undefined, 'bad-state'],
    [{}, 'bad-state'],
    ['text', 'bad-state'],
    [{ version: 2 }, 'unknown-version'],
    [{ version: 1 }, 'bad-state'],
    [{ version: 1, description: {}, frameworks: [] }, 'bad-state'],
  ])('refuses %o', (json, code) => {
    expect(() => agentFromJSON(json)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['now', 'soon', 'now'],
    ['frameworks', [['F1', {}]], 'frameworks["F1"].tasks'],
    ['link', { state: 'lost' }, 'link'],
    ['stranger', 1, 'stranger'],
    ['dropped', undefined, 'dropped'],
    ['description', { resources: 'cpus:x' }, 'description.resources'],
  ])('says where it is damaged: %s = %j', (field, value, path) => {
    const json = { ...agentToJSON(emptyAgent({ resources: 'cpus:1', seed: 3 })), [field]: value };
    expect(() => agentFromJSON(json)).toThrow(expect.objectContaining({ code: 'bad-state', path }));
  });
});
