// @ts-check
/** Lists small changes of a compiled module. A spec should detect each of them. */
import ts from 'typescript-6';

/**
 * One change: the text from `start` to `end` becomes `text`.
 * @typedef {{ start: number, end: number, text: string, what: string }} Mutation
 */

/** @type {Record<string, string>} */
const OPERATORS = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '&': '|',
  '|': '&',
  '<<': '>>',
  '>>': '<<',
  '>>>': '<<',
  '&&': '||',
  '||': '&&',
  '??': '&&',
  '+=': '-=',
  '-=': '+=',
  '&=': '|=',
  '|=': '&=',
  '??=': '=',
  '++': '--',
  '--': '++',
};

/** Calls whose changes no caller can detect: they write log lines and the words of error messages. */
const UNSEEN = /^(this\.|\w+\.)*#?(log|warn)$/;

/**
 * @param {string} source a module as compiled
 * @returns {Mutation[]} in the order of the text
 */
export function mutationsOf(source) {
  /** @type {Mutation[]} */
  const found = [];
  const file = ts.createSourceFile('module.js', source, ts.ScriptTarget.Latest, true);
  const add = (/** @type {number} */ start, /** @type {number} */ end, /** @type {string} */ text) => {
    const original = source.slice(start, end);
    if (original !== text) found.push({ start, end, text, what: `${short(original)} -> ${short(text)}` });
  };
  const replace = (/** @type {ts.Node} */ node, /** @type {string} */ text) =>
    add(node.getStart(file), node.end, text);
  const operator = (/** @type {ts.Node} */ token) => {
    const other = OPERATORS[token.getText(file)];
    if (other !== undefined) replace(token, other);
  };
  const visit = (/** @type {ts.Node} */ node) => {
    if (isUnseen(node, file)) return;
    mutate(node, { replace, operator, add }, file);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found.sort((one, other) => one.start - other.start || one.end - other.end);
}

/**
 * @param {ts.Node} node
 * @param {{
 *   replace: (node: ts.Node, text: string) => void,
 *   operator: (token: ts.Node) => void,
 *   add: (start: number, end: number, text: string) => void,
 * }} change
 * @param {ts.SourceFile} file
 */
function mutate(node, { replace, operator, add }, file) {
  if (ts.isBinaryExpression(node)) {
    if (!isText(node.left) && !isText(node.right)) operator(node.operatorToken);
  } else if (ts.isPrefixUnaryExpression(node)) {
    const start = node.getStart(file);
    const sign = /** @type {string} */ (ts.tokenToString(node.operator));
    if (sign === '!' || sign === '-') add(start, start + 1, '');
    else if (OPERATORS[sign] !== undefined && sign.length === 2) add(start, start + 2, OPERATORS[sign]);
  } else if (ts.isPostfixUnaryExpression(node)) {
    const sign = /** @type {string} */ (ts.tokenToString(node.operator));
    add(node.end - sign.length, node.end, /** @type {string} */ (OPERATORS[sign]));
  } else if (ts.isIfStatement(node)) {
    replace(node.expression, 'true');
    replace(node.expression, 'false');
  } else if (ts.isConditionalExpression(node)) {
    replace(node.condition, 'true');
    replace(node.condition, 'false');
  } else if (ts.isWhileStatement(node)) replace(node.expression, 'false');
  else if (ts.isForStatement(node) && node.condition) replace(node.condition, 'false');
  else if (node.kind === ts.SyntaxKind.TrueKeyword) replace(node, 'false');
  else if (node.kind === ts.SyntaxKind.FalseKeyword) replace(node, 'true');
  else if (ts.isNumericLiteral(node) && !ts.isPropertyAssignment(node.parent)) {
    replace(node, String(Number(node.text) + 1));
  } else if (ts.isExpressionStatement(node)) {
    const { expression } = node;
    if (ts.isCallExpression(expression) && expression.expression.kind !== ts.SyntaxKind.SuperKeyword)
      replace(node, ';');
  } else if (ts.isReturnStatement(node) && node.expression && !isNothing(node.expression))
    replace(node, 'return;');
}

/** Whether callers treat a value like undefined. */
function isNothing(/** @type {ts.Expression} */ node) {
  if (ts.isIdentifier(node)) return node.text === 'undefined';
  if (ts.isStringLiteral(node)) return node.text === '';
  return node.kind === ts.SyntaxKind.FalseKeyword || node.kind === ts.SyntaxKind.NullKeyword;
}

function isText(/** @type {ts.Node} */ node) {
  return ts.isTemplateExpression(node) || ts.isStringLiteralLike(node);
}

/** Returns whether a node only produces text for people, or loads modules. */
function isUnseen(/** @type {ts.Node} */ node, /** @type {ts.SourceFile} */ file) {
  if (ts.isTemplateExpression(node) || ts.isImportDeclaration(node)) return true;
  return ts.isCallExpression(node) && UNSEEN.test(node.expression.getText(file));
}

function short(/** @type {string} */ text) {
  const line = text.replace(/\s+/g, ' ').trim() || '(nothing)';
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
