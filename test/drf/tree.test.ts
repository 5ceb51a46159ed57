import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  activateClient,
  addClient,
  clientNode,
  deactivateClient,
  drf,
  emptyShareTree,
  hasClient,
  openOrder,
  removeClient,
  replaceAllocated,
  restoreShareTree,
  setPriority,
  setWeight,
  trackAllocated,
  trackUnallocated,
  validateClientPath,
  weightOf,
  type ShareTree,
} from '../../src/drf/index.js';
import { Edit, quantities } from '../../src/resources/index.js';
import { apply, histories } from './histories.js';
import { Model, plainRows } from './model.js';

const build = (...steps: readonly ((tree: ShareTree) => ShareTree)[]): ShareTree =>
  steps.reduce((tree, step) => step(tree), emptyShareTree);
const add = (path: string) => (tree: ShareTree) => activateClient(addClient(tree, path), path);
const give = (path: string, text: string) => (tree: ShareTree) => trackAllocated(tree, path, quantities(text));

const orderOf = (tree: ShareTree): string[] => {
  const exclude = new Set<string>();
  const options = { tree, total: quantities('cpus:9;mem:9'), rule: drf, exclude, now: 0, draw: () => 1 };
  return [...openOrder(options).leaves()];
};

const shape = (tree: ShareTree): string[] =>
  plainRows(tree).map(({ path, client, active, children, count, allocated }) =>
    [path || '(root)', client ? (active ? 'active' : 'inactive') : `node of ${children}`, `${count}x`, allocated].join(
      ' ',
    ),
  );

describe('a share tree', () => {
  it('adds clients inactive, and what they hold to every node above (SORT-4, SORT-7)', () => {
    const tree = build((t) => addClient(t, 'a/b/c'), give('a/b/c', 'cpus:2'), give('a/b/c', 'cpus:1;mem:1'));
    expect(shape(tree)).toEqual([
      '(root) node of 1 2x cpus:3; mem:1',
      'a node of 1 2x cpus:3; mem:1',
      'a/b node of 1 2x cpus:3; mem:1',
      'a/b/c inactive 2x cpus:3; mem:1',
    ]);
  });

  it('moves a client that gets a sub-client into a virtual leaf, with activity, allocation and count (SORT-6)', () => {
    const tree = build(add('a'), give('a', 'cpus:1'), (t) => addClient(t, 'a/b/c'), give('a/b/c', 'cpus:2'));
    expect(shape(tree)).toEqual([
      '(root) node of 1 2x cpus:3',
      'a node of 2 2x cpus:3',
      'a/. active 1x cpus:1',
      'a/b node of 1 1x cpus:2',
      'a/b/c inactive 1x cpus:2',
    ]);
    expect(clientNode(tree, 'a')?.path).toBe('a/.');
  });

  it('gives a client above others a virtual leaf of its own, without a past (SORT-6)', () => {
    const tree = build(add('x/a'), give('x/a', 'cpus:1'), add('x'));
    expect(shape(tree)).toEqual([
      '(root) node of 1 1x cpus:1',
      'x node of 2 1x cpus:1',
      'x/. active 0x {}',
      'x/a active 1x cpus:1',
    ]);
  });

  it("makes a node a leaf again when only its virtual leaf is left; the count stays the node's (SORT-6)", () => {
    const tree = build(add('a'), give('a', 'cpus:1'), add('a/b/c'), give('a/b/c', 'cpus:2'), (t) =>
      removeClient(deactivateClient(t, 'a'), 'a/b/c'),
    );
    expect(shape(tree)).toEqual(['(root) node of 1 2x cpus:1', 'a inactive 2x cpus:1']);
    expect(clientNode(tree, 'a')).toMatchObject({ since: 1, servedAt: 2 });
  });

  it('keeps a node when the client above its sub-clients goes', () => {
    const tree = build(add('a'), add('a/b'), (t) => removeClient(t, 'a'));
    expect(shape(tree)).toEqual(['(root) node of 1 0x {}', 'a node of 1 0x {}', 'a/b active 0x {}']);
    expect(hasClient(tree, 'a')).toBe(false);
  });

  it('removes nodes without clients and takes their part from those above (SORT-4)', () => {
    const tree = build(add('a/b/c'), add('a/d'), give('a/b/c', 'cpus:2'), give('a/d', 'cpus:1'), (t) =>
      removeClient(t, 'a/b/c'),
    );
    expect(shape(tree)).toEqual(['(root) node of 1 2x cpus:1', 'a node of 1 2x cpus:1', 'a/d active 1x cpus:1']);
  });

  it('keeps counts when allocations come back or change (SORT-2)', () => {
    const tree = build(add('a'), give('a', 'cpus:2'), (t) =>
      replaceAllocated(trackUnallocated(t, 'a', quantities('cpus:1')), 'a', quantities('cpus:1'), quantities('mem:1')),
    );
    expect(shape(tree)).toEqual(['(root) node of 1 1x mem:1', 'a active 1x mem:1']);
  });

  it('keeps weights and priorities of paths that are not there (SORT-8)', () => {
    const tree = build(
      (t) => setPriority(setWeight(t, 'a', weightOf(2)), 'a', 7),
      (t) => setWeight(t, 'a/.', weightOf(3)),
      add('a'),
      add('a/b'),
    );
    expect(tree.nodes.get('a')).toMatchObject({ weight: { p: 2, q: 1 }, priority: 7 });
    expect(tree.nodes.get('a/.')).toMatchObject({ weight: { p: 3, q: 1 }, priority: 0 });
    const again = add('a')(removeClient(removeClient(tree, 'a'), 'a/b'));
    expect(clientNode(again, 'a')).toMatchObject({ path: 'a', weight: { p: 2, q: 1 }, priority: 7 });
    expect(setPriority(again, 'a', 0).priorities.size).toBe(0);
  });

  it('finds a client by its own name only', () => {
    const tree = build(add('a'), add('a/b'), add('__proto__'));
    expect(['a', 'a/b', '__proto__'].every((path) => hasClient(tree, path))).toBe(true);
    expect(['', '.', '/.', 'a/.', 'a/', 'b', 'constructor', 'a/b/.'].some((path) => hasClient(tree, path))).toBe(false);
  });

  it.each(['', '/', 'a/', '/a', 'a//b', '.', 'a/.', 'a/./b'])('refuses the path %j', (path) => {
    expect(validateClientPath(path)).toMatchObject({ code: 'bad-path' });
    expect(() => addClient(emptyShareTree, path)).toThrow(expect.objectContaining({ code: 'invariant' }));
  });

  it('takes ids for paths as they are', () => {
    for (const path of ['*', '..', 'a b', '__proto__/..', '\u{1F600}'])
      expect(validateClientPath(path)).toBeUndefined();
  });

  it('calls it a bug to name a client that is not there, twice the same, or more than is held', () => {
    const tree = build(add('a'), give('a', 'cpus:1'));
    const bugs: readonly (() => ShareTree)[] = [
      () => addClient(tree, 'a'),
      () => removeClient(tree, 'b'),
      () => activateClient(tree, 'b'),
      () => deactivateClient(tree, 'a/.'),
      () => trackAllocated(tree, '', quantities('cpus:1')),
      () => trackUnallocated(tree, 'a', quantities('cpus:1.001')),
      () => replaceAllocated(tree, 'a', quantities('mem:1'), quantities('cpus:1')),
    ];
    for (const bug of bugs) expect(bug).toThrow(expect.objectContaining({ name: 'InvariantError', code: 'invariant' }));
  });

  it('stands for the same paths by the same roster, and only then', () => {
    const tree = build(add('a'), add('a/b'));
    const same = [
      give('a', 'cpus:1')(tree),
      deactivateClient(tree, 'a'),
      setWeight(tree, 'a', weightOf(2)),
      setPriority(tree, 'a', 2),
    ];
    for (const { roster } of same) expect(roster).toBe(tree.roster);
    expect(removeClient(tree, 'a').roster).not.toBe(tree.roster);
    expect(addClient(tree, 'b').roster).not.toBe(tree.roster);
  });

  it('equals what is worked out from scratch after any history', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const model = new Model();
        let tree = emptyShareTree;
        for (const operation of history) {
          tree = apply(tree, operation, model);
          expect(plainRows(tree)).toEqual(model.rows());
          expect(tree.clock).toBe(model.clock);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never changes once it was given out, with edits or without', () => {
    const pieces = fc.array(fc.tuple(histories, fc.boolean()), { maxLength: 6 });
    fc.assert(
      fc.property(pieces, (all) => {
        let tree = emptyShareTree;
        const seen: { readonly tree: ShareTree; readonly rows: unknown }[] = [];
        for (const [history, inPlace] of all) {
          // Under an edit only the last tree may be kept, and the one that it began from.
          const edit = inPlace ? new Edit() : undefined;
          for (const operation of history) {
            if (edit === undefined) seen.push({ tree, rows: plainRows(tree) });
            tree = apply(tree, operation, undefined, edit);
          }
          seen.push({ tree, rows: plainRows(tree) });
        }
        for (const { tree: old, rows } of seen) expect(plainRows(old)).toEqual(rows);
      }),
    );
  });

  it('is the same with edits as without, and after it was written down', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const edit = new Edit();
        const model = new Model();
        const plain = history.reduce((tree, operation) => apply(tree, operation, model), emptyShareTree);
        const edited = history.reduce((tree, operation) => apply(tree, operation, undefined, edit), emptyShareTree);
        expect(plainRows(edited)).toEqual(plainRows(plain));
        const restored = restoreShareTree({
          nodes: plain.nodes.values(),
          weights: plain.weights.entries(),
          priorities: plain.priorities.entries(),
          clock: plain.clock,
        });
        expect(plainRows(restored)).toEqual(plainRows(plain));
        expect(restored.roster).not.toBe(plain.roster);
        expect(orderOf(restored)).toEqual(orderOf(plain));
        expect({ ...restored, nodes: 0, roster: 0, weights: restored.weights.entries(), priorities: 0 }).toEqual({
          ...plain,
          nodes: 0,
          roster: 0,
          weights: plain.weights.entries(),
          priorities: 0,
        });
      }),
    );
  });

  it('starts empty for everybody', () => {
    expect(shape(emptyShareTree)).toEqual(['(root) node of 0 0x {}']);
    expect(emptyShareTree.clock).toBe(0);
  });
});
