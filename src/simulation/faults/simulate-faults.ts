import { aliveTasks, healAndJudge } from './heal.js';
import { messageOf } from '../../framework-api/task-function.js';
import { hashText } from '../../resources/index.js';
import { schedule } from './happen.js';
import type { FaultPlan } from './plan.js';
import type { FaultFailure } from './watch.js';
import { bytesOf, World, type FaultOptions } from './world.js';

/** What came of one simulated history. */
export interface FaultRun {
  readonly plan: FaultPlan;
  /** The first thing that was wrong; absent = nothing was. */
  readonly failure?: FaultFailure;
  /** Two runs of one plan agree in it: a hash of all inputs, of what followed from them, and of the last state. */
  readonly digest: string;
  /** Virtual time, ms. */
  readonly simulatedMs: number;
  /** Inputs that masters took. */
  readonly inputs: number;
  /** Tasks alive while things went wrong: on average over time, and at most. */
  readonly tasks: { readonly mean: number; readonly most: number };
  /** Messages by what happened to them. */
  readonly messages: Readonly<Record<'carried' | 'lost' | 'repeated' | 'late' | 'held', number>>;
}

/** How often it is looked whether something broke, and how many tasks are alive, ms of virtual time. */
const lookMs = 1_000;

/**
 * Runs a plan: the real master, the agents' real machines and the real driver of schedulers in one process, by virtual
 * time. First things go wrong, then everything heals, and what should happen then must happen in time. The invariants
 * I1 … I21 and what is promised of histories are checked all along.
 *
 * @returns what came of it; a broken rule is a `failure`, not a throw
 * @example
 * const { failure } = await simulateFaults(faultPlan(7));
 * if (failure !== undefined) console.log(failure.rule, failure.what);
 * @remarks Since 0.1.0
 */
export async function simulateFaults(plan: FaultPlan, options: FaultOptions = {}): Promise<FaultRun> {
  const recorded: string[][] = [];
  const record = (line: string): void => {
    if (line.startsWith('{"proffer":')) recorded.push([]);
    recorded.at(-1)?.push(line);
    options.record?.(line);
  };
  const world = new World(plan, { ...options, ...((options.record || isReplayed(plan)) && { record }) });
  const alive: number[] = [];
  try {
    schedule(world);
    while (world.clock.now() < plan.faultyMs && world.watch.failure === undefined) {
      await world.clock.advance(Math.min(lookMs, plan.faultyMs - world.clock.now()));
      alive.push(world.master === undefined ? 0 : aliveTasks(world.state));
    }
    if (world.watch.failure === undefined) await healAndJudge(world);
    world.watch.look(world.state);
    const lines = recorded.at(-1);
    if (lines !== undefined && world.watch.failure === undefined) world.replays(lines);
  } catch (error) {
    world.watch.fail(
      'throws',
      'the simulation',
      error instanceof Error ? (error.stack ?? error.message) : messageOf(error),
    );
  }
  await world.master?.close();
  return resultOf(world, alive);
}

/** Recording costs as much as the rest: one history in eight is played again. */
function isReplayed({ seed }: FaultPlan): boolean {
  return seed % 8 === 0;
}

function resultOf(world: World, alive: readonly number[]): FaultRun {
  const { failure, inputs, digest } = world.watch;
  const last = hashText(bytesOf(world.state));
  return {
    plan: world.plan,
    ...(failure && { failure }),
    digest: `${hex(digest)}${hex(last)}`,
    simulatedMs: world.clock.now(),
    inputs,
    tasks: {
      mean: alive.reduce((sum, count) => sum + count, 0) / Math.max(1, alive.length),
      most: alive.reduce((most, count) => Math.max(most, count), 0),
    },
    messages: { ...world.network.counts },
  };
}

function hex(hash: number): string {
  return hash.toString(16).padStart(8, '0');
}
