import { nodeCrypto } from '../../lib/lazy-modules.js';

const PLAIN = /^[\w-]{1,64}$/;
const PATTERN_WORD = /^([^\s.*>\0]+|\*|>)$/;

/** The names of a channel's buckets and subjects on NATS. */
export class NatsSubjects {
  /** The bucket with the leases of numbers and names. */
  readonly leases: string;
  /** The bucket that remembers the numbers of names. */
  readonly names: string;
  /** The subject of announcements: joins, leaves and subscriptions. */
  readonly members: string;
  readonly #prefix: string;

  /**
   * @param name the channel's name; its hash is used if it has other characters than letters, digits, `_` and `-`, or more
   * than 64 of them
   */
  constructor(name: string) {
    const token = PLAIN.test(name) ? name : digest(name);
    this.#prefix = `omni-ipc.${token}`;
    this.leases = `omni-ipc-${token}`;
    this.names = `omni-ipc-${token}-names`;
    this.members = `${this.#prefix}.members`;
  }

  /** The subject on which one run of a member receives. */
  run(id: string): string {
    return `${this.#prefix}.run.${id}`;
  }

  /** The subject of a topic or pattern; undefined if it cannot be expressed as one. */
  topic(topic: string): string | undefined {
    return topic.split('.').every((word) => PATTERN_WORD.test(word)) ? `${this.#topics}${topic}` : undefined;
  }

  /** The topic of a subject. */
  topicOf(subject: string): string {
    return subject.slice(this.#topics.length);
  }

  /** The key of a name, which may contain any characters. */
  name(name: string): string {
    return PLAIN.test(name) ? `name.${name}` : `name.${digest(name)}`;
  }

  /** The key of a number; `*` matches those of all. */
  number(number: number | '*'): string {
    return `number.${number}`;
  }

  get #topics(): string {
    return `${this.#prefix}.topic.`;
  }
}

function digest(text: string): string {
  return nodeCrypto().createHash('sha256').update(text).digest('hex').slice(0, 32);
}
