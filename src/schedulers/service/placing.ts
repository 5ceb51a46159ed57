/** From offers in hand to instances. */
import { compareText } from '../../resources/index.js';
import type { TaskLike } from '../../tasks/index.js';
import { binsOf, type Bin } from '../common/bins.js';
import { crowdOf, place, wholeNeed, type Placement } from '../common/plan.js';
import { taskOf } from '../common/render.js';
import { writeDown } from '../desk/launches.js';
import { declineRest, launchOn, speakUp, type Waiting } from '../desk/offers.js';
import { isSubscribed } from '../desk/subscription.js';
import { missing, retire } from './converge.js';
import { setApp, type AppRow, type ServiceStep } from './state.js';

/** Ends what is not to run, launches what is missing, gives back the rest, and says what is still wanted. */
export function settle(step: ServiceStep): void {
  for (const app of inOrder(step)) retire(step, app);
  if (!isSubscribed(step.desk)) return;
  const bins = binsOf(step.desk.session.offers);
  const launched = bins.map((): TaskLike[] => []);
  const waiting: Waiting[] = [];
  for (const app of inOrder(step)) {
    const count = missing(step, app);
    const placed = placeApp(step, app, count, { bins, launched });
    const { spec, number, version } = app;
    if (placed < count) {
      waiting.push({ kind: `${number}.${version}`, resources: wholeNeed(spec.task), count: count - placed });
    }
  }
  for (const [at, tasks] of launched.entries()) {
    const bin = bins[at];
    if (bin !== undefined && tasks.length > 0) launchOn(step, bin, tasks, { restIsWanted: false });
  }
  declineRest(step, new Set());
  speakUp(step, waiting, step.looser);
}

function inOrder(step: ServiceStep): readonly AppRow[] {
  return step.machine.apps
    .values()
    .sort(
      (one, other) =>
        other.spec.priority - one.spec.priority || one.number - other.number || compareText(one.spec.id, other.spec.id),
    );
}

/** Puts as many instances as there is room for, and gives how many. */
function placeApp(
  step: ServiceStep,
  app: AppRow,
  count: number,
  { bins, launched }: { readonly bins: Bin[]; readonly launched: readonly TaskLike[][] },
): number {
  if (count === 0 || bins.length === 0) return 0;
  const { task, constraints } = app.spec;
  const ids = app.instances.map(({ attempt }) => attempt);
  const crowd = crowdOf(step.desk, ids);
  let row = app;
  for (let placed = 0; placed < count; placed += 1) {
    const placement = place(bins, task, [{ constraints, crowd }], step.settings);
    const bin = placement && bins[placement.bin];
    if (placement === undefined || bin === undefined) return placed;
    const [grown, like] = launch(step, row, bin, placement);
    row = grown;
    launched[placement.bin]?.push(like);
  }
  return count;
}

/** Writes down that an instance is launched, and gives what to launch. */
function launch(step: ServiceStep, app: AppRow, bin: Bin, placement: Placement): readonly [AppRow, TaskLike] {
  const { version, instances } = app;
  const { id, task, priority } = app.spec;
  const slot = freeSlot(app);
  const attempt = writeDown(step, { prefix: `${id}.${slot}`, owner: id, slot, bin, placement });
  const fresh = { healthySince: null, unhealthySince: null, failures: 0, counted: null };
  const grown = { ...app, instances: [...instances, { attempt: attempt.id, slot, version, ...fresh }] };
  setApp(step, grown);
  const labels = [
    { key: 'app', value: id },
    { key: 'instance', value: String(slot) },
    { key: 'version', value: String(version) },
  ];
  const { resources, ports } = placement.taken;
  return [grown, taskOf(task, { id: attempt.id, resources, ports, labels, priority })];
}

/** The lowest number that no instance has. */
function freeSlot({ instances }: AppRow): number {
  const taken = new Set(instances.map(({ slot }) => slot));
  let slot = 0;
  while (taken.has(slot)) slot += 1;
  return slot;
}
