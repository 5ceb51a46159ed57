/** Jobs as wholes: how they come, when they may start, how they end. */
import { InputError } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import { sameJson } from '../common/reading.js';
import { end } from '../desk/kills.js';
import { cycle, type JobSpec } from './job.js';
import {
  setJob,
  slotPlaces,
  untried,
  type BatchMachine,
  type BatchStep,
  type JobRow,
  type Outcome,
  type Slot,
} from './state.js';

/** A job, open or done. */
export function jobOf(machine: Pick<BatchMachine, 'open' | 'done'>, id: string): JobRow | undefined {
  return machine.open.get(id) ?? machine.done.get(id);
}

/**
 * Checks that these jobs can be added, in any order: their ids are new, or they are what is known under that id, and the
 * jobs that they wait for are there and wait for none of them.
 *
 * @returns those that are not known yet, each after those that it waits for.
 * @throws InputError `duplicate-job`, `job-changed`, `unknown-job` or `dependency-cycle`, with the path.
 */
export function newJobs(machine: BatchMachine, specs: readonly JobSpec[], path: string): readonly JobSpec[] {
  const given = new Map<string, number>();
  for (const [index, { id }] of specs.entries()) {
    if (given.has(id)) throw new InputError('duplicate-job', `${path}[${index}].id`, `There are two jobs ${quote(id)}`);
    given.set(id, index);
  }
  for (const [index, spec] of specs.entries()) {
    const known = jobOf(machine, spec.id)?.spec;
    if (known !== undefined && !sameJson(known, spec)) {
      const message = `The job ${quote(spec.id)} is known already, and as another one`;
      throw new InputError('job-changed', `${path}[${index}]`, message);
    }
    for (const [at, other] of spec.after.entries()) {
      if (given.has(other) || jobOf(machine, other) !== undefined) continue;
      throw new InputError(
        'unknown-job',
        `${path}[${index}].after[${at}]`,
        `There is no job ${quote(other)} to wait for`,
      );
    }
  }
  return inOrder(specs, given, path).filter(({ id }) => jobOf(machine, id) === undefined);
}

/** Each after those that it waits for; otherwise in the order in which they are given. */
function inOrder(specs: readonly JobSpec[], given: ReadonlyMap<string, number>, path: string): readonly JobSpec[] {
  const ordered: JobSpec[] = [];
  const settled = new Set<string>();
  for (const root of specs) {
    // A stack of its own: a chain of jobs may be longer than that of the engine.
    const chain: { readonly spec: JobSpec; next: number }[] = [{ spec: root, next: 0 }];
    const open = new Set([root.id]);
    for (let top = chain.at(-1); top !== undefined; top = chain.at(-1)) {
      const other = top.spec.after[top.next];
      top.next += 1;
      if (other === undefined) {
        chain.pop();
        open.delete(top.spec.id);
        if (!settled.has(top.spec.id)) ordered.push(top.spec);
        settled.add(top.spec.id);
        continue;
      }
      if (open.has(other)) {
        const from = chain.findIndex(({ spec }) => spec.id === other);
        const ids = [...chain.slice(from).map(({ spec }) => spec.id), other];
        throw cycle(`${path}[${given.get(top.spec.id) ?? 0}].after`, ids);
      }
      const spec = specs[given.get(other) ?? -1];
      if (spec === undefined || settled.has(other)) continue;
      chain.push({ spec, next: 0 });
      open.add(other);
    }
  }
  return ordered;
}

/** Adds a job that was checked. */
export function addJob(step: BatchStep, spec: JobSpec): void {
  const number = step.machine.numbers + 1;
  const slots = slotPlaces(spec).map(() => untried);
  const { deadlineMs, deadline } = spec;
  let dependents = step.machine.dependents;
  for (const other of spec.after) {
    if (step.machine.open.has(other))
      dependents = dependents.set(other, [...(dependents.get(other) ?? []), spec.id], step.edit);
  }
  step.machine = { ...step.machine, numbers: number, dependents };
  setJob(step, {
    spec,
    number,
    addedAt: step.at,
    deadline: deadlineMs === null ? deadline : step.at + deadlineMs,
    slots,
    waiting: slots.length,
    live: 0,
    startedAt: null,
    outcome: null,
    why: null,
    endedAt: null,
    restarting: false,
    failures: 0,
    losses: 0,
    holds: 0,
    notBefore: null,
  });
  skipIfHopeless(step, spec.id);
}

/**
 * Forgets a job that is done.
 *
 * @returns whether it could: not while it is open, or an open one waits for it still.
 */
export function forgetJob(step: BatchStep, id: string): boolean {
  const { open, done } = step.machine;
  if (!done.has(id) || open.values().some(({ spec }) => spec.after.includes(id))) return false;
  step.machine = { ...step.machine, done: done.remove(id, step.edit) };
  step.changed.add(id);
  return true;
}

/**
 * Decides how a job ends, if that is open: what runs of it is told to end, what waits is dropped. Jobs that wait for it
 * are skipped, and those that wait for them.
 */
export function decide(step: BatchStep, id: string, outcome: Outcome, why: string | null): void {
  decideOne(step, id, outcome, why);
  const settled = [id];
  for (let next = settled.pop(); next !== undefined; next = settled.pop()) {
    for (const other of step.machine.dependents.get(next) ?? []) if (skipIfHopeless(step, other)) settled.push(other);
    step.machine = { ...step.machine, dependents: step.machine.dependents.remove(next, step.edit) };
  }
}

function decideOne(step: BatchStep, id: string, outcome: Outcome, why: string | null): void {
  const job = step.machine.open.get(id);
  if (job === undefined || job.outcome !== null) return;
  const slots = job.slots.map((slot): Slot =>
    slot.state === 'waiting' ? { ...slot, state: 'dropped', notBefore: null } : slot,
  );
  setJob(step, { ...job, slots, waiting: 0, outcome, why, restarting: false });
  for (const { attempt } of slots) if (attempt !== null) end(step, attempt);
  if (step.machine.hold?.job === id) step.machine = { ...step.machine, hold: null };
  close(step, id);
}

/** A job that waits for one that did not finish will never start. */
function skipIfHopeless(step: BatchStep, id: string): boolean {
  const job = step.machine.open.get(id);
  if (job === undefined || job.outcome !== null) return false;
  for (const other of job.spec.after) {
    const outcome = jobOf(step.machine, other)?.outcome ?? null;
    if (outcome === null || outcome === 'finished') continue;
    const how = outcome === 'failed' ? 'failed' : `was ${outcome}`;
    decideOne(step, id, 'skipped', `It waits for ${quote(other)}, which ${how}`);
    return true;
  }
  return false;
}

/** Looks whether a job is over: all its instances finished, or nothing runs of one that was decided. */
export function close(step: BatchStep, id: string): void {
  const job = step.machine.open.get(id);
  if (job === undefined || job.live > 0) return;
  const finished = job.outcome === null && job.slots.every(({ state }) => state === 'finished');
  if (job.outcome === null && !finished) return;
  const done: JobRow = { ...job, outcome: job.outcome ?? 'finished', endedAt: step.at };
  const { open, done: others } = step.machine;
  step.machine = { ...step.machine, open: open.remove(id, step.edit), done: others.set(id, done, step.edit) };
  step.changed.add(id);
}

/** Whether a job waits for others. */
export function isBlocked({ done }: Pick<BatchMachine, 'done'>, { spec }: JobRow): boolean {
  return spec.after.some((other) => done.get(other)?.outcome !== 'finished');
}
