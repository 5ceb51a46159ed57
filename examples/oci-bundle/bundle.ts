import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** As much of a bundle's configuration as is changed here. */
interface BundleConfig {
  process: { terminal: boolean; args: readonly string[] };
  mounts: { destination: string; type: string; source: string; options: readonly string[] }[];
}

/** Programs and what they need, lent from this machine: an image of its own would have to be fetched from somewhere. */
const lent = ['/usr', '/bin', '/lib', '/lib64'];

/** Makes a bundle that runs a shell line among this machine's programs, which it can't change. */
export function makeBundle(folder: string, line: string): void {
  mkdirSync(join(folder, 'rootfs'), { recursive: true });
  execFileSync('runc', ['spec', '--bundle', folder]);
  const path = join(folder, 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as BundleConfig;
  config.process.terminal = false;
  config.process.args = ['sh', '-c', line];
  for (const source of lent.filter((each) => existsSync(each))) {
    mkdirSync(join(folder, 'rootfs', source), { recursive: true });
    config.mounts.push({ destination: source, type: 'bind', source, options: ['rbind', 'ro'] });
  }
  writeFileSync(path, JSON.stringify(config));
}
