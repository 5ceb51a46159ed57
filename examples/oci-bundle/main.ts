/**
 * A container runtime as an executor: a framework brings a program that runs OCI bundles with `runc`, the agent starts it,
 * and tasks are containers. Give a bundle, or see one made of this machine's own programs.
 *
 * Usage: node dist-examples/oci-bundle/main.js [BUNDLE]
 *
 * Exit code: 0 when the container ended well, 1 when not or when there is no runc.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMaster, type TaskStatus } from 'proffer';
import { nodeTransport } from 'proffer/transport/node';
import { makeBundle } from './bundle.js';

const program = fileURLToPath(new URL('./executor.js', import.meta.url));

if (spawnSync('runc', ['--version']).status === 0) process.exitCode = await runBundle(process.argv[2]);
else {
  process.stderr.write('There is no runc on this machine.\n');
  process.exitCode = 1;
}

async function runBundle(given: string | undefined): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'proffer-oci-'));
  const bundle = given === undefined ? join(folder, 'bundle') : resolve(given);
  if (given === undefined) makeBundle(bundle, 'echo "hello from $(hostname), process $$"');

  const transport = nodeTransport();
  const master = createMaster({ transports: [transport] });
  const agent = transport.agent({ id: 'here', workDir: join(folder, 'agent'), resources: 'cpus:2;mem:512' });
  const end = await new Promise<TaskStatus>((ended) => {
    let isLaunched = false;
    master.subscribe(
      { name: 'containers', roles: ['containers'], checkpoint: true },
      {
        offers(offers, driver) {
          for (const offer of offers) {
            if (isLaunched) {
              driver.decline(offer, { refuseSeconds: 3_600 });
              continue;
            }
            isLaunched = true;
            const command = { value: process.execPath, arguments: [program], shell: false };
            const executor = { id: 'runc', resources: 'cpus:0.1;mem:128', command, shutdownGraceMs: 2_000 };
            driver.launch(offer, { id: 'hello', resources: 'cpus:0.5;mem:64', executor, data: bundle });
          }
        },
        update(status) {
          process.stdout.write(
            `${status.task} ${status.state}${status.message === undefined ? '' : `: ${status.message}`}\n`,
          );
          if (status.terminal === true) ended(status);
        },
      },
    );
  });
  await agent.close({ tasks: 'kill' });
  await master.close();
  process.stdout.write(outputs(join(folder, 'agent')));
  rmSync(folder, { recursive: true, force: true });
  return end.state === 'finished' ? 0 : 1;
}

/** What was written in the sandboxes of an agent. */
function outputs(workDir: string): string {
  const files = readdirSync(join(workDir, 'sandboxes'), { recursive: true, encoding: 'utf8' });
  const written = files.filter((file) => file.endsWith('stdout')).map((file) => join(workDir, 'sandboxes', file));
  return written.map((file) => readFileSync(file, 'utf8')).join('');
}
