import { describe, expect, it } from 'vitest';
import type { InverseStanding, Policy } from '../../src/offers/index.js';
import { resources } from '../../src/resources/index.js';
import { allocator, type Box } from './harness.js';

const away = { start: 60_000 };

/** `f1` holds all of `a1`; nothing is planned and nothing is to be done. */
function held(interval = 1_000): Box {
  const box = allocator({ allocationIntervalMs: interval });
  box.agent('a1', 'cpus:4;mem:1024');
  box.framework('f1', ['a']);
  expect(box.run()).toEqual(['f1 a1 as a cpus:4; mem:1024']);
  return box;
}

/** As `held`, and `f1` was asked to leave. */
function asked(interval?: number): Box {
  const box = held(interval);
  box.send({ type: 'set-unavailability', agent: 'a1', unavailability: away });
  expect(box.run()).toEqual(['f1 leave a1']);
  return box;
}

function respond(box: Box, response: 'accept' | 'decline', refuseSeconds?: number): void {
  const refuse = refuseSeconds === undefined ? {} : { refuseSeconds };
  box.send({ type: 'respond-inverse', framework: 'f1', agent: 'a1', response, ...refuse });
}

function standings(box: Box, agent = 'a1'): readonly InverseStanding[] {
  return box.state.agents.get(agent)?.maintenance?.standings ?? [];
}

describe('a plan for an agent (ALLOC-1, INV-1)', () => {
  it('asks for a run of that agent, which asks whoever holds something of it to leave', () => {
    const box = held();
    box.agent('a2', 'cpus:1;mem:64');
    box.run();
    box.send({ type: 'set-unavailability', agent: 'a1', unavailability: away });
    expect(box.state.requested.keys()).toEqual(['a1']);
    expect(box.run()).toEqual(['f1 leave a1']);
    expect(box.pass(10_000)).toEqual([]);
  });

  it('that is the same again does nothing, nor does one for an unknown agent', () => {
    const box = asked();
    box.send({ type: 'set-unavailability', agent: 'a1', unavailability: { start: 60_000 } });
    box.send({ type: 'set-unavailability', agent: 'a9', unavailability: away });
    expect(box.state.requested.size).toBe(0);
    expect(box.pass(5_000)).toEqual([]);
  });

  it.each([
    ['another start', { start: 61_000 }],
    ['a length where there was none', { start: 60_000, durationMs: 1 }],
  ])('with %s forgets the answers to the last and asks anew', (_what, unavailability) => {
    const box = asked();
    respond(box, 'decline', 1_000);
    box.pass(1_000);
    box.send({ type: 'set-unavailability', agent: 'a1', unavailability });
    expect(standings(box)).toEqual([]);
    expect(box.run()).toEqual(['f1 leave a1']);
  });

  it('that is called off asks nobody and leaves nothing behind', () => {
    const box = asked();
    box.send({ type: 'set-unavailability', agent: 'a1', unavailability: null });
    expect(box.run()).toEqual([]);
    expect(box.state.agents.get('a1')?.maintenance).toBeNull();
    expect(box.state.frameworks.get('f1')?.standings.size).toBe(0);
    expect(box.pass(5_000)).toEqual([]);
  });

  it('may come with the agent: what it is offered in the same run is asked back at once', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.run();
    box.agent('a1', 'cpus:4;mem:1024', { unavailability: away });
    expect(box.run()).toEqual(['f1 a1 as a cpus:4; mem:1024', 'f1 leave a1']);
  });

  it('goes with the agent, and what was said of it', () => {
    const box = asked();
    box.send({ type: 'remove-agent', agent: 'a1' });
    expect(box.state.frameworks.get('f1')?.standings.size).toBe(0);
    box.agent('a1', 'cpus:4;mem:1024');
    expect(box.run()).toEqual(['f1 a1 as a cpus:4; mem:1024']);
  });
});

describe('who is asked to leave (INV-1)', () => {
  it('is everybody who holds something, once an agent whatever the roles, by agent and then by framework', () => {
    const box = allocator();
    const used = (roles: readonly string[]) =>
      roles.map((role) => ({ framework: role.slice(0, 2), role, resources: resources('cpus:1') }));
    box.agent('a2', 'cpus:8', { used: used(['f2r', 'f1r', 'f1s']), unavailability: away });
    box.agent('a1', 'cpus:8', { used: used(['f2r', 'f3r']), unavailability: away });
    box.send({ type: 'set-whitelist', hosts: [] });
    for (const id of ['f2', 'f1']) box.framework(id, ['q'], { suppressedRoles: ['q'] });
    box.run();
    box.send({ type: 'set-whitelist', hosts: null });
    box.framework('f3', ['r'], { active: false });
    const told = box.pass(1_000).filter((line) => line.includes('leave'));
    expect(told).toEqual(['1000: f2 leave a1', '1000: f1 leave a2', '1000: f2 leave a2']);
  });

  it('is nobody whose agent has nothing left to give: it is a matter of what is held', () => {
    expect(asked().state.agents.get('a1')?.free.items).toEqual([]);
  });

  it('is nobody who suppresses offers less than others', () => {
    const box = held();
    box.send({ type: 'suppress', framework: 'f1', roles: [] });
    box.send({ type: 'set-unavailability', agent: 'a1', unavailability: away });
    expect(box.run()).toEqual(['f1 leave a1']);
  });

  it('is nobody who is not active, until it is again', () => {
    const box = held();
    box.send({ type: 'deactivate-framework', framework: 'f1' });
    box.send({ type: 'set-unavailability', agent: 'a1', unavailability: away });
    expect(box.run()).toEqual([]);
    box.send({ type: 'activate-framework', framework: 'f1' });
    expect(box.run()).toEqual(['f1 leave a1']);
  });

  it('is nobody of an agent that is not offered itself: inactive, or not on the whitelist', () => {
    const box = held();
    box.send({ type: 'deactivate-agent', agent: 'a1' });
    box.send({ type: 'set-unavailability', agent: 'a1', unavailability: away });
    expect(box.run()).toEqual([]);
    box.send({ type: 'set-whitelist', hosts: ['a2'] });
    box.send({ type: 'activate-agent', agent: 'a1' });
    expect(box.pass(2_000)).toEqual([]);
    box.send({ type: 'set-whitelist', hosts: ['a1'] });
    expect(box.pass(2_000)).toEqual(['3000: f1 leave a1']);
  });

  it('is nobody while the allocator is paused, but everybody once it goes on', () => {
    const box = held();
    box.send({ type: 'pause' });
    box.send({ type: 'set-unavailability', agent: 'a1', unavailability: away });
    expect(box.run('all')).toEqual([]);
    expect(box.pass(5_000)).toEqual([]);
    box.send({ type: 'resume' });
    expect(box.pass(1_000)).toEqual(['6000: f1 leave a1']);
  });

  it('is nobody when the policy fails, but everybody in the next batch', () => {
    const box = held();
    let broken = true;
    const policy: Policy = {
      name: 'moody',
      allocate: () => {
        if (broken) throw new Error('not today');
        return [];
      },
    };
    box.policy = policy;
    box.send({ type: 'set-unavailability', agent: 'a1', unavailability: away });
    expect(box.run()).toHaveLength(1);
    broken = false;
    expect(box.pass(1_000)).toEqual(['1000: f1 leave a1']);
  });

  it('is whoever takes over in the end: a framework that becomes known with what it already uses', () => {
    const box = allocator();
    const used = [{ framework: 'f1', role: 'a', resources: resources('cpus:4') }];
    box.agent('a1', 'cpus:4', { used, unavailability: away });
    expect(box.run()).toEqual([]);
    box.framework('f1', ['a']);
    expect(box.run()).toEqual(['f1 leave a1']);
  });
});

describe('an answer (INV-1, FILT-2, FILT-3)', () => {
  it.each(['accept', 'decline'] as const)('to %s is recorded with its time, and nothing moves', (response) => {
    const box = asked();
    box.tick(300);
    respond(box, response, 7);
    expect(standings(box)).toMatchObject([{ framework: 'f1', outstanding: false, response, respondedAt: 300 }]);
    expect(String(box.state.agents.get('a1')?.held[0]?.resources)).toBe('cpus:4; mem:1024');
  });

  it('hides the agent from the next question as a refusal would hide its offer, by itself and on an idle cluster', () => {
    const box = asked();
    box.tick(300);
    respond(box, 'accept');
    expect(box.pass(5_000)).toEqual([]);
    expect(box.pass(700)).toEqual(['6000: f1 leave a1']);
    expect(box.pass(60_000)).toEqual([]);
  });

  it.each([
    ['2 s at interval 1 s: the batch of that instant', 1_000, 2, '2000: f1 leave a1'],
    ['1 s at interval 60 s: not the first batch, the second', 60_000, 1, '120000: f1 leave a1'],
    ['0: the next batch', 1_000, 0, '1000: f1 leave a1'],
    ['less than an interval: after one interval', 1_000, 0.1, '2000: f1 leave a1'],
  ])('given for %s', (_what, interval, refuseSeconds, first) => {
    const box = asked(interval);
    respond(box, 'decline', refuseSeconds);
    expect(box.pass(200_000)).toEqual([first]);
  });

  it('is remembered until the next one', () => {
    const box = asked();
    respond(box, 'accept', 1);
    box.pass(10_000);
    expect(standings(box)).toMatchObject([{ outstanding: true, response: 'accept', respondedAt: 0 }]);
    respond(box, 'decline', 1);
    expect(standings(box)).toMatchObject([{ outstanding: false, response: 'decline', respondedAt: 10_000 }]);
  });

  it.each([
    ['of an unknown framework', 'f9', 'a1'],
    ['for an unknown agent', 'f1', 'a9'],
    ['of one that was not asked', 'f2', 'a1'],
  ])('%s is ignored', (_what, framework, agent) => {
    const box = asked();
    box.framework('f2', ['b']);
    box.run();
    const before = standings(box);
    box.send({ type: 'respond-inverse', framework, agent, response: 'accept', refuseSeconds: 1 });
    box.send({ type: 'withdraw-inverse', framework, agent });
    expect(standings(box)).toEqual(before);
  });

  it('given twice counts once', () => {
    const box = asked();
    respond(box, 'accept', 3);
    respond(box, 'decline', 100);
    expect(standings(box)).toMatchObject([{ response: 'accept' }]);
    expect(box.pass(5_000)).toEqual(['3000: f1 leave a1']);
  });

  it('hides also what is held anew: the agent was given back and granted again meanwhile', () => {
    const box = asked();
    respond(box, 'decline', 10);
    box.recover('f1', 'a1', 'a', 'cpus:4;mem:1024');
    expect(box.pass(9_000)).toEqual(['1000: f1 a1 as a cpus:4; mem:1024']);
    expect(box.pass(9_000)).toEqual(['10000: f1 leave a1']);
  });

  it('is asked of nobody who has left', () => {
    const box = asked();
    respond(box, 'accept', 2);
    box.send({ type: 'suppress', framework: 'f1', roles: [] });
    box.recover('f1', 'a1', 'a', 'cpus:4;mem:1024');
    expect(box.pass(20_000)).toEqual([]);
    expect(standings(box)).toMatchObject([{ response: 'accept' }]);
  });
});

describe('an unanswered question', () => {
  it('is not asked again while it stands', () => {
    const box = asked();
    box.send({ type: 'allocate', agents: 'all' });
    expect(box.run('all')).toEqual([]);
  });

  it('that is withdrawn is asked again in the next batch', () => {
    const box = asked();
    box.tick(10_500);
    box.send({ type: 'withdraw-inverse', framework: 'f1', agent: 'a1' });
    expect(box.pass(5_000)).toEqual(['11000: f1 leave a1']);
  });
});

describe('what an answer hides ends early', () => {
  it.each(['revive', 'clear-filters'] as const)('with %s, whatever the roles (SUPP-2, FILT-5)', (type) => {
    const box = asked();
    box.send({ type: 'update-framework', framework: 'f1', roles: ['a', 'b'] });
    respond(box, 'accept', 1_000);
    expect(box.pass(5_000)).toEqual([]);
    box.send({ type, framework: 'f1', roles: ['b'] });
    expect(box.run()).toEqual(['f1 leave a1']);
  });

  it('but not with unsuppress', () => {
    const box = asked();
    respond(box, 'accept', 1_000);
    box.send({ type: 'unsuppress', framework: 'f1', roles: [] });
    expect(box.run()).toEqual([]);
  });

  it('when its framework is deactivated (ALLOC-14)', () => {
    const box = asked();
    respond(box, 'accept', 1_000);
    box.send({ type: 'deactivate-framework', framework: 'f1' });
    expect(box.pass(5_000)).toEqual([]);
    box.send({ type: 'activate-framework', framework: 'f1' });
    expect(box.run()).toEqual(['f1 leave a1']);
    expect(standings(box)).toMatchObject([{ response: 'accept' }]);
  });

  it('when its framework is removed: another of that id has said nothing', () => {
    const box = asked();
    respond(box, 'accept', 1_000);
    box.send({ type: 'remove-framework', framework: 'f1' });
    expect(standings(box)).toEqual([]);
    box.framework('f1', ['a']);
    expect(box.run()).toEqual(['f1 a1 as a cpus:4; mem:1024', 'f1 leave a1']);
  });

  it('but not when others change, nor with new attributes of the agent', () => {
    const box = asked();
    respond(box, 'accept', 1_000);
    box.framework('f2', ['b']);
    box.send({ type: 'update-agent', agent: 'a1', total: resources('cpus:5;mem:1024') });
    const told = [...box.run(), ...box.pass(5_000)];
    expect(told.filter((line) => line.endsWith('f1 leave a1'))).toEqual([]);
  });
});

describe('names that are names of nothing else', () => {
  it('are fine: an agent and a framework called __proto__', () => {
    const box = allocator();
    box.agent('__proto__', 'cpus:4', { unavailability: away });
    box.framework('__proto__', ['a']);
    expect(box.run()).toEqual(['__proto__ __proto__ as a cpus:4', '__proto__ leave __proto__']);
  });
});
