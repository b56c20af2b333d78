import { EventEmitter } from 'node:events';
import { emitRequest, type Respond } from '../../../services/net-ipc/respond.js';

describe('emitRequest', () => {
  it('answers with an empty response if there is no listener', () => {
    const answer = jasmine.createSpy<Respond>().and.rejectWith(new Error('gone'));
    emitRequest(new EventEmitter(), 'data', answer);
    expect(answer).toHaveBeenCalledOnceWith(undefined);
  });

  it('passes the data, a function that answers, and further arguments to the listeners', async () => {
    const emitter = new EventEmitter();
    const answer = jasmine.createSpy<Respond>().and.resolveTo();
    const heard = new Promise<[unknown, Respond, unknown]>((resolve) =>
      emitter.on('request', (...args) => resolve(args as [unknown, Respond, unknown])),
    );
    emitRequest(emitter, 'data', answer, 'from');
    const [data, respond, from] = await heard;
    expect([data, from]).toEqual(['data', 'from']);
    await Promise.all([respond(1), respond(2)]);
    expect(answer).toHaveBeenCalledOnceWith(1);
  });

  it('accepts another answer if the first one could not be sent', async () => {
    const emitter = new EventEmitter();
    const answer = jasmine
      .createSpy<Respond>()
      .and.returnValues(Promise.reject(new Error('no')), Promise.resolve());
    const heard = new Promise<Respond>((resolve) =>
      emitter.on('request', (_data, respond) => resolve(respond)),
    );
    emitRequest(emitter, 'data', answer);
    const respond = await heard;
    await expectAsync(respond(1)).toBeRejectedWithError('no');
    await respond(2);
    expect(answer).toHaveBeenCalledTimes(2);
  });
});
