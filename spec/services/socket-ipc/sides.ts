import type { Socket } from 'node:net';
import {
  Client,
  type ClientOptions,
  Server,
  type ServerOptions,
} from '../../../services/socket-ipc/index.js';
import { afterwards } from '../../support/afterwards.js';
import { once } from '../../support/events.js';
import { freshPath } from '../../support/places.js';

/** Servers and clients for the specs of a `describe`, at one path for each spec. */
export class Sides {
  socketFile = '';

  constructor() {
    beforeEach(() => {
      this.socketFile = freshPath();
    });
  }

  /** A server, closed afterwards if it is not by then. */
  readonly makeServer = (options: Partial<ServerOptions> = {}): Server =>
    tracked(new Server({ socketFile: this.socketFile, ...options }));

  readonly makeClient = (options: Partial<ClientOptions> = {}): Client => {
    const made = tracked(new Client({ socketFile: this.socketFile, ...options }));
    made.on('connect', (socket) => sockets.set(made, socket));
    return made;
  };

  readonly serve = async (options: Partial<ServerOptions> = {}): Promise<Server> => {
    const made = this.makeServer(options);
    const listening = once(made, 'listening');
    made.listen();
    await listening;
    return made;
  };

  readonly connect = async (options: Partial<ClientOptions> = {}): Promise<Client> => {
    const made = this.makeClient(options);
    const connected = once(made, 'connect');
    made.connect();
    await connected;
    return made;
  };

  /** A client and the id that the server knows it by. */
  readonly introduce = async (
    server: Server,
    options: Partial<ClientOptions> = {},
  ): Promise<[Client, string]> => {
    const came = once<[string, Socket]>(server, 'connection');
    const client = await this.connect(options);
    return [client, (await came)[0]];
  };
}

const sockets = new WeakMap<Client, Socket>();
const closings = new WeakMap<Server | Client, Promise<void>>();

/** A client's own socket. */
export function socketOf(client: Client): Socket {
  return sockets.get(client) as Socket;
}

function tracked<Side extends Server | Client>(side: Side): Side {
  closings.set(side, new Promise((resolve) => side.once('close', () => resolve())));
  afterwards(() => close(side));
  return side;
}

/** Closes, if that has not been done, and waits until it is over. */
export function close(side: Server | Client): Promise<void> | undefined {
  side.close();
  return closings.get(side);
}
