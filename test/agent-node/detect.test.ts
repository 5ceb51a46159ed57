import { execFileSync } from 'node:child_process';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { detectResources, machineFacts, resourcesOf } from '../../src/agent/node/detect.js';
import { quantities, resources } from '../../src/resources/index.js';

const mebi = 1024 ** 2;
const gibi = 1024 ** 3;
const machine = { cpus: 8, memBytes: 32 * gibi, memLimitBytes: undefined, diskBytes: 100 * gibi };

describe('resourcesOf', () => {
  it.each([
    ['a usual machine', {}, 'cpus:8;mem:31744;disk:97280'],
    ['a machine of 2 GiB', { memBytes: 2 * gibi }, 'cpus:8;mem:1024;disk:97280'],
    ['a smaller one', { memBytes: 1.5 * gibi }, 'cpus:8;mem:768;disk:97280'],
    ['a disk of 10 GiB', { diskBytes: 10 * gibi }, 'cpus:8;mem:31744;disk:5120'],
    ['a smaller one', { diskBytes: gibi }, 'cpus:8;mem:31744;disk:512'],
    ['a ceiling of memory', { memLimitBytes: gibi }, 'cpus:8;mem:1024;disk:97280'],
    ['a ceiling above what is given', { memLimitBytes: 31.5 * gibi }, 'cpus:8;mem:31744;disk:97280'],
    ['parts of a megabyte', { memBytes: 4 * gibi + 1.9 * mebi, diskBytes: 1.5 * mebi }, 'cpus:8;mem:3073'],
    ['no disk to speak of', { diskBytes: 0 }, 'cpus:8;mem:31744'],
  ])('of %s', (_name, more, expected) => {
    const text = resourcesOf({ ...machine, ...more });
    expect(text).toBe(`${expected};ports:[31000-32000]`);
    expect(resources(text).items.map(({ name }) => name)).toContain('ports');
  });
});

describe('detectResources', () => {
  it('offers what this machine has', () => {
    const text = detectResources({ workDir: tmpdir() });
    expect(text).toMatch(/^cpus:\d+;mem:\d+;disk:\d+;ports:\[31000-32000\]$/);
    expect(quantities(text.replace(/;ports.*/, '')).toString()).toContain(`cpus:${availableParallelism()}`);
    expect(Number(/mem:(\d+)/.exec(text)?.[1])).toBeLessThan(totalmem() / mebi);
  });

  it('looks at the file system of the folder, also before there is one', () => {
    const { diskBytes } = machineFacts(tmpdir());
    expect(machineFacts(join(tmpdir(), 'not', 'there', 'yet')).diskBytes).toBe(diskBytes);
    const kib = Number(execFileSync('df', ['-Pk', tmpdir()], { encoding: 'utf8' }).split('\n')[1]?.split(/\s+/)[1]);
    expect(diskBytes / 1024 / kib).toBeCloseTo(1, 1);
  });

  it('throws what the system says of a folder that cannot be', () => {
    expect(() => detectResources({ workDir: '/dev/null/x' })).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  });
});
