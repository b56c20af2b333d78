import { emitKeypressEvents, type Key } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Printer } from '../printer.js';

/** Control sequences: switch to the alternate screen without a cursor, and back. */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_REST = '\u001b[J';

/** The part of a terminal's input that is needed to read keys. */
type Keyboard = Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };

/** A full screen that is redrawn repeatedly, and restored at the end. */
export class Screen {
  readonly #out: Printer;
  readonly #keyboard: Keyboard;
  readonly #pressed: (text: string | undefined, key: Key) => void;

  /** @param pressed called for each key with its text and its name */
  constructor(out: Printer, keyboard: Keyboard, pressed: (text: string, key: Key) => void) {
    this.#out = out;
    this.#keyboard = keyboard;
    this.#pressed = (text, key) => pressed(text ?? '', key);
    out.raw(ENTER);
    if (keyboard.isTTY !== true) return;
    emitKeypressEvents(keyboard);
    keyboard.setRawMode?.(true);
    keyboard.on('keypress', this.#pressed);
    keyboard.resume();
  }

  draw(lines: readonly string[]): void {
    this.#out.raw(`${HOME}${lines.map((line) => `${line}${CLEAR_LINE}`).join('\r\n')}${CLEAR_REST}`);
  }

  /** Restores the terminal. */
  close(): void {
    this.#keyboard.off('keypress', this.#pressed);
    if (this.#keyboard.isTTY === true) this.#keyboard.setRawMode?.(false);
    this.#keyboard.pause();
    this.#out.raw(LEAVE);
  }
}
