import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { layerOf, layers } from './layers.js';
import { findings } from './scan.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

function sources(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted();
}

describe('architecture', () => {
  it('lets every source file import what lies left of it only, and keeps the core pure', () => {
    const files = [...sources('src'), ...sources('bench')];
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap((file) => findings(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });

  it('has no circle among the folders', () => {
    const open = new Set<string>();
    const walk = (name: string): void => {
      expect(open, `a circle through ${name}`).not.toContain(name);
      open.add(name);
      for (const next of layers[name]?.folders ?? []) walk(next);
      open.delete(name);
    };
    for (const name of Object.keys(layers)) walk(name);
  });

  it('lets examples see the package by its name only', () => {
    for (const file of sources('examples')) {
      const text = readFileSync(join(root, file), 'utf8');
      const targets = [...text.matchAll(/\bfrom '([^']+)'/g)].map((match) => match[1] ?? '');
      for (const target of targets) expect(target, file).toMatch(/^(proffer($|\/)|node:|\.\/)/);
    }
  });
});

describe('the scan', () => {
  const planted: readonly [file: string, text: string, what: string][] = [
    ['src/resources/a.ts', `import { drf } from '../drf/index.js';`, 'imports drf, which resources may not'],
    ['src/drf/a.ts', `import type { X } from '../offers/x.js';`, 'imports offers, which drf may not'],
    ['src/tasks/a.ts', `import { drf } from '../drf/drf.js';`, 'imports drf, which tasks may not'],
    ['src/offers/a.ts', `export { x } from '../cluster/x.js';`, 'imports cluster, which offers may not'],
    ['src/cluster/a.ts', `type T = import('../master/x.js').X;`, 'imports master, which cluster may not'],
    ['src/agent/machine.ts', `import { x } from '../cluster/x.js';`, 'imports cluster, which agent may not'],
    ['src/agent/machine.ts', `import { x } from './node/x.js';`, 'imports agent/node, which agent may not'],
    ['src/master/a.ts', `const x = await import('../transport/x.js');`, 'imports transport, which master may not'],
    ['src/framework-api/a.ts', `import { x } from '../index.js';`, 'imports index, which framework-api may not'],
    ['src/testing/a.ts', `import { x } from '../cli/x.js';`, 'imports cli, which testing may not'],
    ['src/testing/a.ts', `import { x } from '../../bench/x.js';`, 'imports bench, which testing may not'],
    ['bench/a.ts', `import { x } from '../src/testing/x.js';`, 'imports testing, which bench may not'],
    ['src/index.ts', `export { x } from './testing/x.js';`, 'imports testing, which index may not'],
    ['src/transport/a.ts', `import { readFile } from 'node:fs';`, 'imports node:fs, which transport may not'],
    ['src/cluster/a.ts', `import E from 'eventemitter3';`, 'imports the package eventemitter3, which cluster may not'],
    ['src/drf/a.ts', `import { Immer } from 'immer';`, 'imports the package immer, which drf may not'],
    [
      'src/drf/a.ts',
      `import { x } from 'proffer/resources';`,
      'imports the package proffer/resources, which drf may not',
    ],
    ['src/resources/a.ts', `const now = Date.now();`, 'uses Date in a pure layer'],
    ['src/drf/a.ts', `const luck = Math.random();`, 'uses Math.random in a pure layer'],
    ['src/drf/a.ts', `const draw = -Math.log(unit);`, 'uses Math.log in a pure layer'],
    ['src/tasks/a.ts', `performance.now();`, 'uses performance in a pure layer'],
    ['src/offers/a.ts', `setTimeout(() => 1, 1);`, 'uses setTimeout in a pure layer'],
    ['src/cluster/a.ts', `crypto.randomUUID();`, 'uses crypto in a pure layer'],
    ['src/agent/machine.ts', `globalThis['Date'].now();`, 'uses globalThis in a pure layer'],
    ['src/master/a.ts', `export * from './b.js';`, 'exports *'],
    ['src/master/a.ts', `export * as b from './b.js';`, 'exports *'],
    ['src/master/a.ts', `export enum Colour { red }`, 'declares an enum'],
    ['src/master/a.ts', `export namespace A { export const b = 1; }`, 'declares a namespace'],
    ['src/master/a.ts', `export default 1;`, 'has a default export'],
    ['src/master/a.ts', `export default function f(): void {}`, 'has a default export'],
    ['src/master/a.ts', `const a = 1;\nexport { a as default };`, 'has a default export'],
    ['src/nowhere/a.ts', ``, 'lies in a folder that the table does not name'],
  ];

  it.each(planted)('finds what is planted in %s: %s', (file, text, what) => {
    expect(findings(file, text).map((finding) => finding.replace(/^\S+ /, ''))).toEqual([what]);
  });

  it('is content with what is allowed', () => {
    const text = `
      // Date.now() in a comment, 'setTimeout' in a string
      import { x } from '../resources/index.js';
      import { produce } from 'immer';
      interface Task { readonly process: string; readonly Date: number }
      export const y = (task: Task): number => Math.max(task.Date, 'Math.random'.length);
    `;
    expect(findings('src/offers/a.ts', text)).toEqual([]);
  });
});

interface Restriction {
  readonly paths?: readonly string[];
  readonly patterns?: readonly { readonly group: readonly string[] }[];
}

describe('the lint rules', () => {
  const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
    overrides: { files: string[]; rules: Record<string, unknown> }[];
  };

  /** What the linter forbids a file: the last override that fits wins, as in oxlint. */
  function restriction(folder: string): Restriction | undefined {
    const file = folder === 'index' ? 'src/index.ts' : folder === 'bench' ? 'bench/**' : `src/${folder}/**`;
    const rules = config.overrides.filter(({ files }) => files.includes(file)).map(({ rules: of }) => of);
    const rule = rules.findLast((of) => 'no-restricted-imports' in of)?.['no-restricted-imports'];
    return Array.isArray(rule) ? (rule[1] as Restriction) : undefined;
  }

  it.each(Object.keys(layers).filter((name) => name !== 'cli'))('forbid %s what the table forbids', (name) => {
    const layer = layers[name];
    const rule = restriction(name);
    const patterns = rule?.patterns?.flatMap(({ group }) => group) ?? [];
    const others = Object.keys(layers).filter((other) => other !== name && other !== 'index');
    for (const other of others) {
      // A nested folder is reached by its parent's pattern only where the parent is forbidden altogether.
      const parent = other.split('/')[0] ?? other;
      const forbidden = patterns.includes(`**/${other}/**`) || patterns.includes(`**/${parent}/**`);
      expect(forbidden, `${name} -> ${other}`).toBe(layer?.folders.includes(other) !== true);
    }
    for (const packaged of ['eventemitter3', 'immer', 'fast-check']) {
      const forbidden = rule?.paths?.includes(packaged) === true;
      expect(forbidden, `${name} -> ${packaged}`).toBe(layer?.packages.includes(packaged) !== true);
    }
    if (Object.hasOwn(layers, `${name}/node`)) expect(patterns, `${name} -> its node folder`).toContain('./node/**');
    expect(patterns.includes('node:*'), `${name} -> node:*`).toBe(layer?.node !== true);
  });

  it('know every folder of src', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const { name } of folders) expect(layerOf(`src/${name}/x.ts`), name).toBe(name);
  });
});
