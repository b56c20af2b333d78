// @ts-check
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes the types of `require('omni-ipc')`. It is the singleton with the exported classes as properties and the exported types as
 * a namespace, which TypeScript expresses by `export =`. The code uses an interface, because an intersection crashes compilers:
 * neither side declares a property that both have, and `import { IPC }` refers to its declaration.
 * @param {string} file the declarations of index.ts
 */
export function rootTypes(file) {
  const exported = exportsOf(file);
  const values = exported.filter(({ type }) => !type);
  const properties = values.map(({ name }) => `  readonly ${name}: typeof root.${name};\n`).join('');
  const types = exported
    .filter(({ typed }) => typed)
    .map(({ name, parameters }) => {
      const names = parameters === '' ? '' : `<${parametersOf(parameters).join(', ')}>`;
      return `  export type ${name}${parameters} = root.${name}${names};\n`;
    })
    .join('');
  return `import root = require('./types/index.js');
interface Singleton extends root.IPC {
${properties}  readonly default: root.IPC;
}
declare const ipc: Singleton;
declare namespace ipc {
${types}}
export = ipc;
`;
}

/**
 * @param {string} file
 * @returns {{ name: string, type: boolean, typed: boolean, parameters: string }[]} the named exports
 */
function exportsOf(file) {
  const text = readFileSync(file, 'utf8');
  const imported = new Map(
    [...text.matchAll(/^import (?:type )?\{([^}]*)\} from '([^']+)'/gm)].flatMap(
      ([, names = '', from = '']) =>
        listed(names).map(({ source }) => /** @type {[string, string]} */ ([source, from])),
    ),
  );
  return [...text.matchAll(/^export (type )?\{([^}]*)\}(?: from '([^']+)')?/gm)].flatMap(
    ([, all, names = '', from]) =>
      listed(names).map(({ source, name, type }) => {
        const origin = from ?? imported.get(source);
        const { parameters, typed, value } = declarationOf(join(dirname(file), `${origin}`), source);
        return { name, parameters, typed, type: all !== undefined || type || !value };
      }),
  );
}

function listed(/** @type {string} */ names) {
  return names
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => {
      const [source = '', name = source] = one.replace(/^type /, '').split(' as ');
      return { source, name, type: one.startsWith('type ') };
    });
}

/** Returns the type parameters of a declaration, whether it is a type, and whether it exists at run time. */
function declarationOf(/** @type {string} */ module, /** @type {string} */ name) {
  const text = readFileSync(module.replace(/\.js$/, '.d.ts'), 'utf8');
  const declarations = [
    ...text.matchAll(
      new RegExp(
        `^(?:export )?(?:declare )?(?:abstract )?(class|interface|type|const|function) ${name}\\b`,
        'gm',
      ),
    ),
  ];
  const typed = declarations.find(([, kind]) => kind !== 'const' && kind !== 'function');
  if (declarations.length === 0) throw new Error(`${module} declares no ${name}`);
  return {
    parameters: typed === undefined ? '' : parametersAt(text, typed.index + typed[0].length),
    typed: typed !== undefined,
    value: declarations.some(([, kind]) => kind !== 'type' && kind !== 'interface'),
  };
}

/** Returns the text from `<` to the matching `>`. The arrow of a function type does not count. */
function parametersAt(/** @type {string} */ text, /** @type {number} */ start) {
  if (text[start] !== '<') return '';
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '<') depth++;
    else if (text[i] === '>' && text[i - 1] !== '=' && --depth === 0) return text.slice(start, i + 1);
  }
  return '';
}

/** Returns the names of type parameters. */
function parametersOf(/** @type {string} */ parameters) {
  let depth = 0;
  let name = '';
  const names = [];
  for (const character of `${parameters.slice(1, -1)},`) {
    if ('<({['.includes(character)) depth++;
    else if ('>)}]'.includes(character)) depth--;
    if (character === ',' && depth === 0) {
      names.push(
        name
          .trim()
          .replace(/^(const|in|out) /, '')
          .split(/\s/)[0],
      );
      name = '';
    } else name += character;
  }
  return names;
}
