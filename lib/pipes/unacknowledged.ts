/** The packets that one end of a port has sent, until the other end acknowledges them. */
export class Unacknowledged {
  /** The size of the packets in bytes. */
  bytes = 0;
  /** The sizes of the packets, the oldest first. */
  #sizes: number[] = [];
  #drained: ((lost: boolean) => void)[] = [];

  /** The number of packets. */
  get length(): number {
    return this.#sizes.length;
  }

  push(size: number): void {
    this.#sizes.push(size);
    this.bytes += size;
  }

  /** The other end has received the oldest packets. Their number may be any value, since the other end sent it. */
  acknowledge(count: unknown): void {
    if (!Number.isSafeInteger(count) || (count as number) < 1) return;
    for (const size of this.#sizes.splice(0, count as number)) this.bytes -= size;
    if (this.#sizes.length === 0) this.end();
  }

  /** Calls back when the other end has acknowledged everything, or when the connection ends. */
  drained(callback: (lost: boolean) => void): void {
    this.#drained.push(callback);
  }

  /** Nobody needs to know of the packets any more. */
  forget(): void {
    this.#sizes = [];
  }

  /** No packet will be acknowledged any more. */
  end(): void {
    for (const callback of this.#drained.splice(0)) callback(this.#sizes.length > 0);
  }
}
