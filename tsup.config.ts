import { existsSync, readdirSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';
import { treeShaking } from './scripts/tree-shaking.js';

/** Every sub-path of `exports` and its source; `dist/NAME.js` and `dist/NAME.cjs` are built from it. */
const library = {
  index: 'src/index.ts',
  resources: 'src/resources/index.ts',
  drf: 'src/drf/index.ts',
  offers: 'src/offers/index.ts',
  tasks: 'src/tasks/index.ts',
  cluster: 'src/cluster/index.ts',
  'framework-api': 'src/framework-api/index.ts',
  agent: 'src/agent/index.ts',
  'agent/node': 'src/agent/node/index.ts',
  transport: 'src/transport/index.ts',
  'transport/node': 'src/transport/node/index.ts',
  schedulers: 'src/schedulers/index.ts',
  simulation: 'src/simulation/index.ts',
  testing: 'src/testing/index.ts',
  bench: 'bench/index.ts',
};

/** `main.ts` of every folder of `examples/`, and what it starts in threads or processes, become `dist-examples/FOLDER/…`. */
const examples = Object.fromEntries(
  readdirSync('examples')
    .flatMap((folder) => [`${folder}/main`, `${folder}/worker`, `${folder}/executor`, `${folder}/server`])
    .map((entry) => [entry, `examples/${entry}.ts`] as const)
    .filter(([, source]) => existsSync(source)),
);

/**
 * Sub-paths that load the root's modules with their own: they need most of them, and each layer that one entry of many
 * needs alone would be a file more for `import 'proffer'`. Bundlers see through it.
 */
const together = Object.fromEntries(
  [library.offers, library.cluster, library['framework-api'], library.transport, library.testing, library.bench].map(
    (source) => [source, library.index],
  ),
);

const common: Options = {
  target: 'node20',
  // Neutral: nothing is polyfilled or assumed. `scripts/check-package.mjs` proves which entries reach no node:*.
  platform: 'neutral',
  external: [/^node:/, /^proffer($|\/)/],
  // Shared modules become shared chunks, so a class is one object in all sub-paths of a format.
  splitting: true,
  // `node:fs` stays `node:fs`: a bundler for browsers must trip over it.
  removeNodeProtocol: false,
  esbuildPlugins: [treeShaking(together)],
  sourcemap: true,
  // The sources are in the package; maps point at them instead of repeating them.
  esbuildOptions(options) {
    options.sourcesContent = false;
  },
  clean: false,
  tsconfig: 'tsconfig.build.json',
};

/** tsup 8 hands `baseUrl` to the compiler, which TypeScript 6 calls deprecated. */
const dts = (entry: Record<string, string>): NonNullable<Options['dts']> => ({
  entry,
  compilerOptions: { ignoreDeprecations: '6.0' },
});

export default defineConfig([
  // The command is built with the library: it shares its chunks instead of carrying a second copy of the classes.
  { ...common, format: 'esm', entry: { ...library, 'cli/main': 'src/cli/main.ts' }, dts: dts(library) },
  { ...common, format: 'cjs', entry: library, dts: dts(library) },
  ...(Object.keys(examples).length === 0
    ? []
    : [{ ...common, format: 'esm' as const, entry: examples, outDir: 'dist-examples', dts: false }]),
]);
