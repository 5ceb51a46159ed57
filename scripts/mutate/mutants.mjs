/** Mutants of a source: each with one comparison, term or condition turned into another. */
import ts from 'typescript';

/**
 * One change of a source.
 *
 * @typedef {object} Mutant
 * @property {number} start Where it is in the file.
 * @property {number} end
 * @property {string} from
 * @property {string} to
 * @property {number} line From 1.
 * @property {string} within The function or method that it is in; '' = none.
 * @property {string} was The line that it is in, without what surrounds it.
 * @property {string} becomes The same line after it.
 */

/** What an operator is turned into. @type {ReadonlyMap<ts.SyntaxKind, readonly string[]>} */
const operators = new Map([
  [ts.SyntaxKind.LessThanToken, ['<=', '>']],
  [ts.SyntaxKind.LessThanEqualsToken, ['<', '>']],
  [ts.SyntaxKind.GreaterThanToken, ['>=', '<']],
  [ts.SyntaxKind.GreaterThanEqualsToken, ['>', '<']],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ['!==']],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ['===']],
  [ts.SyntaxKind.AmpersandAmpersandToken, ['||']],
  [ts.SyntaxKind.BarBarToken, ['&&']],
  [ts.SyntaxKind.PlusToken, ['-']],
  [ts.SyntaxKind.MinusToken, ['+']],
  [ts.SyntaxKind.AsteriskToken, ['/']],
  [ts.SyntaxKind.SlashToken, ['*']],
  [ts.SyntaxKind.AmpersandToken, ['|']],
  [ts.SyntaxKind.BarToken, ['&']],
  [ts.SyntaxKind.PlusEqualsToken, ['-=']],
  [ts.SyntaxKind.MinusEqualsToken, ['+=']],
  [ts.SyntaxKind.AmpersandEqualsToken, ['|=']],
  [ts.SyntaxKind.BarEqualsToken, ['&=']],
]);

/** What a function of `Math` is turned into. @type {ReadonlyMap<string, string>} */
const functions = new Map([
  ['min', 'max'],
  ['max', 'min'],
  ['floor', 'ceil'],
  ['ceil', 'floor'],
]);

/**
 * All mutants of a source, in the order of the file.
 *
 * @param {string} file its name, for the parser
 * @param {string} text
 * @returns {readonly Mutant[]}
 */
export function mutantsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  /** @type {Mutant[]} */
  const mutants = [];
  /** @type {(node: ts.Node, to: string) => void} */
  const note = (node, to) => {
    const start = node.getStart(source);
    const { line } = source.getLineAndCharacterOfPosition(start);
    const change = { start, end: node.getEnd(), to };
    const lineOf = (/** @type {string} */ all) => (all.split('\n')[line] ?? '').trim();
    mutants.push({
      ...change,
      from: node.getText(source),
      line: line + 1,
      within: nameAround(node),
      was: lineOf(text),
      becomes: lineOf(mutated(text, change)),
    });
  };
  /** @type {(node: ts.Node) => void} */
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node)) return;
    for (const [at, to] of turned(node)) note(at, to);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mutants.sort((a, b) => a.start - b.start);
}

/**
 * The name of the function or method around a node.
 *
 * @param {ts.Node} node
 * @returns {string}
 */
function nameAround(node) {
  for (let around = node.parent; around !== undefined; around = around.parent) {
    if (ts.isConstructorDeclaration(around)) return 'constructor';
    if (ts.isFunctionLike(around) && around.name !== undefined) return around.name.getText();
  }
  return '';
}

/**
 * What can be turned at a node.
 *
 * @param {ts.Node} node
 * @returns {readonly (readonly [ts.Node, string])[]}
 */
function turned(node) {
  if (ts.isBinaryExpression(node)) {
    const { operatorToken } = node;
    return (operators.get(operatorToken.kind) ?? []).map((to) => [operatorToken, to]);
  }
  if (ts.isPropertyAccessExpression(node) && node.expression.getText() === 'Math') {
    const to = functions.get(node.name.text);
    return to === undefined ? [] : [[node.name, to]];
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return [[node, `(${node.operand.getText()})`]];
  }
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [[node, 'false']];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [[node, 'true']];
  if (ts.isNumericLiteral(node) && !ts.isPropertyAssignment(node.parent)) {
    return [[node, node.text === '0' ? '1' : '0']];
  }
  return [];
}

/**
 * The source with one change.
 *
 * @param {string} text
 * @param {Pick<Mutant, 'start' | 'end' | 'to'>} mutant
 */
export function mutated(text, { start, end, to }) {
  return text.slice(0, start) + to + text.slice(end);
}
