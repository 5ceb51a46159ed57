/** Getting to the master and staying with it (AG-1, AG-2, AG-11). */
import { mix, unitFrom } from '../resources/index.js';
import {
  inFlight,
  type AgentDescription,
  type RegisteredCommand,
  type RegistrationRefusedCommand,
  type ReportedExecutor,
  type ReportedFramework,
  type ReportedTask,
} from '../tasks/index.js';
import { shutdownAgent } from './executors.js';
import type { ConnectedInput, DisconnectedInput } from './messages.js';
import type { AgentFramework, AgentLink, AgentState } from './state.js';
import { pauseOperations, reportOperations, resumeOperations } from './operations.js';
import { drop, report, type Step } from './step.js';
import { pauseStreams, resumeStreams } from './updates.js';

/** The wait for the answer to a registration: doubles, as long as none comes, ms. */
const firstWaitMs = 1_000;
const maxWaitMs = 60_000;

function setLink(step: Step, link: AgentLink): void {
  step.state = { ...step.state, link };
}

/** A way to the master opened, maybe while an older one was thought to be open still. */
export function onConnected(step: Step, { connection }: ConnectedInput): void {
  if (step.state.link.state === 'ended') {
    drop(step);
    return;
  }
  pauseStreams(step);
  pauseOperations(step);
  register(step, connection, firstWaitMs);
}

/** The way to the master closed. */
export function onDisconnected(step: Step, { connection }: DisconnectedInput): void {
  const { link } = step.state;
  if (link.state === 'ended' || link.state === 'down') return;
  const mine = 'connection' in link ? link.connection : undefined;
  if (connection !== undefined && mine !== undefined && connection !== mine) return;
  pauseStreams(step);
  pauseOperations(step);
  setLink(step, { state: 'down' });
}

/** Asks the master to admit the agent, and files when it asks again: the answer may be lost. */
function register(step: Step, connection: string | undefined, waitMs: number): void {
  report(step, registration(step.state, connection));
  // Agents that lost their master together do not all come back at the same instant.
  const { seed } = step.state.description;
  const luck = unitFrom(mix(seed, step.at, waitMs, 1), mix(seed, step.at, waitMs, 2));
  const retryAt = step.at + Math.ceil(waitMs * (0.5 + luck / 2));
  setLink(step, { state: 'registering', ...(connection !== undefined && { connection }), retryAt, waitMs });
}

/** No answer came. */
export function onRetryDue(step: Step): void {
  const { link } = step.state;
  if (link.state !== 'registering') return;
  register(step, link.connection, Math.min(link.waitMs * 2, maxWaitMs));
}

/** The master admitted the agent: reports may be sent, and those that wait are. */
export function onRegistered(step: Step, { agent, connection }: RegisteredCommand): void {
  const { link, id } = step.state;
  const stale =
    link.state !== 'registering' ||
    (connection !== undefined && link.connection !== undefined && connection !== link.connection) ||
    (id !== undefined && id !== agent);
  if (stale) {
    // The second answer to a question that was asked twice.
    if (link.state !== 'up' || id !== agent) drop(step);
    return;
  }
  const { heartbeatMs } = step.state.description;
  step.state = { ...step.state, id: agent, admitted: true };
  setLink(step, {
    state: 'up',
    ...(link.connection !== undefined && { connection: link.connection }),
    ...(heartbeatMs !== undefined && { heartbeatAt: step.at + heartbeatMs }),
  });
  resumeStreams(step);
  resumeOperations(step);
}

/** The master does not want the agent, now or ever (AG-6, AG-9). */
export function onRefused(step: Step, { agent, connection, shutdown }: RegistrationRefusedCommand): void {
  const { link, id } = step.state;
  const mine = 'connection' in link ? link.connection : undefined;
  const foreign =
    (connection !== undefined && mine !== undefined && connection !== mine) ||
    (id !== undefined && agent !== '' && id !== agent);
  if (foreign || (link.state !== 'registering' && link.state !== 'up')) {
    drop(step);
    return;
  }
  pauseStreams(step);
  pauseOperations(step);
  if (shutdown === true) shutdownAgent(step);
  else setLink(step, { state: 'refused' });
}

/** Says that the agent lives. After a long sleep once, not once for each time it missed (AG-2). */
export function onHeartbeatDue(step: Step): void {
  const { link, id, description } = step.state;
  const { heartbeatMs } = description;
  if (link.state !== 'up' || link.heartbeatAt === undefined || heartbeatMs === undefined) return;
  report(step, { type: 'heartbeat', agent: id ?? '' });
  const next = link.heartbeatAt + heartbeatMs;
  setLink(step, { ...link, heartbeatAt: next > step.at ? next : step.at + heartbeatMs });
}

/** The first registration, or a return with everything the agent has (AG-1, AG-11). */
function registration(state: AgentState, connection: string | undefined): Parameters<typeof report>[1] {
  const { id } = state;
  const description = describe(state, connection);
  const frameworks = state.frameworks.entries().filter(([, { removed }]) => removed !== true);
  // An answer that was lost must not make a newcomer of an agent that has been given tasks or operations.
  const returns = state.admitted || frameworks.length > 0 || state.operations.size > 0;
  if (id === undefined || !returns) return { type: 'register', ...(id !== undefined && { agent: id }), ...description };
  return {
    type: 'reregister',
    agent: id,
    ...description,
    tasks: frameworks.flatMap(([framework, known]) => reportTasks(framework, known)),
    executors: frameworks.flatMap(([framework, known]) => reportExecutors(framework, known)),
    frameworks: frameworks.flatMap(([, known]) => reportFramework(known)),
    ...(state.operations.size > 0 && { operations: reportOperations(state) }),
  };
}

function describe({ description }: AgentState, connection: string | undefined): AgentDescription {
  const { resources, capabilities, hostname, ip, attributes, domain, heartbeatMs } = description;
  return {
    ...(connection !== undefined && { connection }),
    ...(hostname !== undefined && { hostname }),
    ...(ip !== undefined && { ip }),
    resources,
    ...(attributes !== undefined && { attributes }),
    capabilities,
    ...(domain !== undefined && { domain }),
    streams: true,
    ...(heartbeatMs !== undefined && { heartbeatMs }),
  };
}

function reportTasks(framework: string, known: AgentFramework): readonly ReportedTask[] {
  return known.tasks.entries().map(([id, { info, state, executor }]) => {
    const stream = known.streams.get(id);
    const front = stream && inFlight(stream);
    const { name, role, resources, priority, preemptible, labels } = info;
    const runsOn = known.executors.get(executor)?.info?.id ?? info.executor?.id;
    return {
      framework,
      id,
      ...(name !== undefined && { name }),
      role,
      resources,
      state,
      ...(front !== undefined && front.state !== state && { statusState: front.state }),
      ...(front !== undefined && { statusUuid: front.uuid }),
      ...(runsOn !== undefined && { executor: runsOn }),
      ...(priority !== undefined && { priority }),
      ...(preemptible !== undefined && { preemptible }),
      ...(labels !== undefined && { labels }),
    };
  });
}

function reportExecutors(framework: string, known: AgentFramework): readonly ReportedExecutor[] {
  // The master knows nothing of the agent's own: they hold no resources.
  return known.executors
    .values()
    .flatMap(({ info, role }): readonly ReportedExecutor[] =>
      info === undefined ? [] : [{ ...info, framework, role }],
    );
}

function reportFramework({ info, idleSince }: AgentFramework): readonly ReportedFramework[] {
  return info === undefined || idleSince !== undefined ? [] : [info];
}
