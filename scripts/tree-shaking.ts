/**
 * What the build does so that a bundler can leave out what its user does not use.
 *
 * `sideEffects: false` speaks for whole files, and the files of `dist` are chunks of many modules: of a chunk that is
 * needed at all, a bundler drops only the statements that it knows to do nothing. So what a module does while it loads
 * (make a table of readers, freeze a list, mark a class) is marked pure here, which it is: it makes one constant and
 * touches nothing else. `import { agents } from 'proffer'` brings an eighth of what it would bring otherwise.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const pure = '/* @__PURE__ */ ';
const whole = 'whole:';

/** `text` in place of what is between two places. */
interface Edit {
  readonly at: number;
  readonly end: number;
  readonly text: string;
}

/**
 * @param together modules that load another one whole, by path from the root: what both need becomes one chunk, which is
 *   one file to find, read and link instead of one a layer.
 */
export function treeShaking(together: Readonly<Record<string, string>>): Plugin {
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
        const contents = annotated(await readFile(path, 'utf8'));
        const other = Object.hasOwn(together, file) ? `import '${whole}${together[file]}';\n` : '';
        return { contents: contents + other, loader: 'ts', resolveDir: dirname(path) };
      });
    },
  };
}

/** A module with what it does while it loads marked as pure. No line is added, so that line numbers stay right. */
export function annotated(text: string): string {
  const source = ts.createSourceFile('module.ts', text, ts.ScriptTarget.ESNext, true);
  const frozen = new Set(source.statements.map(nameFrozenBy));
  const edits = source.statements.flatMap((statement): readonly Edit[] => {
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.flatMap((declaration) => editsOfConstant(declaration, frozen));
    }
    if (ts.isClassDeclaration(statement)) return editsOfClass(statement);
    if (nameFrozenBy(statement) === undefined) return [];
    return [{ at: statement.getStart(), end: statement.end, text: '' }];
  });
  let result = text;
  // From the end, so that what is still to be done stays where it is.
  for (const edit of edits.toSorted((a, b) => b.at - a.at)) {
    result = result.slice(0, edit.at) + edit.text + result.slice(edit.end);
  }
  return result;
}

function editsOfConstant(declaration: ts.VariableDeclaration, frozen: ReadonlySet<string | undefined>): Edit[] {
  const { name, initializer } = declaration;
  if (initializer === undefined) return [];
  if (frozen.has(name.getText())) return around(initializer, `${pure}Object.freeze(`, ')');
  if (needsWrapping(initializer)) return around(initializer, `${pure}(() => (`, '))()');
  return callsIn(initializer).map((call) => ({ at: call.getStart(), end: call.getStart(), text: pure }));
}

/** A class that does something when it is made is made in a function. */
function editsOfClass(declaration: ts.ClassDeclaration): Edit[] {
  const { name, modifiers } = declaration;
  if (name === undefined || !declaration.members.some(isStatic)) return [];
  const start = declaration.getStart();
  const exported = modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true ? 'export ' : '';
  return [
    { at: start, end: modifiers?.at(-1)?.end ?? start, text: `${exported}const ${name.text} = ${pure}(() => { ` },
    { at: declaration.end, end: declaration.end, text: ` return ${name.text}; })();` },
  ];
}

function around(node: ts.Node, before: string, after: string): Edit[] {
  return [
    { at: node.getStart(), end: node.getStart(), text: before },
    { at: node.end, end: node.end, text: after },
  ];
}

/** Which constant a statement of its own freezes: no bundler would drop such a statement with the constant. */
function nameFrozenBy(statement: ts.Statement): string | undefined {
  if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) return undefined;
  const { expression, arguments: given } = statement.expression;
  const [what] = given;
  return expression.getText() === 'Object.freeze' && what !== undefined && ts.isIdentifier(what)
    ? what.text
    : undefined;
}

function isStatic(member: ts.ClassElement): boolean {
  if (ts.isClassStaticBlockDeclaration(member)) return true;
  if (!ts.isPropertyDeclaration(member)) return false;
  return member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) === true;
}

/**
 * Whether an expression does something that no mark exists for: reading a property may run a getter, spreading an
 * iterator.
 */
function needsWrapping(node: ts.Node): boolean {
  if (!runsNow(node)) return false;
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) return (node.arguments ?? []).some(needsWrapping);
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) return true;
  if (ts.isSpreadElement(node) || ts.isSpreadAssignment(node) || ts.isComputedPropertyName(node)) return true;
  if (ts.isTaggedTemplateExpression(node) || isSum(node)) return true;
  return ts.forEachChild(node, (child) => needsWrapping(child) || undefined) === true;
}

/** A sum within something larger, which it keeps; one that is a constant by itself is not worth a function. */
function isSum({ kind, parent }: ts.Node): boolean {
  return kind === ts.SyntaxKind.BinaryExpression && !ts.isBinaryExpression(parent) && !ts.isVariableDeclaration(parent);
}

/**
 * The calls that are made while an expression is reckoned, without those that belong to what is called: the mark of a
 * call covers them.
 */
function callsIn(node: ts.Node): ts.Node[] {
  if (!runsNow(node)) return [];
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) return [node, ...(node.arguments ?? []).flatMap(callsIn)];
  const calls: ts.Node[] = [];
  ts.forEachChild(node, (child) => void calls.push(...callsIn(child)));
  return calls;
}

function runsNow(node: ts.Node): boolean {
  return !ts.isFunctionLike(node) && !ts.isTypeNode(node);
}
