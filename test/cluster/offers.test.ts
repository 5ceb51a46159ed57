import { describe, expect, it } from 'vitest';
import { offers } from '../../src/cluster/index.js';
import { cluster, task } from './harness.js';

describe('an offer', () => {
  it('says what, where, for whom and as whom (OFFER-1)', () => {
    const box = cluster({ domain: { region: 'r', zone: 'z' } });
    const domain = { region: 'r', zone: 'y' };
    box.agent('a1', 'cpus:4;mem:1024', { hostname: 'node-1', attributes: 'rack:r7', domain });
    box.framework('f1', ['a']);
    const [offer] = box.offersOf('f1');
    expect(offer).toMatchObject({
      id: 'm-O0',
      framework: 'f1',
      agent: 'a1',
      role: 'a',
      hostname: 'node-1',
      executors: [],
      domain,
      at: 0,
    });
    expect(String(offer?.resources)).toBe('cpus:4; mem:1024');
    expect(String(offer?.attributes)).toBe('rack:r7');
  });

  it('names the executors of its framework on the agent', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4;mem:1024');
    box.framework('f1', ['a']);
    const executor = { id: 'e1', command: { value: 'x' }, resources: 'cpus:0.1;mem:32' };
    box.launch('f1', 'a1', [{ id: 't1', resources: 'cpus:1', executor }], { refuseSeconds: 0 });
    box.pass(1_000);
    expect(box.offersOf('f1')[0]?.executors).toEqual(['e1']);
  });

  it('comes with all others of its framework and run in one event (OFFER-2)', () => {
    const box = cluster();
    for (const id of ['a1', 'a2', 'a3']) box.send({ type: 'register', agent: id, resources: 'cpus:1' });
    box.send({ type: 'subscribe', framework: 'f1', connection: 'c-f1', roles: ['a', 'b'] });
    const outputs = box.ask({ type: 'allocate' });
    expect(outputs).toHaveLength(1);
    expect(offers(box.state)).toHaveLength(3);
    expect(
      offers(box.state)
        .map(({ role }) => role)
        .sort(),
    ).toEqual(['a', 'a', 'b']);
  });

  it('is unknown once it was answered or taken back (OFFER-3)', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4;mem:1024');
    box.framework('f1', ['a']);
    box.decline('f1', ['m-O0'], 0);
    expect(offers(box.state)).toEqual([]);
    box.decline('f1', ['m-O0'], 3_600);
    // The second one named nothing, so it hides nothing (DECL-1).
    expect(box.pass(1_000)).toEqual(['1000: offers to f1: m-O1 a1 as a cpus:4; mem:1024']);
  });

  it.each([
    [
      'the agent disconnects',
      (box: ReturnType<typeof cluster>) => box.send({ type: 'agent-disconnected', agent: 'a1' }),
    ],
    [
      'the agent is unreachable',
      (box: ReturnType<typeof cluster>) => box.send({ type: 'mark-unreachable', agent: 'a1' }),
    ],
    ['the agent unregisters', (box: ReturnType<typeof cluster>) => box.send({ type: 'unregister', agent: 'a1' })],
    [
      'the agent registers anew',
      (box: ReturnType<typeof cluster>) =>
        box.send({ type: 'register', agent: 'a1', resources: 'cpus:4', connection: 'other' }),
    ],
    [
      'the agent has less than before',
      (box: ReturnType<typeof cluster>) =>
        box.send({ type: 'update-agent', agent: 'a1', resources: 'cpus:3;mem:2048' }),
    ],
    [
      'the framework leaves the role',
      (box: ReturnType<typeof cluster>) =>
        box.send({ type: 'update-framework', framework: 'f1', connection: 'c-f1', roles: ['b'] }),
    ],
    ['a weight changes', (box: ReturnType<typeof cluster>) => box.send({ type: 'set-weight', role: 'a', weight: 2 })],
  ])('is rescinded when %s (OFFER-4)', (_, happen) => {
    const box = cluster();
    box.agent('a1', 'cpus:4;mem:1024');
    box.framework('f1', ['a']);
    expect(happen(box)).toContain('rescind from f1: m-O0');
    expect(offers(box.state)).toEqual([]);
    // No filter came of it.
    expect(box.state.allocator.agents.get('a1')?.refusals.groups ?? []).toEqual([]);
  });

  it('is not rescinded when the agent has more than before, or by suppression (SUPP-1)', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    expect(box.send({ type: 'update-agent', agent: 'a1', resources: 'cpus:5;mem:64' })).toEqual([]);
    expect(box.send({ type: 'suppress', framework: 'f1', connection: 'c-f1' })).toEqual([]);
    expect(offers(box.state)).toHaveLength(1);
    expect(box.launch('f1', 'a1', [task('t1', 'cpus:4')])).toEqual(['a1: launch t1 of f1']);
  });

  it('does not survive that its framework goes away or is replaced, and nobody is told (OFFER-5, OFFER-9)', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a'], { failoverTimeoutMs: 60_000 });
    expect(box.framework('f1', ['a'], { connection: 'c2', failoverTimeoutMs: 60_000 })).toEqual([
      'error to c-f1: failed-over',
      'subscribed f1 over c2',
    ]);
    expect(offers(box.state)).toEqual([]);
    expect(box.pass(1_000)).toEqual(['1000: offers to f1: m-O1 a1 as a cpus:4']);
    expect(box.send({ type: 'framework-disconnected', framework: 'f1', connection: 'c2' })).toEqual([]);
    expect(offers(box.state)).toEqual([]);
    expect(box.free('a1')).toBe('cpus:4');
  });

  it('of many at once has an id of its own for ever', () => {
    const box = cluster();
    for (let n = 0; n < 12; n += 1) box.agent(`a${n}`, 'cpus:1');
    box.framework('f1', ['a']);
    box.declineAll('f1', 0);
    box.pass(1_000);
    expect(box.offersOf('f1').map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, n) => `m-O${n + 12}`));
  });
});

describe('an offer that is not answered (OFFER-6, design §12)', () => {
  const minute = 60_000;

  it('stays for ever under Mesos defaults', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    expect(box.pass(365 * 24 * 60 * minute)).toEqual([]);
  });

  it('is rescinded in time, and without a filter the next batch offers it again', () => {
    const box = cluster({ offerTimeoutMs: 10_500 });
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    expect(box.pass(10_499)).toEqual([]);
    expect(box.pass(1)).toEqual(['10500: rescind from f1: m-O0']);
    expect(box.pass(500)).toEqual(['11000: offers to f1: m-O1 a1 as a cpus:4']);
  });

  it('is hidden from the silent one for 5 s, twice as long each time up to 10 min; others get it at once', () => {
    const box = cluster({ offerTimeoutMs: 1_000, unansweredFilterMs: 5_000 });
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    const instants = (): number[] =>
      box
        .pass(30 * minute)
        .filter((line) => line.includes('offers to f1'))
        .map((line) => Number.parseInt(line, 10));
    const made = [0, ...instants()];
    const waits = made.slice(1).map((at, n) => at - (made[n] ?? 0) - 1_000);
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 600].map((s) => s * 1_000));

    expect(box.framework('f2', ['b'])).toContainEqual(expect.stringMatching(/^offers to f2/));
  });

  it('is hidden in the role and on the agent of the silence alone', () => {
    const box = cluster({ offerTimeoutMs: 1_000, unansweredFilterMs: 5_000 });
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a', 'b']);
    expect(box.pass(3_000)).toEqual([
      '1000: rescind from f1: m-O0',
      '2000: offers to f1: m-O1 a1 as b cpus:4',
      '3000: rescind from f1: m-O1',
    ]);
    box.agent('a2', 'cpus:4');
    expect(box.offersOf('f1').map(({ agent }) => agent)).toEqual(['a2']);
  });

  it.each([
    ['accept', (box: ReturnType<typeof cluster>) => box.accept('f1', ['m-O9'], [])],
    ['decline', (box: ReturnType<typeof cluster>) => box.decline('f1', ['m-O9'])],
  ])('any %s forgives: hidden no longer, and the next silence begins at 5 s', (_, answer) => {
    const box = cluster({ offerTimeoutMs: 1_000, unansweredFilterMs: 5_000 });
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    // Silent twice: at 1 s and at 7 s, so hidden until 17 s.
    box.pass(7_200);
    expect(box.offersOf('f1')).toEqual([]);
    answer(box);
    expect(box.pass(800)).toEqual(['8000: offers to f1: m-O2 a1 as a cpus:4']);
    expect(box.pass(6_000)).toEqual(['9000: rescind from f1: m-O2', '14000: offers to f1: m-O3 a1 as a cpus:4']);
  });

  it('a refusal before the silence is not forgiven with it', () => {
    const box = cluster({ offerTimeoutMs: 1_000, unansweredFilterMs: 5_000 });
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    box.decline('f1', ['m-O0'], 20);
    box.agent('a2', 'cpus:1');
    box.pass(1_500);
    box.decline('f1', []);
    expect(box.pass(500)).toEqual([expect.stringMatching(/2000: offers to f1: m-O2 a2/)]);
    expect(box.pass(17_999)).not.toContainEqual(expect.stringMatching(/a1/));
  });

  it('somebody who takes over is not blamed for who was there before', () => {
    const box = cluster({ offerTimeoutMs: 1_000, unansweredFilterMs: 5_000 });
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    box.pass(1_000);
    expect(box.framework('f1', ['a'], { connection: 'c2' })).toContain('subscribed f1 over c2');
    expect(box.pass(1_000)).toEqual(['2000: offers to f1: m-O1 a1 as a cpus:4']);
  });

  it('is remembered no longer than its agent is there (I11)', () => {
    const box = cluster({ offerTimeoutMs: 1_000, unansweredFilterMs: 5_000 });
    box.framework('f1', ['a']);
    for (const id of ['a1', 'a2']) box.agent(id, 'cpus:1');
    box.pass(1_000);
    expect(box.state.frameworks.get('f1')?.unanswered.size).toBe(2);
    box.send({ type: 'unregister', agent: 'a1' });
    expect(box.state.frameworks.get('f1')?.unanswered.keys()).toEqual(['a a2']);
  });

  it('offers of one run time out together, those answered in time do not', () => {
    const box = cluster({ offerTimeoutMs: 2_000 });
    for (const id of ['a1', 'a2', 'a3']) box.send({ type: 'register', agent: id, resources: 'cpus:1' });
    box.framework('f1', ['a']);
    const [first, second, third] = box.offersOf('f1').map(({ id }) => id);
    box.decline('f1', [second ?? ''], 60);
    expect(box.pass(2_000)).toEqual([`2000: rescind from f1: ${first}`, `2000: rescind from f1: ${third}`]);
  });
});
