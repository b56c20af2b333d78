import { existsSync } from 'node:fs';
import defaultChannel, {
  Channel,
  Message,
  channel as namedChannel,
} from '../../../services/channel/index.js';
import { channelAt, freshRendezvous } from '../../support/channels.js';
import { freshDirectory } from '../../support/places.js';
import { start } from '../../support/processes.js';

const windows = process.platform === 'win32';

describe('The default channel', () => {
  it('is exported as the default one, and under the names of ipchannel', () => {
    expect(defaultChannel).toBeInstanceOf(Channel);
    expect(defaultChannel).toBe(namedChannel);
    expect(channelAt(freshRendezvous()).to(1)).toBeInstanceOf(Message);
  });

  it('joins the runs of one entry file without a name, and no others', async () => {
    if (windows) pending('Windows has no XDG_RUNTIME_DIR');
    const env = { XDG_RUNTIME_DIR: '', TMPDIR: freshDirectory() };
    const first = start('spec/fixtures/channel/default.ts', [], env);
    await first.waitForLine(/^up 1 \[1\]/);
    const second = start('spec/fixtures/channel/default.ts', [], env);
    await second.waitForLine(/^up 2 \[1,2\]/);
    const stranger = start('spec/fixtures/channel/stranger.ts', [], env);
    await stranger.waitForLine(/^up 1 \[1\]/);
    expect(existsSync(`${env.TMPDIR}/omni-ipc-${process.getuid?.()}`)).toBeTrue();
  });

  it('keeps a process running only while it is open', async () => {
    const env = { XDG_RUNTIME_DIR: '', TMPDIR: freshDirectory() };
    const idle = start('spec/fixtures/channel/default.ts', ['idle'], env);
    expect((await idle.exited).code).toBe(0);
    const open = start('spec/fixtures/channel/default.ts', [], env);
    await open.waitForLine(/^up 1/);
    const peer = start('spec/fixtures/channel/default.ts', [], env);
    await peer.waitForLine(/^up 2/);
    open.process.stdin.end();
    expect(await open.exited).toEqual({ code: 0, signal: null });
  });

  it('opens the default channel on first use', async () => {
    const env = { XDG_RUNTIME_DIR: '', TMPDIR: freshDirectory() };
    const asked = start('spec/fixtures/channel/default.ts', ['asked'], env);
    await asked.waitForLine(/^connected false/);
    const peer = start('spec/fixtures/channel/default.ts', [], env);
    expect((await peer.waitForLine(/^up 2 \[(.*)\]/))[1]).toBe('1,2');
  });
});
