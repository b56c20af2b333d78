import { safeCharacter } from '../../entities/config/wire.js';
import { defaults } from '../../entities/config.js';
import { escaped } from '../../lib/dialects/node-ipc.js';

/** A message of js-message, or a plain object. */
export interface Formattable {
  type?: unknown;
  data?: unknown;
  /** The message as JSON, as js-message gives it. Default: the JSON of `type` and `data`. */
  readonly JSON?: string;
}

/**
 * Makes frames of messages and takes them apart, as `entities/EventParser` of node-ipc 9 and 10 does.
 * @deprecated `client.emit` and `server.emit` do this; the class is here for programs that write to a socket themselves.
 */
export class EventParser {
  /** What ends a frame. */
  delimiter: string;

  /** @param config anything with a `delimiter`, such as `ipc.config`; default: node-ipc's settings */
  constructor(config?: { readonly delimiter: string } | null | false) {
    this.delimiter = (config || defaults()).delimiter;
  }

  /**
   * A message's frame. As with node-ipc, `data` that are undefined, null or `''` become `{}`, in the message too. Where the
   * payload holds the delimiter, it is escaped; node-ipc breaks the frame in two.
   */
  format(message: Formattable): string {
    const { data } = message;
    if ((!data && data !== false && data !== 0) || hasListeners(data)) message.data = {};
    const json = message.JSON ?? JSON.stringify({ type: message.type, data: message.data });
    return this.#escape(json) + this.delimiter;
  }

  /** The texts of the whole frames in `data`; what follows the last delimiter is left out. */
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

/** Whether data are an EventEmitter, which node-ipc does not send. */
function hasListeners(data: unknown): boolean {
  return Boolean((data as { _maxListeners?: unknown } | null | undefined)?._maxListeners);
}
