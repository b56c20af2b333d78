import { join, resolve } from 'node:path';
import { codeOf } from '../../entities/errors.js';
import { fs, nodeCrypto } from '../../lib/lazy-modules.js';
import { evict, identify } from '../../lib/transports/socket-file.js';
import {
  type Surroundings,
  secureDirectory,
  surroundings,
  userDirectory,
} from '../../lib/transports/user-directory.js';

/** What peers say to each other has changed so often; those who differ in it do not meet. */
const PROTOCOL = 1;

/** How many names' numbers are kept for peers that are away. */
const MOST_REMEMBERED = 100;

/**
 * Where the peers of a channel meet: a directory of the user's own, with a socket for the hub and one for each number and
 * each name that a peer holds. On Windows these are pipes, and only notes are in the directory.
 */
export class Rendezvous {
  readonly directory: string;
  readonly #here: Surroundings;
  readonly #id: string;

  /**
   * @param name of the channel; default: of the user and the entry file
   * @param directory default: `omni-ipc` in XDG_RUNTIME_DIR if that is the user's own, else `omni-ipc-UID` in the system's
   * temporary directory
   */
  constructor(name?: string, directory?: string, here = surroundings()) {
    this.#here = here;
    this.directory = directory === undefined ? userDirectory(here) : resolve(directory);
    // A pipe is in no directory, so the directory tells its name from others.
    const where = here.platform === 'win32' ? this.directory.toLowerCase() : '';
    const whose = name === undefined ? `entry ${entryOf(here)}` : `name ${name}`;
    this.#id = digest(`${PROTOCOL} ${where} ${whose}`);
  }

  /** Where the hub listens. On Windows a hub that does not answer keeps its pipe, and the next one listens on another. */
  get hub(): string {
    if (this.#here.platform !== 'win32') return this.#path('hub');
    return this.#path(`hub${Math.max(0, ...this.#evictions()) || ''}`);
  }

  /** Tells the place of one hub from that of the next; undefined if there is none. */
  get hubLife(): string | undefined {
    return this.#here.platform === 'win32' ? this.hub : identify(this.hub)?.life;
  }

  /**
   * Takes the place of a hub away that does not answer, unless somebody has; then anybody may be the next one.
   * @param life its {@link hubLife}
   */
  async evictHub(life: string): Promise<void> {
    if (this.#here.platform === 'win32') this.#noteEviction(life);
    else await evict(this.hub, life);
  }

  /** The path that stands for a number. */
  number(number: number): string {
    return this.#path(String(number));
  }

  /** The path that stands for a peer's name. */
  name(peer: string): string {
    return this.#path(`@${digest(peer)}`);
  }

  /**
   * Makes the directory, where it is not there, and checks that it is this user's alone.
   * @throws IPCError ERR_IPC_ADDRESS
   */
  secure(): void {
    const remedy = 'choose another one with new Channel({ directory })';
    secureDirectory(this.directory, this.#here, "The channel's directory", remedy);
  }

  /** Which numbers belong to which names, whether or not those peers are there; the newest first. */
  remembered(): Map<number, string> {
    const notes: { number: number; name: string; since: number }[] = [];
    for (const file of fs.readdirSync(this.directory)) {
      const number = Number(file.match(NOTE)?.[1]);
      if (!file.startsWith(`${this.#id}.`) || !(number > 0)) continue;
      try {
        const path = join(this.directory, file);
        notes.push({ number, name: fs.readFileSync(path, 'utf8'), since: fs.lstatSync(path).mtimeMs });
      } catch {
        // Its number has just been given to another peer.
      }
    }
    notes.sort((one, other) => other.since - one.since);
    return new Map(notes.slice(0, MOST_REMEMBERED).map(({ number, name }) => [number, name]));
  }

  /** Notes whose number it is from now on; only the holder of the number may. */
  remember(number: number, name: string | undefined): void {
    const note = join(this.directory, `${this.#id}.${number}.name`);
    if (name === undefined) fs.rmSync(note, { force: true });
    else fs.writeFileSync(note, name, { mode: 0o600 });
  }

  /** The numbers of the evictions that are noted: the last one, and rarely some before it. */
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
      // Another member has noted it just now.
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

/** Who is meant where no name is given: programs of one user with the same entry file. */
function entryOf({ entry, user }: Surroundings): string {
  let file = entry ?? process.cwd();
  try {
    file = fs.realpathSync(file);
  } catch {
    // Not a file: as it was given, then.
  }
  return `${user} ${file}`;
}
