import { nodeCrypto } from '../../lib/lazy-modules.js';

const PLAIN = /^[\w-]{1,64}$/;
const PATTERN_WORD = /^([^\s.*>\0]+|\*|>)$/;

/** The names that a channel has on NATS. */
export class NatsSubjects {
  /** Of the bucket with the leases of numbers and names. */
  readonly leases: string;
  /** Of the bucket that remembers the numbers of names. */
  readonly names: string;
  /** Where joins, leaves and subscriptions are announced. */
  readonly members: string;
  readonly #prefix: string;

  /** @param name of the channel; one that is not made of letters, digits, `_` and `-` is replaced by its digest */
  constructor(name: string) {
    const token = PLAIN.test(name) ? name : digest(name);
    this.#prefix = `omni-ipc.${token}`;
    this.leases = `omni-ipc-${token}`;
    this.names = `omni-ipc-${token}-names`;
    this.members = `${this.#prefix}.members`;
  }

  /** Where one run of a member hears the others. */
  run(id: string): string {
    return `${this.#prefix}.run.${id}`;
  }

  /** The subject of a topic, or of a pattern; undefined where NATS has no such subject. */
  topic(topic: string): string | undefined {
    return topic.split('.').every((word) => PATTERN_WORD.test(word)) ? `${this.#topics}${topic}` : undefined;
  }

  /** The topic of a subject. */
  topicOf(subject: string): string {
    return subject.slice(this.#topics.length);
  }

  /** The key of a name: any text may be one. */
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
