/**
 * A codec of a program's own. Both ends agree on it by its name when they connect; see `config.codec` and `registerCodec`. How
 * long a message may be, and how deep its data may nest, is checked whatever the codec does.
 */
export interface CustomCodec {
  /** What both ends call it. `json`, `msgpack` and `deflate` are taken. */
  readonly name: string;
  /** Whether a Buffer that is encoded is decoded as a Buffer or Uint8Array; else streams send bytes as base64. Default: false. */
  readonly binary?: boolean | undefined;
  /**
   * The bytes of a value, or a text, which is sent as UTF-8. The value is an array that holds a packet's type and data and up to
   * three values more, each null, a string, a number or an object of strings.
   */
  encode(value: readonly unknown[]): Uint8Array | string;
  /** The value that {@link encode} was given. Whatever is wrong with the bytes is thrown, and reported as ERR_IPC_DECODE. */
  decode(bytes: Buffer): unknown;
}

/** Whether a value is a codec, as far as that can be seen. */
export function isCustomCodec(value: unknown): value is CustomCodec {
  if (typeof value !== 'object' || value === null) return false;
  const { name, encode, decode } = value as Partial<CustomCodec>;
  return (
    typeof name === 'string' && name !== '' && typeof encode === 'function' && typeof decode === 'function'
  );
}

/** The name of the codec that a config asks for. */
export function codecName(codec: string | CustomCodec): string {
  return typeof codec === 'string' ? codec : codec.name;
}
