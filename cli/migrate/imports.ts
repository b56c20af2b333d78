import type ts from 'typescript-6';
import { type Library, libraryOf } from '../libraries.js';
import type { ParsedFile } from './parsed-file.js';
import { namesModule } from './specifiers.js';
import type { Values } from './values.js';

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The imports of the libraries in a source file: the edits that replace them, and the names that they bind. */
export class Imports {
  readonly libraries = new Set<string>();
  readonly #edits: Edit[] = [];
  readonly #file: ParsedFile;
  readonly #values: Values;

  constructor(file: ParsedFile, values: Values) {
    this.#file = file;
    this.#values = values;
  }

  /** Finds the module specifiers. */
  find(): void {
    const { SyntaxKind } = this.#file.typescript;
    this.#file.walk((node) => {
      if (node.kind !== SyntaxKind.StringLiteral && node.kind !== SyntaxKind.NoSubstitutionTemplateLiteral)
        return;
      const literal = node as ts.StringLiteral;
      if (namesModule(this.#file, literal)) this.#specifier(literal);
    });
    for (const { fileName, pos, end } of this.#file.source.typeReferenceDirectives) {
      const found = libraryOf(fileName);
      if (found === undefined) continue;
      this.libraries.add(found.name);
      this.#edits.push({ start: pos, end, text: found.library.to });
    }
  }

  /** The text of the file with the module specifiers replaced. */
  replaced(): string {
    let { text } = this.#file.source;
    for (const { start, end, text: now } of this.#edits.sort((a, b) => b.start - a.start))
      text = text.slice(0, start) + now + text.slice(end);
    return text;
  }

  #specifier(literal: ts.StringLiteral): void {
    const { source } = this.#file;
    const found = libraryOf(literal.text);
    if (found === undefined) return;
    const { name, library, path } = found;
    this.libraries.add(name);
    const replace = (text: string) =>
      this.#edits.push({ start: literal.getStart(source) + 1, end: literal.getEnd() - 1, text });
    if (library.files?.includes(path.replace(/\.js$/, ''))) {
      const file = `${library.to}/${path}`;
      replace(file);
      this.#file.report(literal, `${file} is deprecated; new programs use ipc.config, ipc.IPC and emit`);
      return;
    }
    if (path !== '' && !library.entries.includes(path)) {
      this.#file.report(
        literal,
        `${literal.text} is a file inside of ${name}, which ${library.to} does not have; import from ${library.to} itself`,
      );
      return;
    }
    replace(library.to);
    if (/\bresolve\($/.test(source.text.slice(0, literal.getStart(source))))
      this.#file.report(
        literal,
        `the files beside the entry point of ${name} differ from those of ${library.to}`,
      );
    this.#bind(literal, library);
  }

  /** Records the names that an import binds, and checks that the new entry point exports them. */
  #bind(literal: ts.StringLiteral, { to, names }: Library): void {
    const { SyntaxKind } = this.#file.typescript;
    const { parent } = literal;
    if (parent.kind === SyntaxKind.ImportDeclaration) {
      const clause = (parent as ts.ImportDeclaration).importClause;
      if (clause?.name) this.#values.hold(clause.name.text, to);
      const bindings = clause?.namedBindings;
      if (bindings?.kind === SyntaxKind.NamespaceImport) {
        this.#values.hold((bindings as ts.NamespaceImport).name.text, to);
        const wanted = `import ${(bindings as ts.NamespaceImport).name.text} from '${to}'`;
        if (to === 'omni-ipc' && clause?.isTypeOnly !== true)
          this.#file.report(bindings, `a namespace has no config and no server of its own; write ${wanted}`);
      }
      if (bindings?.kind === SyntaxKind.NamedImports)
        this.#named((bindings as ts.NamedImports).elements, to, names);
    } else if (parent.kind === SyntaxKind.ExportDeclaration) {
      const clause = (parent as ts.ExportDeclaration).exportClause;
      if (clause?.kind === SyntaxKind.NamedExports)
        this.#named((clause as ts.NamedExports).elements, to, names);
    } else if (parent.kind === SyntaxKind.ExternalModuleReference) {
      this.#values.hold((parent.parent as ts.ImportEqualsDeclaration).name.text, to);
    }
  }

  #named(
    elements: readonly (ts.ImportSpecifier | ts.ExportSpecifier)[],
    to: string,
    names: readonly string[],
  ): void {
    for (const element of elements) {
      this.#values.hold(element.name.text, to);
      const wanted = (element.propertyName ?? element.name).text;
      if (wanted !== 'default' && !names.includes(wanted))
        this.#file.report(element, `${to} may not export ${wanted}; see its types for a replacement`);
    }
  }
}
