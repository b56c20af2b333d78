import type { Address } from '../../entities/address.js';
import type { Config } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { ClientStatus, type Untyped } from '../../entities/events.js';
import { fixed, openConfig } from '../../entities/settings.js';
import { brief } from '../../entities/suggest.js';
import { Client } from '../../lib/client.js';
import { registerDialect } from '../../lib/dialects/registry.js';
import { createLog, type Log } from '../../lib/log.js';
import { checkProfile } from '../../lib/profile.js';
import { type DatagramServer, Server } from '../../lib/server.js';
import { transfer } from '../../lib/transfers.js';
import { descriptorOf, type Inherited } from '../../lib/transports/inherited.js';
import { platformPath } from '../../lib/transports/platform-path.js';
import { socketPath } from '../../lib/transports/socket-root.js';
import { udpPath } from '../../lib/transports/udp.js';
import { passOver } from '../../lib/warnings.js';
import { NET_IPC } from '../net-ipc/dialect.js';
import { SOCKET_IPC } from '../socket-ipc/dialect.js';
import {
  checkDialed,
  checkPathArguments,
  checkPortArguments,
  type NetArguments,
  netArguments,
  pick,
  type UdpType,
} from './arguments.js';
import { joinBackplane } from './join-backplane.js';

registerDialect(NET_IPC);
registerDialect(SOCKET_IPC);

export type { UdpType };

/** Called when a client or server has been set up, with its `IPC`. */
export type Callback = (ipc: IPC) => void;

const DISCONNECT_READS = "give it the id that was given to connectTo, as in ipc.disconnect('world')";

/**
 * Inter-process communication with node-ipc's API: a config, clients by name in `of`, and a server. Instances are
 * independent of each other.
 *
 * ```js
 * ipc.config.id = 'world';
 * ipc.serve(() => ipc.server.on('message', (data, socket) => ipc.server.emit(socket, 'message', `${data} world!`)));
 * ipc.server.start();
 * ```
 */
export class IPC {
  /** This class, so that `new ipc.IPC()` makes an independent instance. */
  readonly IPC = IPC;
  /**
   * All settings. They are read when a client or server is set up; some, where documented, at each use. Assigning a value
   * that is not an object throws an IPCError ERR_IPC_CONFIG.
   */
  declare config: Config;
  /** The clients, by the id that was passed to `connectTo`. */
  of: Record<string, Client> = {};
  /** The server that `serve` or `serveNet` set up. Over UDP it is a {@link DatagramServer}, which has the same methods. */
  declare server: Server;
  /** Passes its arguments, joined by spaces, to `config.logger`, unless `config.silent` is set. */
  readonly log: Log = createLog(() => this.config);

  constructor(settings?: never) {
    passOver(settings, 'new IPC()', "set what you need in its config, as in ipc.config.id = 'world'");
    let config = openConfig();
    Object.defineProperty(this, 'config', {
      enumerable: true,
      get: () => config,
      set: (value: unknown) => {
        config = openConfig(value ?? null);
      },
    });
    (this as { server: unknown }).server = false;
  }

  /**
   * Connects to a Unix socket or Windows pipe.
   * @param id the name of the client in `of`
   * @param path default: `config.socketRoot + config.appspace + id`
   * @param callback called synchronously, when the client exists
   * @returns the client; if it is connected already, the existing one
   * @throws IPCError ERR_IPC_CONFIG, ERR_IPC_ARGUMENT, ERR_IPC_MISSING_PACKAGE, ERR_IPC_ADDRESS if `config.socketRoot` is
   * 'user' and another user owns the directory
   * @example
   * const world = ipc.connectTo('world');
   * world.emit('message', 'hello');
   */
  connectTo<Contract extends object = Untyped>(
    id: string,
    path?: string | Callback | null,
    callback?: Callback | null,
  ): Client<Contract> {
    checkPathArguments('connectTo', id, path, callback);
    const chosen = typeof path === 'string' && path !== '' ? path : undefined;
    const address: Address = {
      transport: 'unix',
      path: chosen ?? socketPath(fixed(this.config), String(id)),
    };
    return this.#connect<Contract>(id, address, pick(path, callback));
  }

  /**
   * Connects over TCP, or over TLS if `config.tls` is set. Each argument after the id may be omitted.
   * @param id the name of the client in `of`
   * @param host default: `config.networkHost`
   * @param port default: `config.networkPort`
   * @param callback called synchronously, when the client exists
   * @returns the client; if it is connected already, the existing one
   * @throws IPCError ERR_IPC_CONFIG, ERR_IPC_ARGUMENT, ERR_IPC_MISSING_PACKAGE
   * @example
   * const world = ipc.connectToNet('world', 'example.com', 8000);
   */
  connectToNet<Contract extends object = Untyped>(
    id: string,
    host?: string | number | Callback | null,
    port?: number | Callback | null,
    callback?: Callback | null,
  ): Client<Contract> {
    const owner = 'ipc.connectToNet(id, host, port, callback)';
    const net = netArguments<Callback>(owner, [host, port, callback], fixed(this.config));
    checkDialed(net);
    return this.#connect<Contract>(id, this.#netAddress(net), net.callback);
  }

  /**
   * Connects over a message port to the server at its other end. The port is a MessagePort, a Worker, `parentPort`, a child
   * process, or `process` in such a child. Payloads are cloned as by `postMessage`; see {@link transfer}.
   * @param id the name of the client in `of`
   * @param port the message port, or an object that has one
   * @param callback called synchronously, when the client exists
   * @returns the client; if it is connected already, the existing one
   * @throws IPCError ERR_IPC_CONFIG, ERR_IPC_ARGUMENT
   * @example
   * const parent = ipc.connectToPort('parent', process);
   * parent.emit('ready');
   */
  connectToPort<Contract extends object = Untyped>(
    id: string,
    port: unknown,
    callback?: Callback | null,
  ): Client<Contract> {
    checkPortArguments('connectToPort(id, port, callback)', port, callback);
    return this.#connect<Contract>(id, { transport: 'port', port }, callback ?? undefined);
  }

  /**
   * Sets up a server for one client at the other end of a message port; `ipc.server.start()` starts it. To serve several
   * ports, create an instance for each: `new IPC()`.
   * @param port as in {@link connectToPort}
   * @param callback called when the server has started
   * @throws IPCError ERR_IPC_CONFIG, ERR_IPC_ARGUMENT if the value is not a port, ERR_IPC_IN_USE if this `ipc` serves already
   * @example
   * const server = await ipc.servePort(new Worker('./worker.js')).start();
   */
  servePort<Contract extends object = Untyped>(port: unknown, callback?: Callback | null): Server<Contract> {
    checkPortArguments('servePort(port, callback)', port, callback);
    return this.#serve<Contract>({ transport: 'port', port }, callback ?? undefined);
  }

  /**
   * Marks parts of a payload that a message port transfers instead of cloning; they are unusable in this process
   * afterwards. A payload that has to wait for a connection is cloned, and so is one that is sent over another kind of
   * socket.
   * @param payload the payload, which is then passed to `emit`, `request` and the like
   * @param list ArrayBuffers, MessagePorts and other transferable objects, as for `postMessage`
   * @returns the payload
   * @throws IPCError ERR_IPC_ARGUMENT if the payload is not an object, or the list not an array
   * @example
   * const bytes = new Uint8Array(1024);
   * client.emit('image', ipc.transfer({ bytes }, [bytes.buffer]));
   */
  transfer<Payload extends object>(payload: Payload, list: readonly unknown[]): Payload {
    return transfer(payload, list);
  }

  /**
   * Sends what the client still has queued, closes it for good, and removes it from `of`. As in node-ipc 9, all handlers
   * are removed except those of `disconnect`, `destroy` and `error`.
   * @param id the name of the client in `of`; an unknown name has no effect
   * @example
   * ipc.disconnect('world');
   */
  disconnect(id: string): void {
    if (typeof id === 'object') passOver(id, 'ipc.disconnect(id)', DISCONNECT_READS);
    if (!Object.hasOwn(this.of, id)) return;
    const client = this.of[id] as Client;
    client.retain(['disconnect', 'destroy', 'error']);
    delete this.of[id];
    client.disconnect();
  }

  /**
   * Sets up a server on a Unix socket or Windows pipe; `ipc.server.start()` starts it.
   * @param path default: `config.socketRoot + config.appspace + config.id`. Or a socket that already listens: `{ fd: 3 }`
   * by its descriptor, `{ systemd: true }` or `{ systemd: 'NAME' }` from systemd's socket activation. With `config.tls` the
   * server uses TLS
   * @param callback called when the server has started
   * @throws IPCError ERR_IPC_CONFIG, ERR_IPC_ARGUMENT, ERR_IPC_IN_USE if this `ipc` serves already, ERR_IPC_ADDRESS if the
   * socket was not passed to this process, or the directory or path cannot be used
   * @example
   * const server = ipc.serve();
   * server.handle('add', ([a, b]) => a + b);
   * await server.start();
   */
  serve<Contract extends object = Untyped>(
    path?: string | Inherited | Callback | null,
    callback?: Callback | null,
  ): Server<Contract> {
    if (typeof path === 'object' && path !== null) {
      return this.#serve<Contract>(this.#inherited(path), pick(callback));
    }
    checkPathArguments('serve', undefined, path, callback);
    const config = fixed(this.config);
    const chosen = typeof path === 'string' && path !== '' ? path : socketPath(config, config.id);
    const address: Address = { transport: 'unix', path: platformPath(chosen) };
    return this.#serve<Contract>(address, pick(path, callback));
  }

  /**
   * Sets up a server over TCP, over TLS if `config.tls` is set, or over UDP; `ipc.server.start()` starts it. Each argument
   * may be omitted.
   * @param host default: `config.networkHost`
   * @param port default: `config.networkPort`; with 0 the system chooses one (`ipc.server.port`)
   * @param udp 'udp4' or 'udp6'
   * @param callback called when the server has started
   * @throws IPCError ERR_IPC_CONFIG, ERR_IPC_ARGUMENT, ERR_IPC_IN_USE if this `ipc` serves already
   * @example
   * const server = await ipc.serveNet('0.0.0.0', 8000).start();
   */
  serveNet<Contract extends object = Untyped>(
    udp: UdpType,
    callback?: Callback | null,
  ): DatagramServer<Contract>;
  serveNet<Contract extends object = Untyped>(
    port: number,
    udp: UdpType,
    callback?: Callback | null,
  ): DatagramServer<Contract>;
  serveNet<Contract extends object = Untyped>(
    host: string | null | undefined,
    udp: UdpType,
    callback?: Callback | null,
  ): DatagramServer<Contract>;
  serveNet<Contract extends object = Untyped>(
    host: string | null | undefined,
    port: number | null | undefined,
    udp: UdpType,
    callback?: Callback | null,
  ): DatagramServer<Contract>;
  serveNet<Contract extends object = Untyped>(
    host?: string | number | Callback | null,
    port?: number | Callback | null,
    callback?: Callback | null,
  ): Server<Contract>;
  serveNet<Contract extends object = Untyped>(
    host?: string | null,
    port?: number | null,
    udp?: UdpType | null,
    callback?: Callback | null,
  ): Server<Contract>;
  serveNet(...args: unknown[]): Server | DatagramServer {
    const net = netArguments<Callback>('ipc.serveNet(host, port, udp, callback)', args, fixed(this.config));
    return this.#serve(this.#netAddress(net), net.callback);
  }

  #connect<Contract extends object>(
    name: unknown,
    address: Address,
    callback: Callback | undefined,
  ): Client<Contract> {
    if (name === undefined || name === null || name === false || name === '') {
      this.log('connectTo needs the id of the server, and got none; no client was created');
      return undefined as never;
    }
    const id = typeof name === 'number' ? String(name) : name;
    if (typeof id !== 'string') {
      const message = `${brief(id)} is not an id; connectTo and connectToNet need the id of the server as a string.`;
      throw new IPCError('ERR_IPC_ARGUMENT', message);
    }
    const there = Object.hasOwn(this.of, id) ? this.of[id] : undefined;
    if (there !== undefined && isUp(there)) {
      this.log('Already connected to', id);
      callback?.(this);
      return there as unknown as Client<Contract>;
    }
    const config = fixed(this.config);
    checkProfile(config, address, 'client');
    const client = new Client({ id, address, config, log: this.log }, there);
    // Assigning a client named `__proto__` would set the prototype of `of`.
    Object.defineProperty(this.of, id, {
      value: client,
      writable: true,
      enumerable: true,
      configurable: true,
    });
    client.connect();
    callback?.(this);
    return client as unknown as Client<Contract>;
  }

  #serve<Contract extends object>(address: Address, callback: Callback | undefined): Server<Contract> {
    const config = fixed(this.config);
    checkProfile(config, address, 'server');
    const former = this.server as Server | false;
    if (former !== false && former.active) {
      const message = `This ipc serves ${former.path} already; stop that server first, or serve with another new ipc.IPC().`;
      throw new IPCError('ERR_IPC_IN_USE', message);
    }
    // A stream listener is closed as soon as its server is stopped; a datagram socket closes only when it has sent what is
    // queued.
    const after = former && (former.udp4 || former.udp6) ? former.stop() : undefined;
    const server = new Server({
      address,
      config,
      current: () => this.config,
      log: this.log,
      after,
      backplane: joinBackplane(config, address),
    });
    this.server = server;
    if (callback !== undefined) server.on('start', () => callback(this));
    return server as unknown as Server<Contract>;
  }

  /** The address of TCP, of TLS if the config has it, or of UDP if that is requested. */
  #netAddress({ host, port, udp }: NetArguments<Callback>): Address {
    if (udp !== undefined) return { transport: 'udp', family: udp, host: udpPath(host, udp), port };
    return { transport: this.config.tls ? 'tls' : 'tcp', host, port };
  }

  /** The address of an inherited socket; its path is descriptive only. */
  #inherited(from: Inherited): Address {
    const fd = descriptorOf(from);
    const place = `fd:${fd}`;
    return this.config.tls
      ? { transport: 'tls', host: place, port: 0, fd }
      : { transport: 'unix', path: place, fd };
  }
}

/**
 * Whether a client is connected, is connecting for the first time, or waits to. In these cases connecting to the same id
 * again returns the same client.
 */
function isUp(client: Client): boolean {
  if (client.explicitlyDisconnected) return false;
  return client.socket === false ? client.status !== ClientStatus.IDLE : !client.socket.destroyed;
}
