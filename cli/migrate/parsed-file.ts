import type ts from 'typescript-6';
import type { TypeScript } from './typescript.js';

/** A place that needs manual attention. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly says: string;
}

/** A source file, and the places in it that need manual attention. */
export class ParsedFile {
  readonly typescript: TypeScript;
  readonly source: ts.SourceFile;
  readonly #places: Place[] = [];

  constructor(typescript: TypeScript, name: string, text: string) {
    const { Latest } = typescript.ScriptTarget;
    this.typescript = typescript;
    this.source = typescript.createSourceFile(name, text, Latest, true, kindOf(typescript, name));
  }

  /** The reported places, in their order in the file. */
  get places(): Place[] {
    return this.#places.sort((a, b) => a.line - b.line || a.column - b.column);
  }

  /** Visits every node. */
  walk(visit: (node: ts.Node) => void): void {
    const step = (node: ts.Node): void => {
      visit(node);
      this.typescript.forEachChild(node, step);
    };
    step(this.source);
  }

  textOf(node: ts.Node): string {
    return node.getText(this.source);
  }

  /** Where a node starts, counted from 1. */
  startOf(node: ts.Node): { readonly line: number; readonly column: number } {
    const { line, character } = this.source.getLineAndCharacterOfPosition(node.getStart(this.source));
    return { line: line + 1, column: character + 1 };
  }

  report(node: ts.Node, says: string): void {
    this.#places.push({ ...this.startOf(node), says });
  }
}

function kindOf({ ScriptKind }: TypeScript, name: string): ts.ScriptKind {
  if (/\.[cm]?ts$/.test(name)) return ScriptKind.TS;
  return name.endsWith('.tsx') ? ScriptKind.TSX : ScriptKind.JSX;
}
