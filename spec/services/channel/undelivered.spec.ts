import { absent, gone } from '../../../services/channel/undelivered.js';
import { ipcError } from '../../support/errors.js';

describe('The error of an undelivered message', () => {
  it('names the run that has ended', () => {
    expect(gone(3)).toEqual(ipcError('ERR_IPC_UNDELIVERED', 'Member 3 left before it received the message'));
    expect(gone('a\n')).toEqual(ipcError('ERR_IPC_UNDELIVERED', 'Member "a\\n" left'));
  });

  it('names the member that did not join, or the group without a member', () => {
    expect(absent({ to: 'db' })).toEqual(
      ipcError('ERR_IPC_UNDELIVERED', 'Member "db" did not join, or left and did not return, within'),
    );
    expect(absent({ to: 'group:db' })).toEqual(
      ipcError('ERR_IPC_UNDELIVERED', 'No member of "group:db" came within the absence timeout'),
    );
  });
});
