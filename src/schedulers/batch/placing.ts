/** From offers in hand to tasks: each job in its turn, gangs all or none. */
import type { TaskLike } from '../../tasks/index.js';
import { noResources } from '../../resources/index.js';
import { binsOf, type Bin } from '../common/bins.js';
import { taskOf } from '../common/render.js';
import type { Crowd } from '../common/spread.js';
import { writeDown } from '../desk/launches.js';
import { declineRest, launchOn, speakUp, type Waiting } from '../desk/offers.js';
import { isSubscribed } from '../desk/subscription.js';
import { crowdOf, place, wholeNeed, type Placement, type Rule } from '../common/plan.js';
import type { BatchTaskSpec } from './job.js';
import { isSlotReady, readyJobs } from './ready.js';
import { setJob, setSlot, slotPlaces, taskAt, type BatchStep, type JobRow } from './state.js';

/** One pass over the jobs that wait, with the bins as they become. */
interface Pass {
  readonly step: BatchStep;
  readonly bins: Bin[];
  /** What is launched on each bin. */
  readonly tasks: Map<number, TaskLike[]>;
  /** Kinds of tasks for which no room was found, and how many wait. */
  readonly unmet: Map<string, Omit<Waiting, 'kind'>>;
  /** By kind of task, the first bin that may do. */
  readonly from: Map<string, number>;
}

/** Uses the offers in hand, gives back what is not used or held, and says what is still wanted. */
export function settle(step: BatchStep): void {
  if (!isSubscribed(step.desk)) return;
  const bins = binsOf(step.desk.session.offers);
  const pass: Pass = { step, bins, tasks: new Map(), unmet: new Map(), from: new Map() };
  const { hold } = step.machine;
  step.machine = { ...step.machine, hold: null };
  for (const job of readyJobs(step.machine, step.at)) {
    if (job.spec.gang) placeGang(pass, job, hold?.job === job.spec.id ? hold.until : undefined);
    else placeEach(pass, job);
  }
  for (const [at, tasks] of pass.tasks) {
    const bin = bins[at];
    if (bin !== undefined) launchOn(step, bin, tasks, { restIsWanted: step.machine.hold !== null });
  }
  declineRest(step, new Set(step.machine.hold?.offers ?? []));
  const waiting = [...pass.unmet].map(([kind, wanted]) => ({ kind, ...wanted }));
  speakUp(step, waiting, step.looser);
}

/** Each instance by itself: the first that finds no room stands for all of its kind. */
function placeEach(pass: Pass, job: JobRow): void {
  const { step, bins, unmet } = pass;
  const rules = rulesOf(pass, job);
  for (const [index, { task }] of slotPlaces(job.spec).entries()) {
    const slot = job.slots[index];
    if (slot === undefined || !isSlotReady(slot, step.at)) continue;
    const { spec } = taskAt(job.spec, index);
    const kind = kindOf(job, task);
    const known = unmet.get(kind);
    const { packing } = step.settings;
    // Bins only get fuller: those before the first that did will not do later.
    const from = packing === 'first-fit' ? (pass.from.get(kind) ?? 0) : 0;
    const placement = known === undefined ? place(bins, spec, rules(task), { packing, from }) : undefined;
    if (placement === undefined) {
      unmet.set(kind, { resources: wholeNeed(spec), count: (known?.count ?? 0) + 1 });
      continue;
    }
    if (!isConstrained(job, task)) pass.from.set(kind, placement.bin);
    launch(pass, job.spec.id, index, placement);
  }
}

/** The rules for each task of a job: its own, counted over itself, and those of the job, counted over the whole. */
function rulesOf({ step }: Pass, { spec, slots }: JobRow): (task: number) => readonly Rule[] {
  const known = new Map<number, readonly Rule[]>();
  const crowd = (task?: number): Crowd => {
    const places = slotPlaces(spec);
    const counted = slots.filter((_, index) => task === undefined || places[index]?.task === task);
    return crowdOf(
      step.desk,
      counted.map(({ attempt }) => attempt),
    );
  };
  const whole = spec.constraints.length === 0 ? [] : [{ constraints: spec.constraints, crowd: crowd() }];
  return (task) => {
    const { constraints = [] } = spec.tasks[task] ?? {};
    if (constraints.length === 0) return whole;
    const rules = known.get(task) ?? [...whole, { constraints, crowd: crowd(task) }];
    known.set(task, rules);
    return rules;
  };
}

/** All of a gang or none of it. One that lacks something holds what it found: only the first of those that do. */
function placeGang(pass: Pass, job: JobRow, heldUntil: number | undefined): void {
  const { step, bins } = pass;
  const trial = [...bins];
  const rules = rulesOf(pass, job);
  const placements = job.slots.map((_, index) =>
    place(trial, taskAt(job.spec, index).spec, rules(slotPlaces(job.spec)[index]?.task ?? 0), step.settings),
  );
  if (placements.every((placement) => placement !== undefined)) {
    for (const [at, bin] of trial.entries()) bins[at] = bin;
    setJob(step, { ...job, holds: 0, losses: 0 });
    for (const [index, placement] of placements.entries()) launch(pass, job.spec.id, index, placement);
    return;
  }
  for (const [index, { instances, spec }] of job.spec.tasks.entries()) {
    const kind = `gang ${kindOf(job, index)}`;
    pass.unmet.set(kind, { resources: wholeNeed(spec), count: (pass.unmet.get(kind)?.count ?? 0) + instances });
  }
  if (step.machine.hold === null) holdFor(pass, job, placements, heldUntil);
}

function holdFor(
  pass: Pass,
  job: JobRow,
  placements: readonly (Placement | undefined)[],
  heldUntil: number | undefined,
): void {
  const { step, bins, tasks } = pass;
  // What others launch on is used up by that.
  const useful = new Set(placements.flatMap((placement) => placement?.bin ?? []).filter((at) => !tasks.has(at)));
  if (useful.size === 0) return;
  const offers: string[] = [];
  for (const at of useful) {
    const bin = bins[at];
    if (bin === undefined) continue;
    offers.push(...bin.offers);
    bins[at] = { ...bin, rest: noResources };
  }
  const until = heldUntil ?? step.at + step.settings.gangHoldMs;
  step.machine = { ...step.machine, hold: { job: job.spec.id, until, offers } };
}

function isConstrained({ spec }: JobRow, task: number): boolean {
  return spec.constraints.length > 0 || (spec.tasks[task]?.constraints.length ?? 0) > 0;
}

const kinds = new WeakMap<BatchTaskSpec, string>();

/** Tasks of one kind fit the same bins. Those with constraints are a kind of their own: it matters where others run. */
function kindOf(job: JobRow, index: number): string {
  const task = job.spec.tasks[index];
  if (task === undefined || isConstrained(job, index)) return `${job.number}.${index}`;
  const { resources, ports, revocable, body } = task.spec;
  const kind = kinds.get(task) ?? JSON.stringify([resources, ports.length, revocable, body.executor ?? null]);
  kinds.set(task, kind);
  return kind;
}

/** Writes down that an instance is launched; the master is told when all is placed. */
function launch({ step, bins, tasks }: Pass, id: string, index: number, placement: Placement): void {
  const job = step.machine.open.get(id);
  const slot = job?.slots[index];
  const bin = bins[placement.bin];
  if (job === undefined || slot === undefined || bin === undefined) return;
  const { id: name, spec } = taskAt(job.spec, index);
  const attempt = writeDown(step, { prefix: `${id}.${name}`, owner: id, slot: index, bin, placement });
  const attempts = slot.attempts + 1;
  const live = setSlot(step, job, index, { state: 'live', attempt: attempt.id, attempts, notBefore: null });
  if (live.startedAt === null) setJob(step, { ...live, startedAt: step.at });
  const labels = [
    { key: 'job', value: id },
    { key: 'task', value: name },
    { key: 'instance', value: String(slotPlaces(job.spec)[index]?.instance ?? 0) },
    { key: 'attempt', value: String(attempts) },
  ];
  const { taken } = placement;
  const { priority } = job.spec;
  const like = taskOf(spec, { id: attempt.id, resources: taken.resources, ports: taken.ports, labels, priority });
  tasks.set(placement.bin, [...(tasks.get(placement.bin) ?? []), like]);
}
