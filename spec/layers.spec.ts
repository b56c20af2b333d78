import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix, sep } from 'node:path';
import { inProject } from './support/project.js';

/**
 * The rooms of the house, from the roof down; a file belongs to the first that fits. Each may import from its
 * own room and from those below it that it knows.
 */
const rooms: { name: string; files: RegExp; knowsNot?: string[] }[] = [
  { name: 'index', files: /^index\.ts$/ },
  { name: 'services', files: /^services\// },
  {
    name: 'apis',
    files: /^lib\/(client|server|all-clients)\.ts$/,
    knowsNot: ['pipes', 'transports', 'codecs', 'framing'],
  },
  {
    name: 'cores',
    files:
      /^lib\/((client|server)-core|server-arguments|server-clients|server-memory|server-peer|backplane(-membership)?)\.ts$/,
    knowsNot: ['pipes', 'framing'],
  },
  {
    name: 'connecting',
    files:
      /^lib\/(reconnector|(client|server)-handshake|client-(hooks|identity|topics)|liveness-probe|offline-queue|provisional-admission|(connection-|datagram-)?acceptor|admission|recipients|profile)\.ts$/,
    knowsNot: ['codecs', 'framing'],
  },
  { name: 'peer', files: /^lib\/peer\.ts$/, knowsNot: ['transports', 'codecs', 'framing'] },
  { name: 'conversations', files: /^lib\/conversations\//, knowsNot: ['pipes', 'dialects', 'transports'] },
  { name: 'pipes', files: /^lib\/pipes\//, knowsNot: ['transports'] },
  { name: 'dialects', files: /^lib\/dialects\//, knowsNot: ['transports'] },
  { name: 'codecs', files: /^lib\/codecs\//, knowsNot: ['framing', 'transports'] },
  { name: 'framing', files: /^lib\/framing\//, knowsNot: ['transports'] },
  { name: 'transports', files: /^lib\/transports\// },
  { name: 'tools', files: /^lib\/[^/]+\.ts$/ },
  { name: 'entities', files: /^entities\// },
];

const floors = ['services', 'lib', 'entities'];
const network = /^node:(net|tls|dgram|dns|http|https|http2|cluster|child_process)(\/|$)/;
const inputOutput =
  /^node:(net|tls|dgram|dns|http|https|http2|cluster|child_process|fs|stream|worker_threads)(\/|$)/;
const runtimeDependencies = ['colors/safe.js'];
/** Loaded when the configuration asks for them; spelled out in one file, where bundlers find them. */
const optionalPeers = [
  '@nats-io/jetstream',
  '@nats-io/kv',
  '@nats-io/transport-node',
  '@opentelemetry/api',
  'fast-zlib',
  'msgpackr/index-no-eval',
];

interface Import {
  from: string;
  /** A file of ours, as a path in the project, or else a module's name. */
  to: string;
  typeOnly: boolean;
}

const files = ['index.ts', ...floors.flatMap(filesIn)].filter((file) => existsSync(inProject(file)));
const imports = files.flatMap(importsOf);

describe('The source tree', () => {
  it('has a layer for every file', () => {
    expect(files.filter((file) => !roomOf(file))).toEqual([]);
  });

  it('imports only downwards', () => {
    expect(said(imports.filter(goesUp))).toEqual([]);
  });

  it('has no circle of imports, not even of types', () => {
    expect(circles()).toEqual([]);
  });

  it('imports sockets, and their types, only in transports and pipes', () => {
    const engine = imports.filter(({ from }) => from.startsWith('lib/') && from !== 'lib/lazy-modules.ts');
    const networking = engine.filter(({ to }) => network.test(to));
    expect(said(networking.filter((one) => !inRoom(one, 'transports', 'pipes')))).toEqual([]);
    const loading = files.filter((file) => /\bnode(Tls|Dgram|Dns)\(\)/.test(codeOf(file)));
    expect(loading.filter((file) => !/^lib\/(transports|pipes)\//.test(file))).toEqual([]);
    expect(loading.length).toBeGreaterThan(0);
  });

  it('imports no network module, nor its types, in dialects, codecs, framing and conversations', () => {
    const pure = imports.filter((one) => inRoom(one, 'dialects', 'codecs', 'framing', 'conversations'));
    expect(said(pure.filter(({ to }) => network.test(to)))).toEqual([]);
  });

  it('imports no packets in transports', () => {
    expect(
      said(imports.filter((one) => inRoom(one, 'transports') && one.to === 'entities/packet.ts')),
    ).toEqual([]);
  });

  it('does no input or output in entities', () => {
    const doing = imports.filter(
      (one) => inRoom(one, 'entities') && !one.typeOnly && inputOutput.test(one.to),
    );
    expect(said(doing)).toEqual([]);
  });

  it('depends at run time on Node and on colors only', () => {
    const foreign = imports.filter(
      ({ from, to, typeOnly }) =>
        !isOurs(to) &&
        !to.startsWith('node:') &&
        !(from === 'lib/codecs/optional-packages.ts' && optionalPeers.includes(to)) &&
        !(typeOnly && from.startsWith('services/opentelemetry/') && to === '@opentelemetry/api'),
    );
    expect(said(foreign.filter(({ to }) => !runtimeDependencies.includes(to)))).toEqual([]);
  });

  it('generates no code at run time, starts no process and fetches nothing', () => {
    const modules = /^(node:)?(child_process|vm|https?|http2|inspector|repl|worker_threads|cluster|wasi)$/;
    // A transport asks node:cluster whether it is in a worker.
    const asked = ({ from, to }: Import) => from === 'lib/lazy-modules.ts' && to === 'node:cluster';
    // The inspector asks which thread it is in.
    const inspects = ({ from, to }: Import) =>
      from.startsWith('services/inspect/') && to === 'node:worker_threads';
    const makers = imports.filter(
      (one) => modules.test(one.to) && !one.typeOnly && !asked(one) && !inspects(one),
    );
    expect(said(makers)).toEqual([]);
    const calls =
      /\beval\s*\(|\bFunction\s*\(|\bfetch\s*\(|\bimport\s*\(|\bWebAssembly\b|\bprocess\.(binding|dlopen)\b/;
    // What only a server with a backplane needs is loaded for that.
    const late = "import('../backplane/channel-backplane.js')";
    expect(files.filter((file) => calls.test(codeOf(file).replace(late, '')))).toEqual([]);
  });

  it('loads optional peer dependencies by name, at run time, in one file only', () => {
    const loading = /\bcreateRequire\b|\brequire\s*\(/;
    expect(files.filter((file) => loading.test(codeOf(file)))).toEqual(['lib/codecs/optional-packages.ts']);
    const loads = files.flatMap((file) => [
      ...codeOf(file).matchAll(/\bloadPackage(?:<[^>]*>)?\(\s*'([^']+)'/g),
    ]);
    expect([...new Set(loads.map(([, name]) => name))].sort()).toEqual([
      '@opentelemetry/api',
      'fast-zlib',
      'msgpackr',
    ]);
  });

  it('lists exactly those modules of Node that it loads lazily', () => {
    const loading = files.filter((file) => codeOf(file).includes('getBuiltinModule'));
    expect(loading.sort()).toEqual(['entities/inspect.ts', 'lib/lazy-modules.ts']);
    for (const file of loading)
      expect(codeOf(file).replace(/\bgetBuiltinModule\('node:[a-z\d]+'\)/g, '')).not.toContain(
        'getBuiltinModule',
      );
  });

  it('builds the command on the public API only', () => {
    const ours = filesIn('cli').flatMap(importsOf);
    // The page's compiler knows no Node: it takes the types of omni-ipc/inspect from the file that needs none.
    const isType = ({ to, typeOnly }: Import) =>
      typeOnly && /^services\/inspect\/(index|records)\.ts$/.test(to);
    const inner = ours.filter(({ to }) => isOurs(to) && !/^(cli\/|index\.ts$)/.test(to));
    expect(said(inner.filter((one) => !isType(one)))).toEqual([]);
    expect(ours.length).toBeGreaterThan(0);
  });

  it('names no adapter outside services/, not even in a comment', () => {
    const below = files.filter((file) => /^(lib|entities)\//.test(file));
    const adapters = /\b(net-ipc|socket-ipc|isdk|ipc-server|ipchannel)\b/i;
    expect(below.filter((file) => adapters.test(textOf(file).replaceAll('node-ipc', '')))).toEqual([]);
  });

  it('contains no key', () => {
    expect(files.filter((file) => codeOf(file).includes('-----BEGIN'))).toEqual([]);
  });

  it('has default exports in index.ts and services/ only', () => {
    const below = files.filter((file) => /^(lib|entities)\//.test(file));
    expect(below.filter((file) => /^export default\b|\bas default\b/m.test(codeOf(file)))).toEqual([]);
  });

  it('has no barrel below index.ts', () => {
    expect(files.filter((file) => file !== 'index.ts' && isBarrel(file))).toEqual([]);
  });

  it('names its files in lower case with dashes', () => {
    const named = /^[a-z0-9]+(-[a-z0-9]+)*(\.spec)?\.ts$/;
    expect([...files, ...filesIn('spec')].filter((file) => !named.test(posix.basename(file)))).toEqual([]);
  });

  it('has a spec for every file that does something, under the mirrored name', () => {
    const specOf = (file: string) => `spec/${file.replace(/\.ts$/, '.spec.ts')}`;
    const specs = files.filter((file) => !isTypesOnly(file)).map(specOf);
    expect(specs.filter((spec) => !existsSync(inProject(spec)))).toEqual([]);
  });
});

function filesIn(folder: string): string[] {
  if (!existsSync(inProject(folder))) return [];
  return readdirSync(inProject(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    .map((name) => `${folder}/${name.replaceAll(sep, '/')}`)
    .sort();
}

function roomOf(file: string) {
  return rooms.find((room) => room.files.test(file));
}

/** Files that import each other, as a path from one back to itself. */
function circles(): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      found.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const { from, to } of imports) if (from === file && isOurs(to)) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return found;
}

function inRoom({ from }: Import, ...names: string[]): boolean {
  return names.includes(roomOf(from)?.name ?? '');
}

function goesUp({ from, to }: Import): boolean {
  if (!isOurs(to)) return false;
  const [room, target] = [roomOf(from), roomOf(to)];
  if (!room || !target) return true;
  return rooms.indexOf(target) < rooms.indexOf(room) || (room.knowsNot ?? []).includes(target.name);
}

function isOurs(to: string): boolean {
  return to.endsWith('.ts');
}

function textOf(file: string): string {
  return readFileSync(inProject(file), 'utf8');
}

/** The source without its comments; a `//` within a line may be part of a string, and stays. */
function codeOf(file: string): string {
  return textOf(file)
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/^\s*\/\/.*$/gm, '');
}

function importsOf(from: string): Import[] {
  const code = codeOf(from);
  const statements = code.matchAll(/^(?:import|export)\b(?<what>[\w\s,{}*$]*?)\bfrom\s*'(?<name>[^']+)'/gm);
  const calls = code.matchAll(/\b(?:import|require|getBuiltinModule)(?<what>\(|\s)\s*'(?<name>[^']+)'/g);
  return [...statements, ...calls].map(({ groups }) => {
    const { what = '', name = '' } = groups ?? {};
    const to = name.startsWith('.') ? posix.join(posix.dirname(from), name).replace(/\.js$/, '.ts') : name;
    return { from, to, typeOnly: /^\s*type\b/.test(what) };
  });
}

function isTypesOnly(file: string): boolean {
  const compiled = readFileSync(inProject(`.build/${file.replace(/\.ts$/, '.js')}`), 'utf8');
  return (
    compiled
      .replace(/\/\*.*?\*\//gs, '')
      .replace(/^\s*\/\/.*$/gm, '')
      .trim() === 'export {};'
  );
}

function isBarrel(file: string): boolean {
  const code = codeOf(file);
  if (/^export \*/m.test(code)) return true;
  return code.replace(/^(import|export)\b[\w\s,{}*$]*'[^']+';/gm, '').trim() === '';
}

function said(found: Import[]): string[] {
  return found.map(({ from, to }) => `${from} imports ${to}`);
}
