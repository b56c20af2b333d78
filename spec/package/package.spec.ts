import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { faultsOfPack } from '../../scripts/release.js';
import { freshDirectory } from '../support/places.js';
import { type Program, start } from '../support/processes.js';
import { inProject } from '../support/project.js';

const patience = 180_000;
const npmCli = process.env.npm_execpath;

interface Manifest {
  scripts: Record<string, string>;
  exports: Record<string, string | { require: { default: string } }>;
  typesVersions: { '*': Record<string, string[]> };
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

interface Locked {
  hasInstallScript?: boolean;
  resolved?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

interface Lockfile {
  packages: Record<string, Locked>;
}

describe('The package', () => {
  /** An empty folder, where the tarball is then installed. */
  let home: string;
  let tarball: string;
  let obstacle: string | undefined;

  beforeAll(async () => {
    home = freshDirectory();
    obstacle = await install();
  }, patience);

  beforeEach(() => {
    if (obstacle) pending(obstacle);
  });

  it('contains the code, its types, its sources and its license, and nothing else', () => {
    const names = readdirSync(installed(), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(installed().length + 1)
          .replaceAll('\\', '/'),
      );
    expect(faultsOfPack(names)).toEqual([]);
  });

  it('gives the same singleton to require', async () => {
    const seen = await run(
      'required.cjs',
      `const ipc = require('omni-ipc');
      import('omni-ipc').then((module) => console.log(JSON.stringify({
        same: ipc === module.default && ipc === ipc.default,
        named: ['ClientStatus', 'IPC', 'IPCError', 'IPCModule'].every((name) => ipc[name] && ipc[name] === module[name]),
        keys: Object.keys(ipc).sort().join(),
        connectTo: typeof ipc.connectTo,
        sameClass: ipc.IPC === module.IPC,
        singleton: ipc instanceof ipc.IPC,
      })));`,
    );
    expect(seen).toEqual({
      same: true,
      named: true,
      keys: 'IPC,config,log,of,server',
      connectTo: 'function',
      sameClass: true,
      singleton: true,
    });
  });

  it('gives the singleton, the class and the error to import, and changes no strings', async () => {
    const seen = await run(
      'imported.js',
      `import ipc, { IPC, IPCError } from 'omni-ipc';
      console.log(JSON.stringify({
        singleton: ipc instanceof IPC,
        other: new IPC() !== ipc,
        error: IPCError.prototype instanceof Error,
        styles: 'x'.debug !== undefined,
      }));`,
    );
    expect(seen).toEqual({ singleton: true, other: true, error: true, styles: false });
  });

  it('has omni-ipc/inspect to preload, for import and for require, which does not change a program', async () => {
    write(
      'inspected.cjs',
      "console.log(typeof require('omni-ipc').serve, Object.keys(require('omni-ipc/inspect')).length)",
    );
    for (const [flag, file] of [
      ['--import', 'inspect.mjs'],
      ['--require', 'inspect.js'],
    ] as const) {
      const preloaded = [flag, join(installed(), 'dist', file), join(home, 'inspected.cjs')];
      const program = start(process.execPath, preloaded);
      await succeeds(program);
      expect([program.stdout, program.stderr]).toEqual(['function 0\n', '']);
    }
  });

  it('gives omni-ipc/opentelemetry to import and require, with the API that the program has installed', async () => {
    mkdirSync(join(home, 'node_modules', '@opentelemetry'), { recursive: true });
    symlinkSync(
      inProject('node_modules', '@opentelemetry', 'api'),
      join(home, 'node_modules', '@opentelemetry', 'api'),
      'junction',
    );
    const seen = await run(
      'traced.cjs',
      `const required = require('omni-ipc/opentelemetry');
      import('omni-ipc/opentelemetry').then((module) => console.log(JSON.stringify({
        names: Object.keys(module).sort(),
        same: Object.keys(module).every((name) => module[name] === required[name]),
      })));`,
    );
    expect(seen).toEqual({ names: ['instrument', 'uninstrument'], same: true });
  });

  it('gives strings the styles of node-ipc’s examples as omni-ipc/styles, to import and to require', async () => {
    expect(
      await run('styles.js', "import 'omni-ipc/styles'; console.log(JSON.stringify(typeof 'x'.debug));"),
    ).toBe('string');
    expect(
      await run('styles.cjs', "require('omni-ipc/styles'); console.log(JSON.stringify(typeof 'x'.rainbow));"),
    ).toBe('string');
  });

  for (const [file, name, named] of [
    ['entities/Defaults', 'Defaults', 'Defaults'],
    ['entities/EventParser', 'EventParser', 'Parser'],
    ['services/IPC', 'IPC', 'IPC'],
  ] as const) {
    it(`gives node-ipc’s class of omni-ipc/${file} to require, and to import by default and as ${named}`, async () => {
      const seen = await run(
        'node-ipc.cjs',
        `const required = require('omni-ipc/${file}');
        Promise.all([import('omni-ipc/${file}'), import('omni-ipc/${file}.js')]).then((modules) => console.log(JSON.stringify({
          name: required.name,
          made: typeof new required(),
          same: required === require('omni-ipc/${file}.js'),
          modules: modules.map((module) => module.default === required && module.${named} === required),
          ipc: require('omni-ipc').IPC === require('omni-ipc/services/IPC'),
        })));`,
      );
      expect(seen).toEqual({ name, made: 'object', same: true, modules: [true, true], ipc: true });
    });
  }

  for (const flag of ['--frozen-intrinsics', '--disable-proto=throw']) {
    it(`loads under ${flag}`, async () => {
      write(
        'flags.cjs',
        "console.log(typeof require('omni-ipc').serve, typeof require('omni-ipc/channel').Channel)",
      );
      const program = start(process.execPath, [flag, join(home, 'flags.cjs')]);
      await succeeds(program);
      expect(program.stdout).toBe('function function\n');
    });
  }

  it('has source maps from its code and its types to the sources that it contains', () => {
    const maps = readdirSync(join(installed(), 'dist'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.map'),
    );
    const missing = maps.flatMap((name) => {
      const file = join(installed(), 'dist', name);
      const { sources } = JSON.parse(readFileSync(file, 'utf8')) as { sources: string[] };
      return sources.map((source) => join(file, '..', source)).filter((source) => !existsSync(source));
    });
    expect(
      maps.some((name) => name.endsWith('.d.ts.map')) && maps.some((name) => name.endsWith('.js.map')),
    ).toBeTrue();
    expect(missing).toEqual([]);
  });

  it('has code without comments whose characters take one byte in memory, as the engine keeps the text of what it loads', () => {
    const folder = join(installed(), 'dist', 'cjs');
    const loaded = readdirSync(folder).filter((name) => /^(index|ipc|shared-.*)\.js$/.test(name));
    expect(loaded).toContain('shared-engine.js');
    for (const name of loaded) {
      const code = readFileSync(join(folder, name), 'utf8');
      expect(code)
        .withContext(name)
        .not.toMatch(/^\s*\/\*\*|[^\0-\xff]/m);
    }
  });

  it('gives the class without the String styles as omni-ipc/ipc', async () => {
    const seen = await run(
      'plain.js',
      `import { createRequire } from 'node:module';
      import { IPC } from 'omni-ipc/ipc';
      const required = createRequire(import.meta.url)('omni-ipc/ipc');
      console.log(JSON.stringify({
        connectTo: typeof new IPC().connectTo,
        same: required.IPC === IPC,
        styles: 'x'.debug !== undefined,
      }));`,
    );
    expect(seen).toEqual({ connectTo: 'function', same: true, styles: false });
  });

  for (const [subpath, names] of [
    ['net-ipc', ['Client', 'ClientStatus', 'Connection', 'Server', 'default']],
    [
      'ipc-server',
      ['IPCBaseConnection', 'IPCClient', 'IPCClientStatus', 'IPCConnection', 'IPCErrorCode'].concat([
        'IPCEvents',
        'IPCMessageType',
        'IPCNetServerEvents',
        'IPCNetSocketEvents',
        'IPCServer',
        'wait',
      ]),
    ],
    [
      'socket-ipc',
      ['BadClientError', 'Client', 'DecodeError', 'EncodeError', 'MessageError', 'NoServerError'].concat([
        'SendAfterCloseError',
        'SendError',
        'Server',
        'default',
      ]),
    ],
  ] as const) {
    it(`gives the drop-in omni-ipc/${subpath} to import and require`, async () => {
      const seen = await run(
        `${subpath}.cjs`,
        `const required = require('omni-ipc/${subpath}');
        import('omni-ipc/${subpath}').then((module) => console.log(JSON.stringify({
          names: Object.keys(required).sort(),
          same: Object.keys(module).every((name) => module[name] === required[name]),
        })));`,
      );
      expect(seen).toEqual({ names: [...names], same: true });
    });
  }

  for (const [module, moduleResolution, include] of [
    ['nodenext', 'nodenext', ['*.ts', '*.cts']],
    ['esnext', 'bundler', ['*.ts']],
  ] as const) {
    it(`types a strict program under module ${module} with resolution ${moduleResolution}`, async () => {
      const folder = `types-${moduleResolution}`;
      cpSync(inProject('spec', 'package', 'consumer'), join(home, folder), { recursive: true });
      write(join(folder, 'tsconfig.json'), {
        include,
        compilerOptions: {
          module,
          moduleResolution,
          target: 'es2022',
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          noEmit: true,
          skipLibCheck: false,
          typeRoots: [inProject('node_modules', '@types')],
          types: ['node'],
        },
      });
      await succeeds(startTool('typescript', 'lib/tsc.js', ['-p', join(home, folder)]));
    });
  }

  it('passes publint', async () => {
    await succeeds(startTool('publint', 'src/cli.js', ['run', tarball, '--strict']));
  });

  it('passes the check of types under every resolution', async () => {
    await succeeds(startTool('@arethetypeswrong/cli', 'dist/index.js', [tarball]));
  });

  /** @returns what keeps the package from being installed here, if something does */
  async function install(): Promise<string | undefined> {
    if (!npmCli) return 'Needs npm: run the specs by `npm test`';
    if (!existsSync(inProject('dist', 'index.js'))) return 'Needs dist/: run the specs by `npm test`';
    await succeeds(start(npmCli, ['pack', '--ignore-scripts', '--pack-destination', home]));
    tarball = join(home, readdirSync(home).find((name) => name.endsWith('.tgz')) ?? '');
    write('package.json', { private: true, type: 'module' });
    const options = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
    const npm = start(npmCli, ['install', tarball, '--prefix', home, ...options]);
    if ((await npm.exited).code === 0) return undefined;
    if (/ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENOTCACHED/.test(npm.stderr))
      return 'The npm registry is out of reach';
    throw new Error(npm.stderr);
  }

  function installed(): string {
    return join(home, 'node_modules', 'omni-ipc');
  }

  function write(name: string, content: string | object): string {
    const path = join(home, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  /** Runs a program beside the installed package, and gives the JSON that it prints. */
  async function run(name: string, code: string): Promise<unknown> {
    const program = start(write(name, code));
    await succeeds(program);
    return JSON.parse(program.stdout);
  }
});

describe('package.json', () => {
  it('exports every entry point, to all resolutions', () => {
    const entries = readdirSync(inProject('services')).filter(
      (name) => name !== 'node-ipc' && existsSync(inProject('services', name, 'index.ts')),
    );
    const files = ['entities/Defaults', 'entities/EventParser', 'services/IPC'];
    const exported = Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [] : [target.require.default],
    );
    expect(exported.sort()).toEqual(
      ['index', ...entries, ...files, ...files].map((name) => `./dist/${name}.js`).sort(),
    );
    const subpaths = Object.keys(manifest.exports).filter((name) => !/^\.(\/package\.json)?$/.test(name));
    expect(Object.keys(manifest.typesVersions['*']).sort()).toEqual(
      subpaths.map((name) => name.slice(2)).sort(),
    );
  });

  const manifest: Manifest = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
  const lockfile: Lockfile = JSON.parse(readFileSync(inProject('package-lock.json'), 'utf8'));

  it('runs no script at install', () => {
    const hooks = [
      'preinstall',
      'install',
      'postinstall',
      'prepublish',
      'preprepare',
      'prepare',
      'postprepare',
    ];
    expect(Object.keys(manifest.scripts).filter((name) => hooks.includes(name))).toEqual([]);
  });

  it('is built before it is packed or published by hand', () => {
    expect(manifest.scripts.prepack).toBe('npm run build');
  });

  it('names exact versions only', () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    const exact = /^(npm:@?[\w./-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;
    expect(all.filter(([, version]) => !exact.test(version))).toEqual([]);
  });

  it('has a lock file without a registry, and without packages that run a script at install', () => {
    const locked = Object.entries(lockfile.packages);
    expect(locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([name]) => name)).toEqual([]);
    expect(locked.filter(([, { resolved }]) => resolved).map(([name]) => name)).toEqual([]);
  });

  for (const folder of ['.', 'bench', 'spec/tools', 'website']) {
    it(`has a lock file in ${folder} with the packages of every platform, so that \`npm ci\` works on each`, () => {
      const { packages }: Lockfile = JSON.parse(readFileSync(inProject(folder, 'package-lock.json'), 'utf8'));
      const absent = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
        Object.keys({ ...dependencies, ...optionalDependencies })
          .filter((name) => !isLocked(packages, path, name))
          .map((name) => `${name}, which ${path || 'the package'} depends on`),
      );
      expect(absent).toEqual([]);
    });
  }
});

/** Whether a lock file has a dependency of the package at `path`, in a node_modules that Node looks through. */
function isLocked(packages: Record<string, Locked>, path: string, name: string): boolean {
  if (Object.hasOwn(packages, `${path && `${path}/`}node_modules/${name}`)) return true;
  if (path === '') return false;
  return isLocked(packages, path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/'))), name);
}

function startTool(name: string, script: string, args: string[]): Program {
  return start(inProject('node_modules', name, script), args);
}

async function succeeds(program: Program): Promise<void> {
  const { code } = await program.exited;
  expect(code)
    .withContext(program.stdout + program.stderr)
    .toBe(0);
}

describe('The workflows', () => {
  const folder = inProject('.github', 'workflows');
  const workflows = readdirSync(folder).map((name) => ({
    name,
    text: readFileSync(join(folder, name), 'utf8'),
  }));

  it('pin every action by the hash of its commit, with the version beside it', () => {
    const uses = workflows.flatMap(({ text }) =>
      [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action),
    );
    expect(uses.length).toBeGreaterThan(0);
    expect(
      uses.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(`${action}`)),
    ).toEqual([]);
  });

  it('give the published package the address of the repository, which npm compares with the provenance', () => {
    const { text } = workflows.find(({ name }) => name === 'publish.yml') as { text: string };
    const [, indented] = /run: \|\n((?: {10}.*\n)+) {6}- run: npm pack/.exec(text) as RegExpExecArray;
    const home = freshDirectory();
    writeFileSync(join(home, 'package.json'), '{ "name": "x", "version": "1.0.0" }');
    // A nested npm must not find the settings of the one that runs the specs, such as its folder.
    const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
    const step = spawnSync('bash', ['-euo', 'pipefail', '-c', indented as string], {
      cwd: home,
      env: {
        ...Object.fromEntries(own),
        GITHUB_SERVER_URL: 'https://git.example',
        GITHUB_REPOSITORY: 'some/one',
      },
      encoding: 'utf8',
    });
    if (step.error !== undefined) pending('Needs bash and npm');
    expect(step.status).withContext(step.stderr).toBe(0);
    const { repository, bugs, homepage } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    expect(repository).toEqual({ type: 'git', url: 'git+https://git.example/some/one.git' });
    expect(bugs).toEqual({ url: 'https://git.example/some/one/issues' });
    expect(homepage).toBe('https://git.example/some/one#readme');
  });

  it('run no code of the repository or its dependencies in a job that may publish', () => {
    const jobs = workflows.flatMap(({ text }) => text.split(/^ {2}(?=[\w-]+:$)/m));
    const publishing = jobs.filter((job) => job.includes('id-token: write'));
    expect(publishing.length).toBe(1);
    for (const job of publishing) expect(job).not.toMatch(/npm (ci|install|test|run|pack)|checkout/);
  });
});
