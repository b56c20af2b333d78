import { IPCError } from '../../entities/errors.js';
import { inspect } from '../../entities/inspect.js';

/** Called with what was published, and under which topic. */
// biome-ignore lint/suspicious/noExplicitAny: what is published is what the handler says it is
export type TopicHandler = (data: any, topic: string) => unknown;

/** One topic or pattern, or several. */
export type TopicNames = string | readonly string[];

const LONGEST_PATTERN = 1024;

const SHOWN = { depth: 0, maxArrayLength: 3, maxStringLength: 80, breakLength: Number.POSITIVE_INFINITY };

/** A peer may send anything as a topic, so that only its beginning is shown. */
function bad(what: string, topic: unknown): IPCError {
  return new IPCError('ERR_IPC_ARGUMENT', `${inspect(topic, SHOWN)} ${what}.`);
}

/**
 * Checks a pattern: words with dots between; `*` stands for one word, `>` at the end for one or more (as in NATS).
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkPattern(pattern: unknown): string {
  if (typeof pattern !== 'string' || pattern === '' || pattern.length > LONGEST_PATTERN) {
    throw bad(`is no topic; it must be a string of 1 to ${LONGEST_PATTERN} characters`, pattern);
  }
  const words = pattern.split('.');
  const tail = words.indexOf('>');
  if (tail !== -1 && tail < words.length - 1) throw bad("has a '>' that is not its last word", pattern);
  return pattern;
}

/**
 * Checks a topic to publish under, which has no wildcards.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkTopic(topic: unknown): string {
  const checked = checkPattern(topic);
  if (isWild(checked)) throw bad("is a pattern; publish under a topic without '*' and '>' as words", topic);
  return checked;
}

function isWild(pattern: string): boolean {
  if (!pattern.includes('*') && !pattern.includes('>')) return false;
  return pattern.split('.').some((word) => word === '*' || word === '>');
}

function fits(pattern: readonly string[], words: readonly string[]): boolean {
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === '>') return words.length > i;
    if (i >= words.length || (pattern[i] !== '*' && pattern[i] !== words[i])) return false;
  }
  return pattern.length === words.length;
}

interface Pattern<Subscriber> {
  readonly words: readonly string[];
  readonly subscribers: Set<Subscriber>;
}

/** Who listens to what. */
export class Topics<Subscriber> {
  readonly #exact = new Map<string, Set<Subscriber>>();
  readonly #wild = new Map<string, Pattern<Subscriber>>();

  /** Whether nobody listens to anything. */
  get empty(): boolean {
    return this.#exact.size === 0 && this.#wild.size === 0;
  }

  /** The patterns that somebody listens to. */
  get patterns(): string[] {
    return [...this.#exact.keys(), ...this.#wild.keys()];
  }

  /** Whether somebody listens to just this pattern. */
  has(pattern: string): boolean {
    return this.#exact.has(pattern) || this.#wild.has(pattern);
  }

  /** Notes a subscriber of a pattern that {@link checkPattern} let pass. */
  add(pattern: string, subscriber: Subscriber): void {
    this.#subscribers(pattern).add(subscriber);
  }

  /** Forgets a subscriber of a pattern, or all of them. */
  remove(pattern: string, subscriber?: Subscriber): void {
    const subscribers = this.#exact.get(pattern) ?? this.#wild.get(pattern)?.subscribers;
    if (subscribers === undefined) return;
    if (subscriber === undefined) subscribers.clear();
    else subscribers.delete(subscriber);
    if (subscribers.size > 0) return;
    this.#exact.delete(pattern);
    this.#wild.delete(pattern);
  }

  /** Forgets a subscriber of everything. */
  leave(subscriber: Subscriber): void {
    for (const pattern of this.patterns) this.remove(pattern, subscriber);
  }

  /** Calls back for each subscription that a topic fits: a subscriber of two patterns that fit comes twice. */
  match(topic: string, found: (subscriber: Subscriber) => void): void {
    const exact = this.#exact.get(topic);
    if (exact !== undefined) for (const subscriber of [...exact]) found(subscriber);
    if (this.#wild.size === 0) return;
    const words = topic.split('.');
    for (const { words: pattern, subscribers } of [...this.#wild.values()]) {
      if (!fits(pattern, words)) continue;
      for (const subscriber of [...subscribers]) found(subscriber);
    }
  }

  #subscribers(pattern: string): Set<Subscriber> {
    if (!isWild(pattern)) {
      const known = this.#exact.get(pattern) ?? new Set();
      this.#exact.set(pattern, known);
      return known;
    }
    const known = this.#wild.get(pattern) ?? { words: pattern.split('.'), subscribers: new Set() };
    this.#wild.set(pattern, known);
    return known.subscribers;
  }
}

/** One or several patterns as a list, each checked. */
export function patternsOf(topics: TopicNames): string[] {
  const list = typeof topics === 'string' ? [topics] : topics;
  if (!Array.isArray(list)) throw bad('is no topic and no list of topics', topics);
  return list.map(checkPattern);
}

/** Calls a handler as the emitter does: what it throws surfaces right after the current callback. */
export function callTopic(handler: TopicHandler, data: unknown, topic: string): void {
  try {
    handler(data, topic);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
