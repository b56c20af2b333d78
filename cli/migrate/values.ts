import type ts from 'typescript-6';
import { libraryOf } from '../libraries.js';
import type { ParsedFile } from './parsed-file.js';
import { namesModule } from './specifiers.js';

/** Which names in a source file hold values of a library. */
export class Values {
  readonly #file: ParsedFile;
  /** The variables, and properties of `this` (as `this.name`), that hold values of a library, each with its entry points. */
  readonly #held = new Map<string, Set<string>>();

  constructor(file: ParsedFile) {
    this.#file = file;
  }

  /** Follows values from the recorded names to others, until no more are found. */
  spread(): void {
    // Repeats until nothing is added, since a value may flow to a name that was declared earlier.
    for (let size = -1; size !== this.#size; ) {
      size = this.#size;
      this.#file.walk((node) => this.#follow(node));
    }
  }

  /** Records that a name holds a value of an entry point. */
  hold(name: string, to: string): void {
    const known = this.#held.get(name) ?? new Set();
    this.#held.set(name, known.add(to));
  }

  /** How many names are known, each counted once for every entry point. */
  get #size(): number {
    let size = 0;
    for (const entries of this.#held.values()) size += entries.size;
    return size;
  }

  /** Follows values into variables, properties and the parameters of listeners. */
  #follow(node: ts.Node): void {
    const { SyntaxKind } = this.#file.typescript;
    if (node.kind === SyntaxKind.VariableDeclaration || node.kind === SyntaxKind.PropertyDeclaration) {
      const { name, initializer, type } = node as ts.VariableDeclaration;
      const thisOne = node.kind === SyntaxKind.PropertyDeclaration;
      for (const from of [initializer, type]) this.#give(from && this.entriesOf(from), name, thisOne);
    } else if (node.kind === SyntaxKind.Parameter) {
      const { name, type } = node as ts.ParameterDeclaration;
      this.#give(type && this.entriesOf(type), name, false);
    } else if (node.kind === SyntaxKind.BinaryExpression) {
      const { left, operatorToken, right } = node as ts.BinaryExpression;
      if (operatorToken.kind !== SyntaxKind.EqualsToken) return;
      const name = this.#nameOf(left);
      if (name !== undefined) for (const to of this.entriesOf(right)) this.hold(name, to);
    } else if (node.kind === SyntaxKind.CallExpression) {
      const { expression, arguments: given } = node as ts.CallExpression;
      const entries = this.entriesOf(expression);
      if (entries.size === 0) return;
      for (const one of given) {
        if (one.kind !== SyntaxKind.ArrowFunction && one.kind !== SyntaxKind.FunctionExpression) continue;
        for (const { name } of (one as ts.FunctionExpression).parameters) this.#give(entries, name, false);
      }
    }
  }

  #give(entries: ReadonlySet<string> | undefined, name: ts.Node, ofThis: boolean): void {
    if (entries === undefined || entries.size === 0) return;
    const { SyntaxKind } = this.#file.typescript;
    if (name.kind === SyntaxKind.Identifier || name.kind === SyntaxKind.PrivateIdentifier) {
      const { text } = name as ts.Identifier;
      for (const to of entries) this.hold(ofThis ? `this.${text}` : text, to);
    } else {
      this.#file.typescript.forEachChild(name, (element) => {
        const inside = (element as ts.BindingElement).name;
        if (inside !== undefined) this.#give(entries, inside, false);
      });
    }
  }

  /** `name`, or `this.name`. */
  #nameOf(node: ts.Node): string | undefined {
    const { SyntaxKind } = this.#file.typescript;
    if (node.kind === SyntaxKind.Identifier) return (node as ts.Identifier).text;
    if (node.kind !== SyntaxKind.PropertyAccessExpression) return undefined;
    const { expression, name } = node as ts.PropertyAccessExpression;
    return expression.kind === SyntaxKind.ThisKeyword ? `this.${name.text}` : undefined;
  }

  /** The entry points that an expression or a type comes from: by its leftmost name, or by a module specifier in it. */
  entriesOf(node: ts.Node): ReadonlySet<string> {
    const { SyntaxKind } = this.#file.typescript;
    const name = this.#nameOf(node);
    const known = name === undefined ? undefined : this.#held.get(name);
    if (known !== undefined) return known;
    if (node.kind === SyntaxKind.CallExpression) {
      const [first] = (node as ts.CallExpression).arguments;
      const library =
        first?.kind === SyntaxKind.StringLiteral ? libraryOf((first as ts.StringLiteral).text) : undefined;
      if (library !== undefined && namesModule(this.#file, first as ts.StringLiteral))
        return new Set([library.library.to]);
    }
    const { expression, typeName, elementType, left } = node as unknown as Record<
      string,
      ts.Node | undefined
    >;
    const inner = expression ?? typeName ?? elementType ?? left;
    return inner === undefined ? new Set() : this.entriesOf(inner);
  }
}
