import type ts from 'typescript-6';
import type { ParsedFile } from './parsed-file.js';

/** Methods of `jest`, `vi` and loaders whose first argument is a module specifier. */
const LOADERS =
  /^(mock|unmock|doMock|dontMock|doUnmock|setMock|requireActual|requireMock|importActual|importMock|resolve|unstable_mockModule)$/;

/** Whether a string literal is a module specifier, by its position. */
export function namesModule({ typescript, source }: ParsedFile, literal: ts.StringLiteral): boolean {
  const { SyntaxKind } = typescript;
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
      if (expression.kind === SyntaxKind.Identifier) return (expression as ts.Identifier).text === 'require';
      if (expression.kind !== SyntaxKind.PropertyAccessExpression) return false;
      const { name, expression: of } = expression as ts.PropertyAccessExpression;
      return (
        LOADERS.test(name.text) && /^(jest|vi|vitest|require|import\.meta|module)$/.test(of.getText(source))
      );
    }
    default:
      return false;
  }
}
