// The lower bound: a loop on node:net with node-ipc's wire and nothing else. It joins the messages of one turn into one
// write, decodes complete chunks, and parses frame by frame. It has no limits, no events, no errors and no reconnects.
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer, connect as dial } from 'node:net';
import { createServer as createTlsServer, connect as dialTls } from 'node:tls';

const FORM_FEED = 0x0c;
const LONGEST_TEXT = 16 * 1024;

export const adapter = { name: 'bare loop', serve, connect };

const encode = (data) => `{"type":"message","data":${JSON.stringify(data)}}\f`;

class Line {
  text = '';
  scheduled = false;
  rest = [];

  constructor(socket, deliver) {
    this.socket = socket;
    this.deliver = deliver;
    socket.setNoDelay?.(true);
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', () => socket.destroy());
  }

  send = (data) => this.write(encode(data));

  write(frame) {
    this.text += frame;
    if (this.text.length > LONGEST_TEXT) this.flush();
    else if (!this.scheduled) {
      this.scheduled = true;
      process.nextTick(this.turn);
    }
  }

  turn = () => {
    this.scheduled = false;
    if (this.text !== '') this.flush();
  };

  flush() {
    const text = this.text;
    this.text = '';
    this.socket.write(text);
  }

  receive(chunk) {
    const last = chunk.lastIndexOf(FORM_FEED);
    if (last === -1) {
      this.rest.push(chunk);
      return;
    }
    let text;
    if (this.rest.length === 0) text = chunk.utf8Slice(0, last);
    else {
      this.rest.push(chunk.subarray(0, last));
      text = Buffer.concat(this.rest).utf8Slice();
      this.rest = [];
    }
    if (last + 1 < chunk.length) this.rest.push(chunk.subarray(last + 1));
    let from = 0;
    for (;;) {
      const to = text.indexOf('\f', from);
      if (to === -1) break;
      this.deliver(JSON.parse(text.slice(from, to)).data, this);
      from = to + 1;
    }
    this.deliver(JSON.parse(from === 0 ? text : text.slice(from)).data, this);
  }
}

/** Raw bytes over `node:net`. */
class RawLine {
  constructor(socket, deliver) {
    this.socket = socket;
    socket.setNoDelay?.(true);
    socket.on('data', (chunk) => deliver(chunk, this));
    socket.on('error', () => socket.destroy());
  }

  send = (bytes) => this.socket.write(bytes);
}

async function serve(place, deliver) {
  if (place.transport === 'udp4') return datagrams(place.port, deliver);
  const lines = [];
  const add = (socket) => lines.push(place.raw ? new RawLine(socket, deliver) : new Line(socket, deliver));
  const server =
    place.transport === 'tls'
      ? createTlsServer({ key: readFileSync(place.key), cert: readFileSync(place.cert) }, add)
      : createServer(add);
  await new Promise((resolve) => server.listen(address(place), resolve));
  return {
    send: (line, data) => line.send(data),
    broadcast: (data) => {
      const frame = encode(data);
      for (const line of lines) line.write(frame);
    },
  };
}

async function connect(place, deliver) {
  if (place.transport === 'udp4') {
    const socket = await datagrams(place.clientPort, deliver);
    const server = { port: place.port, address: '127.0.0.1' };
    return { send: (data) => socket.send(server, data) };
  }
  const socket =
    place.transport === 'tls'
      ? dialTls({ ...address(place), rejectUnauthorized: false })
      : dial(address(place));
  await new Promise((resolve, reject) => {
    socket.once(place.transport === 'tls' ? 'secureConnect' : 'connect', resolve);
    socket.once('error', reject);
  });
  return place.raw ? new RawLine(socket, deliver) : new Line(socket, deliver);
}

async function datagrams(port, deliver) {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, peer) => {
    for (const frame of bytes.utf8Slice(0, bytes.length - 1).split('\f'))
      deliver(JSON.parse(frame).data, peer);
  });
  await new Promise((resolve) => socket.bind(port, '127.0.0.1', resolve));
  return { send: (peer, data) => socket.send(encode(data), peer.port, peer.address) };
}

function address({ transport, path, port }) {
  return transport === 'unix' ? { path, backlog: 4096 } : { port, host: '127.0.0.1' };
}
