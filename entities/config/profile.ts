import { MEBIBYTE } from '../limits.js';
import { oneOf, type Settings } from './setting.js';

/** A named set of settings. */
export type Profile = 'compatible' | 'guarded' | 'assured';

/** What a config begins with. */
export interface ProfileConfig {
  /**
   * A named set of settings, which those that are set otherwise overrule: 'compatible' is node-ipc's habits, 'guarded' has tighter
   * limits for peers that are not trusted, and 'assured' is 'guarded' with sockets that only this user reaches or mutual TLS, no UDP,
   * and a schema for each request.
   * @default 'compatible'
   */
  profile: Profile;
}

const PROFILES = ['compatible', 'guarded', 'assured'];

export const PROFILE: Settings<ProfileConfig> = {
  profile: { default: 'compatible', check: oneOf(...PROFILES), expected: `one of ${PROFILES.join(', ')}` },
};

/** The limits of node-ipc 14's Guarded parser, and what a peer may choose less of. */
const GUARDED = {
  maxMessageSize: MEBIBYTE,
  maxPendingBytes: 8 * MEBIBYTE,
  maxEventNameLength: 256,
  maxDepth: 100,
  identifyPeer: false,
};

/** What a profile sets. */
export function settingsOf(profile: unknown): Readonly<Record<string, unknown>> {
  if (profile === 'guarded') return GUARDED;
  return profile === 'assured' ? { ...GUARDED, sameUser: true, socketRoot: 'user' } : {};
}
