import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { textOf } from '../arguments.js';
import type { Command, Context } from '../command.js';
import { escapeText } from '../escape.js';
import { EXIT, UsageError } from '../exit.js';
import { duration } from '../figures.js';
import { connect, type Remote } from '../remote.js';
import { addressOf, CLIENT_OPTIONS } from '../settings.js';
import { type Recorded, readRecording } from '../tap/recording.js';

export const replay: Command = {
  name: 'replay',
  summary: 'sends the messages of the clients in a recording of tap again',
  arguments: 'FILE ADDRESS',
  count: [2, 2],
  details: `Opens a connection for each connection of the recording, and sends the messages of its client in the same order and at the same pace.
It sends events, requests, topics and raw bytes; each connection makes its own hellos and pings. For each request it prints a line:
{"connection":1,"type":"add","ms":0.3,"same":true}. "same" says whether the answer equals the recorded one.

With --check the exit code is 1 if an answer differs.`,
  examples: [['omni-ipc replay traffic.ndjson world --speed 0 --check', 'as fast as possible, as a test']],
  options: {
    speed: {
      type: 'string',
      value: 'FACTOR',
      description: 'the speed relative to the recording; 0: without waiting (1)',
    },
    check: { type: 'boolean', description: 'fails if an answer differs from the recorded one' },
    ...CLIENT_OPTIONS,
  },
  async run(context: Context) {
    const { positionals, values, signal } = context;
    const [file = '', address] = positionals;
    const target = addressOf(address, values);
    const speed = speedOf(textOf(values, 'speed') ?? '1');
    const lines: Recorded[] = [];
    for await (const line of readRecording(file)) lines.push(line);
    const remotes = new Map<number, Remote>();
    const pending = new Set<Promise<void>>();
    const answers = answersIn(lines);
    const bare = bareConnections(lines);
    let different = 0;
    try {
      const begun = performance.now();
      for (const line of lines) {
        if (line.from !== 'client') continue;
        if (signal.aborted) break;
        const due = speed === 0 ? 0 : (line.time - (lines[0]?.time ?? 0)) / speed;
        const early = due - (performance.now() - begun);
        if (early > 1) await wait(early, undefined, { signal }).catch(() => {});
        if (signal.aborted) break;
        const raw = bare.has(line.connection);
        const known = remotes.get(line.connection);
        const remote = known ?? (await connect(target, values, signal, { raw }));
        remotes.set(line.connection, remote);
        const sent = send(remote, line, context, answers.get(`${line.connection} ${line.id}`)).then(
          (same) => {
            if (same === false) different++;
          },
        );
        pending.add(sent);
        sent.then(
          () => pending.delete(sent),
          () => {},
        );
        // Keeps the order of events, and limits the number of open requests.
        if (line.id === undefined || pending.size > 1000) await sent;
      }
      await Promise.all(pending);
    } finally {
      for (const remote of remotes.values()) await remote.close();
    }
    if (signal.aborted) return EXIT.interrupted;
    return values.check === true && different > 0 ? EXIT.found : EXIT.ok;
  },
};

/** The recorded response of each request, by connection and id. */
function answersIn(lines: readonly Recorded[]): ReadonlyMap<string, Recorded> {
  const answers = lines.filter(({ from, re }) => from === 'server' && re !== undefined);
  return new Map(answers.map((line) => [`${line.connection} ${line.re}`, line]));
}

/** The connections whose clients sent bytes that were not packets. */
function bareConnections(lines: readonly Recorded[]): ReadonlySet<number> {
  const bare = lines.filter(({ from, bytes }) => from === 'client' && bytes !== undefined);
  return new Set(bare.map(({ connection }) => connection));
}

/** @returns for a request, whether the response was the same as in the recording */
async function send(
  remote: Remote,
  line: Recorded,
  { out, signal }: Context,
  recorded: Recorded | undefined,
): Promise<boolean | undefined> {
  const { type = '', data, id, bytes, connection } = line;
  const { client } = remote;
  if (bytes !== undefined) await remote.emit('', Buffer.from(bytes, 'base64'));
  else if (type === 'ipc:publish')
    client?.publish(String((data as { topic?: unknown })?.topic), (data as { data?: unknown })?.data);
  else if (type === 'ipc:subscribe') await client?.subscribe(data as string[], () => {});
  else if (type === 'ipc:unsubscribe') await client?.unsubscribe(data as string[]);
  else if (id !== undefined && !type.startsWith('ipc:')) {
    const since = performance.now();
    const answer = await remote.request(type, data, { signal }).then(
      (value) => ({ data: value }),
      (error: Error & { code?: unknown }) => ({ error: { message: error.message, code: error.code } }),
    );
    const ms = Number((performance.now() - since).toFixed(3));
    const same = recorded !== undefined && isSame(answer, recorded);
    out.record({ connection, type, ms, same, ...answer }, () => {
      const mark = same ? out.paint('green', 'same') : out.paint('red', 'different');
      return `${connection} ${out.paint('cyan', escapeText(type))} ${mark} ${duration(ms)}  ${out.readable(Object.values(answer)[0])}`;
    });
    return same;
  } else if (line.re === undefined && !type.startsWith('ipc:')) await remote.emit(type, data);
  return undefined;
}

function isSame(answer: { data?: unknown; error?: { code?: unknown } }, recorded: Recorded): boolean {
  if (answer.error === undefined) {
    if (recorded.error !== undefined) return false;
    return isDeepStrictEqual(JSON.parse(JSON.stringify(answer.data ?? {})), recorded.data ?? {});
  }
  const was = recorded.error as { code?: unknown } | undefined;
  return was !== undefined && (was.code ?? 'ERR_IPC_REMOTE') === answer.error.code;
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (text.trim() !== '' && Number.isFinite(speed) && speed >= 0) return speed;
  throw new UsageError(`--speed is ${JSON.stringify(text)}; it must be a number from 0 on.`);
}
