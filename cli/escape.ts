/**
 * Characters that a terminal acts on, or that change how the text around them looks: C0, DEL and C1 controls, marks that
 * turn the direction of text, line separators, invisible characters, and lone surrogates.
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** One line of text from outside, made safe for a terminal: what is not plain text becomes its `\uXXXX` escape. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** As {@link escapeText}, cut after so many characters; says how many are missing. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return escapeText(text);
  return `${escapeText(text.slice(0, most))}… (${text.length - most} more characters)`;
}

/** Text of several lines: line feeds stay. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeText).join('\n');
}

/** As {@link escapeText} for text with our own colours in it, in which ESC may stay. */
export function escapeColored(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins a colour
  return text.replace(UNSAFE, (character) => (/[\n\x1b]/.test(character) ? character : escaped(character)));
}
