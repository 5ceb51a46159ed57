/**
 * What the build does so that a bundler can leave out what its user does not use.
 *
 * `sideEffects: false` speaks for whole files, and the files of `dist` are chunks of many modules: of a chunk that is
 * needed at all, a bundler drops only the statements that it knows to do nothing. So what a module does while it loads
 * (make a table of readers, freeze a list, mark a class) is marked pure here, which it is: it makes one constant and
 * touches nothing else. `import { agents } from 'proffer'` brings a tenth of what it would bring otherwise.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const pure = '/* @__PURE__ */ ';
const whole = 'whole:';

/**
 * @param {Readonly<Record<string, string>>} together modules that load another one whole, by path from the root: the
 *   modules that both need become one chunk, which is one file to find, read and link instead of one a layer.
 * @returns {import('esbuild').Plugin}
 */
export function treeShaking(together) {
  return {
    name: 'tree-shaking',
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${whole}`) }, ({ path }) => ({
        path: join(root, path.slice(whole.length)),
        // Else esbuild would drop an import that takes nothing.
        sideEffects: true,
      }));
      build.onLoad({ filter: /[\\/](src|bench)[\\/].*\.ts$/ }, async ({ path }) => {
        const file = relative(root, path).split(sep).join('/');
        const contents = annotated(file, await readFile(path, 'utf8'));
        const other = Object.hasOwn(together, file) ? `import '${whole}${together[file]}';\n` : '';
        return { contents: contents + other, loader: 'ts', resolveDir: dirname(path) };
      });
    },
  };
}

/**
 * A module with what it does while it loads marked as pure. No line is added, so that line numbers stay right.
 *
 * @param {string} file
 * @param {string} text
 */
export function annotated(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  /** @type {[at: number, end: number, text: string][]} */
  const edits = [];
  /** @type {(node: import('typescript').Expression, before: string, after: string) => void} */
  const wrap = (node, before, after) => {
    edits.push([node.getStart(source), node.getStart(source), before], [node.end, node.end, after]);
  };
  const frozen = frozenNames(source);
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (initializer === undefined) continue;
        if (frozen.has(name.getText(source))) wrap(initializer, `${pure}Object.freeze(`, ')');
        else if (needsWrapping(initializer)) wrap(initializer, `${pure}(() => (`, '))()');
        else edits.push(...callsIn(initializer).map(markAt));
      }
    } else if (ts.isClassDeclaration(statement) && statement.members.some(isStatic)) {
      const { name } = statement;
      if (name === undefined) continue;
      const exported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
      const at = statement.modifiers?.at(-1)?.end ?? statement.getStart(source);
      const declared = `${exported ? 'export ' : ''}const ${name.text} = ${pure}(() => { `;
      edits.push(
        [statement.getStart(source), at, declared],
        [statement.end, statement.end, ` return ${name.text}; })();`],
      );
    } else if (frozenBy(statement) !== undefined) {
      edits.push([statement.getStart(source), statement.end, '']);
    }
  }
  let result = text;
  // From the end, so that what is still to be done stays where it is; an outer edit at the same place goes first.
  for (const [at, end, inserted] of edits.toSorted(([a], [b]) => b - a)) {
    result = result.slice(0, at) + inserted + result.slice(end);
  }
  return result;
}

/** @type {(node: import('typescript').Node) => [number, number, string]} */
function markAt(node) {
  return [node.getStart(), node.getStart(), pure];
}

/** Names of constants that a statement of their own freezes, which no bundler could drop with the constant. */
function frozenNames(/** @type {import('typescript').SourceFile} */ source) {
  return new Set(source.statements.map(frozenBy).filter((name) => name !== undefined));
}

/** @param {import('typescript').Statement} statement */
function frozenBy(statement) {
  if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) return undefined;
  const { expression, arguments: given } = statement.expression;
  const [what] = given;
  return expression.getText() === 'Object.freeze' && what !== undefined && ts.isIdentifier(what)
    ? what.text
    : undefined;
}

/** @param {import('typescript').ClassElement} member */
function isStatic(member) {
  if (ts.isClassStaticBlockDeclaration(member)) return true;
  if (!ts.isPropertyDeclaration(member)) return false;
  return member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) === true;
}

/**
 * Whether an expression does something that no mark exists for: reading a property may run a getter, spreading an iterator.
 *
 * @type {(node: import('typescript').Node) => boolean}
 */
function needsWrapping(node) {
  if (!runsNow(node)) return false;
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) return (node.arguments ?? []).some(needsWrapping);
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) return true;
  if (ts.isSpreadElement(node) || ts.isSpreadAssignment(node) || ts.isComputedPropertyName(node)) return true;
  if (ts.isTaggedTemplateExpression(node)) return true;
  return ts.forEachChild(node, (child) => needsWrapping(child) || undefined) === true;
}

/**
 * The calls that are made while an expression is reckoned, without those that belong to what is called: the mark of a
 * call covers them.
 *
 * @type {(node: import('typescript').Node) => import('typescript').Node[]}
 */
function callsIn(node) {
  if (!runsNow(node)) return [];
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
    return [node, ...(node.arguments ?? []).flatMap(callsIn)];
  }
  /** @type {import('typescript').Node[]} */
  const calls = [];
  ts.forEachChild(node, (child) => void calls.push(...callsIn(child)));
  return calls;
}

/** @param {import('typescript').Node} node */
function runsNow(node) {
  return !ts.isFunctionLike(node) && !ts.isTypeNode(node);
}
