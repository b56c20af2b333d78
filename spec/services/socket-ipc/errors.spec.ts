import { IPCError } from '../../../entities/errors.js';
import {
  BadClientError,
  DecodeError,
  EncodeError,
  NoServerError,
  SendAfterCloseError,
  SendError,
} from '../../../services/socket-ipc/errors.js';

describe("socket-ipc's errors", () => {
  it('contain what was being sent, and have a code', () => {
    const errors = [
      new SendError('why', 1, 'topic'),
      new EncodeError('why', { message: 1, topic: 'topic' }),
      new SendAfterCloseError('why', 1, 'topic'),
      new NoServerError('why', 1, 'topic'),
      new BadClientError('why', 1, 'topic', 'id'),
    ];
    for (const error of errors) {
      expect(error).toBeInstanceOf(SendError);
      expect(error).toBeInstanceOf(IPCError);
      expect([error.sentMessage, error.sentTopic, error.message]).toEqual([1, 'topic', 'why']);
    }
    expect(errors.map(({ name, code }) => `${name} ${code}`)).toEqual([
      'SendError ERR_IPC_UNSENT',
      'EncodeError ERR_IPC_ENCODE',
      'SendAfterCloseError ERR_IPC_CLOSED',
      'NoServerError ERR_IPC_DISCONNECTED',
      'BadClientError ERR_IPC_DISCONNECTED',
    ]);
  });

  it('contain the received data', () => {
    const error = new DecodeError('why', 'bytes');
    expect([error.rawData, error.name, error.code]).toEqual(['bytes', 'DecodeError', 'ERR_IPC_DECODE']);
  });
});
