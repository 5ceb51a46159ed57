/** Moves become inputs that mean something in the state at hand. */
import { offers as offersOf, tasks as tasksOf, type Input, type Offer, type Task } from '../../cluster/index.js';
import {
  contains,
  isEmpty,
  nonRevocable,
  resources,
  type Resources,
  type ResourcesLike,
} from '../../resources/index.js';
import { registration, subscription } from '../drives/opening.js';
import type { Driven } from '../drives/driven.js';
import { amountsText, resourcesOf } from '../laws/show.js';
import { unit, type Trial, type TrialUser } from '../laws/trial.js';
import type { Move, MoveKind } from './moves.js';

/** Who acts, on what, by which numbers. */
interface Scene {
  readonly driven: Driven;
  readonly trial: Trial;
  readonly choices: readonly number[];
}

/** Carries out a move. */
export function enact(driven: Driven, trial: Trial, { kind, choices }: Move): void {
  acts[kind]({ driven, trial, choices });
}

const acts: Readonly<Record<MoveKind, (scene: Scene) => void>> = {
  allocate,
  take: (scene) => withOffer(scene, (offer) => takeOne(scene, offer)),
  'take-all': (scene) => withOffer(scene, (offer) => launch(scene, offer, usable(offer), 0)),
  refuse: (scene) => withOffer(scene, (offer) => scene.driven.decline(offer, pick(scene, 1, [5, 0, 60, 3_600]) ?? 5)),
  finish,
  'agent-leaves': (scene) => withAgent(scene, (agent) => tell(scene, { type: 'unregister', at: now(scene), agent })),
  'agent-comes': agentComes,
  'agent-changes': agentChanges,
  'framework-leaves': frameworkLeaves,
  'framework-returns': frameworkReturns,
  suppress: (scene) => withFramework(scene, (framework) => callOf(scene, 'suppress', framework)),
  revive: (scene) => withFramework(scene, (framework) => callOf(scene, 'revive', framework)),
  weigh,

  'accept-twice': (scene) =>
    withOffer(scene, (offer) => {
      takeOne(scene, offer);
      launch(scene, offer, usable(offer), 5);
    }),
  'accept-nothing': (scene) => withFramework(scene, (framework) => acceptUnknown(scene, framework)),
  'take-too-much': (scene) => withOffer(scene, (offer) => launch(scene, offer, 'cpus:1000000', 0)),
  'refuse-twice': (scene) =>
    withOffer(scene, (offer) => {
      scene.driven.decline(offer, 0);
      scene.driven.decline(offer, 60);
    }),
  'answer-over-an-old-connection': (scene) =>
    withOffer(scene, ({ framework, id }) =>
      tell(scene, { type: 'decline', at: now(scene), connection: 'an old one', framework, offers: [id] }),
    ),
  'report-a-strange-task': (scene) =>
    withAgent(scene, (agent) => status(scene, agent, 'nobody', 'a task that nobody launched')),
  'report-twice': (scene) =>
    withTask(scene, ({ agent, framework, id }) => {
      status(scene, agent, framework, id);
      status(scene, agent, framework, id);
    }),
};

function allocate(scene: Scene): void {
  const step = pick(scene, 0, [1_000, 0, 400, 5_000, hour, 30 * 24 * hour]) ?? 1_000;
  const agents = pick(scene, 1, ['all', 'all', 'requested'] as const) ?? 'all';
  tell(scene, { type: 'allocate', at: now(scene) + step, agents });
}

const hour = 3_600_000;

/** One task if it fits, and the rest back at once. */
function takeOne(scene: Scene, offer: Offer): void {
  const user = userOf(scene, offer.framework);
  const demand = user === undefined ? '' : amountsText(scene.trial.kinds, user.demand);
  if (contains(offer.resources, resources(demand))) launch(scene, offer, demand, 0);
  else scene.driven.decline(offer, pick(scene, 1, [5, 0, 60, 3_600]) ?? 5);
}

function launch(scene: Scene, { framework, id }: Offer, demand: ResourcesLike, refuseSeconds: number): void {
  tell(scene, {
    type: 'accept',
    at: now(scene),
    connection: framework,
    framework,
    offers: [id],
    operations: [{ type: 'launch', tasks: [{ id: `t${scene.driven.state.seq}`, resources: demand, payload: null }] }],
    refuseSeconds,
  });
}

/** A task may not mix what is revocable with what is not. */
function usable(offer: Offer): Resources {
  const firm = nonRevocable(offer.resources);
  return isEmpty(firm) ? offer.resources : firm;
}

function acceptUnknown(scene: Scene, framework: string): void {
  const offers = ['an offer that nobody made'];
  tell(scene, { type: 'accept', at: now(scene), connection: framework, framework, offers, operations: [] });
}

function finish(scene: Scene): void {
  withTask(scene, ({ agent, framework, id }) => status(scene, agent, framework, id));
}

/** A task ends, and its framework knows. */
function status(scene: Scene, agent: string, framework: string, task: string): void {
  tell(scene, { type: 'status', at: now(scene), agent, framework, task, state: 'finished' });
}

function agentComes(scene: Scene): void {
  const away = scene.trial.agents.filter(({ id }) => !scene.driven.state.agents.has(id));
  const agent = pick(scene, 0, away);
  if (agent !== undefined) tell(scene, registration(scene.trial.kinds, agent, now(scene)));
}

/** A machine has one more of something, or nothing of it any more, or is again what it was. */
function agentChanges(scene: Scene): void {
  const { kinds, agents } = scene.trial;
  const agent = pick(scene, 0, agents);
  if (agent === undefined) return;
  const kind = (scene.choices[1] ?? 0) % kinds.length;
  const was = agent.amounts[kind] ?? 0;
  const amount = pick(scene, 2, [was, was + unit, Math.max(unit, was - unit)]) ?? was;
  const changed = { ...agent, amounts: agent.amounts.with(kind, amount) };
  tell(scene, { type: 'update-agent', at: now(scene), agent: agent.id, resources: resourcesOf(kinds, changed) });
}

/** Somebody stays, so that there is something to look at. */
function frameworkLeaves(scene: Scene): void {
  const present = scene.driven.state.frameworks.keys();
  const framework = present.length > 1 ? pick(scene, 0, present) : undefined;
  if (framework !== undefined) tell(scene, { type: 'teardown', at: now(scene), connection: framework, framework });
}

/** A framework subscribes once more, as after its host failed, and is more or less urgent than it was. */
function frameworkReturns(scene: Scene): void {
  const present = scene.trial.users.filter(({ name }) => scene.driven.state.frameworks.has(name));
  const user = pick(scene, 0, present);
  if (user !== undefined) tell(scene, subscription(user, now(scene), pick(scene, 1, [1, -1, 0]) ?? 0));
}

function weigh(scene: Scene): void {
  const role = pick(scene, 0, scene.trial.users)?.role;
  if (role === undefined) return;
  const priority = pick(scene, 2, [0, 1, -1]) ?? 0;
  const urgency = priority === 0 ? {} : { priority };
  tell(scene, { type: 'set-weight', at: now(scene), role, weight: pick(scene, 1, [1, 2, 0.5]) ?? 1, ...urgency });
}

function callOf(scene: Scene, type: 'suppress' | 'revive', framework: string): void {
  tell(scene, { type, at: now(scene), connection: framework, framework });
}

function withOffer(scene: Scene, act: (offer: Offer) => void): void {
  const offer = pick(scene, 0, offersOf(scene.driven.state));
  if (offer !== undefined) act(offer);
}

function withTask(scene: Scene, act: (task: Task) => void): void {
  const task = pick(scene, 0, tasksOf(scene.driven.state));
  if (task !== undefined) act(task);
}

function withAgent(scene: Scene, act: (agent: string) => void): void {
  const agent = pick(scene, 0, scene.driven.state.agents.keys());
  if (agent !== undefined) act(agent);
}

function withFramework(scene: Scene, act: (framework: string) => void): void {
  const framework = pick(scene, 0, scene.driven.state.frameworks.keys());
  if (framework !== undefined) act(framework);
}

function userOf({ trial }: Scene, framework: string): TrialUser | undefined {
  return trial.users.find(({ name }) => name === framework);
}

function pick<T>({ choices }: Scene, index: number, from: readonly T[]): T | undefined {
  return from[(choices[index] ?? 0) % Math.max(1, from.length)];
}

function now({ driven }: Scene): number {
  return driven.at;
}

function tell({ driven }: Scene, input: Input): void {
  driven.tell(input);
}
