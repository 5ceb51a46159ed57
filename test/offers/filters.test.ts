import { describe, expect, it } from 'vitest';
import { countFilters, filtersByClient } from '../../src/offers/filters.js';
import {
  dropSilenceFilters,
  filtersOn,
  hideAfterSilence,
  hidingFilter,
  openAllocator,
  refusalMs,
} from '../../src/offers/index.js';
import { Edit, attributes, resources } from '../../src/resources/index.js';
import { allocator, type Box } from './harness.js';

const DAY = 24 * 3_600;

/** One agent, one framework; the first offer is refused at once. */
function refused(refuseSeconds: number, interval = 1_000): Box {
  const box = allocator({ allocationIntervalMs: interval });
  box.agent('a1', 'cpus:4;mem:1024');
  box.framework('f1', ['a']);
  box.giveBack(box.run(), refuseSeconds);
  return box;
}

describe('how long a refusal lasts (FILT-2)', () => {
  it.each([
    ['absent: 5 s', undefined, 5_000],
    ['exactly 0: no filter', 0, 0],
    ['negative zero: no filter', -0, 0],
    ['negative: 5 s', -1, 5_000],
    ['NaN: 5 s', NaN, 5_000],
    ['minus infinity: 5 s', -Infinity, 5_000],
    ['a tenth', 0.1, 100],
    ['less than a millisecond: one', 0.000_1, 1],
    ['a part of a millisecond is rounded', 16.1, 16_100],
    ['365 days', 365 * DAY, 365 * DAY * 1_000],
    ['longer: 365 days', 365 * DAY + 1, 365 * DAY * 1_000],
    ['for ever: 365 days', Infinity, 365 * DAY * 1_000],
    ['a number beyond all: 365 days', 1e308, 365 * DAY * 1_000],
  ])('%s', (_, seconds, ms) => {
    expect(refusalMs(seconds)).toBe(ms);
  });
});

describe('a filter', () => {
  it('is there for the shortest refusal, and for none not at all', () => {
    expect(countFilters(refused(0.001).state)).toEqual([['a', 1]]);
    expect(countFilters(refused(0).state)).toEqual([]);
    expect(refused(0.001).pass(1_000)).toEqual([]);
  });

  it('of an agent without it hides nothing, and is not asked of whoever is gone', () => {
    const box = refused(5);
    box.framework('f2', ['a']);
    expect(filtersByClient(box.state)).toEqual([{ framework: 'f1', role: 'a', live: 1 }]);
    box.send({ type: 'remove-framework', framework: 'f1' });
    expect(filtersByClient(box.state)).toEqual([]);
  });

  it('that is over is forgotten by the next run, and no other one', () => {
    const box = refused(2);
    box.framework('f2', ['a']);
    box.giveBack(box.run('all'), 3_600);
    const groups = (): number => box.state.agents.get('a1')?.refusals.groups[0]?.count ?? 0;
    expect(groups()).toBe(2);
    box.giveBack(box.pass(2_000), 3_600);
    expect(countFilters(box.state)).toEqual([['a', 2]]);
    box.tick(4_000_000);
    expect(countFilters(box.state)).toEqual([]);
    box.run('all');
    expect(box.state.agents.get('a1')?.refusals.groups).toEqual([]);
  });

  it('hides what was refused while it lasts, and no more', () => {
    const box = refused(2);
    const isHidden = (offer: string): boolean => {
      const [agent, framework] = [box.state.agents.get('a1'), box.state.frameworks.get('f1')];
      if (agent === undefined || framework === undefined) throw new Error('they are not there');
      return hidingFilter(box.state, agent, framework, 'a', resources(offer)) !== undefined;
    };
    expect(['cpus:4;mem:1024', 'cpus:1', 'cpus:5', 'disk:1'].map(isHidden)).toEqual([true, true, false, false]);
    box.tick(2_000);
    expect(isHidden('cpus:1')).toBe(false);
  });

  it('that a batch was to see once is no more counted at that instant', () => {
    const box = refused(1);
    expect(countFilters(box.state)).toEqual([['a', 1]]);
    box.tick(1_000);
    expect(countFilters(box.state)).toEqual([]);
    const agent = box.state.agents.get('a1');
    if (agent === undefined) throw new Error('it is not there');
    expect(filtersOn(box.state, agent)).toMatchObject([{ framework: 'f1', expiresAt: 1_000, once: true }]);
  });

  it('that the batch of this instant is still to see stays when somebody else refuses the same before it', () => {
    const box = allocator();
    for (const agent of ['a1', 'a2']) box.agent(agent, 'cpus:4');
    box.framework('f1', ['a']);
    box.run();
    box.recover('f1', 'a1', 'a', 'cpus:4', 1);
    box.framework('f2', ['b']);
    expect(box.run()).toEqual(['f2 a1 as b cpus:4']);
    box.recover('f1', 'a2', 'a', 'cpus:4');
    box.tick(1_000);
    box.recover('f2', 'a1', 'b', 'cpus:4', 3_600);
    expect(box.run()).toEqual(['f2 a2 as b cpus:4']);
    expect(box.pass(1_000)).toEqual(['2000: f1 a1 as a cpus:4']);
  });

  it('for silence is dropped by nobody but who was silent', () => {
    const box = refused(0);
    const draft = openAllocator(box.state, new Edit());
    const where = { agent: 'a1', framework: 'f1', role: 'a' };
    hideAfterSilence(draft, where, resources('cpus:4;mem:1024'), 60_000);
    const count = (): unknown => countFilters(draft);
    for (const other of [{ framework: 'f2' }, { role: 'b' }, { agent: 'a2' }]) {
      dropSilenceFilters(draft, { ...where, ...other });
      expect(count()).toEqual([['a', 1]]);
    }
    dropSilenceFilters(draft, where);
    expect(count()).toEqual([]);
  });
});

describe('the instants of FILT-3', () => {
  it('interval 1 s, refused for 2 s at 0: filtered in the batch of 1 s, offered in that of 2 s', () => {
    const box = refused(2);
    expect(box.pass(1_999)).toEqual([]);
    expect(box.pass(1)).toEqual(['2000: f1 a1 as a cpus:4; mem:1024']);
  });

  it('interval 60 s, refused for 1 s at 0: filtered in the batch of 60 s, offered in that of 120 s', () => {
    const box = refused(1, 60_000);
    expect(box.pass(119_999)).toEqual([]);
    expect(box.pass(1)).toEqual(['120000: f1 a1 as a cpus:4; mem:1024']);
  });

  it('refused for 1 s between two batches: it has seen one when it ends', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    const grants = box.run();
    box.pass(500);
    box.giveBack(grants, 1);
    // Ends at 1.5 s: filtered in the batch of 1 s, offered in that of 2 s.
    expect(box.pass(1_499)).toEqual([]);
    expect(box.pass(1)).toEqual(['2000: f1 a1 as a cpus:4']);
  });

  it('refused for 0.3 s between two batches lives for a whole interval all the same', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    const grants = box.run();
    box.pass(900);
    box.giveBack(grants, 0.3);
    expect(box.pass(10_000)).toEqual(['2000: f1 a1 as a cpus:4']);
  });

  it('refused for 1 s at a batch, after it: filtered in the next batch, on the instant of its end', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    const grants = box.run();
    box.pass(3_000);
    box.giveBack(grants, 1);
    expect(box.pass(10_000)).toEqual(['5000: f1 a1 as a cpus:4']);
  });

  it('refused for 1 s at a batch, before it: that batch saw it, so it ends with the next', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.agent('a2', 'cpus:4');
    box.framework('f1', ['a']);
    box.run();
    box.recover('f1', 'a2', 'a', 'cpus:4');
    box.tick(1_000);
    box.recover('f1', 'a1', 'a', 'cpus:4', 1);
    expect(box.run()).toEqual(['f1 a2 as a cpus:4']);
    expect(box.pass(10_000)).toEqual(['2000: f1 a1 as a cpus:4']);
  });

  it('an event at the instant of the end is no batch: the filter is gone for it', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    box.giveBack(box.run(), 1);
    // Ends at 1 s, and would apply in the batch of that instant; there is none, for nothing else changed.
    box.pass(1_000);
    box.framework('f2', ['b'], { suppressedRoles: ['b'] });
    expect(box.run()).toEqual(['f1 a1 as a cpus:4']);
  });

  it('a batch that nobody needed is not run, and counts all the same', () => {
    const box = refused(30);
    const runs = box.state.runs;
    expect(box.pass(29_999)).toEqual([]);
    // The batch of 1 s, which found it filtered.
    expect(box.state.runs).toBe(runs + 1);
    expect(box.pass(1)).toEqual(['30000: f1 a1 as a cpus:4; mem:1024']);
  });
});

describe('of filters that end at one instant', () => {
  it('the one that the batch of that instant still sees is the last', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.agent('a1', 'cpus:4');
    box.run();
    box.recover('f1', 'a1', 'a', 'cpus:4', 2);
    box.tick(1_000);
    box.run();
    // Lives for one interval from one batch to the next, which is the first that it sees.
    box.recover('f1', 'a1', 'a', 'cpus:4', 1);
    const agent = box.state.agents.get('a1');
    const framework = box.state.frameworks.get('f1');
    if (agent === undefined || framework === undefined) throw new Error('nobody is there');
    const hiding = hidingFilter(box.state, agent, framework, 'a', resources('cpus:4'));
    expect(hiding).toMatchObject({ expiresAt: 2_000, once: true });
    expect(box.pass(1_000)).toEqual([]);
    expect(box.pass(1_000)).toEqual(['3000: f1 a1 as a cpus:4']);
  });
});

describe('what a filter hides (FILT-1)', () => {
  it('hides the same and anything smaller, and lets through anything with something more', () => {
    const box = allocator({ minAllocatable: [] });
    box.agent('a1', 'cpus:4;mem:1024');
    box.framework('f1', ['a']);
    box.giveBack(box.run(), 3_600);
    expect(box.run('all')).toEqual([]);
    for (const smaller of ['cpus:3;mem:1024', 'mem:1024', 'cpus:0.001']) {
      box.send({ type: 'update-agent', agent: 'a1', total: resources(smaller) });
      expect(box.run()).toEqual([]);
    }
    for (const more of ['cpus:4.001;mem:1', 'cpus:1;ports:[80-80]', 'cpus(a):1']) {
      box.send({ type: 'update-agent', agent: 'a1', total: resources(more) });
      expect(box.run()).toHaveLength(1);
      box.recover('f1', 'a1', 'a', more);
    }
  });

  it('hides an agent from one role and one framework alone (FILT-6)', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a', 'b']);
    box.giveBack(box.run(), 3_600);
    expect(box.run('all')).toEqual(['f1 a1 as b cpus:4']);
    box.recover('f1', 'a1', 'b', 'cpus:4', 3_600);
    expect(box.run('all')).toEqual([]);
    box.framework('f2', ['b']);
    expect(box.run()).toEqual(['f2 a1 as b cpus:4']);
  });

  it('hides one agent, not others', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.agent('a1', 'cpus:4');
    box.giveBack(box.run(), 3_600);
    box.agent('a2', 'cpus:4');
    expect(box.run()).toEqual(['f1 a2 as a cpus:4']);
  });

  it('hides what two refusals hide each, but not both of it together', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4;mem:1024');
    box.framework('f1', ['a']);
    box.run();
    box.recover('f1', 'a1', 'a', 'cpus:4', 3_600);
    expect(box.run('all')).toEqual([]);
    box.recover('f1', 'a1', 'a', 'mem:1024', 3_600);
    expect(box.run('all')).toEqual(['f1 a1 as a cpus:4; mem:1024']);
  });

  it('is counted per role while it lasts', () => {
    const box = refused(2);
    const filters = (): number | undefined => box.stats.roles.find(({ role }) => role === 'a')?.filters;
    expect(filters()).toBe(1);
    box.pass(1_999);
    expect(filters()).toBe(1);
    box.pass(1);
    expect(filters()).toBe(0);
  });
});

describe('what ends a filter early (FILT-5)', () => {
  const offer = 'f1 a1 as a cpus:4; mem:1024';

  it('REVIVE and its half, for the roles named or all', () => {
    const box = refused(3_600);
    box.send({ type: 'clear-filters', framework: 'f1', roles: ['a'] });
    expect(box.run()).toEqual([offer]);
    box.giveBack([offer], 3_600);
    box.send({ type: 'revive', framework: 'f1', roles: [] });
    expect(box.run()).toEqual([offer]);
  });

  it('but not the end of suppression alone', () => {
    const box = refused(3_600);
    box.send({ type: 'unsuppress', framework: 'f1', roles: [] });
    expect(box.run()).toEqual([]);
  });

  it('the framework goes away and comes back', () => {
    const box = refused(3_600);
    box.send({ type: 'deactivate-framework', framework: 'f1' });
    box.send({ type: 'activate-framework', framework: 'f1' });
    expect(box.run()).toEqual([offer]);
  });

  it('the agent goes away and comes back', () => {
    const box = refused(3_600);
    box.send({ type: 'remove-agent', agent: 'a1' });
    box.agent('a1', 'cpus:4;mem:1024');
    expect(box.run()).toEqual([offer]);
  });

  it('the attributes of the agent change, for everybody (ATTR-3)', () => {
    const box = refused(3_600);
    box.framework('f2', ['b']);
    box.giveBack(box.run(), 3_600);
    box.send({ type: 'update-agent', agent: 'a1', attributes: attributes('zone:b') });
    expect(box.run()).toEqual([offer]);
    expect(box.state.agents.get('a1')?.refusals.groups).toEqual([]);
  });

  it('the framework leaves the role and joins it again', () => {
    const box = refused(3_600);
    box.send({ type: 'update-framework', framework: 'f1', roles: ['b'] });
    expect(box.pass(1_000)).toEqual(['1000: f1 a1 as b cpus:4; mem:1024']);
    box.recover('f1', 'a1', 'b', 'cpus:4;mem:1024', 3_600);
    box.send({ type: 'update-framework', framework: 'f1', roles: ['a', 'b'] });
    expect(box.pass(1_000)).toEqual([`2000: ${offer}`]);
  });

  it('a role is no longer suppressed after an update, but one that never was keeps its filters', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a', 'b']);
    box.giveBack(box.run('all'), 3_600);
    box.giveBack(box.run('all'), 3_600);
    box.send({ type: 'suppress', framework: 'f1', roles: ['b'] });
    box.send({ type: 'update-framework', framework: 'f1', roles: ['a', 'b'] });
    expect(box.pass(1_000)).toEqual(['1000: f1 a1 as b cpus:4']);
  });

  it('a framework of the same id that is somebody else', () => {
    const box = refused(3_600);
    box.send({ type: 'remove-framework', framework: 'f1' });
    box.framework('f1', ['a']);
    expect(box.run()).toEqual([offer]);
  });
});
