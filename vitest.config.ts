import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = fileURLToPath(new URL('./src/', import.meta.url));

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
    include: ['test/**/*.test.ts'],
    testTimeout: 300_000,
    // By itself the runner leaves one processor free, which is half of a small machine.
    maxWorkers: '100%',
    reporters: [fileURLToPath(new URL('./scripts/summary-reporter.ts', import.meta.url))],
  },
});
