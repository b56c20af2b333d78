// The lower bound for a file over a socket: node:net and pipeline, without framing.
import { createServer, connect as dial } from 'node:net';
import { pipeline } from 'node:stream/promises';

export const adapter = {
  name: 'net.Socket, pipeline',
  async serve({ path }, open) {
    const server = createServer((socket) => pipeline(open(), socket));
    await new Promise((resolve) => server.listen(path, resolve));
  },
  async connect({ path }) {
    return () => dial(path);
  },
};
