import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { SchedulerEvent } from '../../src/cluster/outputs.js';
import type { Command } from '../../src/tasks/index.js';
import {
  transportContract,
  type AgentPeer,
  type FrameworkPeer,
  type TransportSubject,
} from '../../src/transport/index.js';
import { SocketClient } from '../../src/transport/node/socket-client.js';
import { socketTransport, type SocketAddress } from '../../src/transport/node/index.js';

/** The transport on a socket, and clients that tell when all has arrived. */
function subject(address: SocketAddress, dispose: () => void): TransportSubject {
  const transport = socketTransport(address);
  const clients: SocketClient[] = [];
  const live = (): SocketClient[] => clients.filter(({ connection }) => connection !== undefined);
  const peer = async <Heard>(as: 'agent' | 'framework'): Promise<AgentPeer & FrameworkPeer> => {
    const heard: Heard[] = [];
    const client = await new Promise<SocketClient>((resolve) => {
      const made: SocketClient = new SocketClient(
        transport.address ?? address,
        as,
        { firstWaitMs: 60_000 },
        {
          opened: () => resolve(made),
          heard: (value) => heard.push(value as Heard),
          closed: () => {},
        },
      );
      clients.push(made);
      made.open();
    });
    const connection = client.connection ?? '';
    const say = (said: unknown): void => client.say(said);
    return { connection, heard: heard as never, say, break: () => client.break() };
  };
  return {
    transport,
    agent: () => peer<Command>('agent'),
    framework: () => peer<SchedulerEvent>('framework'),
    async settle() {
      for (let round = 0; round < 2; round += 1) {
        await Promise.all(live().map((client) => client.ping()));
        while (transport.connections > live().length) await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async dispose() {
      await Promise.all(clients.map((client) => client.close()));
      dispose();
    },
  };
}

const sides = { agents: true, frameworks: true };

describe('a transport over a unix socket keeps the promises of a transport', () => {
  const make = (): TransportSubject => {
    const folder = mkdtempSync(join(tmpdir(), 'proffer-socket-'));
    return subject({ path: join(folder, 'master.sock') }, () => rmSync(folder, { recursive: true }));
  };
  for (const { promise, check } of transportContract(make, sides)) it(promise, check);
});

describe('a transport over a port keeps the promises of a transport', () => {
  for (const { promise, check } of transportContract(() => subject({ port: 0 }, () => {}), sides)) it(promise, check);
});
