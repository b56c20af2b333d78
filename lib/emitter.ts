import { IPCError } from '../entities/errors.js';
import type { Name, Payload } from '../entities/events.js';
import { checkOptions, isPlain } from '../entities/suggest.js';
import { surface } from './faults.js';
import { checkSchema, type Refusal, type StandardSchema, validated } from './schemas.js';

// biome-ignore lint/suspicious/noExplicitAny: handlers of every shape share one table; `on` has the exact types
type Handler = (...args: any[]) => unknown;

interface Listener {
  readonly handler: Handler;
  /** The function that the user passed, if `handler` is a wrapper that validates the data. */
  readonly given: Handler;
  readonly once: boolean;
  /**
   * Whether it was removed, or was a `once` handler that has been called. A dispatch that is running may still have it in
   * its list.
   */
  spent: boolean;
}

/** The type of a handler of an event: the arguments of a lifecycle event, or the contract's data followed by `From`. */
export type HandlerOf<
  Contract,
  Lifecycle,
  From extends unknown[],
  Type extends string,
> = Type extends keyof Lifecycle
  ? Lifecycle[Type]
  : Type extends '*'
    ? // biome-ignore lint/suspicious/noExplicitAny: a catch-all hears every shape
      (type: string, ...args: any[]) => unknown
    : (data: Payload<Contract, Type>, ...from: From) => unknown;

/** The options for validating the data of an event. */
export interface EventOptions<Input> {
  input: StandardSchema<Input>;
}

/** A handler, or options and a handler. */
export type HandlerArguments<Contract, Lifecycle, From extends unknown[], Type extends string, Input> =
  | [handler: HandlerOf<Contract, Lifecycle, From, Type>]
  | [options: EventOptions<Input>, handler: (data: Input, ...from: From) => unknown];

/** The event names of an emitter. */
export type TypeOf<Contract, Lifecycle> = Name<Contract> | (keyof Lifecycle & string) | '*';

/**
 * Named events with the behaviour of event-pubsub, which node-ipc uses: methods return the emitter; `on('*', ...)` receives
 * every event with its name first, after the event's own handlers as in event-pubsub 4; `off(type, '*')` removes all
 * handlers of a type, `off('*', '*')` those that receive every event; and events without handlers, including `error`, are
 * ignored.
 *
 * A handler that is added while an event of its type is dispatched is called for that event; one that is removed in the
 * meantime is not. A `once` handler is removed before it is called. A handler that throws does not prevent the others from
 * being called: its error becomes an uncaught exception right after the current callback.
 *
 * `From` is what follows the data: nothing on a client, the sender on a server.
 */
export class Emitter<Contract extends object, Lifecycle extends object, From extends unknown[]> {
  /** Handlers are appended in place, but removed from a copy, so that a dispatch needs no copy. */
  #listeners = new Map<string, Listener[]>();
  /** A cache of the last event type and its handlers, since events are usually repeated. */
  #type = '';
  #current: readonly Listener[] | undefined;
  #all: readonly Listener[] | undefined;
  readonly #dataAt: number;
  readonly #refuse: (error: unknown, from: unknown[]) => void;
  readonly #self: object;

  /**
   * @param dataAt the index of the data among a handler's arguments; the arguments after the data identify the sender
   * @param refuse reports data that does not match a schema. Default: emits `error`
   * @param self what handlers have as `this`. Default: the emitter
   */
  constructor(dataAt = 0, refuse?: (error: unknown, from: unknown[]) => void, self?: object) {
    this.#dataAt = dataAt;
    this.#self = self ?? this;
    this.#refuse = refuse ?? ((error, from) => this.trigger('error', error, ...from));
  }

  /**
   * Calls `handler` for each event of `type`, or for every event with `'*'`.
   * @param options `input`: a Standard Schema for the data. The handler receives its output. Data that does not match is
   * reported as an `error` event (ERR_IPC_INVALID_INPUT, with the issues). An asynchronous schema delays the handler.
   * @throws IPCError ERR_IPC_ARGUMENT if the name, the handler or an option is invalid
   * @example
   * client.on('message', (data) => console.log(data));
   * client.on('*', (type, ...args) => console.log(type, args));
   */
  on<Type extends TypeOf<Contract, Lifecycle>, Input = never>(
    type: Type,
    ...args: HandlerArguments<Contract, Lifecycle, From, Type, Input>
  ): this {
    // As in event-pubsub 4, a third argument of true makes it a `once` handler.
    const [first, second] = args as readonly unknown[];
    return this.#add(type, args, typeof first === 'function' && second === true);
  }

  /**
   * Like {@link on}, for one event only.
   * @throws IPCError ERR_IPC_ARGUMENT if the name, the handler or an option is invalid
   */
  once<Type extends TypeOf<Contract, Lifecycle>, Input = never>(
    type: Type,
    ...args: HandlerArguments<Contract, Lifecycle, From, Type, Input>
  ): this {
    return this.#add(type, args, true);
  }

  /**
   * Like `on` or `once`, with the handler before those that the type has.
   * @throws IPCError ERR_IPC_ARGUMENT
   */
  protected prepend(type: string, args: readonly unknown[], once: boolean): this {
    return this.#add(type, args, once, true);
  }

  #add(type: string, args: readonly unknown[], once: boolean, before = false): this {
    const [first, second] = args;
    const given = typeof first === 'function' ? first : second;
    if (typeof type !== 'string') {
      throw new IPCError('ERR_IPC_ARGUMENT', `An event's name must be a string, not ${typeof type}.`);
    }
    const name = JSON.stringify(type);
    if (typeof given !== 'function') {
      throw new IPCError('ERR_IPC_ARGUMENT', `on(${name}, ...) needs a function as its handler.`);
    }
    const options = given === first ? {} : ((first ?? {}) as Partial<EventOptions<unknown>>);
    checkOptions(options, ['input'], `on(${name}, ...)`);
    if (given === first && isPlain(second)) {
      throw new IPCError(
        'ERR_IPC_ARGUMENT',
        `on(${name}, options, handler) takes its options before the handler.`,
      );
    }
    const schema = options.input;
    checkSchema(schema, `on(${name}, { input })`);
    const handler =
      schema === undefined ? (given as Handler) : this.#checking(type, schema, given as Handler);
    const listener = { handler, given: given as Handler, once, spent: false };
    const listeners = this.#listeners.get(type);
    if (listeners === undefined || before) this.#set(type, [listener, ...(listeners ?? [])]);
    else listeners.push(listener);
    return this;
  }

  /** Wraps a handler so that it receives the output of a schema. */
  #checking(type: string, schema: StandardSchema, handler: Handler): Handler {
    const what = `The event ${type} was ignored because of its data`;
    const refusal: Refusal = { code: 'ERR_IPC_INVALID_INPUT', what };
    return (...args: unknown[]) => {
      const before = args.slice(0, this.#dataAt);
      const data = args[this.#dataAt];
      const after = args.slice(this.#dataAt + 1);
      const refuse = (error: unknown) => this.#refuse(error, [...before, ...after]);
      let checked: unknown;
      try {
        if (before.length > 0 && after.length > 0)
          throw new IPCError(refusal.code, `${what}: a schema checks one value, and there are more.`);
        checked = validated(schema, data, refusal);
      } catch (error) {
        refuse(error);
        return;
      }
      if (!(checked instanceof Promise)) handler.call(this.#self, ...before, checked, ...after);
      else void checked.then((later) => this.#late(handler, [...before, later, ...after]), refuse);
    };
  }

  #late(handler: Handler, args: unknown[]): void {
    try {
      handler.apply(this.#self, args);
    } catch (error) {
      surface(error);
    }
  }

  /**
   * Removes a handler of a type. With `'*'` (the default) as the handler, removes all of the type's handlers; with `'*'` as
   * the type, those that receive every event.
   */
  off<Type extends TypeOf<Contract, Lifecycle>>(
    type: Type,
    handler: HandlerOf<Contract, Lifecycle, From, Type> | '*' = '*',
  ): this {
    this.#keep(type, (listener) => handler !== '*' && listener.given !== handler);
    return this;
  }

  /** Removes all handlers of all types, as in event-pubsub. */
  reset(): this {
    return this.retain([]);
  }

  /** The name of {@link off} in node-ipc 9. */
  unSubscribe<Type extends TypeOf<Contract, Lifecycle>>(
    type: Type,
    handler: HandlerOf<Contract, Lifecycle, From, Type> | '*' = '*',
  ): this {
    return this.off(type, handler);
  }

  /** Removes the handlers of all types except these. */
  retain(types: readonly string[]): this {
    for (const type of [...this.#listeners.keys()]) if (!types.includes(type)) this.#keep(type, () => false);
    return this;
  }

  /** Dispatches an event synchronously to the handlers of this process. */
  trigger(type: string, ...args: unknown[]): this {
    const listeners = this.#listeners.get(type);
    const all = this.#all;
    if (listeners !== undefined) {
      for (const listener of listeners) this.#call(type, listener, args);
    }
    if (all !== undefined && type !== '*') {
      for (const listener of all) this.#call('*', listener, [type, ...args]);
    }
    return this;
  }

  /** A copy of the handlers of each type, as in event-pubsub 5. */
  get list(): Record<string, Handler[]> {
    const list: Record<string, Handler[]> = Object.create(null);
    for (const [type, listeners] of this.#listeners) list[type] = listeners.map(({ given }) => given);
    return list;
  }

  /** How many handlers a type has. */
  listenerCount(type: string): number {
    return this.#listeners.get(type)?.length ?? 0;
  }

  /** Whether an event of a type has a handler. */
  protected hears(type: string): boolean {
    return this.#all !== undefined || this.#listeners.has(type);
  }

  /**
   * {@link trigger} for the hot path: a received event with its data and sender. Its handlers have the emitter as `this`, as
   * those of clients and servers do.
   */
  protected dispatch(type: string, data: unknown, peer?: unknown): void {
    if (type !== this.#type) {
      this.#type = type;
      this.#current = this.#named(type);
    }
    const listeners = this.#current;
    const all = this.#all;
    if (listeners !== undefined) {
      for (let i = 0; i < listeners.length; i++) {
        const listener = listeners[i] as Listener;
        if (listener.spent) continue;
        if (listener.once) this.#spend(type, listener);
        try {
          if (peer === undefined) listener.handler.call(this, data);
          else listener.handler.call(this, data, peer);
        } catch (error) {
          surface(error);
        }
      }
    }
    if (all !== undefined) {
      const args = peer === undefined ? [type, data] : [type, data, peer];
      for (const listener of all) this.#call('*', listener, args);
    }
  }

  #call(type: string, listener: Listener, args: unknown[]): void {
    if (listener.spent) return;
    if (listener.once) this.#spend(type, listener);
    try {
      listener.handler.apply(this.#self, args);
    } catch (error) {
      surface(error);
    }
  }

  /**
   * The handlers of a received event name. An event named '*' is delivered like any other to handlers that receive every
   * event.
   */
  #named(type: string): readonly Listener[] | undefined {
    return type === '*' ? undefined : this.#listeners.get(type);
  }

  /** Removes a `once` handler before it is called. */
  #spend(type: string, listener: Listener): void {
    this.#keep(type, (other) => other !== listener);
  }

  #keep(type: string, wanted: (listener: Listener) => boolean): void {
    const kept: Listener[] = [];
    for (const listener of this.#listeners.get(type) ?? []) {
      if (wanted(listener)) kept.push(listener);
      else listener.spent = true;
    }
    this.#set(type, kept);
  }

  #set(type: string, listeners: Listener[]): void {
    if (listeners.length > 0) this.#listeners.set(type, listeners);
    else this.#listeners.delete(type);
    this.#current = this.#named(this.#type);
    this.#all = this.#listeners.get('*');
  }
}
