import { describe, expect, it } from 'vitest';
import { explain, remedies, transition, violation, type Remedy } from '../../src/cluster/index.js';
import { drf } from '../../src/drf/index.js';
import { contains, resources } from '../../src/resources/index.js';
import { cluster, task, type Cluster } from './harness.js';

const wanted = 'cpus:2;mem:512';
const query = { framework: 'f1', resources: wanted };

/** One agent, free, for a framework that sees all of it unless the case hinders that. */
function hindered(hinder: (box: Cluster) => void): Cluster {
  const box = cluster();
  box.send({ type: 'subscribe', framework: 'f1', connection: 'c-f1', roles: ['a'] });
  box.send({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:1024' });
  hinder(box);
  return box;
}

const kindsOf = (found: readonly Remedy[]): readonly string[] => found.map(({ kind }) => kind);

describe('what would place a task', () => {
  it.each<[string, (box: Cluster) => void, readonly string[]]>([
    ['nothing, when it is offered enough already', () => undefined, []],
    ['to resume, when allocation is paused', (box) => box.send({ type: 'pause' }), ['resume']],
    [
      'to unsuppress, when the framework suppresses',
      (box) => box.send({ type: 'suppress', framework: 'f1', connection: 'c-f1' }),
      ['unsuppress'],
    ],
    [
      'to take back what was refused, or another agent',
      (box) => {
        box.run();
        box.declineAll('f1', 3_600);
      },
      ['clear-filters', 'add-agent'],
    ],
    [
      'to take the agent into service again, or another agent',
      (box) => box.send({ type: 'deactivate', agent: 'a1' }),
      ['reactivate', 'add-agent'],
    ],
    [
      'a higher limit, when the quota hinders it',
      (box) => box.send({ type: 'set-quota', quotas: [{ role: 'a', limits: { cpus: 1 } }] }),
      ['raise-limit'],
    ],
    [
      'another agent, when this one is too small',
      (box) => {
        box.run();
        box.launch('f1', 'a1', [task('t1', 'cpus:3;mem:100')], { refuseSeconds: 0 });
      },
      ['add-agent'],
    ],
  ])('is %s', (_what, hinder, kinds) => {
    const { state } = hindered(hinder);
    expect(kindsOf(remedies(state, query))).toEqual(kinds);
  });

  it('is a higher weight, the least that suffices, when others come first', () => {
    const box = hindered(() => undefined);
    box.send({ type: 'subscribe', framework: 'f2', connection: 'c-f2', roles: ['b'] });
    box.run();
    // f1 holds something, f2 nothing: the next agent goes to f2 unless f1 weighs more.
    box.launch('f1', 'a1', [task('t1', 'cpus:1;mem:100')], { refuseSeconds: 3_600 });
    box.send({ type: 'register', agent: 'a2', resources: 'cpus:4;mem:1024' });
    box.send({ type: 'register', agent: 'a3', resources: 'cpus:4;mem:1024' });
    box.send({ type: 'deactivate', agent: 'a1' });
    box.send({ type: 'set-weight', role: 'b', weight: 8 });
    expect(explain(box.state, { framework: 'f1' }, drf).counts.map(({ code }) => code)).toEqual([
      'outranked',
      'agent-deactivated',
    ]);
    const texts = remedies(box.state, query)
      .filter(({ kind }) => kind === 'raise-weight')
      .map(({ text }) => text);
    expect(texts).toEqual(["Raise the weight of role 'a' from 1 to 2."]);
  });

  it('is true: with its inputs the next run offers enough, and the state is whole', () => {
    const box = hindered((it) => {
      it.send({ type: 'set-quota', quotas: [{ role: 'a', limits: { cpus: 1, mem: 100 } }] });
    });
    const found = remedies(box.state, query);
    expect(found.map(({ text }) => text)).toEqual(["Raise the limit of role 'a' to 3 cpus, 612 mem."]);
    for (const { inputs } of found) {
      const state = inputs.reduce((before, input) => transition(before, input)[0], box.state);
      expect(violation(state)).toBeUndefined();
      const { reason } = explain(state, { framework: 'f1' }, drf).agents[0] ?? {};
      expect(reason?.code === 'offered-now' && contains(reason.resources, resources(wanted))).toBe(true);
    }
  });

  it('is nothing for a framework that is not there', () => {
    expect(remedies(hindered(() => undefined).state, { framework: '__proto__', resources: wanted })).toEqual([]);
  });

  it('refuses resources that are none', () => {
    const { state } = hindered(() => undefined);
    expect(() => remedies(state, { framework: 'f1', resources: 'cpus' })).toThrow(
      expect.objectContaining({ code: 'bad-resources' }),
    );
  });
});
