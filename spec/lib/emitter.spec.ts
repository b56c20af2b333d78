import type { Untyped } from '../../entities/events.js';
import { Emitter } from '../../lib/emitter.js';
import { ipcError } from '../support/errors.js';

class Station extends Emitter<Untyped, { error(error: Error): void }, [peer: string]> {
  /** As a packet that came over the wire. */
  receive(type: string, data: unknown, peer = 'peer'): void {
    this.dispatch(type, data, peer);
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

  it('must be functions', () => {
    for (const handler of [undefined, null, 'handler', {}]) {
      expect(() => station.on('a', handler as never)).toThrow(
        ipcError('ERR_IPC_ARGUMENT', 'on("a", ...) needs a function'),
      );
    }
    expect(station.listenerCount('a')).toBe(3);
  });
});
