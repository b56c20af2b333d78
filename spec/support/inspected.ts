import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Client } from '../../lib/client.js';
import { freshIPC } from './instances.js';
import { freshDirectory } from './places.js';
import { type Program, start } from './processes.js';
import { built } from './project.js';

/** Creates a runtime directory, which inspected programs and the commands that find them share. */
export function freshRuntime(): { runtime: string; sockets: () => string[]; env: NodeJS.ProcessEnv } {
  const runtime = join(freshDirectory(), 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const directory = join(runtime, 'omni-ipc', 'inspect');
  const sockets = () => {
    try {
      return readdirSync(directory).map((name) => join(directory, name));
    } catch {
      return [];
    }
  };
  return { runtime, sockets, env: { XDG_RUNTIME_DIR: runtime } };
}

/** The options that preload the inspector in Node. */
export function preload(flag: '--import' | '--require' = '--import'): string[] {
  const file = join(built, 'services', 'inspect', 'index.js');
  return [flag, flag === '--import' ? pathToFileURL(file).href : file];
}

/** Starts a program of spec/fixtures with the inspector. */
export function inspected(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  flags = preload(),
): Program {
  return start(process.execPath, [...flags, join(built, file.replace(/\.ts$/, '.js')), ...args], {
    NODE_V8_COVERAGE: process.env.NODE_V8_COVERAGE ?? '',
    ...env,
  });
}

/** Waits until there are a number of sockets of inspectors. */
export async function socketsOf(sockets: () => string[], count = 1): Promise<string[]> {
  for (;;) {
    const found = sockets().filter((name) => /\.[\da-f]{8}$/.test(name));
    if (found.length === count) return found;
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

/** Returns a client of an inspector. */
export function inspectorAt(path: string): Client {
  return freshIPC().connectTo('inspector', path);
}
