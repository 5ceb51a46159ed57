import { describe, expect, it } from 'vitest';
import { limits, quantities, resources } from '../../src/resources/index.js';
import { allocator, type Box } from './harness.js';

/** Sets a quota; absent limits are none. */
function quota(box: Box, role: string, guarantees: string, ceiling: string = guarantees): void {
  box.send({
    type: 'set-quota',
    role,
    quota: { guarantees: quantities(guarantees), limits: limits(ceiling) },
  });
}

describe('what a limit leaves', () => {
  it('is offered only if it is worth an offer (ALLOC-6)', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    quota(box, 'a', '', 'cpus:2.005');
    for (const agent of ['a1', 'a2', 'a3']) box.agent(agent, 'cpus:1');
    expect(box.run('all')).toHaveLength(2);
    quota(box, 'a', '', 'cpus:2.01');
    expect(box.run('all')).toHaveLength(1);
  });

  it('does not keep from a full role what counts towards no quota: ports, and what is reserved to it (QUOTA-2)', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    quota(box, 'a', '', 'cpus:2');
    box.agent('a1', 'cpus:4;cpus(a):2');
    box.agent('a2', 'ports:[1-9]');
    box.agent('a3', 'cpus:1;cpus(a):1');
    const mine = (amount: number): string => `cpus(reservations: [(STATIC,a)]):${amount}`;
    expect(box.run('all').toSorted()).toEqual([`f1 a1 as a ${mine(2)}`, `f1 a3 as a ${mine(1)}`]);
    const ports = allocator({ minAllocatable: [] });
    ports.framework('f1', ['a']);
    quota(ports, 'a', '', 'cpus:1');
    ports.agent('a1', 'cpus:1;ports:[1-9]');
    ports.agent('a2', 'cpus:1;ports:[1-9]');
    expect(ports.run('all').toSorted()).toEqual(['f1 a1 as a ports:[1-9]', 'f1 a2 as a cpus:1; ports:[1-9]']);
  });

  it('is hidden from who refused as little, while others refused more', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    box.giveBack(box.run(), 3_600);
    quota(box, 'b', '', 'cpus:2');
    box.framework('f2', ['b']);
    const grants = box.run();
    expect(grants).toEqual(['f2 a1 as b cpus:2']);
    box.giveBack(grants, 3_600);
    expect(box.run('all')).toEqual([]);
  });
});

describe('a guarantee', () => {
  it('comes before fair shares (QUOTA-6)', () => {
    const box = allocator();
    box.framework('f1', ['owed']);
    box.framework('f2', ['other']);
    quota(box, 'owed', 'cpus:4;mem:400');
    // The fair share would be one agent each.
    box.agent('a1', 'cpus:2;mem:200');
    box.agent('a2', 'cpus:2;mem:200');
    expect(box.run('all').toSorted()).toEqual(['f1 a1 as owed cpus:2; mem:200', 'f1 a2 as owed cpus:2; mem:200']);
  });

  it('is chopped out of an agent, the rest goes by fair shares (QUOTA-8)', () => {
    const box = allocator();
    box.framework('f1', ['owed']);
    box.framework('f2', ['other']);
    quota(box, 'owed', 'cpus:1;mem:100');
    box.agent('a1', 'cpus:3;mem:300');
    expect(box.run()).toEqual(['f1 a1 as owed cpus:1; mem:100', 'f2 a1 as other cpus:2; mem:200']);
  });

  it('without frameworks still holds headroom back (QUOTA-5, QUOTA-10)', () => {
    const box = allocator();
    box.framework('f2', ['other']);
    quota(box, 'owed', 'cpus:2;mem:200');
    box.agent('a1', 'cpus:2;mem:200');
    expect(box.run()).toEqual([]);
    box.agent('a2', 'cpus:3;mem:300');
    // cpus:5 are free, cpus:2 must stay so.
    box.run('all');
    expect(String(box.stats.offeredOrAllocated)).toBe('cpus:3; mem:300');
  });

  it('of amounts brings the ports of its agent, before anybody comes by share (QUOTA-6, ALLOC-22)', () => {
    const box = allocator({ minAllocatable: [] });
    box.framework('f1', ['owed']);
    box.framework('f2', ['other']);
    quota(box, 'owed', 'cpus:1', '');
    box.agent('a1', 'cpus:1;ports:[1-9]');
    expect(box.run()).toEqual(['f1 a1 as owed cpus:1; ports:[1-9]']);
  });

  it('that is met holds nothing back', () => {
    const box = allocator();
    box.framework('f1', ['owed']);
    quota(box, 'owed', 'cpus:2;mem:200');
    box.agent('a1', 'cpus:2;mem:200');
    expect(box.run()).toEqual(['f1 a1 as owed cpus:2; mem:200']);
    box.framework('f2', ['other']);
    box.agent('a2', 'cpus:2;mem:200');
    expect(box.run()).toEqual(['f2 a2 as other cpus:2; mem:200']);
  });

  it('may burst beyond itself, up to the limit and what is not guaranteed to others (QUOTA-6)', () => {
    const box = allocator();
    box.framework('f1', ['owed']);
    quota(box, 'owed', 'cpus:1;mem:100', 'cpus:3;mem:300');
    quota(box, 'reserve', 'cpus:1;mem:100');
    box.agent('a1', 'cpus:8;mem:800');
    expect(box.run()).toEqual(['f1 a1 as owed cpus:3; mem:300']);
  });

  it('of a role serves the roles below it', () => {
    const box = allocator();
    box.framework('f1', ['owed/team']);
    box.framework('f2', ['other']);
    quota(box, 'owed', 'cpus:2;mem:200');
    box.agent('a1', 'cpus:2;mem:200');
    expect(box.run()).toEqual(['f1 a1 as owed/team cpus:2; mem:200']);
  });

  it('that one role below has met is none for the next, while others are owed', () => {
    const box = allocator();
    for (const agent of ['a1', 'a2', 'a3']) box.agent(agent, 'cpus:1');
    box.framework('f4', ['z']);
    box.giveBack(box.run('all'), 3_600);
    for (const role of ['top', 'z']) quota(box, role, 'cpus:1', '');
    box.framework('f1', ['top/x']);
    box.framework('f2', ['top/y']);
    // One for the guarantee, one that nobody is owed, and one that is kept for z.
    const grants = box.run('all').map((grant) => grant.replace(/a\d/, 'a'));
    expect(grants).toEqual(['f1 a as top/x cpus:1', 'f2 a as top/y cpus:1']);
  });

  it('of a role and of one below it are not added: the larger holds (design §12)', () => {
    const box = allocator();
    box.framework('f2', ['other']);
    quota(box, 'owed', 'cpus:2;mem:200');
    quota(box, 'owed/team', 'cpus:1;mem:100');
    box.agent('a1', 'cpus:5;mem:500');
    // Required is cpus:2, not cpus:3.
    expect(box.run()).toEqual(['f2 a1 as other cpus:3; mem:300']);
  });

  it('gives nothing of an agent that has nothing of it, and ports only with it (QUOTA-6, ALLOC-22)', () => {
    const box = allocator();
    box.framework('f1', ['owed']);
    quota(box, 'owed', 'cpus:1', 'cpus:1');
    box.agent('a1', 'mem:100;ports:[1-9]');
    // Nothing guaranteed is here; by fair share memory is unlimited, and ports always go along.
    expect(box.run()).toEqual(['f1 a1 as owed mem:100; ports:[1-9]']);
  });
});

describe('a limit', () => {
  it('bounds what is offered, and an unlimited kind goes whole (QUOTA-7, QUOTA-8)', () => {
    const box = allocator();
    box.framework('f1', ['bounded']);
    quota(box, 'bounded', '', 'cpus:10');
    box.agent('a1', 'cpus:15;mem:1500');
    expect(box.run()).toEqual(['f1 a1 as bounded cpus:10; mem:1500']);
    expect(box.pass(5_000)).toEqual([]);
  });

  it('of zero is not the same as none', () => {
    const box = allocator();
    box.framework('f1', ['bounded']);
    quota(box, 'bounded', '', 'cpus:0');
    box.agent('a1', 'cpus:4;mem:400');
    expect(box.run()).toEqual(['f1 a1 as bounded mem:400']);
  });

  it('holds for the whole subtree (design §12; Mesos: QUOTA-11)', () => {
    const box = allocator();
    box.framework('f1', ['top/a']);
    box.framework('f2', ['top/b']);
    quota(box, 'top', '', 'cpus:3;mem:300');
    box.agent('a1', 'cpus:2;mem:200');
    box.agent('a2', 'cpus:2;mem:200');
    box.run('all');
    expect(String(box.stats.offeredOrAllocated)).toBe('cpus:3; mem:300');
  });

  it('holds below a guarantee from above as well', () => {
    const box = allocator();
    box.framework('f1', ['web/api']);
    quota(box, 'web/api', '', 'cpus:0');
    quota(box, 'web', 'cpus:4;mem:100', '');
    box.agent('a1', 'cpus:4;mem:100');
    expect(box.run()).toEqual(['f1 a1 as web/api mem:100']);
  });

  it('counts what is reserved to the role, offered or not (QUOTA-2)', () => {
    const box = allocator();
    box.framework('f1', ['bounded']);
    quota(box, 'bounded', '', 'cpus:3;mem:300');
    box.agent('a1', 'cpus(bounded):2;mem(bounded):200');
    box.agent('a2', 'cpus:2;mem:200');
    expect(box.run('all').toSorted()).toEqual([
      'f1 a1 as bounded cpus(reservations: [(STATIC,bounded)]):2; mem(reservations: [(STATIC,bounded)]):200',
      'f1 a2 as bounded cpus:1; mem:100',
    ]);
  });

  it('frees again when something comes back', () => {
    const box = allocator();
    box.framework('f1', ['bounded']);
    quota(box, 'bounded', '', 'cpus:2;mem:200');
    box.agent('a1', 'cpus:2;mem:200');
    box.agent('a2', 'cpus:2;mem:200');
    const [first = ''] = box.run('all');
    expect(box.pass(5_000)).toEqual([]);
    box.giveBack([first]);
    expect(box.pass(1_000)).toHaveLength(1);
  });
});

describe('a quota as Mesos has it (nestedQuota: false)', () => {
  it('binds its own role alone, though what is below counts as its own (QUOTA-11)', () => {
    const box = allocator({ nestedQuota: false });
    box.framework('f1', ['a']);
    box.framework('f2', ['a/b']);
    quota(box, 'a', '', 'cpus:2;mem:200');
    box.agent('a1', 'cpus:2;mem:200', {
      used: [{ framework: 'f2', role: 'a/b', resources: resources('cpus:2;mem:200') }],
    });
    box.agent('a2', 'cpus:2;mem:200');
    expect(box.run()).toEqual(['f2 a2 as a/b cpus:2; mem:200']);
  });

  it('guarantees nothing to roles below (QUOTA-6)', () => {
    const box = allocator({ nestedQuota: false });
    box.framework('f2', ['a/b']);
    quota(box, 'a', 'cpus:2;mem:200');
    box.agent('a1', 'cpus:2;mem:200');
    expect(box.run()).toEqual([]);
  });
});

describe('quotas and the next batch', () => {
  it('a new agent is new headroom for what others may be given elsewhere', () => {
    const box = allocator();
    box.framework('f2', ['other']);
    quota(box, 'owed', 'cpus:2;mem:200');
    box.agent('a1', 'cpus:2;mem:200');
    expect(box.run()).toEqual([]);
    expect(box.pass(5_000)).toEqual([]);
    box.send({ type: 'suppress', framework: 'f2', roles: [] });
    box.agent('a2', 'cpus:2;mem:200');
    box.run();
    box.send({ type: 'unsuppress', framework: 'f2', roles: [] });
    expect(box.run()).toHaveLength(1);
  });

  it('a raised limit, or none any more, is used in the next batch', () => {
    const box = allocator();
    box.framework('f1', ['bounded']);
    quota(box, 'bounded', '', 'cpus:1');
    box.agent('a1', 'cpus:3');
    expect(box.run()).toEqual(['f1 a1 as bounded cpus:1']);
    quota(box, 'bounded', '', 'cpus:2');
    expect(box.pass(1_000)).toEqual(['1000: f1 a1 as bounded cpus:1']);
    box.send({ type: 'set-quota', role: 'bounded', quota: null });
    expect(box.pass(1_000)).toEqual(['2000: f1 a1 as bounded cpus:1']);
  });
});
