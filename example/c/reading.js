/** The struct of reading.h: 16 bytes, packed, in the byte order that the first of them names. */
const SIZE = 16;

/** @returns {Buffer} */
export function encode({ order, kind, sensor, celsius, weight }) {
  const little = order === '<';
  const bytes = new DataView(new ArrayBuffer(SIZE));
  bytes.setUint8(0, order.charCodeAt(0));
  bytes.setUint8(1, kind);
  bytes.setUint16(2, sensor, little);
  bytes.setInt32(4, celsius, little);
  bytes.setFloat64(8, weight, little);
  return Buffer.from(bytes.buffer);
}

export function decode(chunk) {
  const bytes = new DataView(chunk.buffer, chunk.byteOffset, SIZE);
  const order = String.fromCharCode(bytes.getUint8(0));
  const little = order === '<';
  return {
    order,
    kind: bytes.getUint8(1),
    sensor: bytes.getUint16(2, little),
    celsius: bytes.getInt32(4, little),
    weight: bytes.getFloat64(8, little),
  };
}

/** A stream has no messages: makes readings of chunks that may hold several, or parts of one. */
export function readings(found) {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (; rest.length >= SIZE; rest = rest.subarray(SIZE)) found(decode(rest));
  };
}

/** As reading.h prints them. */
export function describe({ order, kind, sensor, celsius, weight }) {
  return `${order} kind ${kind} sensor ${sensor} celsius ${celsius} weight ${weight.toFixed(3)}`;
}
