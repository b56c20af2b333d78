/**
 * Characters that control a terminal or change how the surrounding text looks: C0, DEL and C1 controls, bidirectional
 * controls, line separators, invisible characters, and lone surrogates.
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Makes external text safe to print on one line of a terminal: unsafe characters become `\uXXXX`. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** Escapes like {@link escapeText} and truncates after `most` characters; it states how many are omitted. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return escapeText(text);
  return `${escapeText(text.slice(0, most))}… (${text.length - most} more characters)`;
}

/** Escapes like {@link escapeText}, but keeps line feeds. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeText).join('\n');
}

/** Escapes text that contains our own color sequences: it keeps ESC and line feeds. */
export function escapeColored(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins a colour
  return text.replace(UNSAFE, (character) => (/[\n\x1b]/.test(character) ? character : escaped(character)));
}
