/** Many holdings written at once come to what they come to one by one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addAgent,
  addFramework,
  closeAllocator,
  emptyAllocator,
  hold,
  holdAll,
  openAllocator,
  release,
  releaseAll,
  type AllocatorDraft,
  type AllocatorState,
  type Holding,
} from '../../src/offers/index.js';
import { Edit, allocate, resources, type Resources } from '../../src/resources/index.js';
import { allocator, type Box } from './harness.js';

const shared = { name: 'disk', value: 5, role: 'r1', disk: { id: 'v', path: 'p' }, shared: true };
const part: fc.Arbitrary<Holding> = fc.record({
  framework: fc.constantFrom('f1', 'f2', 'unknown'),
  role: fc.constantFrom('r1', 'r1/x', 'r2'),
  resources: fc.constantFrom('cpus:1', 'cpus:2;mem:64', 'ports:[1-3]', '', shared).map((like) => resources(like)),
});
const parts = fc.array(part, { maxLength: 8 });

function after(start: AllocatorState, change: (draft: AllocatorDraft) => void): AllocatorState {
  const draft = openAllocator(start, new Edit());
  change(draft);
  return closeAllocator(draft);
}

const start = after(emptyAllocator(), (draft) => {
  addFramework(draft, 'f1', { roles: ['r1', 'r1/x'] }, true);
  addFramework(draft, 'f2', { roles: ['r1'] }, true);
  addAgent(draft, { agent: 'a1', total: resources(['cpus:9;mem:256;ports:[1-9]', shared]) });
});

/** All but the stamps of who was served when: at once is at one moment. */
function books({ agents, lingering, orphans, shares, clients }: AllocatorState): unknown {
  const rows = ({ nodes }: typeof shares): unknown =>
    nodes
      .values()
      .map(({ path, allocated, count, active, children }) => [path, String(allocated), count, active, children]);
  return {
    agents: agents
      .values()
      .map(({ held, free }) => [
        String(free),
        held.map(({ framework, role, resources: own }) => [framework, role, String(own)]),
      ]),
    lingering: lingering.entries(),
    orphans: orphans.entries().map(([id, names]) => [id, names.keys()]),
    shares: rows(shares),
    clients: clients.entries().map(([role, tree]) => [role, rows(tree)]),
  };
}

function each(draft: AllocatorDraft, list: readonly Holding[], step: typeof hold): void {
  for (const { framework, role, resources: own } of list) step(draft, { agent: 'a1', framework, role }, own);
}

describe('many holdings at once', () => {
  it('are held as one by one', () => {
    fc.assert(
      fc.property(parts, (list) => {
        const atOnce = after(start, (draft) => holdAll(draft, 'a1', list));
        expect(books(atOnce)).toEqual(books(after(start, (draft) => each(draft, list, hold))));
      }),
    );
  });

  it('come back as one by one', () => {
    fc.assert(
      fc.property(parts, parts, (held, back) => {
        const before = after(start, (draft) => each(draft, held, hold));
        const atOnce = after(before, (draft) => releaseAll(draft, 'a1', back));
        const inTurn = after(before, (draft) => each(draft, back, release));
        expect(books(atOnce)).toEqual(books(inTurn));
      }),
    );
  });
});

describe('what is said of holdings with `allocated` means what it means without', () => {
  const part = (text: string): readonly Resources[] => [resources(text), allocate(resources(text), 'r1')];
  const both = (tell: (box: Box, said: Resources) => void, text: string): readonly unknown[] =>
    part(text).map((said) => {
      const box = allocator();
      box.agent('a1', 'cpus:4;mem:64', { used: [{ framework: 'f1', role: 'r1', resources: resources('cpus:2') }] });
      box.framework('f1', ['r1']);
      tell(box, said);
      return books(box.state);
    });
  const key = { framework: 'f1', agent: 'a1', role: 'r1' };

  it.each<[string, (box: Box, said: Resources) => void, string]>([
    [
      'a new agent',
      (box, used) => box.agent('a2', 'cpus:2', { used: [{ framework: 'f1', role: 'r1', resources: used }] }),
      'cpus:1',
    ],
    [
      'a new part of an agent',
      (box, used) =>
        box.send({
          type: 'add-provider',
          agent: 'a1',
          total: resources('disk:9'),
          used: [{ framework: 'f1', role: 'r1', resources: used }],
        }),
      'disk:4',
    ],
    ['a recovery', (box, back) => box.send({ type: 'recover', ...key, resources: back }), 'cpus:1'],
    [
      'a conversion',
      (box, offered) =>
        box.send({
          type: 'update-allocation',
          ...key,
          offered,
          conversions: [{ consumed: offered, converted: offered }],
        }),
      'cpus:1',
    ],
  ])('in %s', (_, tell, text) => {
    const [without, with_] = both(tell, text);
    expect(with_).toEqual(without);
  });

  it('so that what is used is not offered', () => {
    const box = allocator();
    const used = allocate(resources('cpus:1'), 'r1');
    box.agent('a1', 'cpus:2;mem:64', { used: [{ framework: 'f1', role: 'r1', resources: used }] });
    box.framework('f1', ['r1']);
    expect(box.run()).toEqual(['f1 a1 as r1 cpus:1; mem:64']);
  });
});
