import { PROFILE, settingsOf } from '../../../entities/config/profile.js';
import { itRefuses } from '../../support/settings.js';

describe('The profile of a config', () => {
  itRefuses(PROFILE, { profile: ['', 'Assured', true, undefined] });

  it('sets nothing if compatible, limits if guarded, and more if assured', () => {
    expect(settingsOf('compatible')).toEqual({});
    expect(settingsOf('guarded').maxMessageSize).toBe(2 ** 20);
    expect(settingsOf('assured')).toEqual({ ...settingsOf('guarded'), sameUser: true, socketRoot: 'user' });
  });
});
