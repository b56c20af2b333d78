import { IPCError } from '../../entities/errors.js';
import { inspect } from '../../entities/inspect.js';
import { escapeText } from '../../entities/text.js';
import { surface } from '../faults.js';

/** Called with what was published, and under which topic. */
// biome-ignore lint/suspicious/noExplicitAny: what is published is what the handler says it is
export type TopicHandler = (data: any, topic: string) => unknown;

/** One topic or pattern, or several. */
export type TopicNames = string | readonly string[];

const LONGEST_PATTERN = 1024;
/** A word of a pattern can cost a node of the trie, so that a short text could cost a hundred times its length. */
const MOST_WORDS = 64;

const SHOWN = { depth: 0, maxArrayLength: 3, maxStringLength: 80, breakLength: Number.POSITIVE_INFINITY };
const SHOWN_CHARACTERS = 200;

/** A peer may send anything as a topic, so that only its beginning is shown. */
function bad(what: string, topic: unknown): IPCError {
  return new IPCError('ERR_IPC_ARGUMENT', `${escapeText(inspect(topic, SHOWN), SHOWN_CHARACTERS)} ${what}.`);
}

/**
 * Checks a pattern: up to 64 words with dots between; `*` stands for one word, `>` at the end for one or more (as in NATS).
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
 * Checks a topic to publish under, which has no wildcards.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkTopic(topic: unknown): string {
  const checked = checkPattern(topic);
  if (isWild(checked)) throw bad("is a pattern; publish under a topic without '*' and '>' as words", topic);
  return checked;
}

/** @throws IPCError ERR_IPC_ARGUMENT for what is not a handler */
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

/** The subscribers of patterns that begin with the same words. */
interface Node<Subscriber> {
  readonly parent: Node<Subscriber> | undefined;
  /** The word that leads here from the parent; `*` stands for any. */
  readonly word: string;
  /** The next words that patterns name. */
  children: Map<string, Node<Subscriber>> | undefined;
  /** The next word of patterns that accept any. */
  any: Node<Subscriber> | undefined;
  /** Subscribers of the pattern that ends here. */
  here: Set<Subscriber> | undefined;
  /** Subscribers of the pattern that ends with `>` after this word. */
  tail: Set<Subscriber> | undefined;
}

function nodeBelow<Subscriber>(parent: Node<Subscriber> | undefined, word: string): Node<Subscriber> {
  return { parent, word, children: undefined, any: undefined, here: undefined, tail: undefined };
}

/**
 * Who listens to what. Topics without wildcards are found by their name. Patterns with wildcards form a trie of their
 * words, so a publish visits only the nodes that its topic's words lead to, however many other patterns there are.
 */
export class Topics<Subscriber> {
  readonly #exact = new Map<string, Set<Subscriber>>();
  /** Where each pattern with wildcards ends in the trie. */
  readonly #wild = new Map<string, Node<Subscriber>>();
  #root: Node<Subscriber> = nodeBelow<Subscriber>(undefined, '');
  /** The topic that was asked about last, and whom it reaches: most are followed by themselves. */
  #asked: string | undefined;
  #reached: readonly Subscriber[] = [];
  #distinct: readonly Subscriber[] | undefined;

  /** Whether nobody listens to anything. */
  get empty(): boolean {
    return this.#exact.size === 0 && this.#wild.size === 0;
  }

  /** The patterns that somebody listens to. */
  get patterns(): string[] {
    return [...this.#exact.keys(), ...this.#wild.keys()];
  }

  /** Whether somebody listens to exactly this pattern. */
  has(pattern: string): boolean {
    return this.#exact.has(pattern) || this.#wild.has(pattern);
  }

  /** Adds a subscriber of a pattern that {@link checkPattern} accepted. */
  add(pattern: string, subscriber: Subscriber): void {
    this.#forget();
    const known = this.#subscribers(pattern);
    if (known !== undefined) known.add(subscriber);
    else if (isWild(pattern)) this.#grow(pattern, subscriber);
    else this.#exact.set(pattern, new Set([subscriber]));
  }

  /** Removes a subscriber of a pattern, or all of them. */
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

  /** Removes a subscriber from every pattern. */
  leave(subscriber: Subscriber): void {
    for (const pattern of this.patterns) this.remove(pattern, subscriber);
  }

  /**
   * The subscriber of each subscription that a topic matches: one of two matching patterns comes twice. The list stays as it is
   * while subscribers come and go.
   */
  matches(topic: string): readonly Subscriber[] {
    if (topic === this.#asked) return this.#reached;
    const subscribers = this.#matching(topic).flatMap((set) => [...set]);
    this.#asked = topic;
    this.#reached = subscribers;
    this.#distinct = undefined;
    return subscribers;
  }

  /** The subscribers that a topic reaches, each once. The list stays as it is while subscribers come and go. */
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

  /** The subscribers of each pattern that a topic matches. */
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

  /** Removes a pattern, and the nodes that led to it alone. */
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

/** The node that a word leads to, made where there was none. */
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

/** Whether nothing hangs on a node any more. */
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

/** One or several patterns as a list, each checked. */
export function patternsOf(topics: TopicNames): string[] {
  const list = typeof topics === 'string' ? [topics] : topics;
  if (!Array.isArray(list)) throw bad('is neither a topic nor a list of topics', topics);
  return list.map(checkPattern);
}

/**
 * Calls the handlers that a topic reaches.
 * @returns whether there were any
 */
export function callTopics(topics: Topics<TopicHandler>, topic: string, data: unknown): boolean {
  const handlers = topics.matches(topic);
  for (let i = 0; i < handlers.length; i++) callTopic(handlers[i] as TopicHandler, data, topic);
  return handlers.length > 0;
}

/** Calls a handler as the emitter does: what it throws surfaces right after the current callback. */
export function callTopic(handler: TopicHandler, data: unknown, topic: string): void {
  try {
    handler(data, topic);
  } catch (error) {
    surface(error);
  }
}
