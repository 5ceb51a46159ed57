import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = fileURLToPath(new URL('./src/', import.meta.url));

const tests = ['test/**/*.test.ts'];
/** Those that put something else in the place of a module. */
const mocking = [
  'test/cluster/debts.test.ts',
  'test/cluster/growth.test.ts',
  'test/cluster/stalls.test.ts',
  'test/master/machine-failure.test.ts',
  'test/master/system-clock.test.ts',
  'test/resources/resources.test.ts',
];

/** What measures memory does so where little else is. */
const measuring = ['test/bench/workloads.test.ts'];

export default defineConfig({
  resolve: {
    // Examples import the package by its name, as a reader would; tests run them on the sources.
    alias: [
      { find: /^proffer$/, replacement: `${source}index.ts` },
      { find: /^proffer\/bench$/, replacement: fileURLToPath(new URL('./bench/index.ts', import.meta.url)) },
      { find: /^proffer\/(.+)$/, replacement: `${source}$1/index.ts` },
    ],
  },
  test: {
    // It ends what hangs; no test depends on being quick.
    testTimeout: 300_000,
    // By itself the runner leaves one processor free, which is half of a small machine.
    maxWorkers: '100%',
    reporters: [fileURLToPath(new URL('./scripts/summary-reporter.ts', import.meta.url))],
    // Most files share the modules of their worker: to load these anew for each took a quarter of the time of all.
    projects: [
      { extends: true, test: { name: 'shared', include: tests, exclude: [...mocking, ...measuring], isolate: false } },
      { extends: true, test: { name: 'alone', include: [...mocking, ...measuring] } },
    ],
  },
});
