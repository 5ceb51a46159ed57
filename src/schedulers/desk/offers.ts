/** The offers in hand: what comes, what is used, what goes back; and telling the master what is wanted. */
import type { Offer, ResourceRequest } from '../../cluster/index.js';
import { Table, type Resources } from '../../resources/index.js';
import type { TaskLike } from '../../tasks/index.js';
import type { Bin } from '../common/bins.js';
import { refuseSeconds, setSession, type DeskStep } from './desk.js';

/** Takes offers into hand. */
export function receive(step: DeskStep, offers: readonly Offer[]): void {
  if (step.desk.session.standing !== 'subscribed') return;
  setSession(step, { offers: [...step.desk.session.offers, ...offers] });
}

/** An offer is void. */
export function rescind(step: DeskStep, id: string): void {
  setSession(step, { offers: step.desk.session.offers.filter((offer) => offer.id !== id) });
}

/** Launches tasks on all offers of a bin; what they leave goes back and is hidden for a while, unless it is still wanted. */
export function launchOn(
  step: DeskStep,
  { agent, offers }: Bin,
  tasks: readonly TaskLike[],
  { restIsWanted }: { readonly restIsWanted: boolean },
): void {
  const refused = restIsWanted ? 0 : refuseSeconds(step);
  step.calls.push({ type: 'launch', agent, offers, tasks, refuseSeconds: refused });
  drop(step, offers, !restIsWanted);
}

/** Gives back every offer in hand that is not to be kept. */
export function declineRest(step: DeskStep, keep: ReadonlySet<string>): void {
  const ids = step.desk.session.offers.map(({ id }) => id).filter((id) => !keep.has(id));
  if (ids.length === 0) return;
  step.calls.push({ type: 'decline', offers: ids, refuseSeconds: refuseSeconds(step) });
  drop(step, ids, true);
}

function drop(step: DeskStep, ids: readonly string[], filtered: boolean): void {
  const gone = new Set(ids);
  const { session } = step.desk;
  setSession(step, {
    offers: session.offers.filter(({ id }) => !gone.has(id)),
    filtered: session.filtered || filtered,
  });
}

/** Tasks of one kind that wait for an offer. */
export interface Waiting {
  /** Which kind: those of one kind fit the same offers. */
  readonly kind: string;
  readonly resources: Resources;
  readonly count: number;
}

/**
 * Tells the master what is wanted, as far as it does not know: nothing, so that it need not offer; or something that it
 * must not keep back because of what was refused before.
 *
 * @param looser whether what was refused before may do now, though nothing new waits.
 */
export function speakUp(step: DeskStep, waiting: readonly Waiting[], looser: boolean): void {
  const { session } = step.desk;
  if (session.standing !== 'subscribed') return;
  const counts = Table.from(waiting.map(({ kind, count }) => [kind, count] as const));
  const isNew = waiting.some(({ kind, count }) => count > (session.waiting.get(kind) ?? 0));
  setSession(step, { waiting: counts });
  request(step, waiting);
  if (waiting.length === 0) {
    if (session.suppressed === true) return;
    step.calls.push({ type: 'suppress' });
    setSession(step, { suppressed: true });
  } else if (session.suppressed !== false || (step.desk.session.filtered && (isNew || looser))) {
    step.calls.push({ type: 'revive' });
    setSession(step, { suppressed: false, filtered: false });
  }
}

/** Records what is wanted, if that is something else than last time. */
function request(step: DeskStep, waiting: readonly Waiting[]): void {
  const amounts = new Map<string, { readonly resources: Resources; readonly count: number }>();
  for (const { resources, count } of waiting) {
    const text = resources.toString();
    amounts.set(text, { resources, count: count + (amounts.get(text)?.count ?? 0) });
  }
  const demand = JSON.stringify([...amounts].map(([text, { count }]) => [text, count]));
  if (demand === step.desk.session.demand) return;
  const { role } = step.settings;
  const requests: ResourceRequest[] = [...amounts.values()].map((wanted) => ({ role, ...wanted }));
  step.calls.push({ type: 'request', requests });
  setSession(step, { demand });
}
