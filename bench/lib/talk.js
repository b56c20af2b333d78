/** Sends a report to the driver: one line of JSON on standard output. */
export function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Ends this process and so the round, because a message was lost, changed or out of order. */
export function fail(reason) {
  process.stdout.write(`${JSON.stringify({ failed: String(reason) })}\n`, () => process.exit(1));
  throw new Error(reason);
}
