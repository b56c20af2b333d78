import * as z from 'zod';
import { checkSchema, validated } from '../../lib/schemas.js';
import { ipcError } from '../support/errors.js';

const refusal = { code: 'ERR_IPC_INVALID_INPUT', what: 'It was refused' } as const;
const later = (result: object) => ({
  '~standard': { version: 1, vendor: 'spec', validate: async () => result },
});

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
