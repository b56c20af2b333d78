import type ts from 'typescript-6';
import { CODE_COMPARED, DIFFERENCES, type Difference } from './differences.js';
import { type Library, libraryOf } from './libraries.js';
import type { TypeScript } from './typescript.js';

/** A place that needs manual attention. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly says: string;
}

/** The result for one source file. */
export interface Rewritten {
  readonly text: string;
  readonly places: readonly Place[];
  /** The libraries that it imports. */
  readonly libraries: readonly string[];
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Methods of `jest`, `vi` and loaders whose first argument is a module specifier. */
const LOADERS =
  /^(mock|unmock|doMock|dontMock|doUnmock|setMock|requireActual|requireMock|importActual|importMock|resolve|unstable_mockModule)$/;
const SYSTEM_CODE = /^E[A-Z0-9]{3,}$/;

/**
 * Rewrites the module specifiers in a source file, and finds the places whose behaviour differs.
 * @returns undefined if the file does not use the libraries
 */
export function rewrite(typescript: TypeScript, name: string, text: string): Rewritten | undefined {
  const source = typescript.createSourceFile(
    name,
    text,
    typescript.ScriptTarget.Latest,
    true,
    kindOf(typescript, name),
  );
  const search = new Search(typescript, source);
  search.imports();
  if (search.libraries.size === 0) return undefined;
  search.differences();
  let changed = text;
  for (const { start, end, text: now } of search.edits.sort((a, b) => b.start - a.start))
    changed = changed.slice(0, start) + now + changed.slice(end);
  const places = search.places.sort((a, b) => a.line - b.line || a.column - b.column);
  return { text: changed, places, libraries: [...search.libraries] };
}

function kindOf({ ScriptKind }: TypeScript, name: string): ts.ScriptKind {
  if (/\.[cm]?ts$/.test(name)) return ScriptKind.TS;
  return name.endsWith('.tsx') ? ScriptKind.TSX : ScriptKind.JSX;
}

class Search {
  readonly edits: Edit[] = [];
  readonly places: Place[] = [];
  readonly libraries = new Set<string>();
  readonly #typescript: TypeScript;
  readonly #source: ts.SourceFile;
  /** The variables, and properties of `this` (as `this.name`), that hold values of a library, each with its entry points. */
  readonly #held = new Map<string, Set<string>>();

  constructor(typescript: TypeScript, source: ts.SourceFile) {
    this.#typescript = typescript;
    this.#source = source;
  }

  /** Rewrites the module specifiers. */
  imports(): void {
    const { SyntaxKind } = this.#typescript;
    this.#walk((node) => {
      if (node.kind !== SyntaxKind.StringLiteral && node.kind !== SyntaxKind.NoSubstitutionTemplateLiteral)
        return;
      const literal = node as ts.StringLiteral;
      if (this.#namesModule(literal)) this.#specifier(literal);
    });
    for (const { fileName, pos, end } of this.#source.typeReferenceDirectives) {
      const found = libraryOf(fileName);
      if (found === undefined) continue;
      this.libraries.add(found.name);
      this.edits.push({ start: pos, end, text: found.library.to });
    }
  }

  /** Finds the places whose behaviour differs. */
  differences(): void {
    // Repeats until nothing is added, since a value may flow to a name that was declared earlier.
    for (let size = -1; size !== this.#size(); ) {
      size = this.#size();
      this.#walk((node) => this.#hand(node));
    }
    const said = new Set<string>();
    this.#walk((node) => {
      for (const says of this.#differencesAt(node)) {
        const { line } = this.#source.getLineAndCharacterOfPosition(node.getStart(this.#source));
        if (said.has(`${line} ${says}`)) continue;
        said.add(`${line} ${says}`);
        this.#place(this.#pointOf(node), says);
      }
    });
  }

  #walk(visit: (node: ts.Node) => void): void {
    const step = (node: ts.Node): void => {
      visit(node);
      this.#typescript.forEachChild(node, step);
    };
    step(this.#source);
  }

  #place(node: ts.Node, says: string): void {
    const { line, character } = this.#source.getLineAndCharacterOfPosition(node.getStart(this.#source));
    this.places.push({ line: line + 1, column: character + 1, says });
  }

  /** Whether a string literal is a module specifier, by its position. */
  #namesModule(literal: ts.StringLiteral): boolean {
    const { SyntaxKind } = this.#typescript;
    const { parent } = literal;
    switch (parent.kind) {
      case SyntaxKind.ImportDeclaration:
      case SyntaxKind.ExportDeclaration:
      case SyntaxKind.ExternalModuleReference:
      case SyntaxKind.ModuleDeclaration:
        return true;
      case SyntaxKind.LiteralType:
        return parent.parent.kind === SyntaxKind.ImportType;
      case SyntaxKind.CallExpression: {
        const { expression, arguments: given } = parent as ts.CallExpression;
        if (given[0] !== literal) return false;
        if (expression.kind === SyntaxKind.ImportKeyword) return true;
        if (expression.kind === SyntaxKind.Identifier)
          return (expression as ts.Identifier).text === 'require';
        if (expression.kind !== SyntaxKind.PropertyAccessExpression) return false;
        const { name, expression: of } = expression as ts.PropertyAccessExpression;
        return (
          LOADERS.test(name.text) &&
          /^(jest|vi|vitest|require|import\.meta|module)$/.test(of.getText(this.#source))
        );
      }
      default:
        return false;
    }
  }

  #specifier(literal: ts.StringLiteral): void {
    const found = libraryOf(literal.text);
    if (found === undefined) return;
    const { name, library, path } = found;
    this.libraries.add(name);
    if (path !== '' && !library.entries.includes(path)) {
      this.#place(
        literal,
        `${literal.text} is a file inside of ${name}; import what you need of it from ${library.to}`,
      );
      return;
    }
    this.edits.push({
      start: literal.getStart(this.#source) + 1,
      end: literal.getEnd() - 1,
      text: library.to,
    });
    if (/\bresolve\($/.test(this.#source.text.slice(0, literal.getStart(this.#source))))
      this.#place(literal, `the files beside the entry of ${name} are not those of ${library.to}`);
    this.#bind(literal, library);
  }

  /** Records the names that an import binds, and checks that the new entry point exports them. */
  #bind(literal: ts.StringLiteral, { to, names }: Library): void {
    const { SyntaxKind } = this.#typescript;
    const { parent } = literal;
    if (parent.kind === SyntaxKind.ImportDeclaration) {
      const clause = (parent as ts.ImportDeclaration).importClause;
      if (clause?.name) this.#hold(clause.name.text, to);
      const bindings = clause?.namedBindings;
      if (bindings?.kind === SyntaxKind.NamespaceImport) {
        this.#hold((bindings as ts.NamespaceImport).name.text, to);
        const wanted = `import ${(bindings as ts.NamespaceImport).name.text} from '${to}'`;
        if (to === 'omni-ipc')
          this.#place(bindings, `a namespace has no config and no server of its own; write ${wanted}`);
      }
      if (bindings?.kind === SyntaxKind.NamedImports)
        this.#named((bindings as ts.NamedImports).elements, to, names);
    } else if (parent.kind === SyntaxKind.ExportDeclaration) {
      const clause = (parent as ts.ExportDeclaration).exportClause;
      if (clause?.kind === SyntaxKind.NamedExports)
        this.#named((clause as ts.NamedExports).elements, to, names);
    } else if (parent.kind === SyntaxKind.ExternalModuleReference) {
      this.#hold((parent.parent as ts.ImportEqualsDeclaration).name.text, to);
    }
  }

  #named(
    elements: readonly (ts.ImportSpecifier | ts.ExportSpecifier)[],
    to: string,
    names: readonly string[],
  ): void {
    for (const element of elements) {
      this.#hold(element.name.text, to);
      const wanted = (element.propertyName ?? element.name).text;
      if (wanted !== 'default' && !names.includes(wanted))
        this.#place(element, `${to} may not export ${wanted}; look in its types for what takes its place`);
    }
  }

  #hold(name: string, to: string): void {
    const known = this.#held.get(name) ?? new Set();
    this.#held.set(name, known.add(to));
  }

  #size(): number {
    let size = 0;
    for (const entries of this.#held.values()) size += entries.size;
    return size;
  }

  /** Follows values into variables, properties and the parameters of listeners. */
  #hand(node: ts.Node): void {
    const { SyntaxKind } = this.#typescript;
    if (node.kind === SyntaxKind.VariableDeclaration || node.kind === SyntaxKind.PropertyDeclaration) {
      const { name, initializer, type } = node as ts.VariableDeclaration;
      const thisOne = node.kind === SyntaxKind.PropertyDeclaration;
      for (const from of [initializer, type]) this.#give(from && this.#entriesOf(from), name, thisOne);
    } else if (node.kind === SyntaxKind.Parameter) {
      const { name, type } = node as ts.ParameterDeclaration;
      this.#give(type && this.#entriesOf(type), name, false);
    } else if (node.kind === SyntaxKind.BinaryExpression) {
      const { left, operatorToken, right } = node as ts.BinaryExpression;
      if (operatorToken.kind !== SyntaxKind.EqualsToken) return;
      const name = this.#nameOf(left);
      if (name !== undefined) for (const to of this.#entriesOf(right)) this.#hold(name, to);
    } else if (node.kind === SyntaxKind.CallExpression) {
      const { expression, arguments: given } = node as ts.CallExpression;
      const entries = this.#entriesOf(expression);
      if (entries.size === 0) return;
      for (const one of given) {
        if (one.kind !== SyntaxKind.ArrowFunction && one.kind !== SyntaxKind.FunctionExpression) continue;
        for (const { name } of (one as ts.FunctionExpression).parameters) this.#give(entries, name, false);
      }
    }
  }

  #give(entries: ReadonlySet<string> | undefined, name: ts.Node, ofThis: boolean): void {
    if (entries === undefined || entries.size === 0) return;
    const { SyntaxKind } = this.#typescript;
    if (name.kind === SyntaxKind.Identifier || name.kind === SyntaxKind.PrivateIdentifier) {
      const { text } = name as ts.Identifier;
      for (const to of entries) this.#hold(ofThis ? `this.${text}` : text, to);
    } else {
      this.#typescript.forEachChild(name, (element) => {
        const inside = (element as ts.BindingElement).name;
        if (inside !== undefined) this.#give(entries, inside, false);
      });
    }
  }

  /** `name`, or `this.name`. */
  #nameOf(node: ts.Node): string | undefined {
    const { SyntaxKind } = this.#typescript;
    if (node.kind === SyntaxKind.Identifier) return (node as ts.Identifier).text;
    if (node.kind !== SyntaxKind.PropertyAccessExpression) return undefined;
    const { expression, name } = node as ts.PropertyAccessExpression;
    return expression.kind === SyntaxKind.ThisKeyword ? `this.${name.text}` : undefined;
  }

  /** The entry points that an expression or a type comes from: by its leftmost name, or by a module specifier in it. */
  #entriesOf(node: ts.Node): ReadonlySet<string> {
    const { SyntaxKind } = this.#typescript;
    const name = this.#nameOf(node);
    const known = name === undefined ? undefined : this.#held.get(name);
    if (known !== undefined) return known;
    if (node.kind === SyntaxKind.CallExpression) {
      const [first] = (node as ts.CallExpression).arguments;
      const library =
        first?.kind === SyntaxKind.StringLiteral ? libraryOf((first as ts.StringLiteral).text) : undefined;
      if (library !== undefined && this.#namesModule(first as ts.StringLiteral))
        return new Set([library.library.to]);
    }
    const { expression, typeName, elementType, left } = node as unknown as Record<
      string,
      ts.Node | undefined
    >;
    const inner = expression ?? typeName ?? elementType ?? left;
    return inner === undefined ? new Set() : this.#entriesOf(inner);
  }

  /** The node whose position is reported: a method's name, or what is set. */
  #pointOf(node: ts.Node): ts.Node {
    const { SyntaxKind } = this.#typescript;
    if (node.kind !== SyntaxKind.CallExpression) return node;
    const { expression } = node as ts.CallExpression;
    return expression.kind === SyntaxKind.PropertyAccessExpression
      ? (expression as ts.PropertyAccessExpression).name
      : node;
  }

  #differencesAt(node: ts.Node): string[] {
    const { SyntaxKind } = this.#typescript;
    if (node.kind === SyntaxKind.CallExpression) return this.#called(node as ts.CallExpression);
    if (node.kind === SyntaxKind.NewExpression) return this.#created(node as ts.NewExpression);
    if (node.kind !== SyntaxKind.BinaryExpression) return [];
    const { left, operatorToken, right } = node as ts.BinaryExpression;
    if (operatorToken.kind === SyntaxKind.EqualsToken) return this.#set(left);
    const compares = /^[!=]==?$/.test(operatorToken.getText(this.#source));
    const isCode = (one: ts.Node, other: ts.Node) =>
      one.kind === SyntaxKind.PropertyAccessExpression &&
      (one as ts.PropertyAccessExpression).name.text === 'code' &&
      !/\bcause\??\.code$/.test(one.getText(this.#source)) &&
      other.kind === SyntaxKind.StringLiteral &&
      SYSTEM_CODE.test((other as ts.StringLiteral).text) &&
      !(other as ts.StringLiteral).text.startsWith('ERR_');
    return compares && (isCode(left, right) || isCode(right, left)) ? [CODE_COMPARED] : [];
  }

  #called({ expression, arguments: given }: ts.CallExpression): string[] {
    const { SyntaxKind } = this.#typescript;
    if (expression.kind !== SyntaxKind.PropertyAccessExpression) return [];
    const { name, expression: of } = expression as ts.PropertyAccessExpression;
    const texts = given
      .filter(({ kind }) => kind === SyntaxKind.StringLiteral)
      .map((one) => (one as ts.StringLiteral).text);
    const fits = ({ call, with: first }: Difference) =>
      call === name.text &&
      (first === undefined || first.some((one) => texts.some((text) => matches(one, text))));
    return this.#saying(this.#entriesOf(of), fits);
  }

  #created({ expression, arguments: given = [] as never }: ts.NewExpression): string[] {
    const { SyntaxKind } = this.#typescript;
    const entries = this.#entriesOf(expression);
    const name = expression.getText(this.#source).split('.').at(-1);
    const [options] = given;
    const properties =
      options?.kind === SyntaxKind.ObjectLiteralExpression
        ? (options as ts.ObjectLiteralExpression).properties
        : [];
    const keys = new Set([...properties].map((property) => property.name?.getText(this.#source)));
    return this.#saying(
      entries,
      ({ create, set }) =>
        (create !== undefined && create === name && !keys.has('reconnectDelay')) || keys.has(set ?? ''),
    );
  }

  #set(left: ts.Node): string[] {
    if (left.kind !== this.#typescript.SyntaxKind.PropertyAccessExpression) return [];
    const { name, expression } = left as ts.PropertyAccessExpression;
    return this.#saying(this.#entriesOf(expression), ({ set }) => set === name.text);
  }

  #saying(entries: ReadonlySet<string>, fits: (difference: Difference) => boolean): string[] {
    return DIFFERENCES.filter((one) => entries.has(one.to) && fits(one)).map(({ says }) => says);
  }
}

/** Whether a text matches an entry of the table; an entry that ends with a dot matches as a prefix. */
function matches(wanted: string, text: string): boolean {
  return wanted.endsWith('.') ? text.startsWith(wanted) : text === wanted;
}
