import { MEBIBYTE } from '../limits.js';
import { oneOf, type Settings } from './setting.js';

/** A named set of settings. */
export type Profile = 'compatible' | 'guarded' | 'assured';

/** The settings that a config starts from. */
export interface ProfileConfig {
  /**
   * A named set of settings. Keys that the program sets itself take precedence. 'compatible' follows node-ipc; 'guarded'
   * has tighter limits for untrusted peers; 'assured' adds to 'guarded' that sockets are private to this user or use mutual
   * TLS, that UDP is off, and that each request has a schema.
   * @default 'compatible'
   * @example
   * ipc.config.profile = 'guarded';
   */
  profile: Profile;
}

const PROFILES = ['compatible', 'guarded', 'assured'];

export const PROFILE: Settings<ProfileConfig> = {
  profile: {
    default: 'compatible',
    check: oneOf(...PROFILES),
    expected: `one of ${PROFILES.join(', ')}`,
    protects: 'all',
  },
};

/** The limits of node-ipc 14's Guarded parser, and tighter values for other settings that affect untrusted peers. */
const GUARDED = {
  maxMessageSize: MEBIBYTE,
  maxPendingBytes: 8 * MEBIBYTE,
  maxEventNameLength: 256,
  maxDepth: 100,
  identifyPeer: false,
};

/** The settings of a profile. */
export function settingsOf(profile: unknown): Readonly<Record<string, unknown>> {
  if (profile === 'guarded') return GUARDED;
  return profile === 'assured' ? { ...GUARDED, sameUser: true, socketRoot: 'user' } : {};
}
