import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PEER = fileURLToPath(new URL('./peer.js', import.meta.url));
const LONGEST_ROUND = 60_000;
/** The time in milliseconds that a process may take to exit after its report. Node itself sometimes hangs at exit. */
const LONGEST_EXIT = 5000;

/** Processes of rounds that are still running. */
const running = new Set();

/** Kills the running processes, so that an interrupted benchmark leaves nothing behind. */
export function endAll() {
  for (const child of running) child.kill('SIGKILL');
}

/** Returns a free port of the loopback interface. */
export async function freePort(transport) {
  const udp = transport === 'udp4';
  const socket = udp ? createSocket('udp4') : createServer();
  await new Promise((resolve, reject) => {
    socket.on('error', reject);
    if (udp) socket.bind(0, '127.0.0.1', resolve);
    else socket.listen(0, '127.0.0.1', resolve);
  });
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

/**
 * Runs one round of one subject: starts the server, then the client, and returns the reports of both as one object.
 * Throws if either fails or takes too long.
 */
export async function playRound(node, job, { forks, flags }) {
  const server = new Peer(node, { ...job, role: 'server' }, flags);
  let client = server;
  try {
    await server.ready;
    if (!forks) client = new Peer(node, { ...job, role: 'client', other: server.pid }, flags);
    const theirs = await Promise.race([client.reports.client, failure(server)]);
    server.finish();
    const ours = await Promise.race([server.reports.server, failure(client)]);
    await Promise.race([
      Promise.all([server.gone, client.gone]),
      pause(LONGEST_EXIT, undefined, { ref: false }),
    ]);
    return { ...ours, ...theirs };
  } finally {
    server.kill();
    client.kill();
  }
}

/** Rejects when the peer fails, and never resolves. */
function failure(peer) {
  return peer.failed;
}

class Peer {
  #text = '';
  #settle = {};
  #child;

  constructor(node, job, flags) {
    this.label = `${job.subject} ${job.role}`;
    const args = [...flags.map((flag) => flag.replace('.ROLE.', `.${job.role}.`)), PEER, JSON.stringify(job)];
    const child = spawn(node, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    running.add(child);
    this.pid = child.pid;
    this.ready = this.#promise('ready');
    this.reports = { server: this.#promise('server'), client: this.#promise('client') };
    this.failed = this.#promise('failed');
    this.gone = new Promise((resolve) => child.on('close', resolve));
    const timer = setTimeout(() => this.#fail(`nothing more after ${LONGEST_ROUND / 1000} s`), LONGEST_ROUND);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      if (code !== 0) this.#fail(`ended with ${signal ?? code}`);
      else this.#settle.failed.resolve(new Promise(() => {}));
    });
    child.on('error', (error) => this.#fail(error.message));
    child.stdin.on('error', () => {});
    child.stdout.setEncoding('utf8').on('data', (text) => this.#read(text));
  }

  finish() {
    this.#child.stdin.end();
  }

  kill() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
  }

  #promise(name) {
    const promise = new Promise((resolve, reject) => {
      this.#settle[name] = { resolve, reject };
    });
    promise.catch(() => {});
    return promise;
  }

  #fail(reason) {
    const error = new Error(`${this.label}: ${reason}`);
    for (const { reject } of Object.values(this.#settle)) reject(error);
  }

  #read(text) {
    const lines = (this.#text + text).split('\n');
    this.#text = lines.pop();
    for (const line of lines) {
      let said;
      try {
        said = JSON.parse(line);
      } catch {
        continue; // The line is output of a library.
      }
      if (said.ready) this.#settle.ready.resolve();
      else if (said.failed) this.#fail(said.failed);
      else if (said.report) this.#settle[said.role].resolve(said.report);
    }
  }
}
