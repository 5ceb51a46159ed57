/**
 * A nightly chain of jobs: at each due time an export runs, when it has finished two jobs use what it wrote, and a report
 * comes when both have. Here a night lasts two seconds.
 *
 * Usage: node dist-examples/nightly-chain/main.js [NIGHTS]
 *
 * Exit code: 0 when every night had one run of each job, in this order.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMaster } from 'proffer';
import { cronScheduler, type CronJob } from 'proffer/schedulers';
import { nodeTransport } from 'proffer/transport/node';

const nights = Number(process.argv[2] ?? 2);
const folder = mkdtempSync(join(tmpdir(), 'proffer-nightly-'));
const book = join(folder, 'book');

/** A job that writes its name into the book. */
function job(id: string, when: Pick<CronJob, 'schedule' | 'after'>): CronJob {
  return {
    id,
    ...when,
    task: { command: `sleep 0.05; echo ${id} >> "$BOOK"`, env: { BOOK: book }, resources: 'cpus:0.5;mem:32' },
  };
}

const transport = nodeTransport();
const master = createMaster({ transports: [transport], config: { allocationIntervalMs: 50 } });
const agent = transport.agent({
  id: 'here',
  workDir: join(folder, 'agent'),
  resources: 'cpus:2;mem:512',
  isolation: 'none',
});

const cron = await cronScheduler({
  role: 'ops',
  refuseMs: 100,
  jobs: [
    job('export', { schedule: '*/2 * * * * *' }),
    job('bill', { after: ['export'] }),
    job('archive', { after: ['export'] }),
    job('report', { after: ['bill', 'archive'] }),
  ],
  onRun: ({ id, outcome }) => process.stdout.write(`${id} ${outcome}\n`),
});
const driver = master.subscribe(cron.info(), cron);

await new Promise<void>((resolve) => {
  const stop = master.on('task', () => {
    if (entries().filter((name) => name === 'report').length < nights) return;
    stop();
    resolve();
  });
});
cron.close();
driver.teardown();
await agent.close({ tasks: 'kill' });
await master.close();
const written = entries().slice(0, nights * 4);
rmSync(folder, { recursive: true, force: true });

const isInOrder = Array.from({ length: nights }, (_, night) => written.slice(night * 4, night * 4 + 4)).every(
  ([first, second = '', third = '', last]) =>
    first === 'export' && [second, third].toSorted().join() === 'archive,bill' && last === 'report',
);
process.stdout.write(
  isInOrder ? `${nights} nights, each job once and in its turn\n` : `out of order: ${written.join(' ')}\n`,
);
process.exitCode = isInOrder ? 0 : 1;

/** What was written so far. */
function entries(): readonly string[] {
  try {
    return readFileSync(book, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}
