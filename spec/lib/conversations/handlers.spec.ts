import { type } from 'arktype';
import * as v from 'valibot';
import * as z from 'zod';
import { Context } from '../../../lib/conversations/context.js';
import { type HandleOptions, Handlers } from '../../../lib/conversations/handlers.js';
import type { StandardSchema } from '../../../lib/schemas.js';
import { ipcError } from '../../support/errors.js';

interface Said {
  data?: unknown;
  error?: unknown;
}

const peer = { id: 'peer' };

describe('A request’s handler', () => {
  let handlers: Handlers;
  let replies: Said[];

  beforeEach(() => {
    handlers = new Handlers('server');
    replies = [];
  });

  /** What comes of a request, as soon as something does. */
  function run(name: string, data?: unknown): Promise<Said> {
    return new Promise((resolve) => {
      handlers.run({ type: name, data, id: 1 }, peer, (answer, error) => {
        const said = error === undefined ? { data: answer } : { error };
        replies.push(said);
        resolve(said);
      });
    });
  }

  it('is called with the data and the peer, and answers at once', () => {
    const calls: unknown[][] = [];
    handlers.add('add', [
      (...args: unknown[]) => {
        calls.push(args);
        return 3;
      },
    ]);
    void run('add', [1, 2]);
    expect(replies).toEqual([{ data: 3 }]);
    expect(calls).toEqual([[[1, 2], peer, jasmine.any(Context)]]);
  });

  it('has checks for the items of bodies and of responses if it has schemas', () => {
    handlers.add('upload', [{ items: z.number(), output: z.string() }, () => {}]);
    handlers.add('plain', [() => {}]);
    expect(handlers.itemCheck('upload')?.(1)).toBe(1);
    expect(() => handlers.itemCheck('upload')?.('1')).toThrow(
      ipcError('ERR_IPC_INVALID_INPUT', 'An item of the body of upload was refused'),
    );
    expect(handlers.outputCheck('upload')?.('1')).toBe('1');
    expect(() => handlers.outputCheck('upload')?.(1)).toThrow(
      ipcError('ERR_IPC_INVALID_OUTPUT', 'The handler of upload responded with an item'),
    );
    for (const type of ['plain', 'unknown']) {
      expect([handlers.itemCheck(type), handlers.outputCheck(type)]).toEqual([undefined, undefined]);
    }
  });

  it('answers later if it is asynchronous', async () => {
    handlers.add('later', [async (data: number) => data + 1]);
    const said = run('later', 1);
    expect(replies).toEqual([]);
    expect(await said).toEqual({ data: 2 });
  });

  it('may answer with undefined, at once and later', async () => {
    handlers.add('nothing', [() => {}]);
    handlers.add('later', [async () => {}]);
    expect(await run('nothing')).toEqual({ data: undefined });
    expect(await run('later')).toEqual({ data: undefined });
  });

  it('refuses with what it throws, at once and later', async () => {
    const fault = new Error('no');
    handlers.add('now', [
      () => {
        throw fault;
      },
    ]);
    handlers.add('later', [() => Promise.reject(fault)]);
    expect(await run('now')).toEqual({ error: fault });
    expect(await run('later')).toEqual({ error: fault });
  });

  it('also refuses with a thrown value that is not an error', async () => {
    for (const thrown of [undefined, null]) {
      handlers.add('now', [
        () => {
          throw thrown;
        },
      ]);
      handlers.add('later', [() => Promise.reject(thrown)]);
      const error = new Error(`The handler threw ${thrown}.`);
      expect(await run('now')).toEqual({ error });
      expect(await run('later')).toEqual({ error });
    }
    for (const thrown of ['', 0, false, 'text']) {
      handlers.add('now', [
        () => {
          throw thrown;
        },
      ]);
      expect(await run('now')).toEqual({ error: thrown });
    }
  });

  it('may return any thenable, of which the first outcome counts', async () => {
    handlers.add('twice', [
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a thenable of somebody else's making
        then(resolve: (data: number) => void, reject: (error: unknown) => void) {
          resolve(1);
          resolve(2);
          reject(new Error('too late'));
        },
      }),
    ]);
    handlers.add('throws', [
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a thenable of somebody else's making
        then() {
          throw new Error('broken');
        },
      }),
    ]);
    handlers.add('guarded', [
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: an object that cannot be looked at
        get then() {
          throw new Error('hands off');
        },
      }),
    ]);
    expect(await run('twice')).toEqual({ data: 1 });
    expect(await run('throws')).toEqual({ error: new Error('broken') });
    expect(await run('guarded')).toEqual({ error: new Error('hands off') });
    await new Promise(setImmediate);
    expect(replies.length).toBe(3);
  });

  it('answers once, even if the answer cannot be encoded', () => {
    let calls = 0;
    handlers.add('add', [() => 1]);
    const reply = () => {
      calls++;
      throw new Error('gone');
    };
    expect(() => handlers.run({ type: 'add', data: 1, id: 1 }, peer, reply)).toThrowError('gone');
    expect(calls).toBe(1);
  });

  it('is the last one that was set', async () => {
    handlers.add('who', [() => 'first']);
    handlers.add('who', [() => 'last']);
    expect(await run('who')).toEqual({ data: 'last' });
  });

  it('is reported as missing if there is none', async () => {
    for (const name of ['none', 'toString', '__proto__']) {
      const message = `There is no handler for the request ${name}; add handle("${name}", ...) on the other side.`;
      expect(await run(name)).toEqual({ error: ipcError('ERR_IPC_NO_HANDLER', message) });
    }
  });

  it('is reported as missing under an escaped and truncated name, whatever the peer has chosen', async () => {
    const { error } = (await run(`a\u001b[2J\n${'x'.repeat(1000)}`)) as { error: Error };
    expect(error.message).toContain('the request a\\u001b[2J\\u000ax');
    expect(error.message.length).toBeLessThan(400);
  });

  it('must be a function, and its name must not be reserved', () => {
    for (const args of [[], [undefined], ['text'], [{}], [{}, 'text']]) {
      expect(() => handlers.add('add', args)).toThrow(
        ipcError('ERR_IPC_ARGUMENT', 'handle("add", ...) needs a function that answers.'),
      );
    }
    expect(() => handlers.add('ipc:ping', [() => 1])).toThrow(ipcError('ERR_IPC_ARGUMENT', 'ipc:ping'));
    const cyclic: { own?: object } = {};
    cyclic.own = cyclic;
    for (const name of [{}, 1n, cyclic])
      expect(() => handlers.add(name as never, [() => 1])).toThrow(
        ipcError('ERR_IPC_ARGUMENT', 'must be a string'),
      );
  });

  const schemas: [string, StandardSchema, string][] = [
    ['zod', z.object({ age: z.coerce.number().min(18, 'too young') }), 'too young'],
    [
      'valibot',
      v.object({
        age: v.pipe(v.union([v.number(), v.string()]), v.transform(Number), v.minValue(18, 'too young')),
      }),
      'too young',
    ],
    [
      'arktype',
      type({ age: 'string.numeric.parse | number' }).narrow(
        ({ age }, context) => age >= 18 || context.reject('too young'),
      ),
      'too young',
    ],
  ];

  for (const [name, schema, why] of schemas) {
    describe(`with a schema of ${name}`, () => {
      beforeEach(() => {
        const options: HandleOptions<unknown> = { input: schema };
        handlers.add('enter', [options, (data: unknown, from: unknown) => ({ data, from })]);
      });

      it('gets the output of the schema', async () => {
        expect(await run('enter', { age: '20' })).toEqual({ data: { data: { age: 20 }, from: peer } });
      });

      it('is not called with invalid data, and the refusal has the issues', async () => {
        const { error } = (await run('enter', { age: 17 })) as { error: { issues: { message: string }[] } };
        expect(error as unknown).toEqual(ipcError('ERR_IPC_INVALID_INPUT', 'The request enter was refused'));
        expect(error.issues.length).toBe(1);
        expect(error.issues[0]?.message).toContain(why);
      });

      it('is not called without data if the schema requires some', async () => {
        expect(await run('enter')).toEqual({ error: ipcError('ERR_IPC_INVALID_INPUT') });
      });
    });
  }

  it('refuses a value that is not a schema', () => {
    for (const input of [{}, 'text', null, { '~standard': {} }, (data: unknown) => data]) {
      expect(() => handlers.add('add', [{ input }, () => 1])).toThrow(
        ipcError('ERR_IPC_ARGUMENT', 'handle("add", { input }) takes a Standard Schema'),
      );
    }
  });

  const broken = (validate: () => unknown): unknown => ({
    '~standard': { version: 1, vendor: 'spec', validate },
  });

  it('is not called if the schema throws, or refuses without a reason', async () => {
    const fault = new Error('broken schema');
    const schema = broken(() => {
      throw fault;
    });
    handlers.add('throws', [{ input: schema }, () => 1]);
    expect(await run('throws')).toEqual({
      error: ipcError('ERR_IPC_INVALID_INPUT', 'its schema threw broken schema'),
    });
    handlers.add('refuses', [{ input: broken(() => ({ issues: [] })) }, () => 1]);
    expect(await run('refuses')).toEqual({
      error: ipcError('ERR_IPC_INVALID_INPUT', 'because of its data: it does not fit the schema.'),
    });
  });

  it('has no schema if the options have none', async () => {
    handlers.add('add', [{}, (data: number) => data + 1]);
    handlers.add('undefined', [{ input: undefined }, (data: number) => data + 1]);
    expect(await run('add', 1)).toEqual({ data: 2 });
    expect(await run('undefined', 1)).toEqual({ data: 2 });
    for (const none of [undefined, null]) {
      handlers.add('none', [none, (data: number) => data + 1]);
      expect(await run('none', 1)).toEqual({ data: 2 });
    }
  });

  it('needs a schema for its data if the profile asks for one', async () => {
    handlers = new Handlers('server', { strict: true });
    for (const args of [[() => 1], [{}, () => 1], [{ output: z.number() }, () => 1]]) {
      expect(() => handlers.add('add', args)).toThrow(
        ipcError('ERR_IPC_CONFIG', 'handle("add", handler) has no schema'),
      );
    }
    expect(handlers.has('add')).toBeFalse();
    handlers.add('add', [{ input: z.number() }, (data: number) => data + 1]);
    expect(await run('add', 1)).toEqual({ data: 2 });
  });

  it('answers with the output of its schema, and with an error if that does not match', async () => {
    handlers.add('trim', [{ output: z.string().trim() }, (data: unknown) => data]);
    expect(await run('trim', ' a ')).toEqual({ data: 'a' });
    expect(await run('trim', 5)).toEqual({
      error: ipcError('ERR_IPC_INVALID_OUTPUT', 'The handler of trim gave a response that does not fit'),
    });
    const items = (async function* () {})();
    handlers.add('items', [{ output: z.string() }, () => items]);
    expect(await run('items')).toEqual({ data: items });
  });

  it('is called after an asynchronous schema has passed', async () => {
    handlers.add('later', [{ input: broken(async () => ({ value: 'checked' })) }, (data: unknown) => data]);
    expect(await run('later', 'given')).toEqual({ data: 'checked' });
  });
});
