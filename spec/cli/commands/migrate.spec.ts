import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { freshDirectory } from '../../support/places.js';
import { inProject } from '../../support/project.js';
import { run, values } from '../support.js';

const { version } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));

interface Report {
  file: string;
  changed: boolean;
  places: { line: number; column: number; says: string }[];
}

describe('omni-ipc migrate', () => {
  const imports: [file: string, before: string, after: string][] = [
    ['a.js', `const ipc = require('node-ipc');\n`, `const ipc = require('omni-ipc');\n`],
    ['a.js', 'const ipc = require(`@achrinza/node-ipc`)\n', 'const ipc = require(`omni-ipc`)\n'],
    ['a.js', `require('@node-ipc/compat/node-ipc.js');\n`, `require('omni-ipc');\n`],
    ['a.mjs', `import { IPCModule } from '@node-ipc/node-ipc';\n`, `import { IPCModule } from 'omni-ipc';\n`],
    ['a.cjs', `const ipc = require("node-ipc").default;\n`, `const ipc = require("omni-ipc").default;\n`],
    ['a.mjs', `import ipc from 'node-ipc';\r\n\r\n`, `import ipc from 'omni-ipc';\r\n\r\n`],
    ['a.ts', `import ipc = require('node-ipc');\n`, `import ipc = require('omni-ipc');\n`],
    ['a.ts', `import type { Server } from 'net-ipc';\n`, `import type { Server } from 'omni-ipc/net-ipc';\n`],
    ['a.mts', `let a: import('node-ipc').IPC;\n`, `let a: import('omni-ipc').IPC;\n`],
    [
      'a.cjs',
      `const { Parser } = require('@achrinza/node-ipc/entities/EventParser');\n`,
      `const { Parser } = require('omni-ipc/entities/EventParser');\n`,
    ],
    [
      'a.ts',
      `const { Client } = await import('net-ipc');\n`,
      `const { Client } = await import('omni-ipc/net-ipc');\n`,
    ],
    [
      'a.ts',
      `export { Client } from '@crussell52/socket-ipc';\n`,
      `export { Client } from 'omni-ipc/socket-ipc';\n`,
    ],
    ['a.ts', `export * from '@isdk/ipc-server';\n`, `export * from 'omni-ipc/ipc-server';\n`],
    ['a.ts', `/// <reference types="node-ipc" />\n`, `/// <reference types="omni-ipc" />\n`],
    ['a.d.ts', `declare module 'node-ipc' {}\n`, `declare module 'omni-ipc' {}\n`],
    [
      'a.tsx',
      `import channel from 'ipchannel';\nconst a = <b />;\n`,
      `import channel from 'omni-ipc/channel';\nconst a = <b />;\n`,
    ],
    ['a.test.js', `jest.mock('node-ipc', () => ({}));\n`, `jest.mock('omni-ipc', () => ({}));\n`],
    ['a.test.ts', `vi.mock("net-ipc");\n`, `vi.mock("omni-ipc/net-ipc");\n`],
    [
      'a.js',
      `#!/usr/bin/env node\n\ufeffrequire('node-ipc/node-ipc.js');\n`,
      `#!/usr/bin/env node\n\ufeffrequire('omni-ipc');\n`,
    ],
  ];
  it('changes every form of import', async () => {
    // Each in a directory of its own, and all in one run.
    const folder = project(
      Object.fromEntries(imports.map(([file, before], index) => [`${index}/${file}`, before])),
    );
    const { code, stderr } = await run(['migrate', folder, '--write']);
    expect([code, stderr]).toEqual([0, jasmine.stringMatching(`^${imports.length} files changed`)]);
    for (const [index, [file, before, after]] of imports.entries())
      expect(readFileSync(join(folder, String(index), file), 'utf8'))
        .withContext(before)
        .toBe(after);
  });

  it('does not change strings, comments, other modules, packages and builds', async () => {
    const text = `// require('node-ipc')\nconst a = "node-ipc", b = \`require('node-ipc')\`;\nlog('net-ipc');\nimport 'node-ipc-x';\n`;
    const files = {
      'a.ts': text,
      'node_modules/x/a.js': `require('node-ipc')`,
      'dist/a.js': `require('node-ipc')`,
    };
    const folder = project(files);
    expect(await run(['migrate', folder, '--write'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'None of the libraries is imported here.\n',
    });
    for (const [file, content] of Object.entries(files))
      expect(readFileSync(join(folder, file), 'utf8')).toBe(content);
  });

  it('names the build folders that it skips when it changes something else', async () => {
    const files = {
      'a.js': `require('node-ipc')`,
      'dist/a.js': '',
      'sub/build/a.js': '',
      'node_modules/x.js': '',
    };
    const { stderr } = await run(['migrate', project(files)]);
    expect(stderr).toContain('Skipped as the output of builds: dist, sub/build. Build again,');
    const many = Array.from({ length: 7 }, (_, i) => [`${i}/out/a.js`, '']);
    const folder = project({ 'a.js': `require('node-ipc')`, ...Object.fromEntries(many) });
    expect((await run(['migrate', folder])).stderr).toContain('2/out, 3/out, 4/out and 2 more.');
    expect((await run(['migrate', folder, '--json'])).stderr).toBe('');
  });

  it('shows a diff and changes nothing without --write; --check then fails', async () => {
    const before = `import ipc from 'node-ipc';\nipc.serve();\n`;
    const folder = project({ 'src/a.js': before });
    const { code, stdout } = await run(['migrate', folder]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      `--- a/src/a.js\n+++ b/src/a.js\n@@ -1,2 +1,2 @@\n-import ipc from 'node-ipc';\n+import ipc from 'omni-ipc';\n ipc.serve();\n`,
    );
    expect(stdout).toMatch(/^src\/a\.js:2:5: start\(\) rejects with ERR_IPC_IN_USE/m);
    expect((await run(['migrate', folder, '--check'])).code).toBe(1);
    expect(readFileSync(join(folder, 'src/a.js'), 'utf8')).toBe(before);
    await run(['migrate', folder, '--write']);
    expect((await run(['migrate', folder, '--check'])).code).toBe(0);
  });

  it('puts omni-ipc in place of the libraries and their types in package.json', async () => {
    const folder = project({
      'package.json': `{\n  "dependencies": {\n    "a": "1",\n    "node-ipc": "^9.0.0",\n    "z": "1"\n  },\n  "devDependencies": {\n    "@types/node-ipc": "^9.0.0"\n  }\n}\n`,
    });
    await run(['migrate', folder, '--write']);
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).toBe(
      `{\n  "dependencies": {\n    "a": "1",\n    "omni-ipc": "^${version}",\n    "z": "1"\n  }\n}\n`,
    );
  });

  const differences: [title: string, source: string, places: [line: number, says: RegExp][]][] = [
    [
      'a node-ipc server and client',
      `import ipc from 'node-ipc';
ipc.config.tls = {};
ipc.serve(() => {
  ipc.server.on('close', () => {});
  const { server } = ipc;
  server.stop();
});
ipc.connectTo('world', () => {
  ipc.of.world.on('error', (error) => {
    if (error.code === 'ENOENT') retry();
    if (error.cause.code === 'ENOENT') retry();
  });
  ipc.of.world.emit('connect', {});
  ipc.of.world.emit('message', {});
});
ipc.disconnect('world');
other.server.on('close', stop);
`,
      [
        [2, /^TLS needs a certificate/],
        [3, /ERR_IPC_IN_USE/],
        [4, /^a server's 'close' means/],
        [6, /^stop\(\) also ends/],
        [9, /^'error' passes an IPCError/],
        [10, /^error\.code is an ERR_IPC_ code/],
        [13, /ERR_IPC_RESERVED/],
        [16, /client\.destroy\(\)/],
      ],
    ],
    [
      'members of node-ipc that have another meaning or do not exist here, and styles of strings',
      `import ipc from 'node-ipc';
const { world } = ipc.of;
world.subscribe('message', show);
world.on('*', show);
world.socket = world.queue.contents;
ipc.serveNet('localhost', 8000, 'udp');
ipc.serveNet('localhost', 8000, 'udp4');
ipc.config.parser = 'guarded';
ipc.log('connected to'.debug, "world".length, \`\${ipc.config.id}\`.data);
`,
      [
        [3, /^subscribe\(\) subscribes to a topic; on\(\)/],
        [4, /^handlers of '\*'/],
        [5, /^the assignment has no effect/],
        [5, /^client\.queue does not exist/],
        [6, /^'udp' is refused/],
        [8, /^config\.parser does not exist; set config\.profile/],
        [9, /^strings have styles only after import 'omni-ipc\/styles'/],
      ],
    ],
    [
      'net-ipc in a class, through its fields and listeners',
      `import { Client, Server as Host } from 'net-ipc';
class App {
  host = new Host({ port: 0 });
  constructor(private readonly peer: Client) {
    this.client = new Client({ retries: 3 });
    this.host.on('connect', (client) => { client.close('no'); });
  }
  ask() { return this.client.request('x').catch(() => this.host.broadcast('y')); }
}
`,
      [
        [3, /^port: 0 selects any free port/],
        [5, /^retries is the exact number/],
        [6, /^close\(\) waits/],
        [8, /^broadcast\(\) sends to all clients/],
        [8, /^request\(\) rejects/],
      ],
    ],
    [
      'required socket-ipc',
      `const { Client, Server } = require('@crussell52/socket-ipc');
const client = new Client({ socketFile: 'x' });
const patient = new Client({ reconnectDelay: 5 });
client.on('connectError', fail);
client.on('message.hello', fail);
`,
      [
        [2, /^reconnectDelay is 100 ms/],
        [4, /^the event passes an IPCError/],
        [5, /^an empty topic/],
      ],
    ],
    [
      'imports that are not there, namespaces, and files inside of a package',
      `import * as all from 'node-ipc';
import { IPC, IPCModule, Nothing } from 'node-ipc';
import deep from 'node-ipc/helpers/log.js';
const here = require.resolve('node-ipc');
import type * as types from 'node-ipc';
import Defaults from 'node-ipc/entities/Defaults.js';
`,
      [
        [1, /write import all from 'omni-ipc'/],
        [2, /may not export Nothing/],
        [3, /^node-ipc\/helpers\/log\.js is a file inside of node-ipc/],
        [4, /files beside the entry/],
        [6, /^omni-ipc\/entities\/Defaults\.js is deprecated/],
      ],
    ],
  ];
  for (const [title, source, places] of differences) {
    it(`lists the places whose behaviour differs: ${title}`, async () => {
      const { stdout } = await run(['migrate', project({ 'a.ts': source }), '--json']);
      const [report] = values(stdout) as Report[];
      const found = report?.places ?? [];
      expect(found.map(({ line }) => line)).toEqual(places.map(([line]) => line));
      for (const [, says] of places)
        expect(found.map((one) => one.says).join('\n')).toMatch(new RegExp(says.source, 'm'));
      expect(found.every(({ column }) => column >= 1)).toBe(true);
    });
  }

  it('reports other files that name a library, and does not change them', async () => {
    const vue = `<script>\nimport ipc from 'node-ipc';\n</script>\n`;
    const folder = project({ 'a.vue': vue, 'tsconfig.json': `{ "types": ["node-ipc"] }` });
    const { stdout } = await run(['migrate', folder, '--write']);
    expect(stdout).toMatch(/^a\.vue:2:18: names node-ipc; this kind of file is not changed/m);
    expect(stdout).toMatch(/^tsconfig\.json:1:14: names node-ipc/m);
    expect(readFileSync(join(folder, 'a.vue'), 'utf8')).toBe(vue);
  });

  it('replaces files atomically, keeps their permissions, leaves no other file, and skips files that are not UTF-8', async () => {
    const folder = project({ 'a.js': `require('node-ipc')` });
    const latin = Buffer.from(`require('node-ipc') // caf\xe9`, 'latin1');
    writeFileSync(join(folder, 'b.js'), latin);
    chmodSync(join(folder, 'a.js'), 0o755);
    const inode = statSync(join(folder, 'a.js')).ino;
    const { stderr } = await run(['migrate', folder, '--write']);
    expect(stderr).toContain('b.js is not UTF-8');
    expect(readFileSync(join(folder, 'b.js'))).toEqual(latin);
    if (process.platform !== 'win32') {
      expect(statSync(join(folder, 'a.js')).mode & 0o777).toBe(0o755);
      expect(statSync(join(folder, 'a.js')).ino).not.toBe(inode);
    }
    expect(readdirSync(folder).sort()).toEqual(['a.js', 'b.js', 'node_modules', 'package.json']);
  });

  it('says how to install a parser if there is none, or if TypeScript offers no API for it', async () => {
    const folder = freshDirectory();
    const { code, stderr } = await run(['migrate', folder]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/TypeScript .*run: npx -p typescript@6 -p omni-ipc omni-ipc migrate\n$/);
    expect(stderr.trim().split('\n').length).toBe(1);
  });
});

/** Writes a project's files beside a TypeScript that has a parser. */
function project(files: Record<string, string>): string {
  const folder = freshDirectory();
  for (const [name, content] of Object.entries({ 'package.json': '{}', ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(
    inProject('node_modules', 'typescript-6'),
    join(folder, 'node_modules', 'typescript'),
    'junction',
  );
  return folder;
}
