/** What is measured to see how time and memory grow, and the charts that are made of it. */

/** @typedef {import('./proffer.mjs').WorkloadRow} WorkloadRow */
/** @typedef {import('./proffer.mjs').Flags} Flags */
/**
 * One row of `proffer bench`, and where it stands in a chart.
 *
 * @typedef {object} Sample
 * @property {string} workload
 * @property {Flags} flags
 * @property {(row: WorkloadRow) => number | null | undefined} x
 */
/**
 * @typedef {object} CurveSeries
 * @property {string} name
 * @property {readonly Sample[]} samples
 * @property {(row: WorkloadRow) => number | null | undefined} y
 */
/**
 * @typedef {object} Curve
 * @property {string} name also of its file
 * @property {string} title
 * @property {string} x
 * @property {string} y
 * @property {string} unit of y
 * @property {{ readonly name: string, readonly factor: number }} [each] y of the first series over x, times a factor: a
 *   column of the table that shows growth beyond proportion
 * @property {readonly CurveSeries[]} series
 */

const medianMs = (/** @type {WorkloadRow} */ row) => row.medianMs;
const liveMiB = (/** @type {WorkloadRow} */ row) => row.liveHeapMiB;
const microseconds = (/** @type {number | null | undefined} */ ns) => (ns == null ? null : ns / 1e3);

const byAgents = (/** @type {WorkloadRow} */ row) => row.agents;
const byFrameworks = (/** @type {WorkloadRow} */ row) => row.frameworks;
const byRoles = (/** @type {WorkloadRow} */ row) => row.roles;
const byTasks = (/** @type {WorkloadRow} */ row) => row.tasks;
/** Everybody has refused everything: one filter for each agent and framework. */
const byFilters = (/** @type {WorkloadRow} */ row) => (row.agents ?? 0) * (row.frameworks ?? 0);

/** Tasks on each agent, in all clusters that have any. */
export const tasksAnAgent = 10;

/**
 * @param {boolean} quick smaller sizes and fewer runs, to see that all works
 * @returns {readonly Curve[]}
 */
export function curves(quick) {
  const sizes = (/** @type {readonly number[]} */ all, /** @type {number} */ most) =>
    quick ? all.filter((size) => size <= most) : all;
  const runs = quick ? 2 : 7;
  const fewRuns = quick ? 1 : 3;

  const agents = sizes([1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000], 10_000);
  const tasks = sizes([1_000, 10_000, 100_000, 1_000_000], 100_000);
  /** @type {(agents: number, more: Flags) => Flags} */
  const cycle = (count, more) => ({ phase: 'cycle', agents: count, runs, ...more });
  const middle = quick ? 1_000 : 10_000;
  const crowd = middle / 10;
  /** @type {(layout: Flags, x?: (row: WorkloadRow) => number | null | undefined) => Sample} */
  const rolesSample = (layout, x = byRoles) => ({
    workload: 'full-cycle',
    flags: cycle(middle, { frameworks: crowd, ...layout }),
    x,
  });
  /** @type {(workload: string, flags: Flags) => readonly Sample[]} */
  const perTask = (workload, flags) =>
    tasks.map((count) => ({
      workload,
      flags: { agents: count / tasksAnAgent, tasks: count, ...flags },
      x: byTasks,
    }));
  const refusing = sizes([400, 1_000, 2_000, 4_000], 1_000);
  /** @type {(phase: string) => readonly Sample[]} */
  const refused = (phase) =>
    refusing.map((count) => ({
      workload: 'declined-cycle',
      flags: { phase, agents: count, frameworks: count / 10, runs: phase === 'heap' ? 1 : runs },
      x: byFilters,
    }));
  /** @type {(phase: string) => readonly Sample[]} */
  const quotas = (phase) =>
    sizes([30, 300, 3_000], 300).map((count) => ({
      workload: 'large-small-quota',
      flags: { phase, agents: count, runs },
      x: byRoles,
    }));
  const idleSizes = sizes([1_000, 10_000, 100_000], 10_000);

  return [
    {
      name: 'cycle-by-agents',
      title: 'A full cycle by agents',
      x: 'agents, all free; a tenth as many frameworks, each with its own role',
      y: 'milliseconds a cycle',
      unit: 'ms',
      each: { name: 'an offer, µs', factor: 1e3 },
      series: [
        {
          name: 'full cycle',
          samples: agents.map((count) => ({
            workload: 'full-cycle',
            flags: cycle(count, { frameworks: count / 10 }),
            x: byAgents,
          })),
          y: medianMs,
        },
      ],
    },
    {
      name: 'cycle-by-frameworks',
      title: `A full cycle of ${middle.toLocaleString('en-US')} agents by frameworks`,
      x: 'frameworks, each with its own role',
      y: 'milliseconds a cycle',
      unit: 'ms',
      series: [
        {
          name: 'full cycle',
          samples: sizes([100, 300, 1_000, 3_000, 10_000], 1_000).map((count) => ({
            workload: 'full-cycle',
            flags: cycle(middle, { frameworks: count }),
            x: byFrameworks,
          })),
          y: medianMs,
        },
      ],
    },
    {
      name: 'cycle-by-roles',
      title: `A full cycle of ${middle.toLocaleString('en-US')} agents and ${crowd.toLocaleString('en-US')} frameworks by roles`,
      x: 'roles that frameworks share; or groups above a role for each',
      y: 'milliseconds a cycle',
      unit: 'ms',
      series: [
        {
          name: 'shared, round-robin',
          samples: [1, 10, 100]
            .filter((roles) => roles < crowd)
            .map((roles) => rolesSample({ layout: 'spread', roles })),
          y: medianMs,
        },
        {
          name: 'two levels',
          samples: [1, 10, 100]
            .filter((roles) => roles < crowd)
            .map((roles) => rolesSample({ layout: 'two-level', roles })),
          y: medianMs,
        },
        { name: 'one each', samples: [rolesSample({})], y: medianMs },
      ],
    },
    {
      name: 'idle-by-agents',
      title: 'A cycle with next to nothing to do, by agents',
      x: 'agents, all offered; a tenth as many frameworks',
      y: 'microseconds a cycle',
      unit: 'µs',
      series: [
        {
          name: 'one offer came back',
          samples: idleSizes.map((count) => ({
            workload: 'one-agent',
            flags: { phase: 'batch', agents: count, frameworks: count / 10, runs: quick ? 20 : 100 },
            x: byAgents,
          })),
          y: (row) => row.medianMs * 1e3,
        },
        {
          name: 'nothing happened',
          samples: idleSizes.map((count) => ({
            workload: 'idle-cycle',
            flags: { agents: count, frameworks: count / 10, runs: quick ? 20 : 200 },
            x: byAgents,
          })),
          y: (row) => row.medianMs * 1e3,
        },
      ],
    },
    {
      name: 'input-by-tasks',
      title: 'One input by running tasks',
      x: `running tasks, ${tasksAnAgent} an agent; 100 frameworks`,
      y: 'microseconds an input',
      unit: 'µs',
      series: [
        {
          name: 'half take less',
          samples: perTask('inputs', { runs: fewRuns }),
          y: (row) => microseconds(row.p50Ns),
        },
        {
          name: '99 % take less',
          samples: perTask('inputs', { runs: fewRuns }),
          y: (row) => microseconds(row.p99Ns),
        },
      ],
    },
    {
      name: 'register-by-tasks',
      title: 'A fleet registers with an empty master, by tasks',
      x: `tasks that are reported, ${tasksAnAgent} an agent`,
      y: 'milliseconds for all',
      unit: 'ms',
      each: { name: 'a task, µs', factor: 1e3 },
      series: [{ name: 'register', samples: perTask('register', { phase: 'register', runs: fewRuns }), y: medianMs }],
    },
    {
      name: 'heap-by-tasks',
      title: 'Live memory of a state by tasks',
      x: `tasks, ${tasksAnAgent} an agent`,
      y: 'MiB after a full collection',
      unit: 'MiB',
      each: { name: 'a task with its part of the agent, bytes', factor: 2 ** 20 },
      series: [{ name: 'state', samples: perTask('register', { phase: 'heap', runs: 1 }), y: liveMiB }],
    },
    {
      name: 'cycle-by-refusals',
      title: 'A cycle by refusals',
      x: 'refusals: every framework refused every agent, ten agents to a framework',
      y: 'milliseconds a cycle',
      unit: 'ms',
      series: [
        { name: '1 % of 1 % is open', samples: refused('cycle'), y: medianMs },
        { name: 'nothing is open', samples: refused('closed'), y: medianMs },
        { name: 'the cycle after', samples: refused('after'), y: medianMs },
      ],
    },
    {
      name: 'heap-by-refusals',
      title: 'Live memory of refusals',
      x: 'refusals: every framework refused every agent, ten agents to a framework',
      y: 'MiB after a full collection',
      unit: 'MiB',
      each: { name: 'a refusal, bytes', factor: 2 ** 20 },
      series: [{ name: 'refusals', samples: refused('heap'), y: liveMiB }],
    },
    {
      name: 'cycle-by-quotas',
      title: 'A cycle in which every role has a quota',
      x: 'roles with guarantees and limits, as many agents',
      y: 'milliseconds a cycle',
      unit: 'ms',
      series: [
        { name: 'first', samples: quotas('first'), y: medianMs },
        { name: 'the cycle after', samples: quotas('empty'), y: medianMs },
      ],
    },
    {
      name: 'serialize-by-tasks',
      title: 'A state as text, by tasks',
      x: `running tasks, ${tasksAnAgent} an agent`,
      y: 'milliseconds',
      unit: 'ms',
      series: [
        {
          name: 'in all',
          samples: perTask('serialize', { phase: 'serialize', runs: fewRuns }),
          y: medianMs,
        },
        {
          name: 'longest step',
          samples: perTask('serialize', { phase: 'serialize', runs: fewRuns }),
          y: (row) => (row.maxNs === undefined ? null : row.maxNs / 1e6),
        },
      ],
    },
  ];
}

/**
 * What is measured beside the curves: how many tasks a second come to run, with everything that belongs to it.
 *
 * @param {boolean} quick
 * @returns {Omit<Sample, 'x'>}
 */
export function launching(quick) {
  const agents = quick ? 1_000 : 10_000;
  return { workload: 'fill', flags: { agents, frameworks: 100, runs: quick ? 1 : 3 } };
}
