import { describe, expect, it } from 'vitest';
import {
  agentFromJSON,
  agentToJSON,
  emptyAgent,
  restoreAgent,
  validateReconfiguration,
  type AgentOptions,
} from '../../src/agent/index.js';
import { resources } from '../../src/resources/index.js';
import { admitted, running } from './harness.js';

const was: AgentOptions = {
  id: 'a1',
  resources: 'cpus:4;mem:1024;ports:[1-10]',
  seed: 1,
  attributes: 'zone:a;slots:4;racks:[1-2]',
  domain: { region: 'r', zone: 'z' },
};
const bare: AgentOptions = { id: 'a1', resources: 'cpus:4', seed: 1 };

describe('what may change of an agent over a restart (AG-13)', () => {
  it.each<[string, AgentOptions, Partial<AgentOptions>, path: string | undefined, additive: string | undefined]>([
    ['nothing', was, {}, undefined, undefined],
    ['the order of what it says', was, { attributes: 'racks:[1-2];zone:a;slots:4' }, undefined, undefined],
    [
      'another way to say it',
      was,
      { resources: 'mem:1024;cpus:3;cpus:1;ports:[1-5];ports:[6-10]' },
      undefined,
      undefined,
    ],
    [
      'its own matters',
      was,
      { seed: 9, heartbeatMs: 7, capabilities: [], streamConfig: { firstMs: 1, maxMs: 2 } },
      undefined,
      undefined,
    ],
    ['its id', was, { id: 'a2' }, 'id', 'id'],
    ['its hostname', was, { hostname: 'h' }, 'hostname', 'hostname'],
    ['its hostname, said at last', was, { hostname: 'a1' }, undefined, undefined],
    ['its address, said at last', was, { ip: '10.0.0.1' }, 'ip', undefined],
    ['its address', { ...was, ip: '10.0.0.1' }, { ip: '10.0.0.2' }, 'ip', 'ip'],
    ['more of a scalar', was, { resources: 'cpus:5;mem:1024;ports:[1-10]' }, 'resources', undefined],
    ['more ports', was, { resources: 'cpus:4;mem:1024;ports:[1-20]' }, 'resources', undefined],
    ['another kind', was, { resources: 'cpus:4;mem:1024;ports:[1-10];gpus:1' }, 'resources', undefined],
    ['less of a scalar', was, { resources: 'cpus:3;mem:1024;ports:[1-10]' }, 'resources', 'resources'],
    ['a kind less', was, { resources: 'cpus:4;mem:1024' }, 'resources', 'resources'],
    ['other ports', was, { resources: 'cpus:4;mem:1024;ports:[2-20]' }, 'resources', 'resources'],
    ['a reservation', was, { resources: 'cpus(a):4;mem:1024;ports:[1-10]' }, 'resources', 'resources'],
    ['another attribute', was, { attributes: 'zone:a;slots:4;racks:[1-2];os:x' }, 'attributes', undefined],
    ['attributes at last', bare, { attributes: 'zone:a' }, 'attributes', undefined],
    ['more in an attribute of ranges', was, { attributes: 'zone:a;slots:4;racks:[1-3]' }, 'attributes', undefined],
    ['less in one', was, { attributes: 'zone:a;slots:4;racks:[1-1]' }, 'attributes', 'attributes'],
    ['another text', was, { attributes: 'zone:b;slots:4;racks:[1-2]' }, 'attributes', 'attributes'],
    ['another number', was, { attributes: 'zone:a;slots:5;racks:[1-2]' }, 'attributes', 'attributes'],
    ['another type', was, { attributes: 'zone:a;slots:[4-4];racks:[1-2]' }, 'attributes', 'attributes'],
    ['an attribute less', was, { attributes: 'zone:a' }, 'attributes', 'attributes'],
    ['where it stands', was, { domain: { region: 'r', zone: 'y' } }, 'domain', 'domain'],
    ['where it stands, said at last', bare, { domain: { region: 'r', zone: 'z' } }, 'domain', undefined],
  ])('%s', (_, before, change, equal, additive) => {
    const state = emptyAgent(before);
    const after = { ...before, ...change };
    expect(validateReconfiguration(state, after, 'equal')?.path).toBe(equal);
    expect(validateReconfiguration(state, after, 'additive')?.path).toBe(additive);
  });

  it('is not its domain, nor its attributes, left out', () => {
    const { domain: _domain, ...homeless } = was;
    const { attributes: _attributes, ...silent } = was;
    for (const policy of ['equal', 'additive'] as const) {
      expect(validateReconfiguration(emptyAgent(was), homeless, policy)?.path).toBe('domain');
      expect(validateReconfiguration(emptyAgent(was), silent, policy)?.path).toBe('attributes');
    }
  });

  it('says what was and what is', () => {
    expect(validateReconfiguration(emptyAgent(bare), { ...bare, resources: 'cpus:2' }, 'additive')).toEqual({
      code: 'incompatible-agent',
      path: 'resources',
      message: 'The agent has the resources cpus:2, it had cpus:4; the policy additive does not allow that',
    });
  });
});

describe('an agent restored with options', () => {
  it('goes on as what it was, when nothing changed', () => {
    const it = running();
    const saved = JSON.parse(JSON.stringify(agentToJSON(it.state))) as unknown;
    const { description } = it.state;
    const same: AgentOptions = { id: 'a1', ...description };
    expect(restoreAgent(saved, same)).toEqual(agentFromJSON(saved));
  });

  it('has more, and what operations made of the rest stays', () => {
    const it = admitted({ resources: 'cpus:4;mem:64;disk:100' });
    const reserved = resources([{ name: 'cpus', value: 2, reservations: [{ type: 'dynamic', role: 'a' }] }]);
    it.order({ type: 'apply-operation', operation: 'reserve', consumed: resources('cpus:2'), converted: reserved });
    const saved = agentToJSON(it.state);
    const { description } = it.state;
    expect(() => restoreAgent(saved, { id: 'a1', ...description, resources: 'cpus:6;mem:64;disk:100' })).toThrow(
      expect.objectContaining({ code: 'incompatible-agent', path: 'resources' }),
    );
    const options = { id: 'a1', ...description, resources: 'cpus:6;mem:64;disk:100;gpus:1' };
    const more = restoreAgent(saved, options, 'additive');
    expect(String(more.description.resources)).toBe(
      'cpus:4; cpus(reservations: [(DYNAMIC,a)]):2; disk:100; gpus:1; mem:64',
    );
    const plain = restoreAgent(saved, { ...options, resources: 'cpus:4;mem:64;disk:100' });
    expect(String(plain.description.resources)).toBe(String(description.resources));
  });

  it('knows its volumes for what they were made of', () => {
    const volume = {
      name: 'disk',
      value: 30,
      reservations: [
        { type: 'static' as const, role: 'a' },
        { type: 'dynamic' as const, role: 'a/b' },
      ],
      disk: { id: 'v', path: 'p' },
      shared: true,
    };
    const state = emptyAgent({ ...bare, resources: ['disk(a):70', volume] });
    const plain = { ...bare, resources: 'disk(a):100' };
    expect(validateReconfiguration(state, plain, 'equal')).toBeUndefined();
    const restored = restoreAgent(agentToJSON(state), { ...bare, resources: 'disk(a):120' }, 'additive');
    expect(restored.description.resources.items.map(({ value, disk }) => [value, disk?.id])).toEqual([
      [expect.objectContaining({ milli: 90_000 }), undefined],
      [expect.objectContaining({ milli: 30_000 }), 'v'],
    ]);
  });

  it('takes what is its own matter from the options, and an id if it had none', () => {
    const nameless = agentToJSON(emptyAgent({ resources: 'cpus:4', seed: 1 }));
    const restored = restoreAgent(nameless, { ...bare, seed: 2, heartbeatMs: 5, capabilities: ['multi-role'] });
    expect(restored).toMatchObject({
      id: 'a1',
      description: { seed: 2, heartbeatMs: 5, capabilities: ['multi-role'] },
    });
  });

  it('refuses options that are wrong in themselves, and a policy that is none', () => {
    const saved = agentToJSON(emptyAgent(bare));
    expect(() => restoreAgent(saved, { ...bare, resources: 'cpus:-1' })).toThrow(
      expect.objectContaining({ code: 'bad-resources' }),
    );
    expect(() => restoreAgent({}, bare)).toThrow(expect.objectContaining({ code: 'bad-state' }));
    expect(() => restoreAgent(saved, bare, 'any' as 'equal')).toThrow(
      expect.objectContaining({ code: 'bad-policy', path: 'policy' }),
    );
  });
});
