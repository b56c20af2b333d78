import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { Script } from 'node:vm';
import { channelAt, freshRendezvous } from '../support/channels.js';
import { ipcError } from '../support/errors.js';
import { freshIPC, pair } from '../support/instances.js';
import { inProject } from '../support/project.js';
import { warningsOf } from '../support/warnings.js';

/** How a value gets to the other side, as an event and as a response. */
interface Way {
  event(value: unknown): Promise<unknown>;
  response(value: unknown): Promise<unknown>;
}

interface Row {
  readonly value: string;
  /** What the table says of events or responses alone, or of both. */
  readonly only: 'event' | 'response' | undefined;
  /** What arrives, by the column. */
  readonly arrives: readonly string[];
}

const [, text = ''] = readFileSync(inProject('docs', 'what-travels.md'), 'utf8').split('\n## Values\n');
const table = text
  .slice(0, text.indexOf('\n## '))
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split(/ ?\| ?/).slice(1, -1));
const [heads = [], , ...lines] = table;
const rows: Row[] = lines.map(([value = '', ...arrives]) => ({
  value: codeOf(value),
  only: /, in an? (event|response)$/.exec(value)?.[1] as Row['only'],
  arrives,
}));

/** What is between the first backticks. */
function codeOf(cell: string): string {
  return /`(.*?)`/.exec(cell)?.[1] ?? '';
}

function isCloned(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function evaluated(code: string): unknown {
  return new Script(`(${code})`).runInThisContext();
}

// biome-ignore lint/suspicious/noExplicitAny: ends of every kind
function between(server: any, client: any): Way {
  return {
    event: (value) =>
      new Promise((resolve, reject) => {
        server.once('value', (data: unknown) => resolve(data));
        try {
          client.emit('value', value);
        } catch (error) {
          server.off('value');
          reject(error);
        }
      }),
    response(value) {
      server.handle('value', () => value);
      return client.request('value');
    },
  };
}

const WAYS: Record<string, () => Promise<Way>> = {
  async JSON() {
    const { server, client } = await pair();
    return between(server, client);
  },
  async MessagePack() {
    const { server, client } = await pair({ client: { codec: 'msgpack' } });
    return between(server, client);
  },
  async 'message port'() {
    const { port1, port2 } = new MessageChannel();
    const server = freshIPC().servePort(port1);
    await server.start();
    return between(server, await freshIPC().connectToPort('port', port2).ready());
  },
  async channel() {
    const channel = channelAt(freshRendezvous());
    await channel.ready();
    const to = channel.to(1);
    return {
      event: (value) =>
        new Promise((resolve, reject) => {
          channel.once('value' as never, ((_sender: number, data: unknown) => resolve(data)) as never);
          try {
            to.emit('value', value as never);
          } catch (error) {
            channel.off('value' as never);
            reject(error);
          }
        }),
      response(value) {
        channel.handle('value' as never, (() => value) as never);
        return to.request('value');
      },
    };
  },
};

describe('docs/what-travels.md', () => {
  it('has a column for each codec, and rows', () => {
    expect(heads.slice(1)).toEqual(Object.keys(WAYS));
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter(({ arrives }) => arrives.length !== heads.length - 1)).toEqual([]);
  });

  for (const [column, open] of Object.values(WAYS).entries()) {
    it(`says what arrives: ${heads[column + 1]}`, async () => {
      const way = await open();
      await warningsOf(async () => {
        for (const { value, only, arrives } of rows) {
          const said = arrives[column] as string;
          const sent = evaluated(value);
          // The page says that newer versions of Node refuse what older ones copy as an empty object.
          const refused = heads[column + 1] === 'message port' && said === '`{}`' && !isCloned(sent);
          const wanted = refused ? 'ERR_IPC_ENCODE' : said === 'same' ? sent : codeOf(said);
          for (const kind of ['event', 'response'] as const) {
            if (only !== undefined && only !== kind) continue;
            const came = way[kind](sent);
            const where = `${value} in ${kind === 'event' ? 'an' : 'a'} ${kind}`;
            if (typeof wanted === 'string' && /^ERR_IPC_\w+$/.test(wanted)) {
              await expectAsync(came)
                .withContext(where)
                .toBeRejectedWith(ipcError(wanted as 'ERR_IPC_ENCODE'));
              continue;
            }
            const data = await came;
            const arrived = said === 'same' ? sent : evaluated(wanted as string);
            // For jasmine, no two invalid dates are equal.
            if (inspect(data) !== inspect(arrived)) expect(data).withContext(where).toEqual(arrived);
          }
        }
      });
    });
  }
});
