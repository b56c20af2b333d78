// The lower bound for a file over a text wire: its bytes as base64, and nothing else.
import { createServer, connect as dial } from 'node:net';
import { pipeline } from 'node:stream/promises';

/** A multiple of three bytes, so that the base64 of the pieces can be joined. */
const PIECE = 3 * 16 * 1024;

async function* encoded(chunks) {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % 3);
    yield Buffer.from(bytes.toString('base64', 0, whole), 'latin1');
    rest = bytes.subarray(whole);
  }
  yield Buffer.from(rest.toString('base64'), 'latin1');
}

async function* decoded(chunks) {
  let rest = '';
  for await (const chunk of chunks) {
    const text = rest + chunk.toString('latin1');
    const whole = text.length - (text.length % 4);
    rest = text.slice(whole);
    yield Buffer.from(text.slice(0, whole), 'base64');
  }
}

export const adapter = {
  name: 'net.Socket, pipeline, base64',
  async serve({ path }, open) {
    const server = createServer((socket) => pipeline(open({ highWaterMark: PIECE }), encoded, socket));
    await new Promise((resolve) => server.listen(path, resolve));
  },
  async connect({ path }) {
    return () => decoded(dial(path));
  },
};
