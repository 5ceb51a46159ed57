/** How agents come: for the first time, again, and out of nowhere (AG-1, AG-5, AG-8, AG-9, AG-11). */
import { addAgent, updateAgent, type AgentChange, type NewAgent } from '../../offers/index.js';
import {
  InputError,
  attributes as readAttributes,
  contains,
  equals,
  nonRevocable,
  revocable,
  validateId,
  type Problem,
} from '../../resources/index.js';
import { cut } from '../../resources/quote.js';
import type { AgentDescription, RegisterReport, ReregisterReport } from '../../tasks/index.js';
import { refreshActivity } from '../activity.js';
import { forgetRecovered, disconnectAgent, removeAgent, watchAgent } from '../agents.js';
import { agentOf, emit, idPrefix, putAgent, type Draft } from '../draft.js';
import { forgetEffects } from '../feedback.js';
import { isDown, unavailabilityAt } from '../maintenance.js';
import { rescindAgentOffers, rescindRevocableOffers } from '../offers.js';
import { noteOvercommitment, settleOvercommitment } from '../overcommit.js';
import { revise } from '../revise.js';
import { drainTasks } from '../service.js';
import { askNewHolders, keepToPlan, placeOfAgent, settleAgent } from '../unavailability.js';
import {
  adoptExecutors,
  adoptTasks,
  endRemovedFrameworks,
  forgetLostTasks,
  readReported,
  type Reported,
} from './returning.js';
import { settleOperations } from './returning-operations.js';
import { settleAccounts } from './settle.js';
import { readTotal } from './total.js';

/** REGISTER: a new agent, or the repetition of one that was heard already. */
export function register(draft: Draft, report: RegisterReport): void {
  const id = report.agent ?? newAgentId(draft);
  const read = readMachine(draft, id, report);
  if ('problem' in read) {
    refuse(draft, id, report, read.problem);
    return;
  }
  const known = draft.agents.get(id);
  if (known?.connected === true && (report.connection === undefined || report.connection === known.connection)) {
    // A retry, or a host that tells twice: nothing starts anew, but the machine may have changed.
    forgetEffects(draft, id);
    learnMachine(draft, id, read.machine, report);
    confirm(draft, id, report);
    return;
  }
  const ip = addressOf(draft, id, report);
  if (known !== undefined) replaceAgent(draft, id);
  admit(draft, read.machine, report, ip);
  forgetLostTasks(draft, id);
  drainTasks(draft, id, 'new');
}

/** The machine is still the one that the operator spoke of, though nothing runs on it any more (DRAIN-2). */
function replaceAgent(draft: Draft, id: string): void {
  const service = draft.service.get(id);
  removeAgent(draft, id, 'agent-removed', 'A new agent registered under the same id');
  if (service !== undefined) draft.service = draft.service.set(id, service, draft.edit);
}

/** REREGISTER: an agent with its tasks; known, away, recovered from the registry, or unknown. */
export function reregister(draft: Draft, report: ReregisterReport): void {
  const read = readReturn(draft, report);
  if ('problem' in read) {
    refuse(draft, report.agent, report, read.problem);
    return;
  }
  if (draft.agents.has(report.agent)) {
    comeBack(draft, read.machine, report, read.reported);
    return;
  }
  const wasRecovered = draft.recovered.has(report.agent);
  admit(draft, read.machine, report, addressOf(draft, report.agent, report));
  adoptExecutors(draft, report.agent, read.reported);
  adoptTasks(draft, report.agent, read.reported, !wasRecovered);
  forgetLostTasks(draft, report.agent);
  endRemovedFrameworks(draft, report.agent, read.reported);
  settleOperations(draft, report.agent, read.reported.operations);

  noteOvercommitment(draft, report.agent);
  drainTasks(draft, report.agent, 'new');
}

interface Return {
  readonly machine: NewAgent;
  readonly reported: Reported;
}

function readReturn(draft: Draft, report: ReregisterReport): Return | { readonly problem: Problem } {
  const read = readMachine(draft, report.agent, report);
  if ('problem' in read) return read;
  const reported = readReported(draft, report, read.machine.total);
  if ('problem' in reported) return reported;
  const hostname = draft.allocator.agents.get(report.agent)?.hostname ?? draft.recovered.get(report.agent)?.hostname;
  if (hostname !== undefined && hostname !== read.machine.hostname) {
    // AG-9: another machine must not take over an agent's tasks.
    const message = `Agent ${report.agent} was on host ${cut(hostname)} and comes back from ${cut(String(read.machine.hostname))}`;
    return { problem: { code: 'hostname-changed', path: 'hostname', message } };
  }
  const ip = knownAddress(draft, report.agent);
  if (ip !== null && report.ip !== undefined && report.ip !== ip) {
    const message = `Agent ${report.agent} was at address ${cut(ip)} and comes back from ${cut(report.ip)}`;
    return { problem: { code: 'ip-changed', path: 'ip', message } };
  }
  return { machine: read.machine, reported };
}

/** The address that an agent gave before; null = it gave none, or is not known. */
function knownAddress(draft: Draft, id: string): string | null {
  return draft.agents.get(id)?.ip ?? draft.recovered.get(id)?.ip ?? null;
}

/** The address that an agent gives, or gave: the machine is still the one of its id. */
function addressOf(draft: Draft, id: string, { ip }: AgentDescription): string | null {
  return ip ?? knownAddress(draft, id);
}

/**
 * Applies what an agent that is registered says of its machine. One that gave no address before may be on a machine for
 * which something is planned, as is seen now (MNT-3).
 */
function learnMachine(draft: Draft, id: string, machine: NewAgent, { ip }: AgentDescription): void {
  const before = placeOfAgent(draft, id);
  changeMachine(draft, id, machine);
  const agent = agentOf(draft, id);
  if (agent.ip === null && ip !== undefined) putAgent(draft, { ...agent, ip });
  settleAgent(draft, id, before);
  keepToPlan(draft, id);
}

const none: readonly never[] = Object.freeze([]);

/** An agent that is not registered (any more) enters. */
function admit(draft: Draft, machine: NewAgent, report: AgentDescription, ip: string | null): void {
  const id = machine.agent;
  draft.unreachable = draft.unreachable.remove(id, draft.edit);
  forgetRecovered(draft, id);
  putAgent(draft, {
    id,
    ip,
    connection: report.connection ?? null,
    connected: true,
    streams: report.streams ?? false,
    heartbeatMs: report.heartbeatMs ?? null,
    lastSeen: 0,
    registeredAt: draft.now,
    watch: 0,
    tasks: none,
    executors: none,
    inverseOffers: none,
    operations: none,
    debts: 0,
    kills: none,
    overcommitted: false,
  });
  const place = { hostname: machine.hostname ?? id, ip };
  addAgent(draft.allocator, { ...machine, unavailability: unavailabilityAt(draft.machines, place) });
  settleAgent(draft, id);
  refreshActivity(draft, id);
  watchAgent(draft, id);
  confirm(draft, id, report);
}

/** A registered agent connects again (AG-11). */
function comeBack(draft: Draft, machine: NewAgent, report: ReregisterReport, reported: Reported): void {
  const id = machine.agent;
  const row = revise(agentOf(draft, id), (agent) => {
    agent.connection = report.connection ?? null;
    agent.connected = true;
    agent.streams = report.streams ?? agent.streams;
    agent.heartbeatMs = report.heartbeatMs ?? null;
  });
  putAgent(draft, row);
  refreshActivity(draft, id);
  learnMachine(draft, id, machine, report);
  watchAgent(draft, id);
  confirm(draft, id, report);
  settleAccounts(draft, id, reported);
  askNewHolders(draft, id);
  settleOperations(draft, id, reported.operations);
  settleOvercommitment(draft, id);
  drainTasks(draft, id, 'new');
}

/**
 * Applies what is new about a machine. Offers of an agent that lost something are taken back: they may not fit any more.
 * When only what is revocable is another, be it more, it is the offers with something revocable (REV-1).
 */
export function changeMachine(draft: Draft, id: string, change: AgentChange): void {
  const before = draft.allocator.agents.get(id);
  updateAgent(draft.allocator, id, change);
  const after = draft.allocator.agents.get(id);
  if (before === undefined || after === undefined || before === after) return;
  if (!contains(nonRevocable(after.total), nonRevocable(before.total))) rescindAgentOffers(draft, id);
  else if (!equals(revocable(after.total), revocable(before.total))) rescindRevocableOffers(draft, id);
  noteOvercommitment(draft, id);
}

/** Reads what an agent says of its machine. */
function readMachine(
  draft: Draft,
  id: string,
  report: AgentDescription,
): { readonly machine: NewAgent } | { readonly problem: Problem } {
  const bad =
    validateId(id, 'agent') ??
    goneProblem(draft, id) ??
    downProblem(draft, id, report) ??
    heartbeatProblem(report.heartbeatMs) ??
    domainProblem(draft, report);
  if (bad !== undefined) return { problem: bad };
  try {
    return {
      machine: {
        agent: id,
        hostname: report.hostname ?? id,
        total: readTotal(draft, id, report.resources),
        attributes: readAttributes(report.attributes ?? ''),
        ...(report.capabilities === undefined ? {} : { capabilities: report.capabilities }),
        domain: report.domain ?? null,
      },
    };
  } catch (error) {
    if (error instanceof InputError) return { problem: error };
    throw error;
  }
}

/** AG-9, MNT-4: until the machine is up again. */
function downProblem(draft: Draft, id: string, report: AgentDescription): Problem | undefined {
  const place = { hostname: report.hostname ?? id, ip: addressOf(draft, id, report) };
  if (!isDown(draft.machines, place)) return undefined;
  return { code: 'machine-down', path: 'hostname', message: `The machine of agent ${id} is down for maintenance` };
}

/** AG-6: for ever. */
function goneProblem(draft: Draft, id: string): Problem | undefined {
  if (!draft.gone.has(id)) return undefined;
  return { code: 'agent-gone', path: 'agent', message: `Agent ${id} was marked gone` };
}

/** Beyond this (some eleven days) nobody watches; sums with the clock stay exact. */
const LONGEST_HEARTBEAT_MS = 1e9;

function heartbeatProblem(heartbeatMs: number | undefined): Problem | undefined {
  if (heartbeatMs === undefined) return undefined;
  if (Number.isSafeInteger(heartbeatMs) && heartbeatMs >= 1 && heartbeatMs <= LONGEST_HEARTBEAT_MS) return undefined;
  const message = `heartbeatMs must be whole milliseconds from 1 to ${LONGEST_HEARTBEAT_MS}`;
  return { code: 'bad-number', path: 'heartbeatMs', message };
}

/** DOM-2: a master without a domain can't tell who is remote; one that is told so wants to know of every agent. */
function domainProblem(draft: Draft, { domain }: AgentDescription): Problem | undefined {
  if (domain === undefined && draft.config.requireAgentDomain) {
    return { code: 'domain-missing', path: 'domain', message: 'The agent has no domain, and the master requires one' };
  }
  if (domain === undefined || draft.config.domain !== null) return undefined;
  return {
    code: 'domain-without-master-domain',
    path: 'domain',
    message: 'The agent has a domain, the master has none',
  };
}

function confirm(draft: Draft, agent: string, { connection }: AgentDescription): void {
  emit(draft, { type: 'registered', agent, ...(connection === undefined ? {} : { connection }) });
}

/** Refusals after which the agent must end what it runs. */
const ending: ReadonlySet<string> = new Set(['hostname-changed', 'ip-changed', 'machine-down', 'agent-gone']);

/**
 * Who hears that it is refused falls silent, so only one that is not registered is told: a registered one that says
 * something wrong over its own connection goes on as it was, and the host hears of it. Over another connection it speaks
 * after the one before broke (AG-3).
 */
function refuse(
  draft: Draft,
  agent: string,
  report: RegisterReport | ReregisterReport,
  { code, message }: Problem,
): void {
  const { type, connection } = report;
  const ends = ending.has(code);
  const known = draft.agents.get(agent);
  if (known?.connected === true && !ends) {
    if (connection === undefined || connection === known.connection) {
      emit(draft, { type: 'report-refused', agent, report: type, code, message });
      return;
    }
    disconnectAgent(draft, agent);
  }
  const where = connection === undefined ? {} : { connection };
  // What runs on another machine under this id must end: nobody will ever hear of it (AG-9).
  const shutdown = ends ? { shutdown: true } : {};
  emit(draft, { type: 'registration-refused', agent, ...where, code, message, ...shutdown });
}

function newAgentId(draft: Draft): string {
  for (;;) {
    const id = `${idPrefix(draft)}-S${draft.nextAgent}`;
    draft.nextAgent += 1;
    const taken = [draft.agents, draft.recovered, draft.unreachable, draft.gone].some((table) => table.has(id));
    if (!taken) return id;
  }
}
