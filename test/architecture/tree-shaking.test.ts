import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { annotated } from '../../scripts/tree-shaking.js';

describe('what a module makes while it loads', () => {
  const cases: readonly [what: string, text: string, made: string][] = [
    ['a call', `const a = f(1);`, `const a = /* @__PURE__ */ f(1);`],
    [
      'calls within calls',
      `export const a: T = f({ b: g('x'), c: [new H()] });`,
      `export const a: T = /* @__PURE__ */ f({ b: /* @__PURE__ */ g('x'), c: [/* @__PURE__ */ new H()] });`,
    ],
    ['a call of what a call gave', `const a = f(1)(2);`, `const a = /* @__PURE__ */ f(1)(2);`],
    ['a method', `const a = Table.empty().set(1, 2);`, `const a = /* @__PURE__ */ Table.empty().set(1, 2);`],
    ['calls in functions', `const a = () => f(g());`, `const a = () => f(g());`],
    ['a spread', `const a = f({ ...b });`, `const a = /* @__PURE__ */ (() => (f({ ...b })))();`],
    ['a property', `const a = b.c;`, `const a = /* @__PURE__ */ (() => (b.c))();`],
    ['a sum in a call', `const a = f(2 * 3);`, `const a = /* @__PURE__ */ (() => (f(2 * 3)))();`],
    ['a sum', `const a = 2 * 3 * 4;`, `const a = 2 * 3 * 4;`],
    [
      'a list that is frozen later',
      `export const a = [1] as const;\nObject.freeze(a);`,
      `export const a = /* @__PURE__ */ Object.freeze([1] as const);\n`,
    ],
    [
      'a class that does something',
      `export class A {\n  static {\n    f(this);\n  }\n}`,
      `export const A = /* @__PURE__ */ (() => {  class A {\n  static {\n    f(this);\n  }\n} return A; })();`,
    ],
    ['a class that does nothing', `class A {\n  b = f();\n}`, `class A {\n  b = f();\n}`],
    ['statements', `f();\nif (a) b();`, `f();\nif (a) b();`],
  ];

  it.each(cases)('is marked: %s', (_, text, made) => {
    expect(annotated(text)).toBe(made);
  });

  it('is left out by a bundler that needs none of it', async () => {
    const modules = cases.map(([, text]) => text).filter((text) => !text.startsWith('f('));
    for (const text of modules) {
      const { outputFiles } = await build({
        stdin: { contents: `import 'module';`, loader: 'ts' },
        bundle: true,
        format: 'esm',
        minifySyntax: true,
        write: false,
        plugins: [
          {
            name: 'module',
            setup({ onResolve, onLoad }) {
              onResolve({ filter: /^module$/ }, ({ path }) => ({ path, namespace: 'module' }));
              onLoad({ filter: /./, namespace: 'module' }, () => ({ contents: annotated(text), loader: 'ts' }));
            },
          },
        ],
      });
      expect(outputFiles[0]?.text.replaceAll(/^\/\/.*\n/gm, ''), text).toBe('');
    }
  });
});
