import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Why a request is refused, with the HTTP status. */
export interface Refusal {
  readonly status: number;
  readonly why: string;
}

const HEADERS = {
  // Blocks all injected markup from running or loading anything.
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

/**
 * Admits only the page that the command's link opened. It keeps out other pages in the browser that reach the loopback (by
 * checking Origin, and Host against DNS rebinding), and other users of the machine, who do not know the token.
 */
export class Guard {
  /** The headers of every response. */
  readonly headers: Readonly<Record<string, string>> = HEADERS;
  readonly token = randomBytes(32).toString('base64url');
  readonly #digest = digest(this.token);
  #hosts: readonly string[] = [];

  /** Sets the port that the server listens on. */
  at(port: number): void {
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  }

  /** Why a request is refused; undefined if it is allowed. Paths under /api/ require the token. */
  refusal({ method = '', url = '', headers }: IncomingMessage): Refusal | undefined {
    const { host = '', origin } = headers;
    if (!this.#hosts.includes(host)) return { status: 421, why: 'This is not a host of the web view.' };
    if (origin !== undefined && origin !== `http://${host}`)
      return { status: 403, why: 'Requests from another page are refused.' };
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none')
      return { status: 403, why: 'Requests from another page are refused.' };
    if (method !== 'GET' && method !== 'POST') return { status: 405, why: 'Only GET and POST are answered.' };
    if (!url.startsWith('/api/'))
      return method === 'GET' ? undefined : { status: 405, why: 'Only GET is answered here.' };
    if (!this.#knows(headers))
      return { status: 401, why: 'The token is missing or wrong; open the link that omni-ipc web printed.' };
    if (method === 'GET') return undefined;
    if (origin === undefined) return { status: 403, why: 'A request that sends something needs an Origin.' };
    if (headers['content-type'] !== 'application/json')
      return { status: 415, why: 'The body must be application/json.' };
    return undefined;
  }

  #knows({ authorization = '' }: IncomingHttpHeaders): boolean {
    const [, token = ''] = authorization.match(/^Bearer (\S{1,200})$/) ?? [];
    return timingSafeEqual(digest(token), this.#digest);
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
