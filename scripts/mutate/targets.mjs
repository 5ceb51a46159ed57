/** What is mutated, and which tests must notice. */

/**
 * @typedef {object} Target
 * @property {string} file
 * @property {readonly (readonly string[])[]} stages Tests as vitest is told them, the quickest first: the next ones are asked
 *   about what these let pass.
 */

const drf = ['test/drf'];
const runs = ['test/offers/order-run.test.ts', 'test/offers/rules.test.ts', 'test/offers/weights.test.ts'];
/** The conformance cases, without the tests of the tests. */
const cases = ['test/scenarios', '-t', 'passes every case'];
/** Runs beside slow ones that ask everybody in turn. */
const reference = ['test/offers/order-run.test.ts', 'test/offers/allocate.test.ts', 'test/offers/policies.test.ts'];
const laws = ['test/testing/check-policy.test.ts', 'test/properties/fairness.test.ts'];
const offers = ['test/offers'];
const machine = [
  'test/cluster',
  'test/scenarios',
  'test/properties/explain.test.ts',
  'test/properties/histories.test.ts',
];

/** The core's own share, order, filter and headroom code. @type {readonly Target[]} */
export const targets = [
  drfTarget('share', ['share', 'weight']),
  drfTarget('weight', ['weight', 'share']),
  drfTarget('fraction', ['weight', 'share']),
  drfTarget('ranking', ['order', 'forest']),
  drfTarget('forest', ['forest', 'order']),
  drfTarget('lineup', ['forest', 'order']),
  drfTarget('rules/asset-fairness', ['rules']),
  drfTarget('rules/priority', ['rules']),
  offersTarget('order-run', ['allocate', 'suppression']),
  offersTarget('roster', ['allocate', 'suppression']),
  offersTarget('likeness', ['likeness']),
  offersTarget('candidates', ['allocate', 'whitelist']),
  offersTarget('filters', ['filters', 'refusals']),
  offersTarget('refusals', ['refusals', 'filters']),
  offersTarget('eligibility', ['eligibility', 'minimums']),
  offersTarget('quota', ['quota']),
  offersTarget('quota-book', ['quota-book', 'quota']),
];

/**
 * @param {string} name
 * @param {readonly string[]} own
 * @returns {Target}
 */
function drfTarget(name, own) {
  const nearest = own.map((test) => `test/drf/${test}.test.ts`);
  return { file: `src/drf/${name}.ts`, stages: [nearest, drf, runs, laws] };
}

/**
 * @param {string} name
 * @param {readonly string[]} own
 * @returns {Target}
 */
function offersTarget(name, own) {
  const nearest = own.map((test) => `test/offers/${test}.test.ts`);
  return { file: `src/offers/${name}.ts`, stages: [nearest, cases, reference, offers, machine] };
}
