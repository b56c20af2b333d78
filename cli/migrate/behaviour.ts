import type ts from 'typescript-6';
import { CODE_COMPARED, DIFFERENCES, type Difference, STYLED } from './differences.js';
import type { ParsedFile } from './parsed-file.js';
import type { Values } from './values.js';

/** The styles of node-ipc's examples, which are properties of strings. */
const STYLE = /^(good|notice|warn|error|debug|data|variable|rainbow)$/;
const SYSTEM_CODE = /^E[A-Z0-9]{3,}$/;

/** Finds the places of a source file whose behaviour differs after its migration. */
export class Behaviour {
  readonly #file: ParsedFile;
  readonly #values: Values;

  constructor(file: ParsedFile, values: Values) {
    this.#file = file;
    this.#values = values;
  }

  /** Reports each difference once a line. */
  report(): void {
    const said = new Set<string>();
    this.#file.walk((node) => {
      for (const says of this.#differencesAt(node)) {
        const { line } = this.#file.startOf(node);
        if (said.has(`${line} ${says}`)) continue;
        said.add(`${line} ${says}`);
        this.#file.report(this.#pointOf(node), says);
      }
    });
  }

  /** The node whose position is reported: a method's name, or what is set. */
  #pointOf(node: ts.Node): ts.Node {
    const { SyntaxKind } = this.#file.typescript;
    if (node.kind !== SyntaxKind.CallExpression) return node;
    const { expression } = node as ts.CallExpression;
    return expression.kind === SyntaxKind.PropertyAccessExpression
      ? (expression as ts.PropertyAccessExpression).name
      : node;
  }

  #differencesAt(node: ts.Node): string[] {
    const { SyntaxKind } = this.#file.typescript;
    if (node.kind === SyntaxKind.CallExpression) return this.#called(node as ts.CallExpression);
    if (node.kind === SyntaxKind.NewExpression) return this.#created(node as ts.NewExpression);
    if (node.kind === SyntaxKind.PropertyAccessExpression)
      return this.#read(node as ts.PropertyAccessExpression);
    if (node.kind !== SyntaxKind.BinaryExpression) return [];
    const { left, operatorToken, right } = node as ts.BinaryExpression;
    if (operatorToken.kind === SyntaxKind.EqualsToken) return this.#set(left);
    const compares = /^[!=]==?$/.test(this.#file.textOf(operatorToken));
    const isCode = (one: ts.Node, other: ts.Node) =>
      one.kind === SyntaxKind.PropertyAccessExpression &&
      (one as ts.PropertyAccessExpression).name.text === 'code' &&
      !/\bcause\??\.code$/.test(this.#file.textOf(one)) &&
      other.kind === SyntaxKind.StringLiteral &&
      SYSTEM_CODE.test((other as ts.StringLiteral).text) &&
      !(other as ts.StringLiteral).text.startsWith('ERR_');
    return compares && (isCode(left, right) || isCode(right, left)) ? [CODE_COMPARED] : [];
  }

  #called({ expression, arguments: given }: ts.CallExpression): string[] {
    const { SyntaxKind } = this.#file.typescript;
    if (expression.kind !== SyntaxKind.PropertyAccessExpression) return [];
    const { name, expression: of } = expression as ts.PropertyAccessExpression;
    const texts = given
      .filter(({ kind }) => kind === SyntaxKind.StringLiteral)
      .map((one) => (one as ts.StringLiteral).text);
    const fits = ({ call, with: first }: Difference) =>
      call === name.text &&
      (first === undefined || first.some((one) => texts.some((text) => matches(one, text))));
    return this.#saying(this.#values.entriesOf(of), fits);
  }

  #created({ expression, arguments: given = [] as never }: ts.NewExpression): string[] {
    const { SyntaxKind } = this.#file.typescript;
    const entries = this.#values.entriesOf(expression);
    const name = this.#file.textOf(expression).split('.').at(-1);
    const [options] = given;
    const properties =
      options?.kind === SyntaxKind.ObjectLiteralExpression
        ? (options as ts.ObjectLiteralExpression).properties
        : [];
    const keys = new Set(
      [...properties].map((property) => property.name && this.#file.textOf(property.name)),
    );
    return this.#saying(
      entries,
      ({ create, set }) =>
        (create !== undefined && create === name && !keys.has('reconnectDelay')) || keys.has(set ?? ''),
    );
  }

  #read({ name, expression }: ts.PropertyAccessExpression): string[] {
    const { SyntaxKind } = this.#file.typescript;
    const literals = [
      SyntaxKind.StringLiteral,
      SyntaxKind.NoSubstitutionTemplateLiteral,
      SyntaxKind.TemplateExpression,
    ];
    if (literals.includes(expression.kind)) return STYLE.test(name.text) ? [STYLED] : [];
    return this.#saying(this.#values.entriesOf(expression), ({ get }) => get === name.text);
  }

  #set(left: ts.Node): string[] {
    if (left.kind !== this.#file.typescript.SyntaxKind.PropertyAccessExpression) return [];
    const { name, expression } = left as ts.PropertyAccessExpression;
    return this.#saying(this.#values.entriesOf(expression), ({ set }) => set === name.text);
  }

  #saying(entries: ReadonlySet<string>, fits: (difference: Difference) => boolean): string[] {
    return DIFFERENCES.filter((one) => entries.has(one.to) && fits(one)).map(({ says }) => says);
  }
}

/** Whether a text matches an entry of the table; an entry that ends with a dot matches as a prefix. */
function matches(wanted: string, text: string): boolean {
  return wanted.endsWith('.') ? text.startsWith(wanted) : text === wanted;
}
