import { IPCError } from '../../entities/errors.js';
import { inspect } from '../../entities/inspect.js';
import { escapeText } from '../../entities/text.js';
import { surface } from '../faults.js';

/** Called with the published data and the topic. */
// biome-ignore lint/suspicious/noExplicitAny: what is published is what the handler says it is
export type TopicHandler = (data: any, topic: string) => unknown;

/** One topic or pattern, or several. */
export type TopicNames = string | readonly string[];

const LONGEST_PATTERN = 1024;
/**
 * Limits the number of words, since each word of a pattern can take a node of the trie, which is a hundred times as large
 * as a short word.
 */
const MOST_WORDS = 64;

const SHOWN = { depth: 0, maxArrayLength: 3, maxStringLength: 80, breakLength: Number.POSITIVE_INFINITY };
const SHOWN_CHARACTERS = 200;

/** The error of an invalid topic. Only its start is shown, since a peer may send any value. */
function bad(what: string, topic: unknown): IPCError {
  return new IPCError('ERR_IPC_ARGUMENT', `${escapeText(inspect(topic, SHOWN), SHOWN_CHARACTERS)} ${what}.`);
}

/**
 * Checks a pattern: up to 64 words separated by dots. `*` matches one word; a final `>` matches one or more words (as in
 * NATS).
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkPattern(pattern: unknown): string {
  if (typeof pattern !== 'string' || pattern === '' || pattern.length > LONGEST_PATTERN) {
    throw bad(`is not a topic; it must be a string of 1 to ${LONGEST_PATTERN} characters`, pattern);
  }
  const words = pattern.split('.');
  if (words.length > MOST_WORDS) throw bad(`has more than ${MOST_WORDS} words; use fewer dots`, pattern);
  const tail = words.indexOf('>');
  if (tail !== -1 && tail < words.length - 1) throw bad("has a '>' that is not its last word", pattern);
  return pattern;
}

/**
 * Checks a topic for publishing, which must not have wildcards.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkTopic(topic: unknown): string {
  const checked = checkPattern(topic);
  if (isWild(checked)) throw bad("is a pattern; publish under a topic without '*' and '>' as words", topic);
  return checked;
}

/** @throws IPCError ERR_IPC_ARGUMENT if it is not a function */
export function checkHandler(handler: unknown): void {
  if (typeof handler === 'function') return;
  const message =
    'subscribe(topics, handler) needs a function as its handler, which is called with what is published.';
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}

/** Whether a pattern has wildcards. */
export function isWild(pattern: string): boolean {
  if (!pattern.includes('*') && !pattern.includes('>')) return false;
  return pattern.split('.').some((word) => word === '*' || word === '>');
}

/** A node of the trie: the subscribers whose patterns start with the same words. */
interface Node<Subscriber> {
  readonly parent: Node<Subscriber> | undefined;
  /** The word on the edge from the parent; `*` matches any. */
  readonly word: string;
  /** The child nodes by word. */
  children: Map<string, Node<Subscriber>> | undefined;
  /** The child node of the wildcard `*`. */
  any: Node<Subscriber> | undefined;
  /** The subscribers of the pattern that ends at this node. */
  here: Set<Subscriber> | undefined;
  /** The subscribers of the pattern that ends with `>` after this node. */
  tail: Set<Subscriber> | undefined;
}

function nodeBelow<Subscriber>(parent: Node<Subscriber> | undefined, word: string): Node<Subscriber> {
  return { parent, word, children: undefined, any: undefined, here: undefined, tail: undefined };
}

/**
 * A set of subscriptions. Patterns without wildcards are looked up by name. Patterns with wildcards form a trie of their
 * words, so that publishing visits only nodes that match the topic's words, independent of the number of other patterns.
 */
export class Topics<Subscriber> {
  readonly #exact = new Map<string, Set<Subscriber>>();
  /** The final node of each pattern with wildcards. */
  readonly #wild = new Map<string, Node<Subscriber>>();
  #root: Node<Subscriber> = nodeBelow<Subscriber>(undefined, '');
  /** A cache of the last topic and its matches, since most topics are published repeatedly. */
  #asked: string | undefined;
  #reached: readonly Subscriber[] = [];
  #distinct: readonly Subscriber[] | undefined;

  /** Whether there are no subscriptions. */
  get empty(): boolean {
    return this.#exact.size === 0 && this.#wild.size === 0;
  }

  /** All subscribed patterns. */
  get patterns(): string[] {
    return [...this.#exact.keys(), ...this.#wild.keys()];
  }

  /** Whether exactly this pattern has a subscriber. */
  has(pattern: string): boolean {
    return this.#exact.has(pattern) || this.#wild.has(pattern);
  }

  /** Adds a subscriber of a pattern that {@link checkPattern} has accepted. */
  add(pattern: string, subscriber: Subscriber): void {
    this.#forget();
    const known = this.#subscribers(pattern);
    if (known !== undefined) known.add(subscriber);
    else if (isWild(pattern)) this.#grow(pattern, subscriber);
    else this.#exact.set(pattern, new Set([subscriber]));
  }

  /** Removes a subscriber of a pattern or, without one, all of its subscribers. */
  remove(pattern: string, subscriber?: Subscriber): void {
    const subscribers = this.#subscribers(pattern);
    if (subscribers === undefined) return;
    this.#forget();
    if (subscriber !== undefined) {
      subscribers.delete(subscriber);
      if (subscribers.size > 0) return;
    }
    if (!this.#exact.delete(pattern)) this.#prune(pattern);
  }

  /** Removes a subscriber from all patterns. */
  leave(subscriber: Subscriber): void {
    for (const pattern of this.patterns) this.remove(pattern, subscriber);
  }

  /**
   * The subscriber of each matching subscription; one with two matching patterns appears twice. The array does not change
   * when subscribers are added or removed.
   */
  matches(topic: string): readonly Subscriber[] {
    if (topic === this.#asked) return this.#reached;
    const subscribers = this.#matching(topic).flatMap((set) => [...set]);
    this.#asked = topic;
    this.#reached = subscribers;
    this.#distinct = undefined;
    return subscribers;
  }

  /** The matching subscribers, each once. The array does not change when subscribers are added or removed. */
  subscribersOf(topic: string): readonly Subscriber[] {
    const all = this.matches(topic);
    this.#distinct ??= [...new Set(all)];
    return this.#distinct;
  }

  #forget(): void {
    this.#asked = undefined;
    this.#reached = [];
    this.#distinct = undefined;
  }

  /** The subscribers of each matching pattern. */
  #matching(topic: string): Set<Subscriber>[] {
    const sets: Set<Subscriber>[] = [];
    const exact = this.#exact.get(topic);
    if (exact !== undefined) sets.push(exact);
    if (this.#wild.size > 0) collect(this.#root, topic.split('.'), 0, sets);
    return sets;
  }

  #subscribers(pattern: string): Set<Subscriber> | undefined {
    const exact = this.#exact.get(pattern);
    if (exact !== undefined) return exact;
    const node = this.#wild.get(pattern);
    return node && (endsOpen(pattern) ? node.tail : node.here);
  }

  #grow(pattern: string, subscriber: Subscriber): void {
    const words = pattern.split('.');
    const open = endsOpen(pattern);
    if (open) words.pop();
    let node = this.#root;
    for (const word of words) node = below(node, word);
    if (open) node.tail = new Set([subscriber]);
    else node.here = new Set([subscriber]);
    this.#wild.set(pattern, node);
  }

  /** Removes a pattern, and the nodes that only it used. */
  #prune(pattern: string): void {
    let node = this.#wild.get(pattern) as Node<Subscriber>;
    this.#wild.delete(pattern);
    if (endsOpen(pattern)) node.tail = undefined;
    else node.here = undefined;
    while (node.parent !== undefined && isBare(node)) {
      const { parent, word } = node;
      if (word === '*') parent.any = undefined;
      else {
        parent.children?.delete(word);
        if (parent.children?.size === 0) parent.children = undefined;
      }
      node = parent;
    }
  }
}

/** The child node for a word; creates it if necessary. */
function below<Subscriber>(node: Node<Subscriber>, word: string): Node<Subscriber> {
  if (word === '*') {
    node.any ??= nodeBelow(node, word);
    return node.any;
  }
  node.children ??= new Map();
  const known = node.children.get(word);
  if (known !== undefined) return known;
  const made = nodeBelow(node, word);
  node.children.set(word, made);
  return made;
}

/** Whether a node has no subscribers and no children. */
function isBare({ children, any, here, tail }: Node<unknown>): boolean {
  return children === undefined && any === undefined && here === undefined && tail === undefined;
}

function collect<Subscriber>(
  node: Node<Subscriber>,
  words: readonly string[],
  at: number,
  sets: Set<Subscriber>[],
): void {
  if (at === words.length) {
    if (node.here !== undefined) sets.push(node.here);
    return;
  }
  const child = node.children?.get(words[at] as string);
  if (child !== undefined) collect(child, words, at + 1, sets);
  if (node.any !== undefined) collect(node.any, words, at + 1, sets);
  if (node.tail !== undefined) sets.push(node.tail);
}

function endsOpen(pattern: string): boolean {
  return pattern === '>' || pattern.endsWith('.>');
}

/** Converts one or several patterns to an array, and checks each. */
export function patternsOf(topics: TopicNames): string[] {
  const list = typeof topics === 'string' ? [topics] : topics;
  if (!Array.isArray(list)) throw bad('is neither a topic nor a list of topics', topics);
  return list.map(checkPattern);
}

/**
 * Calls the handlers that match a topic.
 * @returns whether there was at least one
 */
export function callTopics(topics: Topics<TopicHandler>, topic: string, data: unknown): boolean {
  const handlers = topics.matches(topic);
  for (let i = 0; i < handlers.length; i++) callTopic(handlers[i] as TopicHandler, data, topic);
  return handlers.length > 0;
}

/** Calls a handler like the emitter: an exception becomes an uncaught exception right after the current callback. */
export function callTopic(handler: TopicHandler, data: unknown, topic: string): void {
  try {
    handler(data, topic);
  } catch (error) {
    surface(error);
  }
}
