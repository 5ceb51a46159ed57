import { describe, expect, it } from 'vitest';
import { explain, explainText, nextDeadline } from '../../src/cluster/index.js';
import { allocatorStats, offersOutOf, type AllocationPolicy } from '../../src/offers/index.js';
import { cluster, task, type Cluster } from './harness.js';

const out = (box: Cluster, id = 'f1'): number => offersOutOf(box.state.allocator, id);

function withAgents(box: Cluster, count: number): Cluster {
  for (let n = 1; n <= count; n += 1) box.send({ type: 'register', agent: `a${n}`, resources: 'cpus:4' });
  return box;
}

describe('a bound on unanswered offers', () => {
  it('keeps a framework that does not answer from getting everything', () => {
    const box = withAgents(cluster({ maxOffersPerFramework: 2 }), 5);
    box.framework('hoarder', ['a']);
    expect(box.offersOf('hoarder')).toHaveLength(2);
    expect(box.pass(60_000)).toEqual([]);
    box.framework('other', ['b']);
    expect(box.offersOf('other')).toHaveLength(2);
    expect([out(box, 'hoarder'), out(box, 'other')]).toEqual([2, 2]);
  });

  it.each<[string, (box: Cluster, ids: readonly string[]) => void]>([
    ['declines', (box, ids) => box.decline('f1', ids.slice(0, 1), 3_600)],
    ['uses up all of one', (box) => box.launch('f1', box.offersOf('f1')[0]?.agent ?? '', [task('t1', 'cpus:4')])],
    ['uses one in part', (box) => box.launch('f1', box.offersOf('f1')[0]?.agent ?? '', [task('t1', 'cpus:1')])],
    ['names an offer that is no more', (box, ids) => box.accept('f1', [ids[0] ?? '', 'x'], [])],
    ['loses an agent', (box) => box.send({ type: 'unregister', agent: box.offersOf('f1')[0]?.agent ?? '' })],
  ])('gives it something else when it %s', (_, happen) => {
    const box = withAgents(cluster({ maxOffersPerFramework: 2 }), 5);
    box.framework('f1', ['a']);
    const before = box.offersOf('f1').map(({ id }) => id);
    happen(box, before);
    expect(out(box)).toBe(1);
    box.pass(1_000);
    const after = box.offersOf('f1').map(({ id }) => id);
    expect(after).toHaveLength(2);
    expect(after.filter((id) => before.includes(id))).toHaveLength(1);
  });

  it('starts again from nothing when it comes back over another connection', () => {
    const box = withAgents(cluster({ maxOffersPerFramework: 1 }), 3);
    box.framework('f1', ['a'], { failoverTimeoutMs: 60_000 });
    box.send({ type: 'framework-disconnected', framework: 'f1' });
    expect(out(box)).toBe(0);
    box.framework('f1', ['a'], { failoverTimeoutMs: 60_000 });
    expect(out(box)).toBe(1);
  });

  it('counts each role by itself, and the two stages of quota on one agent as one offer', () => {
    const box = cluster({ maxOffersPerFramework: 1 });
    box.framework('f1', ['a']);
    box.send({ type: 'register', agent: 'a1', resources: 'cpus(a):2;cpus:4;ports:[1-2]' });
    box.send({ type: 'set-quota', quotas: [{ role: 'a', guarantees: { cpus: 3 }, limits: {} }] });
    expect(box.run('all')).toEqual([
      'offers to f1: m-O0 a1 as a cpus:4; cpus(reservations: [(STATIC,a)]):2; ports:[1-2]',
    ]);

    const second = cluster({ maxOffersPerFramework: 1 });
    second.framework('f1', ['a', 'b']);
    second.send({ type: 'register', agent: 'a1', resources: 'cpus(a):2;cpus(b):4' });
    second.run('all');
    expect(second.offersOf('f1')).toHaveLength(1);
  });

  it('takes nothing back when it is lowered, and gives more when it is raised', () => {
    const box = withAgents(cluster(), 4);
    box.framework('f1', ['a']);
    expect(out(box)).toBe(4);
    expect(box.send({ type: 'configure', config: { maxOffersPerFramework: 2 } })).toEqual([]);
    for (const left of [3, 2]) {
      box.decline(
        'f1',
        box
          .offersOf('f1')
          .slice(0, 1)
          .map(({ id }) => id),
        0,
      );
      expect(box.pass(1_000)).toEqual([]);
      expect(out(box)).toBe(left);
    }
    box.decline(
      'f1',
      box
        .offersOf('f1')
        .slice(0, 1)
        .map(({ id }) => id),
      0,
    );
    expect(box.pass(1_000)).toHaveLength(1);
    box.send({ type: 'configure', config: { maxOffersPerFramework: 3 } });
    expect(box.pass(1_000)).toHaveLength(1);
    box.send({ type: 'configure', config: { maxOffersPerFramework: null } });
    expect(box.pass(1_000)).toHaveLength(1);
    expect(out(box)).toBe(4);
  });

  it('costs nothing while nobody answers', () => {
    const box = withAgents(cluster({ maxOffersPerFramework: 1 }), 3);
    box.framework('f1', ['a']);
    expect(nextDeadline(box.state)).toBeUndefined();
  });

  it('is explained after what would stay when it answers, and before filters', () => {
    const box = withAgents(cluster({ maxOffersPerFramework: 1 }), 2);
    box.framework('f1', ['a']);
    const [offered] = box.offersOf('f1').map(({ agent }) => agent);
    const other = offered === 'a1' ? 'a2' : 'a1';
    const [reason] = explain(box.state, { framework: 'f1', agent: other }).agents;
    expect(reason?.reason).toEqual({ code: 'too-many-offers', most: 1 });
    expect(explainText(explain(box.state, { framework: 'f1', agent: other }))).toBe(
      `${other} as a: the framework has as many unanswered offers as it may (1).`,
    );
    box.send({ type: 'update-agent', agent: other, resources: 'cpus:0.001' });
    expect(explain(box.state, { framework: 'f1', agent: other }).counts[0]?.code).toBe('below-minimum');
  });

  it('is explained for an agent that the run would leave for it', () => {
    const box = withAgents(cluster({ maxOffersPerFramework: 1 }), 2);
    box.send({ type: 'subscribe', framework: 'f1', connection: 'c-f1', roles: ['a'] });
    expect(explain(box.state, { framework: 'f1' }).counts).toEqual([
      { code: 'offered-now', count: 1 },
      { code: 'too-many-offers', count: 1 },
    ]);
  });

  it('holds for policies that decide everything', () => {
    const greedy: AllocationPolicy = {
      name: 'greedy',
      *allocate(view) {
        for (const agent of view.agents()) {
          for (const { framework, role, most } of view.candidates(agent)) {
            yield { agent: agent.id, framework, role, resources: most };
            break;
          }
        }
      },
    };
    const box = withAgents(cluster({ maxOffersPerFramework: 2 }, greedy), 5);
    box.framework('f1', ['a']);
    expect(out(box)).toBe(2);
    expect(box.pass(10_000)).toEqual([]);
    box.decline(
      'f1',
      box
        .offersOf('f1')
        .slice(0, 1)
        .map(({ id }) => id),
      3_600,
    );
    expect(box.pass(1_000)).toHaveLength(1);

    const blind: AllocationPolicy = {
      name: 'blind',
      *allocate(view) {
        for (const agent of view.agents()) {
          yield { agent: agent.id, framework: 'f1', role: 'a', resources: agent.free };
        }
      },
    };
    const wrong = withAgents(cluster({ maxOffersPerFramework: 2 }, blind), 5);
    expect(wrong.framework('f1', ['a'])).toEqual(['subscribed f1 over c-f1', 'policy blind failed: grant-above-most']);
  });

  it('is shown with what is out', () => {
    const box = withAgents(cluster(), 3);
    box.framework('f1', ['a']);
    expect(allocatorStats(box.state.allocator).perFramework).toMatchObject([{ framework: 'f1', offersOut: 3 }]);
  });
});
