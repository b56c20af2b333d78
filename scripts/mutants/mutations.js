// @ts-check
/** Finds the small changes that can be made to a compiled module, each of which a spec should notice. */
import { parse } from 'acorn';
import { fullAncestor } from 'acorn-walk';

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

/** What a caller cannot notice: log lines, and the words of error messages. */
const UNSEEN = /^(this\.|\w+\.)*#?(log|warn)$/;

/**
 * @param {string} source a module as compiled
 * @returns {Mutation[]} in the order of the text
 */
export function mutationsOf(source) {
  /** @type {Mutation[]} */
  const found = [];
  const add = (/** @type {{ start: number, end: number }} */ { start, end }, /** @type {string} */ text) => {
    const original = source.slice(start, end);
    if (original !== text) found.push({ start, end, text, what: `${short(original)} -> ${short(text)}` });
  };
  const tree = parse(source, { ecmaVersion: 'latest', sourceType: 'module' });
  fullAncestor(tree, (/** @type {any} */ node, /** @type {any} */ _state, /** @type {any[]} */ ancestors) => {
    if (ancestors.some(isUnseen)) return;
    const parent = ancestors.at(-2);
    mutate(node, parent, add, source);
  });
  return found.sort((one, other) => one.start - other.start || one.end - other.end);
}

/**
 * @param {any} node
 * @param {any} parent
 * @param {(range: { start: number, end: number }, text: string) => void} add
 * @param {string} source
 */
function mutate(node, parent, add, source) {
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
      if (isText(node.left) || isText(node.right)) return;
      operator(node, node.left.end, node.right.start);
      return;
    case 'AssignmentExpression':
      operator(node, node.left.end, node.right.start);
      return;
    case 'UpdateExpression':
      if (node.prefix) operator(node, node.start, node.argument.start);
      else operator(node, node.argument.end, node.end);
      return;
    case 'UnaryExpression':
      if (node.operator === '!' || node.operator === '-') add({ start: node.start, end: node.start + 1 }, '');
      return;
    case 'IfStatement':
    case 'ConditionalExpression':
      add(node.test, 'true');
      add(node.test, 'false');
      return;
    case 'WhileStatement':
    case 'ForStatement':
      if (node.test) add(node.test, 'false');
      return;
    case 'Literal':
      if (parent?.type === 'ImportDeclaration' || parent?.type === 'Property') return;
      if (typeof node.value === 'boolean') add(node, String(!node.value));
      else if (typeof node.value === 'number') add(node, String(node.value + 1));
      return;
    case 'ExpressionStatement':
      if (node.expression.type === 'CallExpression' && node.expression.callee.type !== 'Super')
        add(node, ';');
      return;
    case 'ReturnStatement':
      if (node.argument) add(node, 'return;');
      return;
  }

  /** Replaces the operator that stands between two positions. */
  function operator(
    /** @type {any} */ { operator: sign },
    /** @type {number} */ from,
    /** @type {number} */ to,
  ) {
    const other = OPERATORS[sign];
    const start = source.indexOf(sign, from);
    if (other !== undefined && start !== -1 && start < Math.max(to, from + sign.length)) {
      add({ start, end: start + sign.length }, other);
    }
  }
}

function isText(/** @type {any} */ node) {
  return node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string');
}

/** Whether a node only makes words for people. */
function isUnseen(/** @type {any} */ node) {
  if (node.type === 'TemplateLiteral') return true;
  if (node.type !== 'CallExpression') return false;
  return UNSEEN.test(nameOf(node.callee));
}

/** @returns {string} */
function nameOf(/** @type {any} */ node) {
  if (node.type === 'ThisExpression') return 'this';
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'PrivateIdentifier') return `#${node.name}`;
  if (node.type === 'MemberExpression') return `${nameOf(node.object)}.${nameOf(node.property)}`;
  return '?';
}

function short(/** @type {string} */ text) {
  const line = text.replace(/\s+/g, ' ').trim() || '(nothing)';
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
