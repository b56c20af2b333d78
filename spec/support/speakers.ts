import { spawnSync } from 'node:child_process';
import { IPC } from '../../services/ipc/index.js';
import { afterwards } from './afterwards.js';
import { BareServer } from './peers.js';
import { freshPath } from './places.js';
import { Program, withoutCoverage } from './processes.js';
import { projectRoot } from './project.js';

/** A client in another language: the commands that start its programs, which have these names in clients/. */
export interface Speaker {
  /** The program for `omni-ipc conform`, which also echoes bytes. */
  readonly conform: readonly string[];
  /** The program that sends hello, and requests the sum of 2 and 40. */
  readonly hello: readonly string[];
}

/** Starts a program that is not a script of Node, and kills it afterwards. */
export function launch([command = '', ...args]: readonly string[]): Program {
  const program = new Program(command, args, { cwd: projectRoot, env: withoutCoverage() });
  afterwards(() => program.kill());
  return program;
}

/** Returns the output of a client that is started before its server listens, so that its messages must wait. */
export async function greetingOf(speaker: Speaker): Promise<{ heard: unknown; printed: string }> {
  const path = freshPath();
  const program = launch([...speaker.hello, `unix:${path}`]);
  const ipc = new IPC();
  ipc.config.silent = true;
  const server = ipc.serve(path);
  afterwards(() => server.stop());
  server.handle('add', ([a, b]: [number, number]) => a + b);
  const heard = new Promise((resolve) => server.on('message', (data: unknown) => resolve(data)));
  await server.start();
  const [printed = ''] = await program.waitForLine(/^2 \+ 40 = \S+/);
  const { code } = await program.exited;
  if (code !== 0) throw new Error(`The client ended with ${code}: ${program.stderr}`);
  return { heard: await heard, printed };
}

/** Returns the bytes that a client echoes: plain bytes, or messages with a length prefix, which are sent in two parts. */
export async function echoedBy(speaker: Speaker, framing: 'raw' | 'little' | 'big'): Promise<string> {
  const server = await new BareServer().listen();
  launch([...speaker.conform, `unix:${server.path}`, framing]);
  const peer = await server.peer();
  const messages = [Buffer.from('héllo'), Buffer.alloc(0), Buffer.from([0, 12, 255])];
  const bytes = Buffer.concat(
    framing === 'raw' ? messages : messages.flatMap((one) => [head(one, framing), one]),
  );
  peer.write(bytes.subarray(0, 6));
  if (framing === 'raw') await peer.until(() => peer.bytes.length >= 6, 'the first bytes');
  peer.write(bytes.subarray(6));
  await peer.until(() => peer.bytes.length >= bytes.length, 'all bytes');
  return peer.bytes.equals(bytes) ? 'the same' : peer.bytes.toString('hex');
}

function head(message: Buffer, order: 'little' | 'big'): Buffer {
  const bytes = Buffer.alloc(4);
  if (order === 'little') bytes.writeUInt32LE(message.length);
  else bytes.writeUInt32BE(message.length);
  return bytes;
}

/** Returns a Python of a version that the client supports, or undefined. */
export function findPython(): string | undefined {
  const isGood = 'import sys; sys.exit(sys.version_info < (3, 9))';
  return ['python3', 'python'].find((name) => spawnSync(name, ['-c', isGood]).status === 0);
}
