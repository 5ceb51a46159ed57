/**
 * `npm run scale [-- --quick]`: measures how time and memory grow, each figure in a process of its own, and writes
 * `docs/scale/data.json`, a chart for each curve, and the figures in `docs/scale.md`. It takes about ten minutes on a quiet
 * machine, two with `--quick`; `--redraw` measures nothing and writes the rest anew from `data.json`.
 */
import { parseArgs } from 'node:util';
import { svgOf } from './measure/chart.mjs';
import { capacity, fleet } from './measure/capacity.mjs';
import { curves, launching } from './measure/curves.mjs';
import { figure, flagsOf, machine, machineText, measure, read, table, whole, write } from './measure/proffer.mjs';

/** @typedef {import('./measure/proffer.mjs').WorkloadRow} WorkloadRow */
/** @typedef {import('./measure/curves.mjs').Sample} Sample */
/** @typedef {import('./measure/curves.mjs').Curve} Curve */
/** @typedef {import('./measure/chart.mjs').Chart} Chart */
/** @typedef {import('./measure/chart.mjs').Series} Series */
/**
 * What `data.json` holds.
 *
 * @typedef {object} Data
 * @property {import('./measure/proffer.mjs').Machine} machine
 * @property {boolean} quick
 * @property {Readonly<Record<string, WorkloadRow>>} rows by the command line that measured it
 */

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' }, redraw: { type: 'boolean' } } });
const dataPath = 'docs/scale/data.json';
const pagePath = 'docs/scale.md';

const data =
  flags.redraw === true ? /** @type {Data} */ (JSON.parse(read(dataPath))) : measureAll(flags.quick === true);
if (flags.redraw !== true) await write(dataPath, JSON.stringify(data));
const charts = curves(data.quick).map((curve) => ({ curve, chart: chartOf(curve, data) }));
for (const { curve, chart } of charts) await write(`docs/scale/${curve.name}.svg`, svgOf(chart));

/** @type {Map<string, string>} */
const sections = new Map();
sections.set('machine', machineSection(data));
for (const { curve, chart } of charts) sections.set(curve.name, tableOf(curve, chart));
const facts = capacity(data.rows, rowOf(launching(data.quick), data));
sections.set('capacity', facts.text);
sections.set('fleet', fleet(facts));
await write(pagePath, filled(read(pagePath), sections));
for (const { curve, chart } of charts) console.log(`${chart.title}\n\n${tableOf(curve, chart)}\n`);
console.log(facts.text);

/**
 * @param {boolean} quick
 * @returns {Data}
 */
function measureAll(quick) {
  /** @type {Record<string, WorkloadRow>} */
  const rows = {};
  const samples = [...curves(quick).flatMap(({ series }) => series.flatMap((one) => one.samples)), launching(quick)];
  const wanted = new Map(samples.map((sample) => [keyOf(sample), sample]));
  const start = performance.now();
  let turn = 0;
  for (const [key, { workload, flags }] of wanted) {
    turn += 1;
    process.stderr.write(`${turn}/${wanted.size} ${key}`);
    const before = performance.now();
    const [row] = measure(workload, flags);
    if (row === undefined) throw new Error(`${key} gave no row`);
    rows[key] = row;
    process.stderr.write(` ${((performance.now() - before) / 1e3).toFixed(1)} s\n`);
  }
  process.stderr.write(`measured in ${((performance.now() - start) / 6e4).toFixed(1)} min\n`);
  return { machine: machine(), quick, rows };
}

/**
 * The command line of a sample.
 *
 * @param {Omit<Sample, 'x'>} sample
 * @returns {string}
 */
function keyOf({ workload, flags }) {
  return [workload, ...flagsOf(flags)].join(' ');
}

/**
 * @param {Omit<Sample, 'x'>} sample
 * @param {Data} data
 * @returns {WorkloadRow}
 */
function rowOf(sample, { rows }) {
  const row = rows[keyOf(sample)];
  if (row === undefined) throw new Error(`${dataPath} lacks ${keyOf(sample)}: measure anew`);
  return row;
}

/**
 * @param {Curve} curve
 * @param {Data} data
 * @returns {Chart}
 */
function chartOf({ title, x, y, series }, data) {
  const drawn = series.map(({ name, samples, y: yOf }) => ({
    name,
    points: samples.flatMap((sample) => {
      const row = rowOf(sample, data);
      const along = sample.x(row);
      const up = yOf(row);
      return along == null || up == null ? [] : [/** @type {const} */ ([along, up])];
    }),
  }));
  const ends = drawn.flatMap(({ name, points }) => {
    const [first] = points;
    const last = points.at(-1);
    if (first === undefined || last === undefined) return [];
    if (first === last) return [`${name}: ${figure(first[1])} at ${whole(first[0])}`];
    return [`${name}: from ${figure(first[1])} at ${whole(first[0])} to ${figure(last[1])} at ${whole(last[0])}`];
  });
  const description = `Along: ${x}. Up: ${y}. Both axes are logarithmic. ${ends.join('; ')}.`;
  return { title, description, x, y: `${y} (log)`, series: drawn };
}

/**
 * A row for each place along, a column for each curve.
 *
 * @param {Curve} curve
 * @param {Chart} chart
 * @returns {string}
 */
function tableOf({ unit, each }, { x, series }) {
  const places = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const [along = x] = x.split(/[,:;]| that /);
  const valueAt = (/** @type {Series} */ { points }, /** @type {number} */ at) => points.find(([x]) => x === at)?.[1];
  const eachAt = (/** @type {number} */ at) => {
    const value = series[0] === undefined ? undefined : valueAt(series[0], at);
    return value === undefined || at === 0 ? undefined : (value * (each?.factor ?? 1)) / at;
  };
  return table(
    [along, ...series.map(({ name }) => `${name}, ${unit}`), ...(each === undefined ? [] : [each.name])],
    places.map((at) => [
      whole(at),
      ...series.map((one) => figure(valueAt(one, at))),
      ...(each === undefined ? [] : [figure(eachAt(at))]),
    ]),
    [],
  );
}

/**
 * @param {Data} data
 * @returns {string}
 */
function machineSection({ machine: where, quick, rows }) {
  const noisy = Object.values(rows).filter((row) => row.noisy).length;
  const all = Object.keys(rows).length;
  return [
    `Measured on: ${machineText(where)}. Medians${quick ? ' of a few runs at small sizes (`--quick`)' : ''};`,
    `${noisy} of ${all} figures are marked as noisy in [data.json](scale/data.json), which holds every row.`,
  ].join(' ');
}

/**
 * The page with new figures between its marks.
 *
 * @param {string} page
 * @param {ReadonlyMap<string, string>} sections
 * @returns {string}
 */
function filled(page, sections) {
  let text = page;
  for (const [name, section] of sections) {
    const marks = new RegExp(`(<!-- figures: ${name} -->)[^]*?(<!-- end -->)`);
    if (!marks.test(text)) throw new Error(`${pagePath} has no place for the figures of ${name}`);
    text = text.replace(marks, (_, open, close) => `${open}\n\n${section}\n\n${close}`);
  }
  return text;
}
