import { inspect } from 'node:util';
import colors from 'colors/safe.js';
import { IPCError } from '../../entities/errors.js';
/** What each style looks like: those of node-ipc's examples, and the colors that they are made of. */
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
};
const RAINBOW = ['red', 'yellow', 'green', 'blue', 'magenta'];
if (!Object.isExtensible(String.prototype)) {
    throw new IPCError('ERR_IPC_CONFIG', 'omni-ipc/styles adds properties to String.prototype, which is frozen (--frozen-intrinsics). Use util.styleText() instead.');
}
for (const [name, color] of Object.entries(STYLES))
    add(name, (text) => paint(text, color));
add('rainbow', (text) => letters(text, (index) => RAINBOW[index % RAINBOW.length]));
add('zebra', (text) => letters(text, (index) => (index % 2 === 0 ? undefined : 'inverse')));
/** Adds a style that no loop over a string's properties sees, and that a program may replace. */
function add(name, style) {
    Object.defineProperty(String.prototype, name, {
        configurable: true,
        enumerable: false,
        get() {
            return colors.enabled ? style(String(this)) : String(this);
        },
        set(value) {
            Object.defineProperty(this, name, { configurable: true, enumerable: true, writable: true, value });
        },
    });
}
function paint(text, color) {
    const [open, close] = inspect.colors[color];
    return `\u001b[${open}m${text}\u001b[${close}m`;
}
/** Paints each letter in a color of its own; spaces stay as they are. */
function letters(text, colorOf) {
    let painted = '';
    let index = 0;
    for (const letter of text) {
        const color = letter === ' ' ? undefined : colorOf(index);
        painted += color === undefined ? letter : paint(letter, color);
        index++;
    }
    return painted;
}
//# sourceMappingURL=index.js.map