import type { Untyped } from '../../entities/events.js';
import { Emitter } from '../../lib/emitter.js';
import type { StandardSchema } from '../../lib/schemas.js';
import { ipcError } from '../support/errors.js';

class Station extends Emitter<Untyped, { error(error: Error): void }, [peer: string]> {
  /** As a packet that came over the wire. */
  receive(type: string, data: unknown, peer = 'peer'): void {
    this.dispatch(type, data, peer);
  }

  /** Adds a handler before all others. */
  first(type: string, handler: () => void, once: boolean): this {
    return this.prepend(type, [handler], once);
  }
}

/** Both ways in which an event reaches handlers. */
const ways: { name: string; send(station: Station, type: string): void }[] = [
  { name: 'triggered', send: (station, type) => station.trigger(type, 'data', 'peer') },
  { name: 'received', send: (station, type) => station.receive(type, 'data') },
];

/** What surfaces as uncaught exceptions while `act` runs and right after. */
async function uncaught(act: () => void): Promise<unknown[]> {
  const errors: unknown[] = [];
  await jasmine.spyOnGlobalErrorsAsync(async (spy) => {
    act();
    await new Promise(setImmediate);
    errors.push(...spy.calls.allArgs().map(([error]) => error));
  });
  return errors;
}

for (const { name, send } of ways) {
  describe(`An event that is ${name}`, () => {
    let station: Station;
    let heard: unknown[][];
    const hear = (...args: unknown[]) => heard.push(args);

    beforeEach(() => {
      station = new Station();
      heard = [];
    });

    it('reaches the handlers of its type with its arguments, in the order they were added', () => {
      station.on('a', (...args) => hear('first', ...args));
      station.on('b', hear);
      station.on('a', (...args) => hear('second', ...args));
      send(station, 'a');
      expect(heard).toEqual([
        ['first', 'data', 'peer'],
        ['second', 'data', 'peer'],
      ]);
    });

    it('calls a handler as often as it was added, on the emitter', () => {
      const handler = function (this: unknown) {
        heard.push([this]);
      };
      station.on('a', handler).on('a', handler);
      send(station, 'a');
      expect(heard).toEqual([[station], [station]]);
    });

    it('is ignored without a listener, also when it is an error', () => {
      expect(() => {
        send(station, 'a');
        send(station, 'error');
      }).not.toThrow();
      station.on('a', hear);
      send(station, 'error');
      expect(heard).toEqual([]);
    });

    it('reaches the handlers of * after those of its type, with its name first', () => {
      station.on('*', (...args) => hear('all', ...args));
      station.on('a', (...args) => hear('own', ...args));
      send(station, 'a');
      send(station, 'b');
      expect(heard).toEqual([
        ['own', 'data', 'peer'],
        ['all', 'a', 'data', 'peer'],
        ['all', 'b', 'data', 'peer'],
      ]);
    });

    it('may have any name', () => {
      for (const type of ['__proto__', 'constructor', 'hasOwnProperty', '', 'toString']) {
        station.on(type, hear);
        send(station, type);
      }
      expect(heard.length).toBe(5);
    });

    it('reaches a one-time handler once, for * or for its type', () => {
      station.once('a', (...args) => hear('own', ...args));
      station.once('*', (...args) => hear('all', ...args));
      for (let i = 0; i < 2; i++) send(station, 'a');
      expect(heard).toEqual([
        ['own', 'data', 'peer'],
        ['all', 'a', 'data', 'peer'],
      ]);
      expect(station.listenerCount('a')).toBe(0);
      expect(station.listenerCount('*')).toBe(0);
    });

    it('reaches a one-time handler once, even if that emits the event again', () => {
      station.once('a', () => {
        hear('once');
        send(station, 'a');
      });
      send(station, 'a');
      expect(heard).toEqual([['once']]);
    });

    it('reaches a one-time handler once, even if another handler emits the event again', () => {
      let again = true;
      station.on('a', () => {
        if (again) {
          again = false;
          send(station, 'a');
        }
        hear('on');
      });
      station.once('a', () => hear('once'));
      send(station, 'a');
      expect(heard).toEqual([['on'], ['once'], ['on']]);
    });

    it('reaches a handler that is added during its delivery', () => {
      let added = false;
      station.on('a', () => {
        if (!added) station.on('a', () => hear('added'));
        added = true;
      });
      send(station, 'a');
      expect(heard).toEqual([['added']]);
      send(station, 'a');
      expect(heard).toEqual([['added'], ['added']]);
    });

    it('does not reach a handler that is removed during its delivery', () => {
      const removed = () => hear('removed');
      const all = () => hear('all');
      station.on('a', () => station.off('a', removed).off('*', all));
      station.on('a', removed);
      station.on('*', all);
      send(station, 'a');
      send(station, 'a');
      expect(heard).toEqual([]);
    });

    it('reaches all handlers if some throw, whose errors become uncaught exceptions right after', async () => {
      const errors = [new Error('one'), new Error('once'), new Error('all')];
      station.on('a', () => {
        throw errors[0];
      });
      station.once('a', () => {
        throw errors[1];
      });
      station.on('a', () => hear('own'));
      station.on('*', () => {
        throw errors[2];
      });
      station.on('*', () => hear('all'));
      const surfaced = await uncaught(() => {
        send(station, 'a');
        expect(heard).toEqual([['own'], ['all']]);
      });
      expect(surfaced).toEqual(errors);
      expect(station.listenerCount('a')).toBe(2);
    });

    it('reaches the handlers of its type also after these have changed between two events', () => {
      send(station, 'a');
      station.on('a', hear);
      send(station, 'a');
      station.off('a', hear);
      send(station, 'a');
      send(station, 'b');
      station.on('b', hear);
      send(station, 'b');
      station.reset();
      send(station, 'b');
      expect(heard).toEqual([
        ['data', 'peer'],
        ['data', 'peer'],
      ]);
    });
  });
}

describe('Handlers', () => {
  let station: Station;
  let heard: string[];
  const one = () => heard.push('one');
  const two = () => heard.push('two');
  const all = () => heard.push('all');

  /** Who hears an event of type a, then one of type b. */
  const hearers = () => {
    heard = [];
    station.trigger('a').trigger('b');
    return heard.join(' ');
  };

  beforeEach(() => {
    station = new Station();
    station.on('a', one).on('a', two).on('a', one).on('b', two).on('*', all);
  });

  it('are removed one by one, however often they were added', () => {
    station.off('a', one);
    expect(hearers()).toBe('two all two all');
    station.off('a', two);
    expect(hearers()).toBe('all two all');
  });

  it('are removed a type at a time', () => {
    station.off('a', '*');
    expect(hearers()).toBe('all two all');
    station.on('a', one).off('a');
    expect(hearers()).toBe('all two all');
  });

  it('of * are removed one by one', () => {
    station.off('*', one);
    expect(hearers()).toBe('one two one all two all');
    station.off('*', all);
    expect(hearers()).toBe('one two one two');
  });

  it('of * are removed all at once, and no others', () => {
    station.off('*', '*');
    expect(hearers()).toBe('one two one two');
  });

  it('are removed all at once', () => {
    station.reset();
    expect(hearers()).toBe('');
    expect(station.listenerCount('a')).toBe(0);
  });

  it('are counted', () => {
    expect(['a', 'b', '*', 'c'].map((type) => station.listenerCount(type))).toEqual([3, 1, 1, 0]);
  });

  it('are removed except those of some types', () => {
    expect(station.retain(['b', 'c'])).toBe(station);
    expect(hearers()).toBe('two');
    station.on('a', one).retain([]);
    expect(hearers()).toBe('');
  });

  it('that were never added can be removed', () => {
    station.off('c', one).off('b', one).off('c', '*');
    expect(hearers()).toBe('one two one all two all');
  });

  it('that are one-time are removed as others are', () => {
    station.once('b', one).off('b', one);
    expect(hearers()).toBe('one two one all two all');
  });

  it('of * receive an event named * once', () => {
    heard = [];
    station.trigger('*', 'a');
    expect(heard).toEqual(['all']);
  });

  it('of * receive a peer’s event named * as any other', () => {
    heard = [];
    const names: unknown[] = [];
    station.on('*', (type, ...args) => names.push([type, ...args]));
    station.receive('*', 'data');
    expect(heard).toEqual(['all']);
    expect(names).toEqual([['*', 'data', 'peer']]);
  });

  it('are listed by their types, in a copy', () => {
    station.reset().on('a', one).on('a', two).once('__proto__', one);
    const { list } = station;
    expect(Object.entries(list)).toEqual([
      ['a', [one, two]],
      ['__proto__', [one]],
    ]);
    list.a?.pop();
    expect(station.list.a).toEqual([one, two]);
  });

  it('are removed by the name that node-ipc 9 has for it, too', () => {
    expect(station.unSubscribe('a', two)).toBe(station);
    expect(hearers()).toBe('one one all two all');
    station.unSubscribe('a').unSubscribe('*', all);
    expect(hearers()).toBe('two');
  });

  it('may have no options, given as undefined or null', () => {
    for (const options of [undefined, null]) station.reset().on('a', options as never, one);
    expect(hearers()).toBe('one');
  });

  it('may be added before the others, for one event or for all', () => {
    const [once, always] = [() => heard.push('once'), () => heard.push('always')];
    expect(station.first('b', always, false)).toBe(station);
    station.first('b', once, true).first('c', once, true);
    expect(hearers()).toBe('one two one all once always two all');
    expect(hearers()).toBe('one two one all always two all');
    expect(['b', 'c'].map((type) => station.listenerCount(type))).toEqual([2, 1]);
  });

  it('are one-time with true after the handler, as in event-pubsub, and not with anything else', () => {
    station.reset();
    for (const more of [true, false, 1, 'true']) station.on('a', ...([one, more] as unknown as [() => void]));
    expect(hearers()).toBe('one one one one');
    expect(hearers()).toBe('one one one');
  });

  it('need a type that is a string', () => {
    for (const type of [5, undefined, Symbol('a')]) {
      expect(() => station.on(type as unknown as string, one)).toThrow(
        ipcError('ERR_IPC_ARGUMENT', "An event's name must be a string"),
      );
    }
  });

  it('take known options, before the handler', () => {
    const input = { '~standard': { version: 1, vendor: 'spec', validate: (value: unknown) => ({ value }) } };
    for (const [args, says] of [
      [[{ inputs: input }, one], 'inputs'],
      [[{ input: {} }, one], 'Standard Schema'],
      [[one, { input }], 'takes its options before the handler'],
    ] as const) {
      expect(() => station.on('c', ...(args as unknown as [() => void]))).toThrow(
        ipcError('ERR_IPC_ARGUMENT', says),
      );
    }
    expect(station.on('c', { input } as never, one).listenerCount('c')).toBe(1);
  });

  it('must be functions', () => {
    for (const handler of [undefined, null, 'handler', {}]) {
      expect(() => station.on('a', handler as never)).toThrow(
        ipcError('ERR_IPC_ARGUMENT', 'on("a", ...) needs a function'),
      );
    }
    expect(station.listenerCount('a')).toBe(3);
  });
});

describe('A handler with a schema', () => {
  /** As zod and the others make them: a number given as text. */
  function numeric(later: boolean): StandardSchema<number> {
    const validate = (value: unknown) =>
      typeof value === 'string' ? { value: Number(value) } : { issues: [{ message: 'not a text' }] };
    return {
      '~standard': {
        version: 1,
        vendor: 'spec',
        validate: later ? async (value) => validate(value) : validate,
      },
    };
  }

  for (const later of [false, true]) {
    const how = later ? 'an asynchronous' : 'a synchronous';
    it(`receives the output of ${how} one, and its own error becomes an uncaught exception`, async () => {
      const station = new Station();
      const heard: unknown[] = [];
      const error = new Error('broken handler');
      station.on('a', { input: numeric(later) }, function (this: unknown, ...args: unknown[]) {
        heard.push(this, ...args);
        throw error;
      });
      expect(await uncaught(() => station.receive('a', '5'))).toEqual([error]);
      expect(heard).toEqual([station, 5, 'peer']);
    });

    it(`is not called for data that ${how} one refuses, which are reported with their sender`, async () => {
      const station = new Station();
      const handler = jasmine.createSpy();
      const reported = new Promise<unknown[]>((resolve) => {
        station.on('error', (...args: unknown[]) => resolve(args));
      });
      station.on('a', { input: numeric(later) }, handler);
      station.receive('a', 5);
      const refused = ipcError(
        'ERR_IPC_INVALID_INPUT',
        /^The event a was ignored because of its data.*not a text/,
      );
      expect(await reported).toEqual([refused, 'peer']);
      expect(handler).not.toHaveBeenCalled();
    });
  }

  it('may have its data after other arguments, and its own object and report', () => {
    const reports: unknown[][] = [];
    const self = {};
    const emitter = new Emitter<Untyped, object, []>(1, (...args) => reports.push(args), self);
    const heard: unknown[] = [];
    emitter.on(
      'a',
      { input: numeric(false) } as never,
      function (this: unknown, ...args: unknown[]) {
        heard.push(this, ...args);
      } as never,
    );
    emitter.trigger('a', 'socket', '5').trigger('a', 'socket', 6).trigger('a', 'socket', '7', 'more');
    expect(heard).toEqual([self, 'socket', 5]);
    expect(heard[0]).toBe(self);
    expect(reports).toEqual([
      [ipcError('ERR_IPC_INVALID_INPUT', 'not a text'), ['socket']],
      [
        ipcError('ERR_IPC_INVALID_INPUT', 'a schema checks one value, and there are more'),
        ['socket', 'more'],
      ],
    ]);
  });
});
