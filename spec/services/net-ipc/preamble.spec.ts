import {
  answerEnd,
  openingAnswer,
  openingEnd,
  PLAIN_OPENING,
  upgradeRequest,
} from '../../../services/net-ipc/preamble.js';
import { codeThrown } from '../../lib/dialects/decoding.js';

const request = upgradeRequest('net-ipc', 'net-ipc');
const answer = openingAnswer(request) as Buffer;

describe('The opening of a net-ipc connection', () => {
  it("is the bytes IPC, or net-ipc's request for an upgrade", () => {
    expect(PLAIN_OPENING.toString()).toBe('IPC');
    expect(request.toString()).toBe(
      'GET / HTTP/1.1\r\nHost: net-ipc\r\nConnection: Upgrade\r\nUpgrade: net-ipc\r\n\r\n',
    );
    expect(upgradeRequest('isdk-ipc', 'example.org').toString()).toBe(
      'GET / HTTP/1.1\r\nHost: example.org\r\nConnection: Upgrade\r\nUpgrade: isdk-ipc\r\n\r\n',
    );
  });

  it('ends when it is complete, whatever follows', () => {
    for (const opening of [PLAIN_OPENING, request]) {
      for (let at = 1; at < opening.length; at++) expect(openingEnd(opening.subarray(0, at))).toBe(0);
      expect(openingEnd(opening)).toBe(opening.length);
      expect(openingEnd(Buffer.concat([opening, Buffer.from('more\r\n\r\n')]))).toBe(opening.length);
    }
  });

  it('is answered by a switch to the requested protocol, and not at all if it is IPC', () => {
    expect(openingAnswer(PLAIN_OPENING)).toBeUndefined();
    expect(answer.toString()).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: net-ipc\r\n\r\n',
    );
    expect(openingAnswer(upgradeRequest('isdk-ipc', 'x'))?.toString()).toContain('Upgrade: isdk-ipc\r\n');
  });

  it('is understood in any spelling that HTTP allows', () => {
    const spelled =
      'GET /path HTTP/1.1\r\nhost: x\r\nCONNECTION: keep-alive, upgrade\r\nupgrade:net-ipc \r\nx: y\r\n\r\n';
    expect(openingAnswer(Buffer.from(spelled))?.toString()).toContain('Upgrade: net-ipc\r\n');
  });

  it('is refused if it is anything else', () => {
    for (const begins of ['{', 'X', 'IPX', 'GEX', 'IG', 'GPC', '\0']) {
      expect(codeThrown(() => openingEnd(Buffer.from(begins))))
        .withContext(begins)
        .toBe('ERR_IPC_PROTOCOL');
    }
    for (const headers of [
      '',
      'Upgrade: net-ipc\r\n',
      'Connection: Upgrade\r\n',
      'Connection: Upgrade\r\nUpgrade: h2c\r\n',
    ]) {
      const get = Buffer.from(`GET / HTTP/1.1\r\n${headers}\r\n`);
      expect(codeThrown(() => openingAnswer(get)))
        .withContext(headers)
        .toBe('ERR_IPC_PROTOCOL');
    }
  });

  it('is refused if its headers never end', () => {
    const long = Buffer.concat([Buffer.from('GET / HTTP/1.1\r\nX: '), Buffer.alloc(9000, 'x')]);
    expect(codeThrown(() => openingEnd(long))).toBe('ERR_IPC_PROTOCOL');
    expect(codeThrown(() => openingEnd(Buffer.concat([long, Buffer.from('\r\n\r\n')])))).toBe(
      'ERR_IPC_PROTOCOL',
    );
    expect(codeThrown(() => answerEnd(long))).toBe('ERR_IPC_PROTOCOL');
  });

  it('is accepted only by a switch of protocols', () => {
    for (let at = 0; at < answer.length; at++) expect(answerEnd(answer.subarray(0, at))).toBe(0);
    expect(answerEnd(Buffer.concat([answer, Buffer.from('x')]))).toBe(answer.length);
    for (const status of ["HTTP/1.1 418 I'm a Teapot", 'HTTP/1.1 200 OK', 'HTTP/1.1 1010', 'SSH-2.0']) {
      const refusal = Buffer.from(`${status}\r\n\r\n`);
      expect(codeThrown(() => answerEnd(refusal)))
        .withContext(status)
        .toBe('ERR_IPC_HANDSHAKE');
    }
  });
});
