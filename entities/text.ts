/** How much of a peer's text is shown, in characters. */
const LONGEST = 100;

/** Control characters, invisible characters, bidirectional controls, lone surrogates and line separators. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Makes a peer's text safe for a log or an error message: control characters (such as line breaks and terminal escape
 * sequences), invisible characters, bidirectional controls and lone surrogates become `\\uXXXX`, and a long text is
 * truncated.
 * @param most the maximum length, in characters
 */
export function escapeText(text: string, most = LONGEST): string {
  return cutText(text, most, (shown) => shown.replace(UNSAFE, escapedCharacter));
}

/**
 * Truncates a long text and states its full length.
 * @param most the maximum length, in characters
 * @param show formats the text that is shown. Default: unchanged
 */
export function cutText(text: string, most: number, show: (text: string) => string = String): string {
  return text.length > most ? `${show(text.slice(0, most))}... (${text.length} characters)` : show(text);
}

/** A number of things, such as '1 packet' or '2 packets'. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

function escapedCharacter(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}
