import { IPCError } from '../entities/errors.js';
import type { Name, Payload } from '../entities/events.js';
import { checkOptions, isPlain } from '../entities/suggest.js';
import { surface } from './faults.js';
import { checkSchema, type Refusal, type StandardSchema, validated } from './schemas.js';

// biome-ignore lint/suspicious/noExplicitAny: handlers of every shape share one table; `on` has the exact types
type Handler = (...args: any[]) => unknown;

interface Listener {
  readonly handler: Handler;
  /** What was given as the handler, where `handler` checks the data first. */
  readonly given: Handler;
  readonly once: boolean;
  /** Whether it was removed, or one of `once` that has had its event: a dispatch may still have it in its list. */
  spent: boolean;
}

/** How a handler of one event looks: a lifecycle event's own arguments, or the contract's data and `From`. */
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

/** How the data of an event are checked. */
export interface EventOptions<Input> {
  input: StandardSchema<Input>;
}

/** A handler, or how its data are checked and the handler. */
export type HandlerArguments<Contract, Lifecycle, From extends unknown[], Type extends string, Input> =
  | [handler: HandlerOf<Contract, Lifecycle, From, Type>]
  | [options: EventOptions<Input>, handler: (data: Input, ...from: From) => unknown];

/** The event names that an emitter knows. */
export type TypeOf<Contract, Lifecycle> = Name<Contract> | (keyof Lifecycle & string) | '*';

/**
 * Named events with the habits of event-pubsub, on which node-ipc stands: its methods return the emitter, `on('*', ...)`
 * hears every event with its name first, after the event's own handlers as in event-pubsub 4, `off(type, '*')` removes all
 * handlers of a type, `off('*', '*')` those that hear every event, and events without a handler, `error` included, are ignored.
 *
 * A handler added during a dispatch of its type is called by it, and one removed meanwhile is not. A `once` handler is removed before it is called. A handler that throws keeps nobody from
 * hearing the event: its error surfaces as an uncaught exception right after the current callback.
 *
 * `From` is what follows the data: nothing on a client, and who sent them on a server.
 */
export class Emitter<Contract extends object, Lifecycle extends object, From extends unknown[]> {
  /** Appended to where handlers are added, and copied where they are removed, so that a dispatch needs no copy. */
  #listeners = new Map<string, Listener[]>();
  /** The type dispatched last and who listens to it: most are followed by one of their kind. */
  #type = '';
  #current: readonly Listener[] | undefined;
  #all: readonly Listener[] | undefined;
  readonly #dataAt: number;
  readonly #refuse: (error: unknown, from: unknown[]) => void;

  /**
   * @param dataAt which argument of a handler the data are, for schemas: with 0, what follows says whom they are from
   * @param refuse reports data that do not fit a schema. Default: by the event `error`
   */
  constructor(dataAt = 0, refuse?: (error: unknown, from: unknown[]) => void) {
    this.#dataAt = dataAt;
    this.#refuse = refuse ?? ((error, from) => this.trigger('error', error, ...from));
  }

  /**
   * Calls `handler` for each event of `type`, or for every event with `'*'`.
   * @param options `input`: a Standard Schema that the data must fit. The handler gets its output; data that does not fit is
   * reported to `error` (ERR_IPC_INVALID_INPUT, with the issues). A schema that takes its time delays the handler.
   */
  on<Type extends TypeOf<Contract, Lifecycle>, Input = never>(
    type: Type,
    ...args: HandlerArguments<Contract, Lifecycle, From, Type, Input>
  ): this {
    // As event-pubsub 4, whose third argument says that the handler is for one event.
    const [first, second] = args as readonly unknown[];
    return this.#add(type, args, typeof first === 'function' && second === true);
  }

  /** As {@link on}, for one event only. */
  once<Type extends TypeOf<Contract, Lifecycle>, Input = never>(
    type: Type,
    ...args: HandlerArguments<Contract, Lifecycle, From, Type, Input>
  ): this {
    return this.#add(type, args, true);
  }

  #add(type: string, args: readonly unknown[], once: boolean): this {
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
    if (listeners === undefined) this.#set(type, [listener]);
    else listeners.push(listener);
    return this;
  }

  /** Calls a handler with what a schema makes of the data. */
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
      if (!(checked instanceof Promise)) handler.call(this, ...before, checked, ...after);
      else void checked.then((later) => this.#late(handler, [...before, later, ...after]), refuse);
    };
  }

  #late(handler: Handler, args: unknown[]): void {
    try {
      handler.apply(this, args);
    } catch (error) {
      surface(error);
    }
  }

  /** Removes a handler of a type; `'*'` (the default) as the handler removes all of them, and as the type those of every event. */
  off<Type extends TypeOf<Contract, Lifecycle>>(
    type: Type,
    handler: HandlerOf<Contract, Lifecycle, From, Type> | '*' = '*',
  ): this {
    this.#keep(type, (listener) => handler !== '*' && listener.given !== handler);
    return this;
  }

  /** Removes every handler of every type, as event-pubsub. */
  reset(): this {
    return this.retain([]);
  }

  /** The name that node-ipc 9 has for {@link off}. */
  unSubscribe<Type extends TypeOf<Contract, Lifecycle>>(
    type: Type,
    handler: HandlerOf<Contract, Lifecycle, From, Type> | '*' = '*',
  ): this {
    return this.off(type, handler);
  }

  /** Removes the handlers of every type but these. */
  retain(types: readonly string[]): this {
    for (const type of [...this.#listeners.keys()]) if (!types.includes(type)) this.#keep(type, () => false);
    return this;
  }

  /** Dispatches an event here and now, to this process's handlers only. */
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

  /** The handlers of each type, as event-pubsub 5; a copy. */
  get list(): Record<string, Handler[]> {
    const list: Record<string, Handler[]> = Object.create(null);
    for (const [type, listeners] of this.#listeners) list[type] = listeners.map(({ given }) => given);
    return list;
  }

  /** How many handlers a type has. */
  listenerCount(type: string): number {
    return this.#listeners.get(type)?.length ?? 0;
  }

  /** Whether an event of a type reaches anybody. */
  protected hears(type: string): boolean {
    return this.#all !== undefined || this.#listeners.has(type);
  }

  /** {@link trigger} for the hot path: an event that came over the wire, with its data and where they are from. */
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
      listener.handler.apply(this, args);
    } catch (error) {
      surface(error);
    }
  }

  /** Who listens to a name that came over the wire: for those who hear every event, '*' is a name like any other. */
  #named(type: string): readonly Listener[] | undefined {
    return type === '*' ? undefined : this.#listeners.get(type);
  }

  /** Removes a handler of one event before it is called. */
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
