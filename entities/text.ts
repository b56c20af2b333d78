/** So much of a peer's text is worth showing, in characters. */
const LONGEST = 100;

/** Controls, invisible and direction-turning characters, lone surrogates, and separators of lines. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Makes a text that a peer chose fit for a log or an error's message: line breaks, control characters, escape sequences of
 * terminals, invisible and direction-turning characters and lone surrogates become `\\uXXXX`, and a long text is cut off.
 * @param most the length from which on it is cut off, in characters
 */
export function escapeText(text: string, most = LONGEST): string {
  return cutText(text, most, (shown) => shown.replace(UNSAFE, escapedCharacter));
}

/**
 * Cuts a long text off, and says how long it was.
 * @param most the length from which on it is cut off, in characters
 * @param show what is shown of a text. Default: the text itself
 */
export function cutText(text: string, most: number, show: (text: string) => string = String): string {
  return text.length > most ? `${show(text.slice(0, most))}... (${text.length} characters)` : show(text);
}

function escapedCharacter(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}
