import type { Config } from '../entities/config.js';
import { IPCError, messageOf, reservedError } from '../entities/errors.js';
import { eventName, isReserved } from '../entities/packet.js';
import { escapeText } from '../entities/text.js';

/** How much of a peer's name an error shows, in characters. */
const SHOWN = 80;

type NameConfig = Pick<Config, 'allowedEvents' | 'allowReservedEvents' | 'maxEventNameLength' | 'rawBuffer'>;

/** Checks which names events, requests and streams may have, in both directions. It does not apply to control packets. */
export class EventNames {
  readonly #allowed: ReadonlySet<string> | undefined;
  readonly #allows: ((name: string) => boolean) | undefined;
  readonly #longest: number;
  readonly #reserved: ReadonlySet<string>;
  readonly #config: NameConfig;
  /**
   * The last names that passed, outgoing and incoming, since names are usually repeated. A function in the config is called
   * each time.
   */
  #sent: string | undefined;
  #heard: string | undefined;

  /** @param reserved the lifecycle events, which a peer must not emit */
  constructor(config: NameConfig, reserved: ReadonlySet<string>) {
    const { allowedEvents, maxEventNameLength, rawBuffer } = config;
    this.#config = config;
    this.#reserved = reserved;
    this.#longest = maxEventNameLength;
    // Raw bytes have no names.
    if (allowedEvents === undefined || rawBuffer) return;
    if (typeof allowedEvents === 'function') this.#allows = allowedEvents;
    else this.#allowed = new Set(allowedEvents);
  }

  /**
   * Checks the name of an outgoing event, request or stream.
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_EVENT_TOO_LARGE, ERR_IPC_EVENT_NOT_ALLOWED
   */
  toSend(type: unknown): string {
    if (type === this.#sent && typeof type === 'string') return type;
    const name = eventName(type);
    const refused = this.refusal(name);
    if (refused !== undefined) throw refused;
    if (this.#allows === undefined) this.#sent = name;
    return name;
  }

  /** Why a name is refused; undefined if it is permitted. */
  refusal(name: string): IPCError | undefined {
    if (name.length > this.#longest) return tooLong(name, this.#longest);
    if (this.#allowed !== undefined) return this.#allowed.has(name) ? undefined : notAllowed(name);
    return this.#allows === undefined ? undefined : this.#asked(name, this.#allows);
  }

  /** Why an incoming event is refused; undefined if it is permitted. */
  eventRefusal(name: string): IPCError | undefined {
    if (name === this.#heard) return undefined;
    if (isReserved(name, this.#reserved, this.#config)) return reservedError(name);
    const refused = this.refusal(name);
    if (refused === undefined && this.#allows === undefined) this.#heard = name;
    return refused;
  }

  #asked(name: string, allows: (name: string) => boolean): IPCError | undefined {
    try {
      return allows(name) === true ? undefined : notAllowed(name);
    } catch (cause) {
      const message = `config.allowedEvents threw an error for the name ${shown(name)}, which was therefore refused: ${messageOf(cause)}.`;
      return new IPCError('ERR_IPC_EVENT_NOT_ALLOWED', message, { cause });
    }
  }
}

function tooLong(name: string, longest: number): IPCError {
  const message =
    `The name ${shown(name)} has ${name.length} characters, and config.maxEventNameLength allows ${longest}; send a shorter ` +
    'one, or raise that on both sides.';
  return new IPCError('ERR_IPC_EVENT_TOO_LARGE', message);
}

function notAllowed(name: string): IPCError {
  const message = `The name ${shown(name)} is refused: config.allowedEvents does not allow it; add it on both sides.`;
  return new IPCError('ERR_IPC_EVENT_NOT_ALLOWED', message);
}

function shown(name: string): string {
  return `"${escapeText(name, SHOWN)}"`;
}
