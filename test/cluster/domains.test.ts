import { describe, expect, it } from 'vitest';
import { deserialize, serialize } from '../../src/cluster/index.js';
import type { Domain } from '../../src/tasks/index.js';
import { cluster, type Cluster } from './harness.js';

const here: Domain = { region: 'eu', zone: 'eu-1' };
const nextDoor: Domain = { region: 'eu', zone: 'eu-2' };
const remote: Domain = { region: 'us', zone: 'eu-1' };

/** Which agents a framework is offered, with these capabilities. */
function offeredTo(box: Cluster, ...capabilities: 'region-aware'[]): readonly string[] {
  box.framework('f1', ['a'], { capabilities: ['multi-role', ...capabilities] });
  return box
    .offersOf('f1')
    .map(({ agent }) => agent)
    .sort();
}

function withAgents(): Cluster {
  const box = cluster({ domain: here });
  box.agent('near', 'cpus:1;mem:32', { domain: nextDoor });
  box.agent('far', 'cpus:1;mem:32', { domain: remote });
  box.agent('nowhere', 'cpus:1;mem:32');
  return box;
}

describe('fault domains (DOM-1, DOM-2)', () => {
  it('agents of another region are only for frameworks that know regions', () => {
    expect(offeredTo(withAgents())).toEqual(['near', 'nowhere']);
    expect(offeredTo(withAgents(), 'region-aware')).toEqual(['far', 'near', 'nowhere']);
  });

  it('an offer says where its agent stands, if it is known', () => {
    const box = withAgents();
    offeredTo(box, 'region-aware');
    const domains = box.offersOf('f1').map(({ agent, domain }) => [agent, domain] as const);
    expect(new Map(domains)).toEqual(
      new Map<string, Domain | undefined>([
        ['near', nextDoor],
        ['far', remote],
        ['nowhere', undefined],
      ]),
    );
    expect(box.offersOf('f1').some((offer) => offer.agent === 'nowhere' && 'domain' in offer)).toBe(false);
  });

  it('an agent with a domain is refused by a master without one, also when it comes back', () => {
    const box = cluster();
    const refused = ['a1: refused, domain-without-master-domain'];
    expect(box.agent('a1', 'cpus:1', { domain: here })).toEqual(refused);
    expect(box.do({ type: 'reregister', agent: 'a1', resources: 'cpus:1', domain: here })).toEqual(refused);
    expect(box.state.agents.size).toBe(0);
    expect(box.agent('a1', 'cpus:1')).toEqual(['a1: registered']);
  });

  it('an agent without a domain is refused where one is required, also when it comes back', () => {
    const box = cluster({ domain: here, requireAgentDomain: true });
    const refused = ['a1: refused, domain-missing'];
    expect(box.agent('a1', 'cpus:1')).toEqual(refused);
    expect(box.do({ type: 'reregister', agent: 'a1', resources: 'cpus:1' })).toEqual(refused);
    expect(box.state.agents.size).toBe(0);
    expect(box.agent('a1', 'cpus:1', { domain: here })).toEqual(['a1: registered']);
    expect(() => cluster({ requireAgentDomain: 1 as unknown as boolean })).toThrow('requireAgentDomain must be true');
    expect(() => cluster({ requireAgentDomain: true })).toThrow("requireAgentDomain needs the master's own domain");
    expect(box.state.config.requireAgentDomain).toBe(true);
  });

  it('an agent that comes back from elsewhere is looked at anew', () => {
    const box = withAgents();
    expect(offeredTo(box)).toEqual(['near', 'nowhere']);
    box.do({ type: 'reregister', agent: 'far', resources: 'cpus:1;mem:32', domain: nextDoor });
    box.pass(1_000);
    expect(box.offersOf('f1').map(({ agent }) => agent)).toContain('far');
  });

  it('a master that moves sees other agents as remote', () => {
    const box = withAgents();
    box.send({ type: 'configure', config: { domain: remote } });
    expect(offeredTo(box)).toEqual(['far', 'nowhere']);
  });

  it('are saved with the cluster', () => {
    const box = withAgents();
    const again = deserialize(serialize(box.state));
    expect(again.config.domain).toEqual(here);
    expect(again.allocator.agents.get('far')?.domain).toEqual(remote);
  });
});
