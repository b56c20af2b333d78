import colors from 'colors';

/** What each style of node-ipc's examples looks like. */
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
} as const;

colors.setTheme(STYLES);

declare global {
  /** The styles that the root of this package gives to strings, as node-ipc's examples use them. */
  interface String {
    good: string;
    notice: string;
    warn: string;
    error: string;
    debug: string;
    data: string;
    variable: string;
    info: string;
    input: string;
    verbose: string;
    prompt: string;
    help: string;
    rainbow: string;
    zebra: string;
    black: string;
    red: string;
    green: string;
    yellow: string;
    blue: string;
    magenta: string;
    cyan: string;
    white: string;
    gray: string;
    grey: string;
    dim: string;
    italic: string;
    underline: string;
    inverse: string;
  }
}
