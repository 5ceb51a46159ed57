export { unitExponential } from './draw.js';
export { Forest, type ForestOptions, type GrownForest } from './forest.js';
export { openOrder, type Order } from './order.js';
export { PolicyError, type Client, type OrderRule } from './order-rule.js';
export {
  progressiveFilling,
  type Filling,
  type FillingResult,
  type FillingStep,
  type FillingUser,
  type ProgressiveFillingOptions,
} from './progressive-filling.js';
export { assetFairness } from './rules/asset-fairness.js';
export { drf } from './rules/drf.js';
export { fifo } from './rules/fifo.js';
export { priority } from './rules/priority.js';
export { roundRobin } from './rules/round-robin.js';
export { weightedRandom } from './rules/weighted-random.js';
export type { OrderOptions } from './scratch.js';
export { dominantResource, dominantShare, type ShareOptions } from './share.js';
export { createSorter, type Sorter, type SorterOptions } from './sorter.js';
export {
  activateClient,
  addClient,
  clientNode,
  deactivateClient,
  emptyShareTree,
  hasClient,
  pathAbove,
  recountAllocated,
  removeClient,
  replaceAllocated,
  restoreShareTree,
  setPriority,
  setWeight,
  trackAllocated,
  trackAllocations,
  trackUnallocated,
  validateClientPath,
  weightAt,
  type Allocations,
  type Recount,
  type Roster,
  type ShareNode,
  type ShareTree,
  type ShareTreeParts,
} from './tree.js';
export { unitWeight, weightOf, weightValue, type Weight } from './weight.js';
