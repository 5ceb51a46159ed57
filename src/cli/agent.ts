import { hostname } from 'node:os';
import { processAgent, type CloseOptions, type IsolationKind, type ProcessAgent } from '../agent/node/index.js';
import { parseAddress, socketLink } from '../transport/node/index.js';
import { type Io, UsageError } from './io.js';
import { countOption, parseVerb, type Verb } from './verb.js';

const help = `Usage: proffer agent --connect ADDRESS --work-dir DIR [options]

Runs an agent on this machine: it registers with the master behind ADDRESS and runs commands as
processes. Started again with the same DIR, it goes on with the tasks that ran on.

  --connect ADDRESS   the master's socket: a path, or HOST:PORT
  --work-dir DIR      where the agent keeps its journal and the sandboxes of its tasks
  --id ID             its id; default: the name of this machine
  --resources TEXT    what it offers, such as 'cpus:4;mem:8192;ports:[31000-32000]';
                      default: what this machine has
  --attributes TEXT   what it says of itself, such as 'zone:a;ssd:true'
  --additive          it may have more resources or attributes than in its life before
  --isolation KIND    auto (the default), cgroups-v2, cgroups-v1, rlimits or none
  --heartbeat MS      how often it says that it lives; default 15000
  --no-checkpoint     forget tasks over a restart: they end with the agent

SIGTERM and SIGINT end the agent and leave its tasks running, for the next agent in DIR; with
--no-checkpoint tasks end too.

Exit code: 0 it was told to end, 1 it could not start, 2 the command cannot be understood.
`;

/** `proffer agent`: an agent that runs processes of this machine. */
export const agent: Verb = { help, run };

/** What the process that started an agent tells it, over the channel between them, once it has said that it listens. */
export interface Order {
  /** End all tasks: how long they have to do so by themselves, ms. */
  readonly endWithin: number;
}
/** What an agent tells the process that started it. */
export type Word = 'listening';

const kinds: readonly string[] = ['auto', 'cgroups-v2', 'cgroups-v1', 'rlimits', 'none'];

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values } = parseVerb(args, {
    connect: { type: 'string' },
    'work-dir': { type: 'string' },
    id: { type: 'string' },
    resources: { type: 'string' },
    attributes: { type: 'string' },
    additive: { type: 'boolean' },
    isolation: { type: 'string' },
    heartbeat: { type: 'string' },
    'no-checkpoint': { type: 'boolean' },
  });
  const { connect, 'work-dir': workDir, id = hostname(), resources, attributes, isolation = 'auto' } = values;
  if (connect === undefined) throw new UsageError('agent needs --connect');
  if (workDir === undefined) throw new UsageError('agent needs --work-dir');
  if (!kinds.includes(isolation)) throw new UsageError(`--isolation is one of ${kinds.join(', ')}`);
  const checkpoint = values['no-checkpoint'] !== true;
  const log = (message: string): void => io.stderr(`${new Date().toISOString()} ${message}\n`);
  const running = processAgent({
    id,
    workDir,
    link: socketLink(parseAddress(connect)),
    heartbeatMs: countOption('heartbeat', values.heartbeat, 1) ?? 15_000,
    checkpoint,
    isolation: isolation as IsolationKind | 'auto',
    reconfiguration: values.additive === true ? 'additive' : 'equal',
    logger: { info: log, warn: log },
    ...(resources !== undefined && { resources }),
    ...(attributes !== undefined && { attributes }),
  });
  await running.close(await toldToEnd(running, checkpoint));
  // The channel would keep the process.
  if (process.connected) process.disconnect();
  return 0;
}

/** Waits until somebody ends the agent; resolves to what becomes of its tasks. */
function toldToEnd(running: ProcessAgent, checkpoint: boolean): Promise<CloseOptions> {
  return new Promise((resolve) => {
    const leave = (): void => resolve({ tasks: checkpoint ? 'leave' : 'kill' });
    process.once('SIGTERM', leave);
    process.once('SIGINT', leave);
    process.on('message', ({ endWithin }: Order) => resolve({ tasks: 'kill', graceMs: endWithin }));
    // Whoever started it is gone, and may be back soon.
    process.once('disconnect', leave);
    process.send?.('listening' satisfies Word);
    void running.ended.then(() => resolve({ tasks: 'kill' }));
    if (process.connected === false) leave();
  });
}
