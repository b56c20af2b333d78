import { spawn, spawnSync } from 'node:child_process';
import { once as onceNode } from 'node:events';
import type { Socket } from 'node:net';
import { afterwards } from '../support/afterwards.js';
import { heard, once } from '../support/events.js';
import { local } from '../support/instances.js';

const hasPython = spawnSync('python3', ['--version']).status === 0;

/** A peer that sends two messages, waits for an answer, and sends that back turned round. */
const PEER = `
import socket, struct, sys
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
order = sys.argv[2]
def send(message):
    peer.sendall(struct.pack(order + 'I', len(message)) + message)
def exactly(size):
    got = b''
    while len(got) < size:
        got += peer.recv(size - len(got))
    return got
send(b'one')
send(b'')
send(exactly(struct.unpack(order + 'I', exactly(4))[0])[::-1])
peer.close()
`;

describe('With length-prefixed framing, a peer in Python', () => {
  for (const [framing, order] of [
    ['length-prefixed', '>'],
    ['length-prefixed-le', '<'],
  ] as const) {
    it(`exchanges whole messages with a raw server (${framing})`, async () => {
      if (!hasPython) pending('python3 is not installed');
      const server = await local.serve({ rawBuffer: true, framing });
      const messages: string[] = [];
      const connected = once<[Socket]>(server, 'connect');
      const all = heard(server, 'data', 3);
      server.on('data', (data: Buffer) => messages.push(data.toString()));
      const peer = spawn('python3', ['-c', PEER, server.path, order], { stdio: 'inherit' });
      afterwards(() => peer.kill());
      const [socket] = await connected;
      server.emit(socket, Buffer.alloc(100_000, 'ab'));
      const ended = onceNode(peer, 'exit');
      await all;
      expect(messages).toEqual(['one', '', Buffer.alloc(100_000, 'ba').toString()]);
      expect((await ended)[0]).toBe(0);
    });
  }
});
