import { numberOf } from '../arguments.js';
import type { Command } from '../command.js';
import { EXIT, UsageError } from '../exit.js';
import { WebServer } from '../web/server.js';

export const web: Command = {
  name: 'web',
  summary: 'shows what inspected programs do in a browser',
  count: [0, 0],
  details: `Prints a link to a page on the loopback. The page has a map of the programs that were started with node --import omni-ipc/inspect,
with their connections, packets, requests and figures, and can send messages. Ctrl-C ends the command.

The link has a token. Anyone with the link can see the content of the page, and can send messages to the servers in it. Payloads stay
in the programs unless --payloads is set. Nothing leaves the machine. While no page is open, the programs report nothing.`,
  examples: [
    ['omni-ipc web', 'prints the link'],
    ['omni-ipc web --port 7777 --payloads', 'always the same port, and packets with their payloads'],
  ],
  options: {
    port: {
      type: 'string',
      short: 'p',
      value: 'NUMBER',
      description: 'the port on 127.0.0.1 (any free port)',
    },
    payloads: { type: 'boolean', description: 'shows the beginnings of payloads' },
    packets: {
      type: 'string',
      value: 'NUMBER',
      description: 'the number of packets per second that each process reports; the others are counted (500)',
    },
  },
  async run({ values, out, signal }) {
    if (process.platform === 'win32')
      throw new UsageError('web needs the inspector, which this system does not have.');
    const port = numberOf(values, 'port', 0, 65_535) ?? 0;
    const packets = numberOf(values, 'packets', 0, 10_000) ?? 500;
    const server = new WebServer({ payloads: values.payloads === true, packets });
    let url: string;
    try {
      url = await server.start(port);
    } catch (error) {
      throw new UsageError(
        `The web view cannot listen on port ${port}: ${(error as Error).message}; choose another --port, or leave it out.`,
      );
    }
    out.record({ url }, () => `${out.paint('bold', url)}\nCtrl-C ends the web view.`);
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await server.stop();
    return EXIT.ok;
  },
};
