/** How the events of a plan come about. */
import { agentName, frameworkName, type FaultEvent } from './plan.js';
import type { World } from './world.js';

type Of<Type extends FaultEvent['type']> = Extract<FaultEvent, { readonly type: Type }>;

/** Orders everything that the plan holds, each at its time. Ends of what lasts are ordered when it begins. */
export function schedule(world: World): void {
  for (const event of world.plan.events) {
    world.clock.wake(event.at, () => {
      if (world.clock.now() <= world.plan.faultyMs) happen(world, event);
    });
  }
}

function happen(world: World, event: FaultEvent): void {
  switch (event.type) {
    case 'agent-crash':
    case 'agent-restart':
    case 'agent-silence':
      return agentLeaves(world, event);
    case 'agent-gone':
      return agentGoes(world, event);
    case 'framework-crash':
      return frameworkCrashes(world, event);
    case 'framework-hang':
      return frameworkHangs(world, event);
    case 'split-brain':
      return world.frameworks[event.framework]?.split();
    case 'mass-decline':
      return everybodyDeclines(world, event);
    case 'revive-storm':
      return everybodyRevives(world, event);
    case 'agent-partition':
      return cut(world, event, { of: agentName(event.agent) });
    case 'framework-partition':
      return cut(world, event, { of: frameworkName(event.framework) });
    case 'wide-partition':
      return cut(world, event, event.side);
    case 'master-restart':
      return masterRestarts(world, event);
    case 'master-sleep':
      return world.masterClock.sleep(event.forMs);
    case 'clock-jump':
      return world.masterClock.jump(event.byMs);
    case 'control':
      return world.control(event.control);
  }
  event satisfies never;
}

/** When something is over. What is still going on when faults end is ended by the healing. */
function after(world: World, ms: number, run: () => void): void {
  const at = world.clock.now() + ms;
  world.clock.wake(at, () => {
    if (at <= world.plan.faultyMs) run();
  });
}

function agentLeaves(
  world: World,
  { type, agent, forMs }: Of<'agent-crash' | 'agent-restart' | 'agent-silence'>,
): void {
  const handle = world.agents[agent];
  if (handle === undefined) return;
  if (type === 'agent-crash') {
    world.watch.forgotten(handle.id);
    handle.crash();
  } else if (type === 'agent-restart') handle.disconnect();
  else handle.silence();
  // It is away also if it would connect by itself, as all do when a master comes up.
  const back = world.network.cut({ links: { of: handle.id }, direction: 'both', holds: false });
  after(world, forMs, () => {
    back();
    handle.return();
  });
}

/** The operator knows that a machine will never come back. */
function agentGoes(world: World, { agent }: Of<'agent-gone'>): void {
  const handle = world.agents[agent];
  if (handle === undefined || world.master === undefined) return;
  world.control({ type: 'mark-gone', agent: handle.id });
  world.givenUp.add(handle.id);
  world.addAgent(`${handle.id}+`, agent);
}

function frameworkCrashes(world: World, { framework, forMs, keepsId }: Of<'framework-crash'>): void {
  const simulated = world.frameworks[framework];
  simulated?.stop();
  if (!keepsId) simulated?.forgetId();
  after(world, forMs, () => simulated?.start());
}

function frameworkHangs(world: World, { framework, forMs, forgets }: Of<'framework-hang'>): void {
  const process = world.frameworks[framework]?.process;
  if (process === undefined) return;
  process.hangsUntil = world.clock.now() + forMs;
  process.forgets = forgets;
  after(world, forMs, () => process.wake());
}

function everybodyDeclines(world: World, { forMs, refuseSeconds }: Of<'mass-decline'>): void {
  for (const { process, driver } of world.frameworks) {
    if (process === undefined || driver === undefined) continue;
    process.sulksUntil = world.clock.now() + forMs;
    process.sulksFor = refuseSeconds;
    process.dropAll(driver, refuseSeconds);
  }
}

function everybodyRevives(world: World, { times }: Of<'revive-storm'>): void {
  for (let n = 0; n < times; n += 1) for (const { driver } of world.frameworks) driver?.revive();
}

function cut(
  world: World,
  { direction, holds, forMs }: Of<'agent-partition' | 'framework-partition' | 'wide-partition'>,
  links: Parameters<World['network']['cut']>[0]['links'],
): void {
  after(world, forMs, world.network.cut({ links, direction, holds }));
}

function masterRestarts(world: World, { from, forMs }: Of<'master-restart'>): void {
  if (world.master === undefined) return;
  world.failMaster();
  after(world, forMs, () => world.takeOver(from));
}
