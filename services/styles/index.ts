import { WriteStream } from 'node:tty';
import { inspect } from 'node:util';
import { IPCError } from '../../entities/errors.js';

/** The format of each style: those of node-ipc's examples, and the colors that they combine. */
const STYLES = {
  good: 'green',
  notice: 'cyan',
  warn: 'yellow',
  error: 'red',
  debug: 'magenta',
  data: 'blue',
  variable: 'yellow',
  info: 'cyan',
  input: 'grey',
  verbose: 'cyan',
  prompt: 'grey',
  help: 'cyan',
  black: 'black',
  red: 'red',
  green: 'green',
  yellow: 'yellow',
  blue: 'blue',
  magenta: 'magenta',
  cyan: 'cyan',
  white: 'white',
  gray: 'grey',
  grey: 'grey',
  dim: 'dim',
  italic: 'italic',
  underline: 'underline',
  inverse: 'inverse',
} as const;

const RAINBOW = ['red', 'yellow', 'green', 'blue', 'magenta'] as const;

type Color = (typeof STYLES)[keyof typeof STYLES];

if (!Object.isExtensible(String.prototype)) {
  throw new IPCError(
    'ERR_IPC_CONFIG',
    'omni-ipc/styles adds properties to String.prototype, which is frozen (--frozen-intrinsics). Use util.styleText() instead.',
  );
}

for (const [name, color] of Object.entries(STYLES)) add(name, (text) => paint(text, color));
add('rainbow', (text) => letters(text, (index) => RAINBOW[index % RAINBOW.length] as Color));
add('zebra', (text) => letters(text, (index) => (index % 2 === 0 ? undefined : 'inverse')));

/** Adds a style as a non-enumerable property that the program may replace. */
function add(name: string, style: (text: string) => string): void {
  Object.defineProperty(String.prototype, name, {
    configurable: true,
    enumerable: false,
    get(this: string) {
      return isColored() ? style(String(this)) : String(this);
    },
    set(this: string, value: unknown) {
      Object.defineProperty(this, name, { configurable: true, enumerable: true, writable: true, value });
    },
  });
}

/**
 * Whether command-line flags or the environment request colors, independent of a terminal, with the rules of the package
 * `colors`.
 */
function isColored(): boolean {
  if (process.argv.includes('--no-color')) return false;
  return process.argv.includes('--color') || WriteStream.prototype.getColorDepth() > 1;
}

function paint(text: string, color: Color): string {
  const [open, close] = inspect.colors[color] as [number, number];
  return `\u001b[${open}m${text}\u001b[${close}m`;
}

/** Colors each letter separately; spaces are unchanged. */
function letters(text: string, colorOf: (index: number) => Color | undefined): string {
  let painted = '';
  let index = 0;
  for (const letter of text) {
    const color = letter === ' ' ? undefined : colorOf(index);
    painted += color === undefined ? letter : paint(letter, color);
    index++;
  }
  return painted;
}

declare global {
  /** The styles of node-ipc's examples. */
  interface String {
    readonly good: string;
    readonly notice: string;
    readonly warn: string;
    readonly error: string;
    readonly debug: string;
    readonly data: string;
    readonly variable: string;
    readonly info: string;
    readonly input: string;
    readonly verbose: string;
    readonly prompt: string;
    readonly help: string;
    readonly rainbow: string;
    readonly zebra: string;
    readonly black: string;
    readonly red: string;
    readonly green: string;
    readonly yellow: string;
    readonly blue: string;
    readonly magenta: string;
    readonly cyan: string;
    readonly white: string;
    readonly gray: string;
    readonly grey: string;
    readonly dim: string;
    readonly italic: string;
    readonly underline: string;
    readonly inverse: string;
  }
}
