import { hasIPv6 } from '../support/network.js';
import { start } from '../support/processes.js';

describe('npm start', () => {
  it('shows a server and a client that exchange messages over every kind of socket, and ends', async () => {
    const demo = start('example/demo/demo.js', [], { NODE_V8_COVERAGE: '' });
    expect(await demo.exited)
      .withContext(demo.stdout + demo.stderr)
      .toEqual({ code: 0, signal: null });
    const [, server, client] =
      demo.stdout.match(/^A server \(process (\d+)\) and a client \(process (\d+)\)/) ?? [];
    expect(new Set([server, client, String(demo.process.pid)]).size).toBe(3);
    for (const socket of ['unix', 'tcp', 'tls', 'udp4']) expect(talkOver(socket, demo.stdout)).toEqual(talk);
    expect(talkOver('udp6', demo.stdout)).toEqual(
      hasIPv6() ? talk : ['skipped: this machine has no IPv6 loopback'],
    );
    expect(talkOver('raw', demo.stdout)).toEqual([
      'client -> server  bytes    "056d5cff"',
      'client <- server  bytes    "ff5c6d05"',
    ]);
    expect(demo.stdout).toMatch(
      /^\d+ messages over [56] kinds of socket; both processes have ended by themselves\.$/m,
    );
  });
});

const talk = [
  'client -> server  message  "hëllo ☕"',
  'client <- server  message  "hëllo ☕ world!"',
  'client -> server  add      [2,40]',
  'client <- server  add      42',
  'client -> server  goodbye  "that was all"',
];

/** The lines of one kind of socket, without that of its address. */
function talkOver(socket: string, output: string): string[] {
  const part = output.split('\n\n').find((text) => text.startsWith(`${socket} `)) ?? '';
  const lines = part.split('\n').map((line) => line.slice(6));
  return lines.length > 1 ? lines.slice(1) : lines;
}
