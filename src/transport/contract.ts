import type { SchedulerEvent } from '../cluster/outputs.js';
import type { DriverCall } from '../framework-api/index.js';
import type { Transport } from '../master/ports.js';
import type { Command, Report } from '../tasks/index.js';

/** An agent at the far end of the transport under test, as bare as it can be: it says what it is told to and keeps what it hears. */
export interface AgentPeer {
  /** How the transport calls this connection, if it has a name for it; it is said at registration. */
  readonly connection?: string;
  /** Everything that reached it, oldest first. */
  readonly heard: readonly Command[];
  say(report: Report): void;
  /** The connection breaks, as the transport would see it. */
  break(): void;
}

/** A framework at the far end. */
export interface FrameworkPeer {
  readonly connection: string;
  readonly heard: readonly SchedulerEvent[];
  say(call: DriverCall): void;
  break(): void;
}

/** A transport that was not opened yet, and a way to reach it from outside. */
export interface TransportSubject {
  readonly transport: Transport;
  /** Connects an agent. Called only while the transport is open. */
  agent?(id: string): AgentPeer | Promise<AgentPeer>;
  framework?(): FrameworkPeer | Promise<FrameworkPeer>;
  /** Resolves when all that was said, either way, has arrived. */
  settle(): Promise<void>;
  /** Frees what the subject holds. Called after each check, however it went. */
  dispose?(): void | Promise<void>;
}

/** One promise of a transport, and what shows whether it is kept. */
export interface TransportPromise {
  /** A sentence. */
  readonly promise: string;
  /** Rejects with what went wrong. Each check makes its own subject. */
  check(): Promise<void>;
}

/** Which sides a transport has. */
export interface TransportSides {
  /** Default true. */
  readonly agents?: boolean;
  /** Default false. */
  readonly frameworks?: boolean;
}

/** Ids that a careless adapter trips over: names of properties, text that wants quoting, more than one byte a character. */
const awkward = ['__proto__', 'constructor', 'a b/c?d=e&f#g%20', 'line\nbreak "quoted" \\', 'Zürich-日本-🚀', ' '];

/**
 * Everything that is promised of a `Transport`, as a list of checks to run under any test runner:
 *
 * - what agents and frameworks say is received unchanged, in order, once;
 * - commands and events reach the party they are for and no other, unchanged, in order, once;
 * - what cannot be delivered is dropped; `send` neither throws nor rejects, whatever happened to the party or the
 *   transport, and may be called from within `receive`;
 * - a broken connection is told by a link;
 * - a `receive` that throws stops nothing;
 * - nothing is received after `close`, which may be called at any time and again, and a closed transport can be opened
 *   anew.
 *
 * @param makeSubject makes a fresh one for each check.
 * @example
 * for (const { promise, check } of transportContract(() => mySubject())) it(promise, check);
 */
export function transportContract(
  makeSubject: () => TransportSubject | Promise<TransportSubject>,
  { agents = true, frameworks = false }: TransportSides = {},
): readonly TransportPromise[] {
  const checks = [...(agents ? agentPromises : []), ...(frameworks ? frameworkPromises : [])];
  return checks.map(([promise, run]) => ({ promise, check: () => examine(makeSubject, run) }));
}

type Check = (bench: Bench) => Promise<void>;

async function examine(makeSubject: () => TransportSubject | Promise<TransportSubject>, run: Check): Promise<void> {
  const subject = await makeSubject();
  try {
    await run(new Bench(subject));
  } finally {
    await subject.transport.close();
    await subject.dispose?.();
  }
}

/** A transport on the bench: what it received, and the steps that the checks are made of. */
class Bench {
  readonly transport: Transport;
  readonly received: unknown[] = [];
  readonly #subject: TransportSubject;

  constructor(subject: TransportSubject) {
    this.#subject = subject;
    this.transport = subject.transport;
  }

  async open(receive: (input: unknown) => void = (input) => this.received.push(input)): Promise<void> {
    await this.transport.open(receive);
  }

  settle(): Promise<void> {
    return this.#subject.settle();
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  async agent(id: string): Promise<AgentPeer> {
    const peer = await this.#subject.agent?.(id);
    return peer ?? fail('the subject has no agents');
  }

  /** An agent that has said who it is, which some transports need before they can reach it. */
  async registered(id: string): Promise<AgentPeer> {
    const peer = await this.agent(id);
    peer.say({ type: 'register', agent: id, resources: 'cpus:1', ...named(peer) });
    await this.settle();
    return peer;
  }

  async framework(): Promise<FrameworkPeer> {
    const peer = await this.#subject.framework?.();
    return peer ?? fail('the subject has no frameworks');
  }

  async subscribed(): Promise<FrameworkPeer> {
    const peer = await this.framework();
    peer.say({ type: 'subscribe', name: 'contract' });
    await this.settle();
    return peer;
  }

  /** What was received beyond introductions. */
  said(): unknown[] {
    return this.received.filter((input) => !['register', 'subscribe'].includes(typeOf(input)));
  }

  links(type: string): unknown[] {
    return this.received.filter((input) => typeOf(input) === type);
  }

  /** Sends, and sees that it neither throws nor rejects. */
  async command(command: Command): Promise<void> {
    await harmless(() => this.transport.agents?.send(command), `a command for agent ${quoted(command.agent)}`);
  }

  async event(event: SchedulerEvent): Promise<void> {
    await harmless(() => this.transport.frameworks?.send(event), `an event on connection ${quoted(event.connection)}`);
  }
}

const agentPromises: readonly (readonly [promise: string, check: Check])[] = [
  [
    'What an agent says is received unchanged, whatever its id.',
    async (bench) => {
      await bench.open();
      for (const id of awkward) {
        const report = statusOf(id, id);
        (await bench.registered(id)).say(report);
        await bench.settle();
        demandSame(bench.said().at(-1), report, `what agent ${quoted(id)} said`);
      }
    },
  ],
  [
    'The reports of one agent are received in the order in which they were said.',
    async (bench) => {
      await bench.open();
      const peers = [await bench.registered('a1'), await bench.registered('a2')];
      for (const task of sequence) peers.forEach((peer, index) => peer.say(statusOf(`a${index + 1}`, task)));
      await bench.settle();
      for (const id of ['a1', 'a2']) demandSequence(bench.said().filter(isOf(id)).map(taskOf), `reports of ${id}`);
    },
  ],
  [
    'A report is received once.',
    async (bench) => {
      await bench.open();
      (await bench.registered('a1')).say(statusOf('a1', 't1'));
      await bench.settle();
      await bench.settle();
      demand(bench.said().length === 1, `one report was received ${bench.said().length} times`);
    },
  ],
  [
    'A command reaches its agent unchanged, whatever the id, and no other agent.',
    async (bench) => {
      await bench.open();
      const other = await bench.registered('other');
      for (const id of awkward) {
        const peer = await bench.registered(id);
        await bench.command(kill(id, id));
        await bench.settle();
        demandSame(peer.heard, [kill(id, id)], `what agent ${quoted(id)} heard`);
      }
      demandSame(other.heard, [], 'what another agent heard');
    },
  ],
  [
    'The commands of one agent arrive in the order in which they were sent, each once.',
    async (bench) => {
      await bench.open();
      const peers = [await bench.registered('a1'), await bench.registered('a2')];
      for (const task of sequence) for (const id of ['a1', 'a2']) void bench.transport.agents?.send(kill(id, task));
      await bench.settle();
      for (const peer of peers) demandSequence(peer.heard.map(taskOf), 'commands');
    },
  ],
  [
    'A command for an agent that is not there is dropped without a word.',
    async (bench) => {
      await bench.open();
      const peer = await bench.registered('a1');
      for (const id of ['nobody', ...awkward]) await bench.command(kill(id, 't1'));
      await bench.settle();
      demandSame(peer.heard, [], 'what another agent heard');
      demandSame(bench.said(), [], 'what was received');
    },
  ],
  [
    'A broken connection is told once, and commands for its agent are dropped without a word.',
    async (bench) => {
      await bench.open();
      const peer = await bench.registered('a1');
      peer.break();
      await bench.settle();
      await bench.command(kill('a1', 't1'));
      await bench.settle();
      demandSame(peer.heard, [], 'what an agent without a connection heard');
      demandLinks(bench.links('agent-disconnected'), { agent: 'a1', ...named(peer) });
    },
  ],
  [
    'An agent that connects again is heard and reached, and its old connection is not.',
    async (bench) => {
      await bench.open();
      const old = await bench.registered('a1');
      old.break();
      const peer = await bench.registered('a1');
      quietly(() => old.say(statusOf('a1', 'old')));
      peer.say(statusOf('a1', 'new'));
      await bench.command(kill('a1', 't1'));
      await bench.settle();
      demandSame(bench.said().filter(isStatus).map(taskOf), ['new'], 'what was received');
      demandSame([old.heard.length, peer.heard.length], [0, 1], 'commands on the old and the new connection');
    },
  ],
  [
    'Commands may be sent from within receive.',
    async (bench) => {
      await bench.open((input) => {
        bench.received.push(input);
        if (isStatus(input)) void bench.transport.agents?.send(kill('a1', String(taskOf(input))));
      });
      const peer = await bench.registered('a1');
      for (const task of sequence) peer.say(statusOf('a1', task));
      await bench.settle();
      demandSequence(bench.said().map(taskOf), 'reports');
      demandSequence(peer.heard.map(taskOf), 'commands');
    },
  ],
  [
    'A receive that throws stops nothing.',
    async (bench) => {
      await bench.open((input) => {
        if (isStatus(input) && taskOf(input) === 'bad') throw new TypeError('the master refuses this');
        bench.received.push(input);
      });
      const peer = await bench.registered('a1');
      quietly(() => peer.say(statusOf('a1', 'bad')));
      await bench.settle();
      peer.say(statusOf('a1', 'good'));
      await bench.command(kill('a1', 't1'));
      await bench.settle();
      demandSame(bench.said().map(taskOf), ['good'], 'what was received');
      demand(peer.heard.length === 1, 'a command did not arrive');
    },
  ],
  [
    'Nothing is received after close, and commands are dropped without a word.',
    async (bench) => {
      await bench.open();
      const peer = await bench.registered('a1');
      await bench.close();
      const before = bench.received.length;
      quietly(() => peer.say(statusOf('a1', 't1')));
      quietly(() => peer.break());
      await bench.command(kill('a1', 't1'));
      await bench.settle();
      demand(bench.received.length === before, 'something was received after `close`');
      demandSame(peer.heard, [], 'what an agent heard after `close`');
    },
  ],
  [
    'Close may be called before open, and again.',
    async (bench) => {
      await bench.close();
      await bench.open();
      const peer = await bench.registered('a1');
      peer.say(statusOf('a1', 't1'));
      await bench.settle();
      demand(bench.said().length === 1, 'a transport that was closed before it was opened does not work');
      await bench.close();
      await bench.close();
    },
  ],
  [
    'A transport that was closed can be opened again.',
    async (bench) => {
      await bench.open();
      await bench.registered('a1');
      await bench.close();
      const before = bench.received.length;
      const again: unknown[] = [];
      await bench.open((input) => again.push(input));
      const peer = await bench.registered('a1');
      peer.say(statusOf('a1', 't1'));
      await bench.command(kill('a1', 't1'));
      await bench.settle();
      demand(bench.received.length === before, 'the receive of before `close` was called');
      demandSame(again.filter(isStatus).map(taskOf), ['t1'], 'what was received');
      demandSame(peer.heard.map(taskOf), ['t1'], 'what the agent heard');
    },
  ],
];

const frameworkPromises: readonly (readonly [promise: string, check: Check])[] = [
  [
    'What frameworks say is received unchanged and in order, under the connection that said it.',
    async (bench) => {
      await bench.open();
      const peers = [await bench.subscribed(), await bench.subscribed()];
      for (const task of [...sequence, ...awkward]) {
        for (const peer of peers) peer.say({ type: 'kill', framework: peer.connection, task });
      }
      await bench.settle();
      for (const { connection } of peers) {
        const expected = [...sequence, ...awkward].map((task) => ({
          type: 'kill',
          framework: connection,
          task,
          connection,
        }));
        demandSame(bench.said().filter(isOn(connection)), expected, `calls on connection ${quoted(connection)}`);
      }
    },
  ],
  [
    'Events reach their own connection, unchanged, in order, once.',
    async (bench) => {
      await bench.open();
      const peers = [await bench.subscribed(), await bench.subscribed()];
      const events = peers.map(({ connection }) =>
        [...sequence, ...awkward].map((offer) => rescind(connection, offer)),
      );
      for (const event of events.flat()) void bench.transport.frameworks?.send(event);
      await bench.settle();
      peers.forEach((peer, index) => demandSame(peer.heard, events[index], `events on ${quoted(peer.connection)}`));
    },
  ],
  [
    'Events for a connection that is not there, or was, are dropped without a word, and the break is told once.',
    async (bench) => {
      await bench.open();
      const peer = await bench.subscribed();
      await bench.event(rescind('nobody', 'o1'));
      peer.say({ type: 'revive', framework: 'f1' });
      await bench.settle();
      peer.break();
      await bench.settle();
      await bench.event(rescind(peer.connection, 'o1'));
      await bench.settle();
      demandSame(peer.heard, [], 'what a framework without a connection heard');
      demandLinks(bench.links('framework-disconnected'), { connection: peer.connection });
    },
  ],
  [
    'No framework is heard or reached after close.',
    async (bench) => {
      await bench.open();
      const peer = await bench.subscribed();
      await bench.close();
      const before = bench.received.length;
      quietly(() => peer.say({ type: 'revive', framework: 'f1' }));
      await bench.event(rescind(peer.connection, 'o1'));
      await bench.settle();
      demand(bench.received.length === before, 'a call was received after `close`');
      demandSame(peer.heard, [], 'what a framework heard after `close`');
    },
  ],
];

const sequence = Array.from({ length: 50 }, (_, index) => `t${index}`);

function statusOf(agent: string, task: string): Report {
  return { type: 'status', agent, framework: agent, task, state: 'running', message: task };
}

function kill(agent: string, task: string): Command {
  return { type: 'kill', agent, framework: agent, task };
}

function rescind(connection: string, offer: string): SchedulerEvent {
  return { type: 'rescind', framework: connection, connection, offer };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

function typeOf(input: unknown): string {
  return String(field(input, 'type'));
}

function taskOf(input: unknown): unknown {
  return field(input, 'task');
}

function isStatus(input: unknown): boolean {
  return typeOf(input) === 'status';
}

function isOf(agent: string): (input: unknown) => boolean {
  return (input) => field(input, 'agent') === agent;
}

function isOn(connection: string): (input: unknown) => boolean {
  return (input) => field(input, 'connection') === connection;
}

function named({ connection }: AgentPeer): { connection?: string } {
  return connection === undefined ? {} : { connection };
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

function fail(why: string): never {
  throw new Error(`The transport breaks its promise: ${why}`);
}

function demand(kept: boolean, otherwise: string): void {
  if (!kept) fail(otherwise);
}

function demandSequence(actual: readonly unknown[], what: string): void {
  demandSame(actual, sequence, what);
}

function demandSame(actual: unknown, expected: unknown, what: string): void {
  demand(same(actual, expected), `${what}: expected ${quoted(expected)}, got ${quoted(actual)}`);
}

/** One link, with these fields; a transport may add others, such as its name for a connection. */
function demandLinks(links: readonly unknown[], fields: Readonly<Record<string, string>>): void {
  demand(links.length === 1, `a broken connection was told ${links.length} times`);
  for (const [name, value] of Object.entries(fields)) demandSame(field(links[0], name), value, `'${name}' of the link`);
}

/** Whether two plain values say the same; a field that is `undefined` is one that is absent. */
function same(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return Object.is(one, other);
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => same(field(one, name), field(other, name)));
}

/** Sees that sending neither throws nor rejects. */
async function harmless(send: () => void | Promise<void>, what: string): Promise<void> {
  try {
    await send();
  } catch (error) {
    fail(`sending ${what} failed with ${String(error)}`);
  }
}

/** A far end that cannot speak may say so. */
function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // It was refused, which is one way of not being heard.
  }
}
