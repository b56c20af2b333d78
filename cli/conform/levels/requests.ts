import { Failure, isEvent, type Level, same, shown, type Trial } from '../trial.js';
import type { Frame, Wire } from '../wire.js';

/** Makes the program send us a request, and receives it. */
async function asked(trial: Trial, wire: Wire, type: string, data: unknown): Promise<Frame> {
  wire.send({ type: 'ask', data: { type, data } });
  const request = await trial.take(wire, (frame) => frame.type === type, `the request ${type}`);
  if (typeof request.id !== 'number' && typeof request.id !== 'string') {
    throw new Failure(`the request has the id ${shown(request.id)}, which is neither a number nor a string`);
  }
  same(request.data, data);
  return request;
}

function errorOf(answer: Frame): { name?: unknown; message?: unknown; code?: unknown } {
  if (typeof answer.error !== 'object' || answer.error === null) {
    throw new Failure(`the program sent ${shown(answer)} instead of an error`);
  }
  return answer.error;
}

export const requests: Level = {
  name: 'requests',

  async probe(trial) {
    const wire = await trial.wire();
    const id = trial.nextId();
    wire.send({ type: 'ipc:ping', data: {}, id });
    const answer = await wire.receive(({ re }) => re === id, trial.timeout);
    trial.pings = answer !== undefined && answer.error === undefined;
    return trial.pings ? undefined : 'it does not answer a ping';
  },

  checks: [
    {
      name: 'an answer repeats the id of its request',
      async run(trial) {
        const wire = await trial.wire();
        same((await trial.request(wire, 'echo', [1, 'two'])).data, [1, 'two']);
        same((await trial.request(wire, 'echo', null)).data, null);
      },
    },
    {
      name: 'an answer repeats an id that is a string, and does not convert it to a number',
      async run(trial) {
        const wire = await trial.wire();
        for (const id of ['7', 'a "quoted" \f é']) same((await trial.request(wire, 'echo', 0, id)).data, 0);
      },
    },
    {
      name: '50 requests that are open at the same time are all answered',
      async run(trial) {
        const wire = await trial.wire();
        const ids = Array.from({ length: 50 }, () => trial.nextId());
        for (const id of ids) wire.send({ type: 'echo', data: id, id });
        for (const id of ids) {
          const answer = await trial.take(wire, ({ re }) => re === id, `the answer ${id} of 50`);
          same(answer.data, id);
        }
      },
    },
    {
      name: 'an error of a handler arrives with its name and message',
      async run(trial) {
        const error = errorOf(await trial.request(await trial.wire(), 'fail', 'no é such "thing"'));
        same(error.message, 'no é such "thing"');
        if (typeof error.name !== 'string') throw new Failure('the error has no name');
      },
    },
    {
      name: 'a request without a handler is refused with ERR_IPC_NO_HANDLER',
      async run(trial) {
        const wire = await trial.wire();
        await trial.request(wire, 'ipc:ping', {});
        same(errorOf(await trial.request(wire, 'nobody', 1)).code, 'ERR_IPC_NO_HANDLER');
      },
    },
    {
      name: 'a ping is answered on every connection',
      async run(trial) {
        const wire = await trial.fresh();
        const { type, error } = await trial.request(wire, 'ipc:ping', {});
        same([type, error], ['ipc:ping', undefined]);
      },
    },
    {
      name: 'answers to requests that were not sent are ignored',
      async run(trial) {
        const wire = await trial.wire();
        wire.send({ type: 'echo', data: 1, re: 123456789 });
        wire.send({ type: 'echo', data: 1, re: 'nothing' });
        wire.send({ type: 'echo', re: 123456789, error: { name: 'Error', message: 'of no request' } });
        await trial.request(wire, 'echo', 'after');
      },
    },
    {
      name: 'the program sends a request, and receives the answer',
      async run(trial) {
        const wire = await trial.wire();
        const { id } = await asked(trial, wire, 'double', 21);
        wire.send({ type: 'double', data: 42, re: id });
        const { data } = await trial.take(wire, isEvent('answered'), "the 'answered' event");
        same(data, { data: 42 });
      },
    },
    {
      name: 'the program sends a request, and receives an error with its code',
      async run(trial) {
        const wire = await trial.wire();
        const { id } = await asked(trial, wire, 'double', 'x');
        wire.send({ type: 'double', re: id, error: { name: 'TypeError', message: 'no', code: 'E_NO' } });
        const { data } = await trial.take(wire, isEvent('answered'), "the 'answered' event");
        const { error } = data as { error?: { message?: unknown; code?: unknown } };
        same([error?.message, error?.code], ['no', 'E_NO']);
      },
    },
    {
      name: 'a request ends with an error when its connection is lost',
      role: 'client',
      async run(trial) {
        await asked(trial, await trial.wire(), 'double', 1);
        const wire = await trial.fresh();
        const { data } = await trial.take(wire, isEvent('answered'), "the 'answered' event");
        if ((data as { error?: unknown }).error === undefined)
          throw new Failure('the program reports an answer that was never sent');
      },
    },
  ],
};
