/**
 * A service behind a small proxy: it is scaled up, brought to another version instance by instance, and scaled down, while
 * requests flow and none is lost.
 *
 * Usage: node dist-examples/rolling-service/main.js
 *
 * Exit code: 0 when every request was answered, and both versions answered some.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMaster } from 'proffer';
import { serviceScheduler, type App } from 'proffer/schedulers';
import { nodeTransport } from 'proffer/transport/node';
import { startLoad } from './load.js';
import { startProxy } from './proxy.js';

const program = fileURLToPath(new URL('./server.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'proffer-service-'));

/** The app in one of its versions. */
function app(version: string): App {
  return {
    id: 'shop',
    task: {
      command: { value: process.execPath, arguments: [program], shell: false },
      env: { VERSION: version },
      resources: 'cpus:0.5;mem:128',
      ports: 1,
      killPolicy: { graceMs: 3_000 },
      healthCheck: {
        type: 'http',
        http: { port: '0', path: '/health' },
        delayMs: 50,
        intervalMs: 100,
        gracePeriodMs: 5_000,
      },
    },
    update: { minHealthy: 1, maxSurge: 0.5 },
  };
}

const proxy = await startProxy();
const transport = nodeTransport();
const master = createMaster({ transports: [transport], config: { allocationIntervalMs: 50 } });
// On a machine with less, the figures say what is shared, and nobody is held to them.
const agent = transport.agent({
  id: 'here',
  workDir: join(folder, 'agent'),
  resources: 'cpus:8;mem:4096;ports:[31000-31099]',
  isolation: 'none',
});
const service = serviceScheduler({
  role: 'web',
  apps: [{ ...app('one'), instances: 2 }],
  refuseMs: 200,
  onChange: (_, instances) =>
    proxy.route(instances.filter(({ ready }) => ready).map(({ ports: [port = 0] }) => ({ port }))),
});
const driver = master.subscribe(service.info(), service);

/** Waits until so many instances are ready, and all of them are what they should be. */
async function settled(instances: number): Promise<void> {
  for (;;) {
    const now = service.app('shop');
    if (now?.ready === instances && now.living === instances && !now.updating) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
await settled(2);
say('2 instances of version one are ready');
const load = startLoad(proxy.port);
service.scale('shop', 4);
await settled(4);
say('4 instances of version one are ready');
service.deploy(app('two'));
await settled(4);
say('4 instances of version two are ready');
service.scale('shop', 2);
await settled(2);
say('2 instances of version two are ready');
await load.stop();

const [one = 0, two = 0] = ['one', 'two'].map((version) => load.answers.get(version) ?? 0);
say(`${one + two} requests were answered, ${one} by version one and ${two} by version two; ${load.lost} were lost`);
driver.teardown();
service.close();
await agent.close({ tasks: 'kill' });
await master.close();
await proxy.close();
rmSync(folder, { recursive: true, force: true });
process.exitCode = load.lost === 0 && one > 0 && two > 0 ? 0 : 1;
