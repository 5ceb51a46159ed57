/** How agents come: for the first time, again, and out of nowhere (AG-1, AG-5, AG-8, AG-9, AG-11). */
import { addAgent, setAgentActive, updateAgent, type AgentChange, type NewAgent } from '../../offers/index.js';
import { InputError, attributes as readAttributes, contains, validateId, type Problem } from '../../resources/index.js';
import type { AgentDescription, RegisterReport, ReregisterReport } from '../../tasks/index.js';
import { removeAgent, watchAgent } from '../agents.js';
import { agentOf, emit, idPrefix, putAgent, type Draft } from '../draft.js';
import { rescindAgentOffers } from '../offers.js';
import { noteOvercommitment, settleOvercommitment } from '../overcommit.js';
import { revise } from '../revise.js';
import {
  adoptExecutors,
  adoptTasks,
  endRemovedFrameworks,
  forgetLostTasks,
  readReported,
  type Reported,
} from './returning.js';
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
    changeMachine(draft, id, read.machine);
    confirm(draft, id, report);
    return;
  }
  if (known !== undefined) removeAgent(draft, id, 'agent-removed', 'A new agent registered under the same id');
  admit(draft, read.machine, report);
  forgetLostTasks(draft, id);
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
  admit(draft, read.machine, report);
  adoptExecutors(draft, report.agent, read.reported);
  adoptTasks(draft, report.agent, read.reported, !wasRecovered);
  forgetLostTasks(draft, report.agent);
  endRemovedFrameworks(draft, report.agent, read.reported);

  noteOvercommitment(draft, report.agent);
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
    const message = `Agent ${report.agent} was on host ${hostname} and comes back from ${String(read.machine.hostname)}`;
    return { problem: { code: 'hostname-changed', path: 'hostname', message } };
  }
  return { machine: read.machine, reported };
}

/** An agent that is not registered (any more) enters. */
function admit(draft: Draft, machine: NewAgent, report: AgentDescription): void {
  const id = machine.agent;
  draft.unreachable = draft.unreachable.remove(id, draft.edit);
  draft.recovered = draft.recovered.remove(id, draft.edit);
  putAgent(draft, {
    id,
    connection: report.connection ?? null,
    connected: true,
    streams: report.streams ?? false,
    heartbeatMs: report.heartbeatMs ?? null,
    lastSeen: 0,
    registeredAt: draft.now,
    watch: 0,
    tasks: [],
    executors: [],
    offers: [],
    kills: [],
    overcommitted: false,
  });
  addAgent(draft.allocator, machine);
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
  setAgentActive(draft.allocator, id, true);
  changeMachine(draft, id, machine);
  watchAgent(draft, id);
  confirm(draft, id, report);
  settleAccounts(draft, id, reported);
  settleOvercommitment(draft, id);
}

/** Applies what is new about a machine. Offers of an agent that lost something are taken back: they may not fit any more. */
export function changeMachine(draft: Draft, id: string, change: AgentChange): void {
  const before = draft.allocator.agents.get(id);
  updateAgent(draft.allocator, id, change);
  const after = draft.allocator.agents.get(id);
  if (before === undefined || after === undefined || before === after) return;
  if (!contains(after.total, before.total)) rescindAgentOffers(draft, id);
  noteOvercommitment(draft, id);
}

/** Reads what an agent says of its machine. */
function readMachine(
  draft: Draft,
  id: string,
  report: AgentDescription,
): { readonly machine: NewAgent } | { readonly problem: Problem } {
  const bad = validateId(id, 'agent') ?? heartbeatProblem(report.heartbeatMs) ?? domainProblem(draft, report);
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

function refuse(draft: Draft, agent: string, { connection }: AgentDescription, { code, message }: Problem): void {
  const where = connection === undefined ? {} : { connection };
  // What runs on another machine under this id must end: nobody will ever hear of it (AG-9).
  const shutdown = code === 'hostname-changed' ? { shutdown: true } : {};
  emit(draft, { type: 'registration-refused', agent, ...where, code, message, ...shutdown });
}

function newAgentId(draft: Draft): string {
  for (;;) {
    const id = `${idPrefix(draft)}-S${draft.nextAgent}`;
    draft.nextAgent += 1;
    if (!draft.agents.has(id) && !draft.recovered.has(id) && !draft.unreachable.has(id)) return id;
  }
}
