/** What is handed over with a payload, and not copied; kept by the payload. */
const transfers = new WeakMap<object, readonly unknown[]>();

/** Marks what of a payload is handed over instead of copied, where the transport can: buffers and message ports. */
export function transfer<Payload extends object>(payload: Payload, list: readonly unknown[]): Payload {
  transfers.set(payload, list);
  return payload;
}

/** What is handed over with a payload. */
export function transferOf(payload: unknown): readonly unknown[] | undefined {
  return typeof payload === 'object' && payload !== null ? transfers.get(payload) : undefined;
}
