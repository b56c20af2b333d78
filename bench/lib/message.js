import { fail } from './talk.js';

/** Sixteen payloads of 64 bytes that differ in their first character. */
const TEXTS = Array.from({ length: 16 }, (_, i) =>
  `${i.toString(16)}${'omni-ipc bench payload '.repeat(3)}`.slice(0, 64),
);

/** Returns the small object that most workloads send: its number, and a text of 64 bytes that depends on the number. */
export function message(n) {
  return { n, text: TEXTS[n & 15] };
}

/** Ends the round with an error unless this is message `n`, complete. */
export function check(data, n) {
  if (data.n !== n) fail(`message ${data.n} arrived where ${n} was due`);
  if (data.text !== TEXTS[n & 15]) fail(`message ${n} arrived changed`);
}
