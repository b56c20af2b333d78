import * as z from 'zod';
import { IPCError } from '../../entities/errors.js';
import { checkSchema, validated } from '../../lib/schemas.js';
import { ipcError } from '../support/errors.js';
import { failure } from '../support/events.js';

const refusal = { code: 'ERR_IPC_INVALID_INPUT', what: 'It was refused' } as const;
const later = (result: object) => ({
  '~standard': { version: 1, vendor: 'spec', validate: async () => result },
});

function raise(error: Error): never {
  throw error;
}

describe('A schema', () => {
  it('converts a value as its toJSON does', () => {
    expect(validated(z.coerce.number(), '5', refusal)).toBe(5);
  });

  it('refuses a value with all its issues and the message of the first', () => {
    expect(() => validated(z.number('no number'), 'x', refusal)).toThrow(
      ipcError('ERR_IPC_INVALID_INPUT', 'It was refused: no number.'),
    );
  });

  it('may be asynchronous', async () => {
    expect(await validated(later({ value: 7 }) as never, 1, refusal)).toBe(7);
    await expectAsync(
      validated(later({ issues: [{ message: 'late' }] }) as never, 1, refusal) as Promise<unknown>,
    ).toBeRejectedWith(ipcError('ERR_IPC_INVALID_INPUT', 'It was refused: late.'));
  });

  it('that throws, or rejects, refuses the value for that reason', async () => {
    const cause = new RangeError('broken');
    const throwing = { '~standard': { version: 1, vendor: 'spec', validate: () => raise(cause) } };
    const rejecting = { '~standard': { version: 1, vendor: 'spec', validate: async () => raise(cause) } };
    const refused = ipcError('ERR_IPC_INVALID_INPUT', 'It was refused: its schema threw broken.');
    for (const schema of [throwing, rejecting]) {
      const error = await failure((async () => validated(schema as never, 1, refusal))());
      expect(error).toEqual(refused);
      expect(error.cause).toBe(cause);
    }
    const ours = new IPCError('ERR_IPC_CONFIG', 'other');
    const other = { '~standard': { version: 1, vendor: 'spec', validate: () => raise(ours) } };
    expect(() => validated(other as never, 1, refusal)).toThrow(
      ipcError('ERR_IPC_INVALID_INPUT', 'its schema threw other'),
    );
  });

  it('that returns anything but a result refuses the value, with one report of that', async () => {
    for (const result of [undefined, null, 5, 'text']) {
      const message = `It was refused: its schema returned ${result} in place of a result.`;
      const schema = { '~standard': { version: 1, vendor: 'spec', validate: () => result } };
      const refused = ipcError('ERR_IPC_INVALID_INPUT', new RegExp(`^${message}$`));
      expect(() => validated(schema as never, 1, refusal)).toThrow(refused);
      await expectAsync(
        validated(later(result as never) as never, 1, refusal) as Promise<unknown>,
      ).toBeRejectedWith(refused);
    }
    const silent = { '~standard': { version: 1, vendor: 'spec', validate: () => ({ issues: [] }) } };
    expect(() => validated(silent as never, 1, refusal)).toThrow(
      ipcError('ERR_IPC_INVALID_INPUT', 'It was refused: it does not fit the schema.'),
    );
  });

  it('must be a schema, if it is given', () => {
    expect(() => checkSchema(undefined, 'here')).not.toThrow();
    expect(() => checkSchema(z.number(), 'here')).not.toThrow();
    for (const none of [null, {}, 5, { '~standard': {} }]) {
      expect(() => checkSchema(none, 'here')).toThrow(
        ipcError('ERR_IPC_ARGUMENT', 'here takes a Standard Schema'),
      );
    }
  });
});
