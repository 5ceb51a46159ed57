/**
 * After the faults: everything heals, and then what should happen must happen within bounded time (L1 … L6).
 *
 * Who lost messages reconnects, as a connection does that can no longer keep its promise. Frameworks behave, and want a
 * last task each; nothing else arrives.
 */
import { maintenance, offers, outOfService, type ClusterState } from '../../cluster/index.js';
import type { SchedulerDriver } from '../../framework-api/index.js';
import { contains, resources } from '../../resources/index.js';
import { isTerminal } from '../../tasks/index.js';
import type { MemoryAgent } from '../../transport/index.js';
import { scriptText } from './task-executor.js';
import type { SimFramework } from './sim-framework.js';
import type { World } from './world.js';

const second = 1_000;
const minute = 60 * second;

/** Bounds of the liveness phase, ms of virtual time. */
const bounds = {
  /** Agents are back with their tasks, frameworks are subscribed. */
  return: 2 * minute,
  /** A recorded request is offered: so many allocations at the usual interval. */
  offered: 2 * minute,
  /** Every question is answered. */
  answered: 2 * minute,
  /** Everything that ends has ended, was told and acknowledged, and nothing is held any more. */
  quiet: 20 * minute,
};

/** What a last task asks for. */
const lastWish = 'cpus:0.01;mem:8';

/** Heals a world and sees whether it lives. Stops at the first thing that is wrong. */
export async function healAndJudge(world: World): Promise<void> {
  heal(world);
  await until(world, bounds.return, () => areAllBack(world), 'L6');
  await askForEverything(world);
  await grantLastWishes(world);
  await comeToRest(world);
}

function heal(world: World): void {
  world.masterClock.rouse();
  world.network.heal();
  world.takeOver('state');
  putBackInService(world);
  for (const agent of livingAgents(world)) {
    // Whoever was told to end is started anew by the operator.
    if (agent.state.link.state === 'ended') {
      world.watch.forgotten(agent.id);
      agent.crash();
    }
    agent.return();
  }
  for (const framework of world.frameworks) framework.reform();
}

/** The operator takes back what keeps anybody from anything. */
function putBackInService(world: World): void {
  const { state } = world;
  world.control({ type: 'resume' });
  world.control({ type: 'set-whitelist', hosts: null });
  world.control({ type: 'configure', config: { roles: null, recoveryWaitMs: null, allocationIntervalMs: second } });
  const machines = maintenance(state).down;
  if (machines.length > 0) world.control({ type: 'machine-up', machines });
  world.control({ type: 'set-maintenance', windows: [] });
  for (const { agent } of outOfService(state)) world.control({ type: 'reactivate', agent });
  const quotas = state.allocator.quotas.keys().map((role) => ({ role }));
  if (quotas.length > 0) world.control({ type: 'set-quota', quotas, force: true });
}

/** Agents that may come back: all but those that are gone for good, be it that their master has forgotten it. */
function livingAgents({ everyAgent, givenUp, state }: World): readonly MemoryAgent[] {
  const hasEnded = (agent: MemoryAgent): boolean => givenUp.has(agent.id) && agent.state.link.state === 'ended';
  return everyAgent.filter((agent) => !state.gone.has(agent.id) && !hasEnded(agent));
}

/** Lets time pass until something holds; says what is missing if it does not in time. */
async function until(world: World, withinMs: number, missing: () => string | undefined, rule: string): Promise<void> {
  const end = world.clock.now() + withinMs;
  let what = missing();
  while (what !== undefined && world.watch.failure === undefined) {
    if (world.clock.now() >= end) return world.watch.fail(rule, 'after the faults healed', what);
    await world.clock.advance(second);
    tidyUp(world);
    what = missing();
  }
}

/** Frameworks that nobody speaks for any more are ended by the operator; drains that are done by now are undone. */
function tidyUp(world: World): void {
  const living = new Set(world.frameworks.map(({ id }) => id));
  // A subscription that came twice made two of one.
  const areAllHere = world.frameworks.every(({ driver }) => driver?.connected === true);
  for (const [id, { state }] of world.state.frameworks.entries()) {
    if (!living.has(id) && (areAllHere || state !== 'connected'))
      world.control({ type: 'teardown-framework', framework: id });
  }
  for (const { agent, state } of outOfService(world.state)) {
    if (state !== 'draining') world.control({ type: 'reactivate', agent });
  }
}

/** L6, H5: agents are registered, frameworks subscribed, and whatever runs is known. */
function areAllBack(world: World): string | undefined {
  const { state, frameworks } = world;
  const away = frameworks.find(({ driver, id }) => driver?.connected !== true || id === undefined);
  if (away !== undefined) return `framework ${away.name} could not subscribe`;
  for (const agent of livingAgents(world)) {
    if (state.agents.get(agent.id)?.connected !== true) return `agent ${agent.id} is not back`;
    for (const { framework, id } of agent.tasks) {
      if (isAmbiguous(world, framework, id)) continue;
      const known = state.frameworks.get(framework)?.tasks.get(id);
      if (known?.agent !== agent.id) return `task ${id} of ${framework} runs on ${agent.id} and is not known there`;
    }
  }
  return undefined;
}

/** Whether a framework gave this id to two tasks: while one of them is away the other takes its place. */
function isAmbiguous({ frameworks }: World, framework: string, task: string): boolean {
  return frameworks.some(({ id, ledger }) => id === framework && ledger.reused.has(task));
}

/** L2: each task that a framework asks about by name is told, known or not. */
async function askForEverything(world: World): Promise<void> {
  for (const { ledger, driver } of world.frameworks) {
    const open = ledger.open;
    for (const task of open) task.asked = true;
    if (open.length > 0) driver?.reconcile(open.map(({ id }) => id));
  }
  const waiting = (): string | undefined => {
    for (const { name, ledger } of world.frameworks) {
      const open = ledger.open.find(({ asked }) => asked);
      if (open !== undefined) return `${name} asked about ${open.id} and was not answered`;
    }
    return undefined;
  };
  await until(world, bounds.answered, waiting, 'L2');
}

/** L1: whoever has a recorded request that fits somewhere is offered it; here everybody has one. */
async function grantLastWishes(world: World): Promise<void> {
  const waiting = new Set(world.frameworks);
  for (const framework of world.frameworks) {
    framework.onOffered((offered) => {
      const fitting = offered.find((offer) => contains(offer.resources, resources(lastWish)));
      if (fitting === undefined || !waiting.delete(framework)) return;
      launchLast(framework, framework.driver, fitting.id);
    });
    framework.driver?.revive();
    framework.driver?.request([{ resources: lastWish, count: 1 }]);
  }
  const unmet = (): string | undefined => {
    const [first] = waiting;
    return first === undefined || !isRoomSomewhere(world.state) ? undefined : `${first.name} was offered nothing`;
  };
  await until(world, bounds.offered, unmet, 'L1');
}

function launchLast({ name, ledger }: SimFramework, driver: SchedulerDriver | undefined, offer: string): void {
  const id = ledger.newId(`${name}-last`);
  ledger.enter(id);
  const data = scriptText({ lastsMs: 5_000, end: 'finished', stubborn: false, noisy: false });
  driver?.launch(offer, { id, resources: lastWish, command: { value: 'simulated' }, data }, { refuseSeconds: 600 });
}

/** Whether anything is free where something may be offered: a cluster may be full of tasks that have not ended. */
function isRoomSomewhere({ allocator }: ClusterState): boolean {
  return allocator.agents.values().some(({ free, active }) => active && contains(free, resources('cpus:0.1;mem:32')));
}

/** L3 … L5: everything ends, is told and acknowledged; offers come back; then nothing happens any more. */
async function comeToRest(world: World): Promise<void> {
  for (const framework of world.frameworks) framework.onOffered(undefined);
  const killAgain = (): void => {
    for (const { ledger, driver } of world.frameworks) {
      for (const { id } of ledger.open) driver?.kill(id, { killPolicy: { graceMs: second } });
      driver?.suppress();
      // Whoever named two tasks alike may take one for over that is not.
      driver?.reconcile();
    }
  };
  killAgain();
  const end = world.clock.now() + bounds.quiet;
  // A kill may meet a task whose agent is only just about to tell that it has ended.
  while (world.clock.now() < end && restless(world) !== undefined && world.watch.failure === undefined) {
    await world.clock.advance(10 * second);
    tidyUp(world);
    if (world.clock.now() % minute < 10 * second) killAgain();
  }
  const what = restless(world);
  if (what !== undefined) return world.watch.fail(what.rule, 'after the faults healed', what.what);
  await staysQuiet(world);
}

/** What keeps a cluster from rest, if anything does, and which rule says that it must not. */
function restless(world: World): { readonly rule: string; readonly what: string } | undefined {
  const unended = unendedTask(world);
  if (unended !== undefined) return { rule: 'L3', what: unended };
  const held = heldOrOffered(world.state);
  return held === undefined ? undefined : { rule: 'L4', what: held };
}

function unendedTask(world: World): string | undefined {
  const { state } = world;
  for (const { id, tasks } of livingAgents(world)) {
    const task = tasks.find((one) => !isAmbiguous(world, one.framework, one.id));
    if (task !== undefined) return `task ${task.id} of ${task.framework} still runs on ${id}`;
  }
  for (const { id, tasks, state: standing } of state.frameworks.values()) {
    const [task] = tasks.values();
    if (task !== undefined) return `task ${task.id} of ${id} is still ${task.state}, and its framework ${standing}`;
  }
  for (const { name, ledger } of world.frameworks) {
    const [open] = ledger.open;
    if (open !== undefined) return `${name} was never told how ${open.id} ended, which was ${open.state}`;
  }
  return undefined;
}

function heldOrOffered(state: ClusterState): string | undefined {
  const [offer] = offers(state);
  if (offer !== undefined) return `offer ${offer.id} stands since ${state.now - offer.at} ms`;
  for (const { id, held, total, free } of state.allocator.agents.values()) {
    const [holding] = held;
    if (holding !== undefined) return `${holding.framework} holds ${String(holding.resources)} of ${id}`;
    if (!contains(free, total)) return `of ${id} only ${String(free)} is free`;
  }
  return undefined;
}

/** L5: where nothing arrives and nobody wants anything, nothing is decided any more. */
async function staysQuiet(world: World): Promise<void> {
  const { nextOffer } = world.state;
  await world.clock.advance(2 * minute);
  if (world.state.nextOffer !== nextOffer) {
    world.watch.fail('L5', 'after the faults healed', 'offers are made though nobody wants any');
  }
}

/** How many tasks have not ended. */
export function aliveTasks(state: ClusterState): number {
  return state.frameworks
    .values()
    .reduce((sum, { tasks }) => sum + tasks.values().filter((task) => !isTerminal(task.state)).length, 0);
}
