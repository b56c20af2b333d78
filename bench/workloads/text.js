import { fail } from '../lib/talk.js';

const MEBIBYTE = 1024 * 1024;
const SIZE = 2 * MEBIBYTE;

/** The characters of the texts. The low byte of each UTF-16 unit of 漢 equals that of a quote, which slows a search for quotes. */
const SCRIPTS = {
  ascii: 'The quick brown fox jumps over the lazy dog. ',
  'latin-1': 'é',
  cjk: '漢字テスト語',
  '漢 alone': '漢',
  emoji: '\u{1f600}\u{1f680}',
  'ascii with some cjk': 'hello 漢 ',
};

const target = { metric: 'rate', against: 'bare', atLeast: 1.2 };

/** Measures the echo of a long text of one script, one at a time. */
export const workload = {
  title: '2 MiB texts by their script, there and back',
  metrics: [{ key: 'rate', label: 'MiB a second, both ways added', better: 'more', digits: 1 }],
  cases: Object.keys(SCRIPTS).map((script) => ({
    name: script,
    transport: 'unix',
    load: { script },
    subjects: ['bare', 'omni-ipc', 'node-ipc-14'],
  })),
  targets: [target],
  warm: 400,
  time: 500,
};

/** Returns two MiB of UTF-8, with a prefix that makes each text different. */
function textOf(script) {
  const piece = SCRIPTS[script];
  return piece.repeat(Math.floor(SIZE / Buffer.byteLength(piece)));
}

/** Echoes each message. */
export async function server(adapter, place, { ready, over }) {
  let received = 0;
  const { send } = await adapter.serve(place, (data, peer) => {
    received++;
    send(peer, data);
  });
  ready();
  await over;
  return { received };
}

/** Compares each echoed text with the one that was sent. */
export async function client(adapter, place, { load, warm, time }) {
  const text = textOf(load.script);
  const bytes = Buffer.byteLength(text);
  let sent = 0;
  let back;
  const { send } = await adapter.connect(place, (data) => back(data));

  async function trips(until) {
    let count = 0;
    while (performance.now() < until) {
      const data = await new Promise((resolve) => {
        back = resolve;
        send({ n: sent, text });
      });
      if (data.n !== sent++ || data.text !== text) fail(`text ${data.n} came back changed`);
      count++;
    }
    return count;
  }

  await trips(performance.now() + warm);
  const start = performance.now();
  const count = await trips(start + time);
  const seconds = (performance.now() - start) / 1000;
  return { rate: (2 * bytes * count) / MEBIBYTE / seconds, sent };
}
