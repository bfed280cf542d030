// The file as docs/geocoding.md describes it: a header, and sections of records of fixed size.
const MAGIC = 'TRACKGEO';
const VERSION = 1;

/** Texts, each once: a length of two bytes, then UTF-8. */
export class Texts {
  #bytes = [];
  #size = 0;
  #known = new Map();

  add(text) {
    if (!this.#known.has(text)) {
      const encoded = Buffer.from(text, 'utf8');
      const length = Buffer.alloc(2);
      length.writeUInt16LE(encoded.length);
      this.#known.set(text, this.#size);
      this.#bytes.push(length, encoded);
      this.#size += 2 + encoded.length;
    }
    return this.#known.get(text);
  }

  bytes() {
    return Buffer.concat(this.#bytes);
  }
}

/** Records of `size` bytes, written by `write(view, offset, record)`. */
export function records(list, size, write) {
  const buffer = Buffer.alloc(list.length * size);
  list.forEach((record, i) => write(buffer, i * size, record));
  return {buffer, count: list.length};
}

/** sections: [{buffer, count}] in the file's order. */
export function assemble(sections) {
  const align = (size) => (size + 7) & ~7;
  const header = Buffer.alloc(align(16 + sections.length * 8));
  let offset = header.length;
  const parts = [header];
  sections.forEach(({buffer, count}, i) => {
    header.writeUInt32LE(offset, 16 + i * 8);
    header.writeUInt32LE(count, 20 + i * 8);
    parts.push(buffer, Buffer.alloc(align(buffer.length) - buffer.length));
    offset += align(buffer.length);
  });
  header.write(MAGIC, 'latin1');
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(offset, 12);
  return Buffer.concat(parts);
}
