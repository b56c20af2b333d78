import type { Channel } from '../../../services/channel/index.js';
import { channelAt, freshRendezvous, type Loose, openChannels } from '../../support/channels.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';
import { until } from '../../support/warnings.js';

/** A schema of numbers. */
const numbers = {
  '~standard': {
    version: 1,
    vendor: 'spec',
    validate: (value: unknown) =>
      typeof value === 'number' ? { value } : { issues: [{ message: 'no number' }] },
  },
} as const;

async function collect(stream: AsyncIterable<unknown>, into: unknown[]): Promise<void> {
  for await (const item of stream) into.push(item);
}

describe('MemberCalls', () => {
  let directory: string;

  beforeEach(() => {
    directory = freshRendezvous();
  });

  describe('requests', () => {
    it('are answered by the peer that they address', async () => {
      const [first, second] = (await openChannels(directory, 2)) as [Channel, Channel];
      second.handle('add', ([one, other]: [number, number], sender: number) => [one + other, sender]);
      second.handle('slow', async (text: string) => `${text}!`);
      expect(await first.to(2).request('add', [1, 2])).toEqual([3, 1]);
      expect(await first.to(2).request('slow', 'hello')).toBe('hello!');
      expect(await second.to(2).request('slow', 'to itself')).toBe('to itself!');
    });

    it("are rejected with the handler's error, or because there is no handler", async () => {
      const [first] = (await openChannels(directory, 1)) as [Channel];
      first.handle('fail', () => {
        throw Object.assign(new RangeError('too far'), { code: 'E_FAR' });
      });
      first.handle('unsendable', () => 1n);
      const error = await first
        .to(1)
        .request('fail')
        .catch((thrown) => thrown);
      expect([error.name, error.message, error.code]).toEqual(['RangeError', 'too far', 'E_FAR']);
      await expectAsync(first.to(1).request('none')).toBeRejectedWith(ipcError('ERR_IPC_NO_HANDLER'));
      await expectAsync(first.to(1).request('unsendable')).toBeRejectedWith(ipcError('ERR_IPC_ENCODE'));
    });

    it('can be sent to one peer only', async () => {
      const [first] = (await openChannels(directory, 1)) as [Channel];
      await expectAsync(first.to('all').request('add')).toBeRejectedWith(ipcError('ERR_IPC_ARGUMENT'));
    });

    it('time out, and can be aborted', async () => {
      const [first] = (await openChannels(directory, 1)) as [Channel];
      first.handle('never', () => new Promise(() => {}));
      await expectAsync(first.to(1).request('never', 1, { timeout: 20 })).toBeRejectedWith(
        ipcError('ERR_IPC_TIMEOUT'),
      );
      const controller = new AbortController();
      const request = first.to(1).request('never', 1, { signal: controller.signal });
      controller.abort();
      await expectAsync(request).toBeRejectedWith(ipcError('ERR_IPC_ABORTED'));
    });

    it('are checked by a schema, if there is one', async () => {
      const [first] = (await openChannels(directory, 1)) as [Channel];
      const validate = (value: unknown) =>
        typeof value === 'number' ? { value } : { issues: [{ message: 'no number' }] };
      const input = { '~standard': { version: 1, vendor: 'spec', validate } } as const;
      first.handle('double', { input }, (value: number) => value * 2);
      expect(await first.to(1).request('double', 2)).toBe(4);
      await expectAsync(first.to(1).request('double', '2')).toBeRejectedWith(
        ipcError('ERR_IPC_INVALID_INPUT', 'no number'),
      );
    });

    it('check their items, bodies and responses by schemas, too', async () => {
      const [first] = (await openChannels(directory, 1)) as [Channel];
      first.handle('ticks', { output: numbers }, async function* () {
        yield* [1, 2, 'three', 4];
      });
      const items: unknown[] = [];
      await expectAsync(collect(first.to(1).stream('ticks'), items)).toBeRejectedWith(
        ipcError('ERR_IPC_INVALID_OUTPUT', 'no number'),
      );
      expect(items).toEqual([1, 2]);
      first.handle('sum', { items: numbers }, async (_data, _from, { body }) => {
        let sum = 0;
        for await (const item of body) sum += item as number;
        return sum;
      });
      await expectAsync(collect(first.to(1).stream('sum', 0, { body: [1, 'two'] }), [])).toBeRejectedWith(
        ipcError('ERR_IPC_INVALID_INPUT', 'no number'),
      );
      first.handle('text', () => 'text');
      await expectAsync(first.to(1).request('text', 0, { output: numbers })).toBeRejectedWith(
        ipcError('ERR_IPC_INVALID_OUTPUT', 'no number'),
      );
    });

    it('are answered after the hub has changed', async () => {
      const channels = await openChannels(directory, 3);
      let answer: (text: string) => void = () => {};
      channels[2]?.handle(
        'wait',
        () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
      );
      const request = channels[1]?.to(3).request('wait');
      await until(() => answer.length === 1);
      const next = once(channels[2] as Channel, 'hub');
      await channels[0]?.close();
      await next;
      answer('still there');
      expect(await request).toBe('still there');
    });

    it('fail when the peer leaves before it has answered', async () => {
      const [first, second] = (await openChannels(directory, 2)) as [Channel, Channel];
      const asked = new Promise<void>((resolve) => {
        second.handle('wait', () => {
          resolve();
          return new Promise(() => {});
        });
      });
      const request = first.to(2).request('wait');
      await asked;
      await second.close({ timeout: 10 });
      await expectAsync(request).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED', 'Member 2 left'));
    });

    it('fail when the peer does not come', async () => {
      const channel = await channelAt<Loose>(directory, { absenceTimeout: 100 }).ready();
      await expectAsync(channel.to(9).request('wait')).toBeRejectedWith(
        ipcError('ERR_IPC_UNDELIVERED', 'Member 9'),
      );
    });

    it('keep no state when they fail', async () => {
      const [first] = (await openChannels(directory, 1)) as [Channel];
      first.handle('never', () => new Promise(() => {}));
      const requests = Array.from({ length: 300 }, () => first.to(1).request('never', 1, { timeout: 30 }));
      const results = await Promise.allSettled(requests);
      expect(results.every(({ status }) => status === 'rejected')).toBeTrue();
      first.handle('now', () => 'here');
      expect(await first.to(1).request('now')).toBe('here');
    });
  });

  describe('groups', () => {
    /** Members of a group that answer with their numbers, and somebody outside of it. */
    async function crew(count: number): Promise<{ boss: Channel; workers: Channel[] }> {
      const boss = await channelAt<Loose>(directory).ready();
      const workers: Channel[] = [];
      for (let i = 0; i < count; i++) {
        const worker = channelAt<Loose>(directory, { group: 'resize' });
        worker.handle('resize', () => worker.pid);
        workers.push(await worker.ready());
      }
      await until(() => boss.peers.length === count + 1);
      return { boss, workers };
    }

    it('share the messages and requests that are addressed to them', async () => {
      const { boss, workers } = await crew(3);
      const got: unknown[] = [];
      for (const worker of workers) worker.on('job', (_sender, i) => got.push(`${worker.pid} ${i}`));
      for (let i = 0; i < 3; i++) boss.to('group:resize').emit('job', i);
      await boss.to('group:resize').deliver('job', 3);
      expect(got.map((text) => (text as string).slice(0, 1)).sort()).toEqual(['2', '2', '3', '4']);
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => boss.to('group:resize').request('resize')),
      );
      expect(answers.sort()).toEqual([2, 2, 3, 3, 4, 4]);
    });

    it('prefer the member with less work', async () => {
      const { boss, workers } = await crew(2);
      workers[0]?.handle('resize', () => new Promise(() => {}));
      const first = boss.to('group:resize').request('resize', 1, { timeout: 0 });
      const answers: unknown[] = [];
      for (let i = 0; i < 5; i++) answers.push(await boss.to('group:resize').request('resize'));
      expect(answers).toEqual([3, 3, 3, 3, 3]);
      void workers[0]?.close({ timeout: 0 });
      await expectAsync(first).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED', 'Member 2 left'));
    });

    it('send a request again to another member if the first leaves before it answers, and retries are allowed', async () => {
      const { boss, workers } = await crew(2);
      const asked = new Promise<void>((resolve) => {
        workers[0]?.handle('resize', () => {
          resolve();
          return new Promise(() => {});
        });
      });
      const request = boss.to('group:resize').request('resize', 1, { retries: 1 });
      await asked;
      await workers[0]?.close({ timeout: 0 });
      expect(await request).toBe(3);
    });

    it('that are empty keep messages waiting, until the absence timeout', async () => {
      const boss = await channelAt<Loose>(directory, { absenceTimeout: 300 }).ready();
      const early = boss.to('group:resize').request('resize');
      await expectAsync(early).toBeRejectedWith(
        ipcError('ERR_IPC_UNDELIVERED', 'No member of "group:resize"'),
      );
      const patient = await channelAt<Loose>(directory).ready();
      const late = patient.to('group:resize').request('resize');
      const worker = channelAt<Loose>(directory, { group: 'resize' });
      worker.handle('resize', () => 'done');
      await worker.ready();
      expect(await late).toBe('done');
    });
  });

  it('sends a request again to the next member with the number if the previous one left, and retries are allowed', async () => {
    const [first, second] = (await openChannels(directory, 2)) as [Channel, Channel];
    const asked = new Promise<void>((resolve) => {
      second.handle('wait', () => {
        resolve();
        return new Promise(() => {});
      });
    });
    const request = first.to(2).request('wait', 1, { retries: 1 });
    await asked;
    await second.close({ timeout: 0 });
    const next = channelAt<Loose>(directory);
    next.handle('wait', () => 'the next');
    await next.ready();
    expect(await request).toBe('the next');
  });
});
