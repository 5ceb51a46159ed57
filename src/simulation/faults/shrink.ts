import { journalHead, journalLine } from '../../master/journal.js';
import { InputError } from '../../resources/index.js';
import type { FaultPlan } from './plan.js';
import { judgeOf, shortestHistory, type History } from './shrink-history.js';
import { PlanShrinker, type ShrinkOptions } from './shrink-plan.js';
import { simulateFaults, type FaultRun } from './simulate-faults.js';
import type { FaultFailure } from './watch.js';

/** A failure, cut down. */
export interface ShrunkFault {
  /** The seed that it was found by. */
  readonly seed: number;
  readonly failure: FaultFailure;
  /** The least plan that was found to show it. */
  readonly plan: FaultPlan;
  /**
   * The least record that shows it without anything around the machine: what `proffer replay` reads. Absent when what
   * broke is a promise about a whole history.
   */
  readonly record?: readonly string[];
}

/**
 * Cuts a failure down: fewer events, fewer faults, a smaller cluster, and then fewer inputs of the machine, for as long as
 * the same rule breaks.
 *
 * @throws InputError `no-failure` for a run that did not fail
 * @example
 * const run = await simulateFaults(faultPlan(7));
 * if (run.failure !== undefined) console.log(faultText(await shrinkFault(run)));
 * @remarks Since 0.1.0
 */
export async function shrinkFault(run: FaultRun, options: ShrinkOptions = {}): Promise<ShrunkFault> {
  if (run.failure === undefined) throw new InputError('no-failure', 'run', 'There is no failure to cut down');
  const shrinker = new PlanShrinker(run, run.failure, options);
  await shrinker.shrink();
  const { plan, failure } = shrinker;
  const record = await recordOf(plan, failure, options);
  return { seed: run.plan.seed, failure, plan, ...(record && { record }) };
}

async function recordOf(
  plan: FaultPlan,
  { rule }: FaultFailure,
  options: ShrinkOptions,
): Promise<readonly string[] | undefined> {
  const masters: string[][] = [];
  const record = (line: string): void => {
    if (line.startsWith('{"proffer":')) masters.push([]);
    masters.at(-1)?.push(line);
  };
  await simulateFaults(plan, { ...options, record });
  for (const lines of masters) {
    const history = shortestHistory(lines, judgeOf(rule), options.policy);
    if (history !== undefined) return linesOf(history, options);
  }
  return undefined;
}

function linesOf({ start, inputs }: History, { policy }: ShrinkOptions): readonly string[] {
  return [journalHead(start, policy?.name ?? 'drf'), ...inputs.map(journalLine)];
}

/**
 * A failure in words: the rule, the seed, the least plan, and the least record if there is one.
 *
 * @remarks Since 0.1.0
 */
export function faultText({ seed, failure, plan, record }: ShrunkFault): string {
  const { rule, where, what, at, inputs } = failure;
  const { size, faultyMs, events, weather, habits, config } = plan;
  const shown = (rates: object): string =>
    JSON.stringify(Object.fromEntries(Object.entries(rates).filter(([, v]) => v)));
  return [
    `${rule} is broken at ${where}: ${what}`,
    `  seed ${seed}, ${at} ms of virtual time, ${inputs} inputs`,
    `  the least plan: ${size.agents} agents, ${size.frameworks} frameworks, ${size.tasks} tasks, ${faultyMs} ms`,
    `    weather ${shown(weather)}`,
    `    habits ${shown(habits)}`,
    `    config ${JSON.stringify(config)}`,
    ...events.map((event) => `    ${JSON.stringify(event)}`),
    `  again: simulateFaults(${JSON.stringify(plan)})`,
    ...(record === undefined
      ? []
      : [`  the least record, ${record.length - 1} inputs, for 'proffer replay':`, ...record]),
  ].join('\n');
}
