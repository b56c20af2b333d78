import { survey, surveyTimes } from '../../../lib/conversations/surveys.js';

describe('survey()', () => {
  it('asks all clients at once, and reports each in the order asked', async () => {
    const asked: string[] = [];
    const answers = new Map<string, (answer: string) => void>();
    const done = survey(['a', 'b', 'c'], (peer) => {
      asked.push(peer);
      if (peer === 'b') return Promise.reject(new Error('no'));
      return new Promise<string>((resolve) => answers.set(peer, resolve));
    });
    expect(asked).toEqual(['a', 'b', 'c']);
    answers.get('c')?.('third');
    answers.get('a')?.('first');
    expect(await done).toEqual([
      { socket: 'a', status: 'fulfilled', value: 'first' },
      { socket: 'b', status: 'rejected', reason: new Error('no') },
      { socket: 'c', status: 'fulfilled', value: 'third' },
    ]);
  });

  it('of no clients ends at once', async () => {
    expect(await survey([], () => Promise.resolve(1))).toEqual([]);
  });

  it('reports how long each answer took', async () => {
    const [quick, failed] = await surveyTimes(['quick', 'failed'], (peer) => {
      return peer === 'quick' ? Promise.resolve() : Promise.reject(new Error('lost'));
    });
    const { status, value } = quick as PromiseFulfilledResult<number>;
    expect([status, value >= 0, value < 1000]).toEqual(['fulfilled', true, true]);
    expect(failed).toEqual({ socket: 'failed', status: 'rejected', reason: new Error('lost') });
  });
});
