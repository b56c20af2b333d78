import { Failure, isEvent, type Level, same, shown, type Trial } from '../trial.js';
import type { Frame, Wire } from '../wire.js';

const isMessage = isEvent('ipc:message');

async function subscribe(trial: Trial, wire: Wire, topics: unknown): Promise<void> {
  const { error } = await trial.request(wire, 'ipc:subscribe', topics);
  if (error !== undefined) throw new Failure(`the subscription was refused: ${shown(error)}`);
}

function publish(wire: Wire, topic: string, data: unknown): void {
  wire.send({ type: 'ipc:publish', data: { topic, data } });
}

/** Checks that exactly these messages arrive, in this order. */
async function hears(trial: Trial, wire: Wire, expected: readonly [string, unknown][]): Promise<void> {
  for (const [topic, data] of expected) {
    const message = await trial.take(wire, isMessage, `the message of ${topic}`);
    same(message.data, { topic, data });
  }
  await trial.request(wire, 'ipc:ping', {});
  if (wire.has(isMessage)) throw new Failure('a message arrived without a subscription, or twice');
}

/** Whether a frame is a request of this type for this one topic. */
function names(type: string, topic: string): (frame: Frame) => boolean {
  return (frame) => {
    const topics = Array.isArray(frame.data) ? frame.data : [frame.data];
    return frame.type === type && topics.includes(topic);
  };
}

export const topics: Level = {
  name: 'topics',

  async probe(trial) {
    const wire = await trial.wire();
    if (trial.role === 'client') {
      wire.send({ type: 'subscribe', data: 'conform.probe' });
      const asks = await wire.receive(names('ipc:subscribe', 'conform.probe'), trial.timeout);
      return asks === undefined ? "it does not subscribe when a 'subscribe' event asks it to" : undefined;
    }
    const id = trial.nextId();
    wire.send({ type: 'ipc:subscribe', data: 'conform.probe', id });
    const answer = await wire.receive(({ re }) => re === id, trial.timeout);
    if (answer === undefined) return 'it does not answer a subscription';
    const code = (answer.error as { code?: unknown } | undefined)?.code;
    return code === 'ERR_IPC_NO_HANDLER' || code === 'ERR_IPC_PROTOCOL'
      ? 'it does not support subscriptions'
      : undefined;
  },

  checks: [
    {
      name: 'a subscriber receives what another connection publishes under its topic, and nothing else',
      role: 'server',
      async run(trial) {
        const [subscriber, publisher] = [await trial.wire(), await trial.fresh()];
        await subscribe(trial, subscriber, 'conform.a');
        for (const topic of ['conform.b', 'conform', 'conform.a.b', 'conform.a'])
          publish(publisher, topic, [topic]);
        await trial.request(publisher, 'ipc:ping', {});
        await hears(trial, subscriber, [['conform.a', ['conform.a']]]);
      },
    },
    {
      name: 'a publisher that subscribes receives its own message, and its publication is answered',
      role: 'server',
      async run(trial) {
        const wire = await trial.fresh();
        await subscribe(trial, wire, ['conform.own', 'conform.other']);
        const { error } = await trial.request(wire, 'ipc:publish', { topic: 'conform.own', data: null });
        same(error, undefined);
        await hears(trial, wire, [['conform.own', null]]);
      },
    },
    {
      name: '* matches one word and > all remaining words, and a message that matches two patterns arrives once',
      role: 'server',
      async run(trial) {
        const wire = await trial.fresh();
        await subscribe(trial, wire, ['w.*.x', 'w.>']);
        for (const topic of ['w', 'w.a', 'w.a.x', 'w.a.b.x', 'v.a.x']) publish(wire, topic, 0);
        await hears(trial, wire, [
          ['w.a', 0],
          ['w.a.x', 0],
          ['w.a.b.x', 0],
        ]);
        await trial.request(wire, 'ipc:unsubscribe', 'w.>');
        for (const topic of ['w', 'w.a', 'w.a.x', 'w.a.b.x']) publish(wire, topic, 1);
        await hears(trial, wire, [['w.a.x', 1]]);
      },
    },
    {
      name: 'no message arrives after unsubscribing',
      role: 'server',
      async run(trial) {
        const wire = await trial.fresh();
        await subscribe(trial, wire, 'conform.gone');
        await trial.request(wire, 'ipc:unsubscribe', 'conform.gone');
        publish(wire, 'conform.gone', 1);
        await hears(trial, wire, []);
      },
    },
    {
      name: 'an invalid topic is refused with an error',
      role: 'server',
      async run(trial) {
        const wire = await trial.fresh();
        for (const topic of ['', 5, null, 'a.>.b', 'x'.repeat(2000)]) {
          const { error } = await trial.request(wire, 'ipc:subscribe', topic);
          if (error === undefined) throw new Failure(`${shown(topic)} was accepted as a topic`);
        }
        const { error } = await trial.request(wire, 'ipc:publish', { topic: 'a.*', data: 1 });
        if (error === undefined) throw new Failure('a pattern was accepted as a topic to publish under');
      },
    },
    {
      name: 'other subscribers receive messages after one has disconnected',
      role: 'server',
      async run(trial) {
        const [wire, gone] = [await trial.fresh(), await trial.fresh()];
        await subscribe(trial, wire, 'conform.stay');
        await subscribe(trial, gone, 'conform.stay');
        gone.destroy();
        publish(wire, 'conform.stay', 1);
        await hears(trial, wire, [['conform.stay', 1]]);
      },
    },
    {
      name: 'the program subscribes, and receives the messages that match',
      role: 'client',
      async run(trial) {
        const wire = await trial.wire();
        wire.send({ type: 'subscribe', data: 'conform.*' });
        await trial.take(wire, names('ipc:subscribe', 'conform.*'), 'the subscription');
        await trial.take(wire, isEvent('subscribed'), "the 'subscribed' event");
        for (const data of [[1], null]) {
          wire.send({ type: 'ipc:message', data: { topic: 'conform.a', data } });
          const heard = await trial.take(wire, isEvent('heard'), "the 'heard' event");
          same(heard.data, { topic: 'conform.a', data });
        }
      },
    },
    {
      name: 'the program publishes',
      role: 'client',
      async run(trial) {
        const wire = await trial.wire();
        wire.send({ type: 'publish', data: { topic: 'conform.out', data: { a: 1 } } });
        const { data } = await trial.take(wire, ({ type }) => type === 'ipc:publish', 'the publication');
        same(data, { topic: 'conform.out', data: { a: 1 } });
      },
    },
    {
      name: 'the program subscribes again after it has reconnected',
      role: 'client',
      async run(trial) {
        const wire = await trial.fresh();
        await trial.take(wire, names('ipc:subscribe', 'conform.*'), 'the subscription');
        wire.send({ type: 'ipc:message', data: { topic: 'conform.back', data: 1 } });
        const heard = await trial.take(wire, isEvent('heard'), "the 'heard' event");
        same(heard.data, { topic: 'conform.back', data: 1 });
      },
    },
    {
      name: 'the program unsubscribes',
      role: 'client',
      async run(trial) {
        const wire = await trial.wire();
        wire.send({ type: 'unsubscribe', data: 'conform.*' });
        await trial.take(wire, names('ipc:unsubscribe', 'conform.*'), 'the end of the subscription');
        await trial.take(wire, isEvent('unsubscribed'), "the 'unsubscribed' event");
        wire.send({ type: 'ipc:message', data: { topic: 'conform.late', data: 1 } });
        await trial.echo(wire, 'after');
        if (wire.has(isEvent('heard')))
          throw new Failure('the program received a message after it had unsubscribed');
      },
    },
  ],
};
