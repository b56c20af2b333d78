// @ts-check
/** Runs an example: `npm run example -- tcp/basic`. Without a name it lists them. */
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters, styleText } from 'node:util';
import { examples } from './examples.js';
import { play } from './runner/play.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const colourful = process.stdout.isTTY && !process.env.NO_COLOR;
/** @type {Parameters<typeof styleText>[0][]} */
const COLOURS = ['cyan', 'yellow', 'magenta', 'green', 'blue'];

const [name] = process.argv.slice(2);
const example = name === undefined ? undefined : examples[name];
process.once('SIGINT', () => process.exit(130));

if (name !== undefined && example !== undefined) {
  process.exitCode = await play(name, example, { root, write: writer() });
} else {
  if (name !== undefined) console.log(`There is no example ${name}.\n`);
  console.log('npm run example -- NAME\n');
  const width = Math.max(...Object.keys(examples).map((each) => each.length));
  for (const [each, { about }] of Object.entries(examples)) console.log(`  ${each.padEnd(width)}  ${about}`);
  process.exitCode = name === undefined ? 0 : 1;
}

/** Writes lines behind the name of who said them, each in a colour of their own. */
function writer() {
  /** @type {string[]} */
  const known = [];
  return (/** @type {string} */ who, /** @type {string} */ line) => {
    if (!known.includes(who)) known.push(who);
    const said = `${who.padEnd(8)} | `;
    const colour = COLOURS[known.indexOf(who) % COLOURS.length] ?? 'cyan';
    console.log(
      (colourful ? styleText(colour, said) : said) + (colourful ? line : stripVTControlCharacters(line)),
    );
  };
}
