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
    /** The text in green. */
    readonly good: string;
    /** The text in cyan. */
    readonly notice: string;
    /** The text in yellow. */
    readonly warn: string;
    /** The text in red. */
    readonly error: string;
    /** The text in magenta. */
    readonly debug: string;
    /** The text in blue. */
    readonly data: string;
    /** The text in yellow. */
    readonly variable: string;
    /** The text in cyan. */
    readonly info: string;
    /** The text in grey. */
    readonly input: string;
    /** The text in cyan. */
    readonly verbose: string;
    /** The text in grey. */
    readonly prompt: string;
    /** The text in cyan. */
    readonly help: string;
    /** The text with a different color for each letter. */
    readonly rainbow: string;
    /** The text with every second letter inverted. */
    readonly zebra: string;
    /** The text in black. */
    readonly black: string;
    /** The text in red. */
    readonly red: string;
    /** The text in green. */
    readonly green: string;
    /** The text in yellow. */
    readonly yellow: string;
    /** The text in blue. */
    readonly blue: string;
    /** The text in magenta. */
    readonly magenta: string;
    /** The text in cyan. */
    readonly cyan: string;
    /** The text in white. */
    readonly white: string;
    /** The text in grey. */
    readonly gray: string;
    /** The text in grey. */
    readonly grey: string;
    /** The text with less brightness. */
    readonly dim: string;
    /** The text in italics. */
    readonly italic: string;
    /** The text underlined. */
    readonly underline: string;
    /** The text with foreground and background swapped. */
    readonly inverse: string;
  }
}
