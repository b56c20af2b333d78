/** Tells the driver something: one line of JSON on standard output. */
export function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Ends this process and with it the round: a message was lost, changed, or came out of order. */
export function fail(reason) {
  process.stdout.write(`${JSON.stringify({ failed: String(reason) })}\n`, () => process.exit(1));
  throw new Error(reason);
}
