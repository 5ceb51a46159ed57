/**
 * Checks the package as it would be published: packs it, unpacks it into an empty folder beside its dependencies, and
 * there loads every sub-path both ways, compiles against its types, runs the README's programs and its command, and
 * bundles it for a browser.
 * Needs a finished build and no network.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const smoke = join(root, 'test/package');
const app = mkdtempSync(join(tmpdir(), 'proffer-package-'));
const installed = join(app, 'node_modules/proffer');

/** Sub-paths that must run where there is no node. */
const forBrowsers = ['.', './resources', './drf', './offers', './tasks', './cluster', './framework-api', './transport'];

/** Sub-paths that need the optional peers. */
const withPeers = ['./testing'];

/** @type {{ version: string, dependencies: Record<string, string>, peerDependencies: Record<string, string>, exports: Record<string, unknown>, bin: { proffer: string } }} */
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const subPaths = Object.keys(manifest.exports).filter((path) => !path.endsWith('.json'));

try {
  unpack();
  // First as it is without the optional peers: only what is said to need them may.
  loadSubPaths(subPaths.filter((path) => !withPeers.includes(path)));
  runReadme();
  runCommand();
  addPeers();
  loadSubPaths(withPeers);
  runConsumers();
  compileConsumers();
  await bundleForBrowsers();
  console.log(
    `package ok: ${subPaths.length} sub-paths by import and require, types, README, command, browser bundles`,
  );
} catch (error) {
  console.error(`package check failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(app, { recursive: true, force: true });
}

/** What `npm install proffer` would leave in node_modules, without asking a registry. */
function unpack() {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', app];
  const [{ filename }] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: quiet() }));
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(app, filename), '--strip-components=1', '-C', installed]);
  for (const name of Object.keys(manifest.dependencies)) {
    cpSync(join(root, 'node_modules', name), join(app, 'node_modules', name), { recursive: true });
  }
  const bin = join(app, 'node_modules/.bin/proffer');
  mkdirSync(dirname(bin));
  chmodSync(join(installed, manifest.bin.proffer), 0o755);
  symlinkSync(join('../proffer', manifest.bin.proffer), bin);
  writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true, dependencies: { proffer: '*' } }));
}

/** The peers, with all that they need themselves. */
function addPeers() {
  const names = Object.keys(manifest.peerDependencies);
  for (const name of names) {
    const from = join(root, 'node_modules', name);
    cpSync(from, join(app, 'node_modules', name), { recursive: true });
    names.push(...Object.keys(JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')).dependencies ?? {}));
  }
}

/** @param {string[]} paths */
function loadSubPaths(paths) {
  for (const path of paths) {
    const name = join('proffer', path);
    const check = `if (Object.keys(m).length === 0) throw new Error('${name} exports nothing');`;
    node(['--input-type=module', '-e', `import * as m from '${name}'; ${check}`]);
    node(['--input-type=commonjs', '-e', `const m = require('${name}'); ${check}`]);
  }
}

function runConsumers() {
  for (const file of ['consumer.mjs', 'consumer.cjs']) {
    cpSync(join(smoke, file), join(app, file));
    node([file]);
  }
}

/**
 * One consumer as ES module, as CommonJS and through a bundler's resolution, with a browser's types and not node's. All
 * sub-paths also without the types of any platform, and for declarations of what is inferred from them.
 */
function compileConsumers() {
  const everySubPath = subPaths.map((path, index) => `import * as m${index} from '${join('proffer', path)}';\n`);
  const used = `export const all: readonly object[] = [${subPaths.map((_, index) => `m${index}`).join(', ')}];\n`;
  const consumer = readFileSync(join(smoke, 'consumer.ts'), 'utf8');
  for (const file of ['types.mts', 'types.cts', 'types.ts']) writeFileSync(join(app, file), consumer);
  for (const file of ['all.mts', 'all.cts', 'all.ts']) writeFileSync(join(app, file), everySubPath.join('') + used);

  cpSync(join(smoke, 'declarations.ts'), join(app, 'declarations.mts'));

  const strict = { strict: true, noEmit: true, exactOptionalPropertyTypes: true, lib: ['ES2023', 'DOM'], types: [] };
  const node16 = { ...strict, target: 'ES2022', module: 'NodeNext' };
  const bundler = { ...strict, target: 'ES2022', module: 'ESNext', moduleResolution: 'Bundler' };
  compile('tsconfig.node16.json', node16, ['types.mts', 'types.cts', 'all.mts', 'all.cts']);
  compile('tsconfig.bundler.json', bundler, ['types.ts', 'all.ts']);
  const bare = { ...node16, lib: ['ES2023'] };
  compile('tsconfig.bare.json', bare, ['all.mts', 'all.cts']);
  const declared = { ...bare, noEmit: false, emitDeclarationOnly: true, declaration: true, outDir: 'declared' };
  compile('tsconfig.declared.json', declared, ['declarations.mts']);
}

/**
 * @param {string} file
 * @param {object} compilerOptions
 * @param {string[]} files
 */
function compile(file, compilerOptions, files) {
  writeFileSync(join(app, file), JSON.stringify({ compilerOptions, files }));
  node([join(root, 'node_modules/typescript/bin/tsc'), '-p', file]);
}

/** What the README says to type must run as it stands there, as ES module and as CommonJS. */
function runReadme() {
  const blocks = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```js\n\/\/ (\S+)\n(.*?)```/gs)];
  if (blocks.length < 2) throw new Error('the README has lost its programs');
  for (const [, name = '', body = ''] of blocks) {
    const required = body.replaceAll(/^import (\{.*?\}) from ('.*?');$/gms, 'const $1 = require($2);');
    writeFileSync(join(app, name), body);
    writeFileSync(join(app, `${name}.cjs`), `void (async () => {\n${required}\n})();`);
    for (const file of [name, `${name}.cjs`]) {
      if (node([file]).trim() === '') throw new Error(`${file} of the README printed nothing`);
    }
  }
}

function runCommand() {
  const help = execFileSync('npx', ['--no-install', 'proffer', '--help'], {
    cwd: app,
    encoding: 'utf8',
    stdio: quiet(),
  });
  if (!help.includes('Usage: proffer')) throw new Error(`'proffer --help' printed:\n${help}`);
  const command = join(installed, manifest.bin.proffer);
  const version = node([command, '--version']).trim();
  if (version !== manifest.version) throw new Error(`'proffer --version' printed ${version}`);

  const cases = node([command, 'scenario', join(root, 'test/scenarios/values.json')]);
  if (!/^\d+ passed, 0 failed$/m.test(cases)) throw new Error(`'proffer scenario' printed:\n${cases}`);

  // The row comes from a child process, which has to find its own way back to the command.
  const rows = JSON.parse(node([command, 'bench', 'inputs', '--agents', '20', '--runs', '1', '--json']));
  if (rows.length !== 1 || !(rows[0].ops > 0)) throw new Error(`'proffer bench' printed ${JSON.stringify(rows)}`);
}

/** esbuild fails on `node:*` for a browser, so a bundle is the proof that none is reached. */
async function bundleForBrowsers() {
  for (const path of forBrowsers) {
    const contents = `import * as m from '${join('proffer', path)}'; globalThis.m = m;`;
    await build({
      stdin: { contents, resolveDir: app },
      bundle: true,
      platform: 'browser',
      format: 'esm',
      write: false,
      logLevel: 'error',
    });
  }
}

/** @param {string[]} args */
function node(args) {
  try {
    return execFileSync(process.execPath, args, { cwd: app, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout: string, stderr: string }} */ (error);
    throw new Error(`node ${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
  }
}

/** npm's chatter stays out of what is read, and out of sight. */
function quiet() {
  return /** @type {['ignore', 'pipe', 'ignore']} */ (['ignore', 'pipe', 'ignore']);
}
