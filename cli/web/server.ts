import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { UsageError } from '../exit.js';
import { packageFolder, version } from '../version.js';
import { Feed, type FeedOptions } from './feed.js';
import { Guard } from './guard.js';
import { send } from './sender.js';
import type { Told } from './wire.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** The maximum size of a composed message, and of data queued for a page that does not read, in bytes. */
const MOST_BODY = 1024 * 1024;
const MOST_UNREAD = 8 * 1024 * 1024;

interface Asset {
  readonly type: string;
  readonly content: Buffer;
}

/** The server of the web view. It listens on the loopback. */
export class WebServer {
  readonly #guard = new Guard();
  readonly #feed: Feed;
  readonly #payloads: boolean;
  readonly #assets: ReadonlyMap<string, Asset>;
  readonly #server: Server;
  readonly #ended = new AbortController();

  /** @throws UsageError if the page has not been built */
  constructor(options: FeedOptions) {
    this.#feed = new Feed(options);
    this.#payloads = options.payloads;
    this.#assets = assets();
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    this.#server.maxConnections = 64;
  }

  /**
   * Listens on the loopback.
   * @param port 0 lets the system choose
   * @returns the link. Its token is in the fragment, which browsers do not send, so it appears in no server's log
   */
  async start(port: number): Promise<string> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port: chosen } = this.#server.address() as AddressInfo;
    this.#guard.at(chosen);
    return `http://127.0.0.1:${chosen}/#${this.#guard.token}`;
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    this.#feed.close();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(this.#guard.headers)) response.setHeader(name, value);
    const refusal = this.#guard.refusal(request);
    if (refusal !== undefined) {
      respond(response, refusal.status, 'text/plain; charset=utf-8', `${refusal.why}\n`);
      request.resume();
      return;
    }
    const [path = ''] = (request.url ?? '').split('?');
    if (request.method === 'POST') await this.#post(path, request, response);
    else if (path === '/api/events') this.#events(response);
    else {
      const asset = this.#assets.get(path === '/' ? '/index.html' : path);
      if (asset === undefined) respond(response, 404, 'text/plain', 'There is nothing here.\n');
      else respond(response, 200, asset.type, asset.content);
    }
  }

  /** Streams updates, one per line. A page that does not read misses batches and receives the next state. */
  #events(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson; charset=utf-8' });
    const tell = (told: Told) => {
      if (response.writableLength < MOST_UNREAD) response.write(`${JSON.stringify(told)}\n`);
    };
    response.on('close', () => this.#feed.leave(tell));
    tell({ kind: 'hello', version: version(), payloads: this.#payloads });
    this.#feed.listen(tell);
  }

  async #post(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, how] = path.match(/^\/api\/(emit|request)$/) ?? [];
    if (how === undefined) {
      respond(response, 404, 'text/plain', 'There is nothing here.\n');
      request.resume();
      return;
    }
    const body = await read(request);
    if (body === undefined) {
      respond(response, 413, 'text/plain', 'The message is too large.\n');
      return;
    }
    let sending: unknown;
    try {
      sending = JSON.parse(body);
    } catch {
      respond(response, 400, 'text/plain', 'The body is not JSON.\n');
      return;
    }
    const signal = this.#ended.signal;
    const outcome = await send(how as 'emit' | 'request', sending, this.#feed.addresses, signal);
    respond(response, 200, 'application/json', JSON.stringify(outcome));
  }
}

function respond(response: ServerResponse, status: number, type: string, content: string | Buffer): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(content) });
  response.end(content);
}

/** Reads the whole body; undefined if it is too large. */
async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** The files of the page by their paths. */
function assets(): Map<string, Asset> {
  const folder = join(packageFolder() ?? '.', 'dist', 'web');
  try {
    const files = readdirSync(folder).map((name): [string, Asset] => [
      `/${name}`,
      { type: TYPES[extname(name)] ?? 'application/octet-stream', content: readFileSync(join(folder, name)) },
    ]);
    return new Map(files);
  } catch {
    throw new UsageError(
      `The page is missing in ${folder}; build the package (npm run build), or install it again.`,
    );
  }
}
