import { inflateSync } from 'node:zlib';

const kSignature = '89504e470d0a1a0a';

/** Decodes a PNG as browsers write it (8 bits, RGB or RGBA, not interlaced) to RGBA. */
export function decodePng(bytes) {
  if (bytes.subarray(0, 8).toString('hex') !== kSignature) throw new Error('not a PNG');
  let width = 0;
  let height = 0;
  let channels = 0;
  const parts = [];
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') {
      width = body.readUInt32BE(0);
      height = body.readUInt32BE(4);
      channels = { 2: 3, 6: 4 }[body[9]] ?? 0;
      if (body[8] !== 8 || channels === 0 || body[12] !== 0) throw new Error('another kind of PNG');
    } else if (type === 'IDAT') {
      parts.push(body);
    }
    at += 12 + length;
  }
  return {
    width,
    height,
    data: unfilter(inflateSync(Buffer.concat(parts)), width, height, channels),
  };
}

function unfilter(raw, width, height, channels) {
  const stride = width * channels;
  const rows = Buffer.alloc(stride * height);
  for (let row = 0; row < height; row++) {
    const filter = raw[row * (stride + 1)];
    for (let index = 0; index < stride; index++) {
      const at = row * stride + index;
      const left = index >= channels ? rows[at - channels] : 0;
      const up = row > 0 ? rows[at - stride] : 0;
      const corner = row > 0 && index >= channels ? rows[at - stride - channels] : 0;
      rows[at] = raw[row * (stride + 1) + 1 + index] + predicted(filter, left, up, corner);
    }
  }
  if (channels === 4) return rows;
  const data = Buffer.alloc(width * height * 4, 255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    rows.copy(data, pixel * 4, pixel * 3, pixel * 3 + 3);
  }
  return data;
}

function predicted(filter, left, up, corner) {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    default: {
      const guess = left + up - corner;
      const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value));
      return a <= b && a <= c ? left : b <= c ? up : corner;
    }
  }
}
