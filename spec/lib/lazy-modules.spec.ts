import { spawnSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import * as dgram from 'node:dgram';
import * as dns from 'node:dns';
import * as fs from 'node:fs';
import * as tls from 'node:tls';
import { pathToFileURL } from 'node:url';
import * as v8 from 'node:v8';
import * as builtin from '../../lib/lazy-modules.js';
import { freshPath } from '../support/places.js';
import { inProject } from '../support/project.js';

/** Prints which of Node's modules are loaded by a server and a client on a local socket. */
const PROGRAM = `
  const { IPC } = await import(${JSON.stringify(pathToFileURL(inProject('.build/services/ipc/index.js')))});
  const ipc = new IPC();
  ipc.config.silent = true;
  ipc.serve(process.argv[1], () => {
    ipc.connectTo('world', process.argv[1], () => {
      ipc.of.world.on('message', () => {
        ipc.disconnect('world');
        ipc.server.stop();
        console.log(process.moduleLoadList.join());
      });
      ipc.of.world.emit('message', 'hello');
    });
  });
  ipc.server.on('message', (data, socket) => ipc.server.emit(socket, 'message', data));
  ipc.server.start();
`;

describe('Node’s modules', () => {
  it('are the modules with their names', () => {
    expect(builtin.fs.statSync).toBe(fs.statSync);
    expect(builtin.nodeCrypto().randomUUID).toBe(crypto.randomUUID);
    expect(builtin.nodeDgram().createSocket).toBe(dgram.createSocket);
    expect(builtin.nodeDns().lookup).toBe(dns.lookup);
    expect(builtin.nodeTls().connect).toBe(tls.connect);
    expect(builtin.nodeV8().serialize).toBe(v8.serialize);
  });

  it('are loaded on first use', () => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--no-deprecation', '--input-type=module', '-e', PROGRAM, freshPath()],
      { encoding: 'utf8', env: { ...process.env, NODE_V8_COVERAGE: '' } },
    );
    const loaded = stdout.trim().split(',');
    expect(loaded).withContext(stderr).toContain('NativeModule net');
    for (const name of ['crypto', 'tls', 'readline', 'v8'])
      expect(loaded.includes(`NativeModule ${name}`)).toBeFalse();
  });
});
