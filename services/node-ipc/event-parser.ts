import { safeCharacter } from '../../entities/config/wire.js';
import { defaults } from '../../entities/config.js';
import { escaped } from '../../lib/dialects/node-ipc.js';

/** A message of js-message, or a plain object. */
export interface Formattable {
  type?: unknown;
  data?: unknown;
  /** The message as JSON, as js-message provides it. Default: the JSON of `type` and `data`. */
  readonly JSON?: string;
}

/**
 * Formats and parses frames, like `entities/EventParser` of node-ipc 9 and 10.
 * @deprecated `client.emit` and `server.emit` do this; the class exists for programs that write to a socket themselves.
 */
export class EventParser {
  /** The string that ends a frame. */
  delimiter: string;

  /** @param config any object with a `delimiter`, such as `ipc.config`; default: node-ipc's settings */
  constructor(config?: { readonly delimiter: string } | null | false) {
    this.delimiter = (config || defaults()).delimiter;
  }

  /**
   * Formats a message as a frame. As in node-ipc, `data` that is undefined, null or `''` becomes `{}`, in the message
   * object, too. If the payload contains the delimiter, it is escaped; in node-ipc it would split the frame.
   */
  format(message: Formattable): string {
    const { data } = message;
    if ((!data && data !== false && data !== 0) || hasListeners(data)) message.data = {};
    const json = message.JSON ?? JSON.stringify({ type: message.type, data: message.data });
    return this.#escape(json) + this.delimiter;
  }

  /** The texts of the complete frames in `data`; whatever follows the last delimiter is ignored. */
  parse(data: string): string[] {
    const frames = data.split(this.delimiter);
    frames.pop();
    return frames;
  }

  #escape(json: string): string {
    if (!json.includes(this.delimiter)) return json;
    const safe = safeCharacter(this.delimiter);
    return safe === '' ? json : json.replaceAll(safe, escaped(safe));
  }
}

/** Whether the data is an EventEmitter, which node-ipc does not send. */
function hasListeners(data: unknown): boolean {
  return Boolean((data as { _maxListeners?: unknown } | null | undefined)?._maxListeners);
}
