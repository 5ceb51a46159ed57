/** Trees of shares. */
import { pathAbove, unitWeight, weightOf, type ShareNode, type ShareTree, type Weight } from '../../drf/index.js';
import type { Table } from '../../resources/index.js';
import {
  Damage,
  damaged,
  derived,
  finite,
  flag,
  positive,
  row,
  text,
  whole,
  within,
  type Reader,
} from '../../resources/reading.js';
import { each, Pace, ROWS_A_STEP, type Steps } from '../../resources/steps.js';
import { someQuantities, table } from './values.js';

const weightParts = row<Weight>({ p: positive, q: positive });

/** A weight in lowest terms. */
const weight: Reader<Weight> = (value) => {
  const { p, q } = weightParts(value);
  const read = weightOf(p / q);
  return read.p === p && read.q === q ? read : damaged('is no weight in lowest terms');
};

const node = row<ShareNode>({
  path: text,
  client: flag,
  active: flag,
  children: whole,
  count: whole,
  allocated: someQuantities,
  since: whole,
  servedAt: whole,
  priority: finite,
  weight,
});

const parts = row<ShareTree>({
  nodes: table(node, ({ path }) => path),
  weights: table(weight),
  priorities: table(finite),
  clock: whole,
  roster: row<ShareTree['roster']>({ rows: whole }),
});

/** A tree of which every row agrees with those around it; what rows hold is another question. */
export const shareTree: Reader<ShareTree> = derived(parts, function* (tree) {
  if (tree.roster.rows !== tree.nodes.size) throw new Damage(`is not ${tree.nodes.size}`, 'roster.rows');
  if (!tree.nodes.has('')) throw new Damage('has no root', 'nodes');
  const pace = new Pace(ROWS_A_STEP);
  const below = yield* childrenOf(tree.nodes, pace);
  yield* each(tree.nodes.walk(), pace, (own, path) => {
    try {
      demandAgreement(tree, own, below.get(path) ?? 0);
    } catch (error) {
      throw within('nodes', within(`[${JSON.stringify(path)}]`, error));
    }
  });
  return tree;
});

/** Per path: how many rows lie right below it. */
function* childrenOf(nodes: Table<ShareNode>, pace: Pace): Steps<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  yield* each(nodes.walk(), pace, (_, path) => {
    if (path === '') return;
    const above = pathAbove(path);
    if (!nodes.has(above)) throw new Damage('lies below nothing', `nodes[${JSON.stringify(path)}]`);
    counts.set(above, (counts.get(above) ?? 0) + 1);
  });
  return counts;
}

function demandAgreement(tree: ShareTree, own: ShareNode, below: number): void {
  const { path, client, active, children, since, servedAt, priority } = own;
  if (children !== below) damaged(`has ${below} rows below it`);
  if (client !== (path !== '' && children === 0)) damaged('is a client with others below it, or none without');
  if (active && !client) damaged('is active and no client');
  if (since > tree.clock || servedAt > tree.clock) damaged('is from after the clock of its tree');
  if (priority !== (tree.priorities.get(path) ?? 0)) damaged('has another priority than its tree says');
  const { p, q } = tree.weights.get(path) ?? unitWeight;
  if (own.weight.p !== p || own.weight.q !== q) damaged('has another weight than its tree says');
}
