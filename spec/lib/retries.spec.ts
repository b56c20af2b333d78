import { defaults } from '../../entities/config.js';
import { Retries } from '../../lib/retries.js';

describe('Retries', () => {
  const config = { ...defaults(), maxRetries: 3 };

  it('count the attempts since the last connection, and all connections', () => {
    const retries = new Retries(config);
    expect([retries.next(), retries.next(), retries.attempt, retries.connections]).toEqual([1, 2, 2, 0]);
    retries.connected();
    expect([retries.attempt, retries.connections, retries.next()]).toEqual([0, 1, 1]);
  });

  it('are as many as the config allows, again after each connection', () => {
    const retries = new Retries(config);
    expect(retries.remaining).toBe(3);
    retries.remaining = 1;
    retries.connected();
    expect(retries.remaining).toBe(3);
    expect(new Retries(defaults()).remaining).toBe(Number.POSITIVE_INFINITY);
    expect(new Retries({ ...defaults(), stopRetrying: 2 }).remaining).toBe(2);
  });

  it('continue the count if a connection turns out not to count', () => {
    const retries = new Retries(config);
    retries.next();
    retries.remaining = 2;
    retries.connected();
    retries.notConnected();
    expect([retries.attempt, retries.remaining]).toEqual([1, 2]);
  });

  it('are stopped by the config at any time, which leaves their number alone', () => {
    const changing = { ...config };
    const retries = new Retries(changing);
    expect(retries.stopped).toBeFalse();
    changing.stopRetrying = true;
    expect([retries.stopped, retries.remaining, new Retries(changing).remaining]).toEqual([true, 3, 3]);
  });

  it('can be exhausted, and start again', () => {
    const retries = new Retries(config);
    retries.next();
    retries.exhaust();
    expect(retries.remaining).toBe(0);
    retries.restart();
    expect([retries.remaining, retries.attempt]).toEqual([3, 0]);
  });
});
