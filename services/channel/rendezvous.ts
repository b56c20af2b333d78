import { join, resolve } from 'node:path';
import { codeOf } from '../../entities/errors.js';
import { fs, nodeCrypto } from '../../lib/lazy-modules.js';
import { checkPath } from '../../lib/transports/platform-path.js';
import { evict, identify } from '../../lib/transports/socket-file.js';
import {
  type Surroundings,
  secureDirectory,
  surroundings,
  userDirectory,
} from '../../lib/transports/user-directory.js';

/** The version of the protocol between members. Members with different versions do not meet. */
const PROTOCOL = 1;

/** How many names have their numbers remembered while their members are absent. */
const MOST_REMEMBERED = 100;

/**
 * Where the members of a channel meet: a private directory of the user, with a socket for the hub and one for each held
 * number and name. On Windows these are pipes, and the directory only contains notes.
 */
export class Rendezvous {
  readonly directory: string;
  readonly #here: Surroundings;
  readonly #id: string;

  /**
   * @param name the channel's name; default: made from the user and the entry file
   * @param directory default: `omni-ipc` in XDG_RUNTIME_DIR if that belongs to the user, otherwise `omni-ipc-UID` in the
   * system's temporary directory
   */
  constructor(name?: string, directory?: string, here = surroundings()) {
    this.#here = here;
    this.directory = directory === undefined ? userDirectory(here) : resolve(directory);
    // A pipe is not in a directory, so its name includes the directory to be unique.
    const where = here.platform === 'win32' ? this.directory.toLowerCase() : '';
    const whose = name === undefined ? `entry ${entryOf(here)}` : `name ${name}`;
    this.#id = digest(`${PROTOCOL} ${where} ${whose}`);
  }

  /**
   * The path of the hub's socket. On Windows a hub that does not respond keeps its pipe, and the next hub uses another
   * path.
   */
  get hub(): string {
    if (this.#here.platform !== 'win32') return this.#path('hub');
    return this.#path(`hub${Math.max(0, ...this.#evictions()) || ''}`);
  }

  /** Identifies the current hub, as opposed to the next one; undefined if there is none. */
  get hubLife(): string | undefined {
    return this.#here.platform === 'win32' ? this.hub : identify(this.hub)?.life;
  }

  /**
   * Takes the place from a hub that does not respond, unless another member already has. After that, any member may become
   * the hub.
   * @param life its {@link hubLife}
   */
  async evictHub(life: string): Promise<void> {
    if (this.#here.platform === 'win32') this.#noteEviction(life);
    else await evict(this.hub, life);
  }

  /** The socket path of a number. */
  number(number: number): string {
    return this.#path(String(number));
  }

  /** The socket path of a member's name. */
  name(peer: string): string {
    return this.#path(`@${digest(peer)}`);
  }

  /**
   * Creates the directory unless it exists, and checks that it is private to this user and that its path leaves room for
   * those of the sockets.
   * @param peer the name of the member, if it has one
   * @throws IPCError ERR_IPC_ADDRESS
   */
  secure(peer?: string): void {
    const longest = peer === undefined ? this.hub : this.name(peer);
    checkPath(longest, this.#here.platform, 'Choose a shorter one with the option directory.');
    secureDirectory(
      this.directory,
      this.#here,
      "The channel's directory",
      'choose another one with the option directory',
    );
  }

  /** Which number each name had last, whether or not its member is present; the newest first. */
  remembered(): Map<number, string> {
    const notes: { number: number; name: string; since: number }[] = [];
    for (const file of fs.readdirSync(this.directory)) {
      const number = Number(file.match(NOTE)?.[1]);
      if (!file.startsWith(`${this.#id}.`) || !(number > 0)) continue;
      try {
        const path = join(this.directory, file);
        notes.push({ number, name: fs.readFileSync(path, 'utf8'), since: fs.lstatSync(path).mtimeMs });
      } catch {
        // The number has just been given to another member.
      }
    }
    notes.sort((one, other) => other.since - one.since);
    return new Map(notes.slice(0, MOST_REMEMBERED).map(({ number, name }) => [number, name]));
  }

  /** Remembers the name of a number. Only the holder of the number may call it. */
  remember(number: number, name: string | undefined): void {
    const note = join(this.directory, `${this.#id}.${number}.name`);
    if (name === undefined) fs.rmSync(note, { force: true });
    else fs.writeFileSync(note, name, { mode: 0o600 });
  }

  /** The numbers of the recorded evictions: usually the last one only. */
  #evictions(): number[] {
    const prefix = `${this.#id}.hub.`;
    let files: string[] = [];
    try {
      files = fs.readdirSync(this.directory);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    const notes = files.filter((file) => file.startsWith(prefix));
    return notes.map((file) => Number(file.slice(prefix.length))).filter(Number.isSafeInteger);
  }

  #noteEviction(life: string): void {
    const before = this.#evictions();
    const note = (number: number) => join(this.directory, `${this.#id}.hub.${number}`);
    if (this.hub !== life) return;
    try {
      fs.writeFileSync(note(Math.max(0, ...before) + 1), '', { flag: 'wx', mode: 0o600 });
    } catch (error) {
      // Another member has just recorded it.
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    for (const number of before) fs.rmSync(note(number), { force: true });
  }

  #path(what: string): string {
    const { platform, user } = this.#here;
    if (platform === 'win32') return `\\\\.\\pipe\\omni-ipc-${user}-${this.#id}.${what}`;
    return join(this.directory, `${this.#id}.${what}`);
  }
}

const NOTE = /\.(\d+)\.name$/;

function digest(text: string): string {
  return nodeCrypto().createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Identifies the program if no channel name is given: by its user and entry file. */
function entryOf({ entry, user }: Surroundings): string {
  let file = entry ?? process.cwd();
  try {
    file = fs.realpathSync(file);
  } catch {
    // The file does not exist, so the name is used as given.
  }
  return `${user} ${file}`;
}
