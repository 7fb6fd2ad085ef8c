import { Packr } from 'msgpackr';

/**
 * msgpack with record definitions inline: a batch of a thousand nodes names their properties once. Only for messages
 * between threads of one process; the journal has its own, plainer form.
 */
const packr = new Packr({ useRecords: true, moreTypes: true, structuredClone: false });

/** A copy of its own: the packer reuses its buffer, and a message is transferred away. */
export function packMessage(message: unknown): Uint8Array<ArrayBuffer> {
  const packed = packr.pack(message);
  const copy = new Uint8Array(packed.byteLength);
  copy.set(packed);
  return copy;
}

export function unpackMessage(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}
