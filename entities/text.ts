/** So much of a peer's text is worth showing, in characters. */
const LONGEST = 100;

/** Controls, invisible and direction-turning characters, lone surrogates, and separators of lines. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A text that a peer chose, as it may stand in a log or an error's message: without line breaks, control characters, escape
 * sequences of terminals, characters that turn the direction of text or are invisible, and halves of characters; and cut off
 * where it is long.
 * @param most the length from which on it is cut off, in characters
 */
export function escapeText(text: string, most = LONGEST): string {
  const shown = text.length > most ? text.slice(0, most) : text;
  const escaped = shown.replace(UNSAFE, escapedCharacter);
  return shown.length < text.length ? `${escaped}... (${text.length} characters)` : escaped;
}

function escapedCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
