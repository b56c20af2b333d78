import { lstatSync, readdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** The default directories of this user's channel sockets; see docs/channel.md. */
export function userDirectories(): string[] {
  const user = process.getuid?.() ?? userInfo().username;
  const runtime = process.env.XDG_RUNTIME_DIR;
  const folders = [join(tmpdir(), `omni-ipc-${user}`)];
  return runtime ? [join(runtime, 'omni-ipc'), ...folders] : folders;
}

/** The sockets of inspected programs. They are in directories that only this user can enter. */
export function inspectorSockets(): string[] {
  return userDirectories()
    .map((folder) => join(folder, 'inspect'))
    .filter(isPrivate)
    .flatMap((folder) =>
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isSocket() && /^\d+\.\d+\.[\da-f]+$/.test(entry.name))
        .map(({ name }) => join(folder, name)),
    );
}

function isPrivate(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
}
