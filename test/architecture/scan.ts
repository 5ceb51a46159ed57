import { posix } from 'node:path';
import ts from 'typescript';
import { layerOf, layers } from './layers.js';

/** Globals that bring in time, luck or the machine it runs on. */
const impureGlobals = new Set([
  'Date',
  'performance',
  'crypto',
  'process',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'queueMicrotask',
]);

/** Luck, and functions of which engines give different last bits. */
const impureMath = new Set(
  'random exp expm1 log log10 log1p log2 pow cbrt hypot sin cos tan asin acos atan atan2 sinh cosh tanh'.split(' '),
);

/** What is wrong with one source file, each as `FILE:LINE what`. `file` is its path from the root of the repository. */
export function findings(file: string, text: string): string[] {
  const name = layerOf(file);
  const layer = name === undefined ? undefined : layers[name];
  if (name === undefined || layer === undefined) return [`${file}:1 lies in a folder that the table does not name`];

  const found: string[] = [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const report = (at: ts.Node, what: string): void => {
    found.push(`${file}:${source.getLineAndCharacterOfPosition(at.getStart(source)).line + 1} ${what}`);
  };
  const visit = (at: ts.Node): void => {
    const target = importedFrom(at);
    if (target !== undefined) {
      const wrong = importProblem(file, name, target);
      if (wrong !== undefined) report(at, wrong);
    }
    const form = formProblem(at);
    if (form !== undefined) report(at, form);
    if (layer.pure) {
      const impure = impurity(at);
      if (impure !== undefined) report(at, `uses ${impure} in a pure layer`);
    }
    ts.forEachChild(at, visit);
  };
  visit(source);
  return found;
}

/** The module that a node imports or re-exports from, also by `import('…')`, as a value or in a type. */
function importedFrom(at: ts.Node): string | undefined {
  if ((ts.isImportDeclaration(at) || ts.isExportDeclaration(at)) && at.moduleSpecifier !== undefined) {
    return literal(at.moduleSpecifier);
  }
  if (ts.isCallExpression(at) && at.expression.kind === ts.SyntaxKind.ImportKeyword) return literal(at.arguments[0]);
  if (ts.isImportTypeNode(at) && ts.isLiteralTypeNode(at.argument)) return literal(at.argument.literal);
  return undefined;
}

function literal(at: ts.Node | undefined): string | undefined {
  return at !== undefined && ts.isStringLiteralLike(at) ? at.text : undefined;
}

function importProblem(file: string, from: string, target: string): string | undefined {
  const layer = layers[from];
  if (layer === undefined) return undefined;
  if (target.startsWith('node:')) return layer.node ? undefined : `imports ${target}, which ${from} may not`;
  if (!target.startsWith('.')) {
    return layer.packages.includes(target) ? undefined : `imports the package ${target}, which ${from} may not`;
  }
  const resolved = posix.normalize(posix.join(posix.dirname(file), target));
  if (resolved === 'package.json') return from === 'cli' ? undefined : `imports package.json, which ${from} may not`;
  const to = layerOf(resolved.replace(/\.js$/, '.ts'));
  if (to === undefined) return `imports ${target}, which lies in no layer`;
  return to === from || layer.folders.includes(to) ? undefined : `imports ${to}, which ${from} may not`;
}

function formProblem(at: ts.Node): string | undefined {
  if (ts.isEnumDeclaration(at)) return 'declares an enum';
  if (ts.isModuleDeclaration(at) && ts.isIdentifier(at.name) && at.name.text !== 'global')
    return 'declares a namespace';
  if (ts.isExportAssignment(at)) return 'has a default export';
  if (ts.isExportDeclaration(at) && (at.exportClause === undefined || ts.isNamespaceExport(at.exportClause))) {
    return 'exports *';
  }
  if (ts.isExportSpecifier(at) && at.name.text === 'default') return 'has a default export';
  const modifiers = ts.canHaveModifiers(at) ? ts.getModifiers(at) : undefined;
  if (modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true) return 'has a default export';
  return undefined;
}

function impurity(at: ts.Node): string | undefined {
  if (!ts.isIdentifier(at)) return undefined;
  if (at.text === 'Math') {
    const use = at.parent;
    return ts.isPropertyAccessExpression(use) && use.expression === at && impureMath.has(use.name.text)
      ? `Math.${use.name.text}`
      : undefined;
  }
  if (!impureGlobals.has(at.text) && at.text !== 'globalThis') return undefined;
  return namesSomethingElse(at) ? undefined : at.text;
}

/** Whether an identifier is only a name of the file's own: `task.process`, `{ process: 1 }`, `interface X { process }`. */
function namesSomethingElse(at: ts.Identifier): boolean {
  const { parent } = at;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === at;
  if (ts.isQualifiedName(parent)) return parent.right === at;
  const named =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent);
  return named && parent.name === at;
}
