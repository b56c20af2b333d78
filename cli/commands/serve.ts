import { listOf } from '../arguments.js';
import type { Command, Context } from '../command.js';
import { EXIT, UsageError } from '../exit.js';
import type { Answerer } from '../serve/answerer.js';
import { Listening } from '../serve/listening.js';
import { Shell } from '../serve/shell.js';
import { addressOf, jsonOrFile, SERVER_OPTIONS } from '../settings.js';

export const serve: Command = {
  name: 'serve',
  summary: 'listens, and prints the packets that arrive',
  arguments: 'ADDRESS',
  count: [1, 1],
  details: `The options determine the answers: an event gets an event of the same type, a request gets a response, and a call for a stream gets
items. Other requests and calls are refused with ERR_IPC_NO_HANDLER. In a pipe each packet is a line:
{"time":...,"from":1,"type":"message","data":"hello"}. Requests and calls also have an "id", and calls have "stream":true. Ctrl-C
stops the server, with the exit code 0.

With --exec, CMD runs in a shell for each packet, up to four at a time. The data is a line of JSON on its standard input, and the
type is in OMNI_IPC_TYPE. Its output is the answer: JSON, or otherwise text. An event gets an answer only if CMD prints something. A
request is refused if the exit code of CMD is not 0.

A call for a stream gets the elements of --reply if that is a list, the items of its body with --echo, and with --exec each line as
CMD prints it. CMD reads the items of the body after the data, one per line, and is ended when the caller leaves.`,
  examples: [
    [
      `omni-ipc serve world --reply 'time={"now":0}' --echo`,
      'answers time with this data, and everything else with its own data',
    ],
    [`omni-ipc serve tcp://localhost:8000 --exec 'jq .x+1'`, 'a handler in any language'],
  ],
  options: {
    reply: {
      type: 'string',
      value: 'TYPE=JSON',
      multiple: true,
      description: 'answers packets of a type; TYPE=@FILE reads the answer from a file',
    },
    echo: { type: 'boolean', description: 'answers packets with their own data' },
    exec: { type: 'string', value: 'CMD', description: 'answers packets with the output of a shell command' },
    raw: { type: 'boolean', description: 'uses bytes instead of packets; --echo sends them back' },
    quiet: { type: 'boolean', short: 'q', description: 'prints no packets' },
    ...SERVER_OPTIONS,
  },
  run: serving,
};

async function serving({ positionals: [text], values, out, signal }: Context): Promise<number> {
  const address = addressOf(text, values);
  const replies = new Map(listOf(values, 'reply').map(readReply));
  const shell =
    typeof values.exec === 'string'
      ? new Shell(values.exec, (error) => out.error('--exec', error))
      : undefined;
  const rest = shell !== undefined || values.echo === true;
  const answerer: Answerer = {
    knows: (type) => rest || replies.has(type),
    async answer(type, data) {
      if (replies.has(type)) return { data: replies.get(type) };
      return shell === undefined ? { data } : shell.run(type, data);
    },
    stream(type, data, context) {
      if (replies.has(type)) return itemsOf(replies.get(type));
      return shell === undefined ? echoed(data, context.body) : shell.lines(type, data, context);
    },
  };
  const listening = new Listening(address, values, out, answerer);
  try {
    await listening.start();
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve());
      if (signal.aborted) resolve();
    });
  } finally {
    shell?.end();
    await listening.stop();
  }
  return EXIT.ok;
}

/** Yields each element of an array, or a single other value. */
async function* itemsOf(value: unknown): AsyncGenerator<unknown> {
  if (Array.isArray(value)) yield* value;
  else yield value;
}

/** Yields the items of the body or, if there are none, the data. */
async function* echoed(data: unknown, body: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  let empty = true;
  for await (const item of body) {
    empty = false;
    yield item;
  }
  if (empty) yield data;
}

function readReply(text: string): [type: string, data: unknown] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--reply is ${JSON.stringify(text)}; write TYPE=JSON.`);
  const type = text.slice(0, at);
  return [type, jsonOrFile(`--reply ${type}`, text.slice(at + 1))];
}
