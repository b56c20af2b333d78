import { IPCError, type IPCErrorCode } from '../../entities/errors.js';

/** A message and its topic. */
export interface MessageWrapper {
  /** The topic. */
  topic: string;
  /** The message. */
  message: unknown;
}

function named(error: IPCError, name: string): void {
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
}

/** The error of received data that could not be decoded. */
export class DecodeError extends IPCError {
  /** The received data. */
  readonly rawData: unknown;

  constructor(message: string, rawData?: unknown) {
    super('ERR_IPC_DECODE', message);
    named(this, new.target.name);
    this.rawData = rawData;
  }
}

/** The error of a message that could not be sent. */
export class SendError extends IPCError {
  /** The message that was not sent. */
  readonly sentMessage: unknown;
  /** The topic of that message. */
  readonly sentTopic: string | undefined;

  constructor(
    message: string,
    sentMessage?: unknown,
    sentTopic?: string,
    code: IPCErrorCode = 'ERR_IPC_UNSENT',
  ) {
    super(code, message);
    named(this, new.target.name);
    this.sentMessage = sentMessage;
    this.sentTopic = sentTopic;
  }
}

/** The error of a message that could not be encoded. */
export class EncodeError extends SendError {
  constructor(message: string, wrapper: MessageWrapper) {
    super(message, wrapper.message, wrapper.topic, 'ERR_IPC_ENCODE');
  }
}

/** The error of sending after `close()`. */
export class SendAfterCloseError extends SendError {
  constructor(message: string, sentMessage?: unknown, sentTopic?: string) {
    super(message, sentMessage, sentTopic, 'ERR_IPC_CLOSED');
  }
}

/** The error of sending without a connection to a server. */
export class NoServerError extends SendError {
  constructor(message: string, sentMessage?: unknown, sentTopic?: string) {
    super(message, sentMessage, sentTopic, 'ERR_IPC_DISCONNECTED');
  }
}

/** The error of sending to a client that does not exist, or no longer. */
export class BadClientError extends SendError {
  /** The id that has no client. */
  readonly clientId: unknown;

  constructor(message: string, sentMessage?: unknown, sentTopic?: string, clientId?: unknown) {
    super(message, sentMessage, sentTopic, 'ERR_IPC_DISCONNECTED');
    this.clientId = clientId;
  }
}

/** Whether an error is a transcoder's decoding error, or our equivalent. */
export function isDecoding(error: Error): boolean {
  return !(error instanceof IPCError) || error.code === 'ERR_IPC_DECODE';
}
