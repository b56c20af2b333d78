import { IPCError, type IPCErrorCode } from '../../entities/errors.js';

/** Matches an IPCError by its code and a part of its message, for toThrow, toBeRejectedWith, toEqual and similar. */
export function ipcError(code: IPCErrorCode, message: RegExp | string = ''): IPCError {
  const says = (text: string) => (typeof message === 'string' ? text.includes(message) : message.test(text));
  const matcher: jasmine.AsymmetricMatcher<unknown> = {
    asymmetricMatch: (error) => error instanceof IPCError && error.code === code && says(error.message),
    jasmineToString: () => `<an IPCError ${code} that says ${message}>`,
  };
  return matcher as unknown as IPCError;
}
