import { IPC } from 'omni-ipc/ipc';
import { certificates } from '../certificates.js';

/** What the demonstration talks over. */
export const SOCKETS = ['unix', 'tcp', 'tls', 'udp4', 'udp6', 'raw'];

/** An `IPC` for one kind of socket, at one end; Unix sockets are in the directory `root`. */
export async function makeIPC(socket, root) {
  const ipc = new IPC();
  ipc.config.id = 'world';
  ipc.config.silent = true;
  ipc.config.socketRoot = root;
  ipc.config.networkPort = 0; // any that is free
  if (socket === 'udp6') ipc.config.networkHost = '::1';
  if (socket === 'raw') ipc.config.rawBuffer = true;
  if (socket === 'tls') {
    const { ca, server } = await certificates();
    ipc.config.tls = { private: server.key, public: server.cert, trustedConnections: ca, requestCert: false };
  }
  return ipc;
}

/** Tells the demonstration what has come in, and when: only what arrived is shown. */
export function heard(type, data) {
  process.send({ heard: { type, data, at: Number(process.hrtime.bigint()) } });
}
