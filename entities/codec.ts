/**
 * A codec supplied by the program. The two ends agree on it by name during the handshake; see `config.codec` and
 * `registerCodec`. The limits on message size and nesting depth apply regardless of the codec.
 */
export interface CustomCodec {
  /** The name that both ends use. `json`, `msgpack` and `deflate` are reserved. */
  readonly name: string;
  /**
   * Whether the codec decodes an encoded Buffer to a Buffer or Uint8Array. If not, streams send bytes as base64. Default:
   * false.
   */
  readonly binary?: boolean | undefined;
  /**
   * Encodes a value to bytes, or to a string that is sent as UTF-8. The value is an array of a packet's type, its data and
   * up to three more elements, each of which is null, a string, a number or an object of strings.
   */
  encode(value: readonly unknown[]): Uint8Array | string;
  /**
   * Decodes bytes to the value that was passed to {@link encode}. If the bytes are invalid, it throws; the error is
   * reported as ERR_IPC_DECODE.
   */
  decode(bytes: Buffer): unknown;
}

/** Whether a value has the members of a codec. It does not call them. */
export function isCustomCodec(value: unknown): value is CustomCodec {
  if (typeof value !== 'object' || value === null) return false;
  const { name, encode, decode } = value as Partial<CustomCodec>;
  return (
    typeof name === 'string' && name !== '' && typeof encode === 'function' && typeof decode === 'function'
  );
}

/** The name of the codec in `config.codec`. */
export function codecName(codec: string | CustomCodec): string {
  return typeof codec === 'string' ? codec : codec.name;
}
