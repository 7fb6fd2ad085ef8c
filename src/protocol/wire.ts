import { isAscii } from 'node:buffer';
import { addExtension, Packr } from 'msgpackr';
import type { Draft } from './commands.ts';

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

/** An object as the JSON that it came as; in an unpacked message stands what it says. */
class JsonText {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

const JSON_TEXT_TYPE = 0x21;

addExtension({
  Class: JsonText,
  type: JSON_TEXT_TYPE,
  pack: ({ bytes }: JsonText) => bytes as Buffer,
  unpack: (data: Uint8Array): unknown => {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    return JSON.parse(bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8'));
  },
});

/**
 * An object of which only the other side needs the members: copying its JSON costs a tenth of packing it.
 * @param json sound JSON of an object. The draft cannot be looked into before it has been packed and unpacked.
 */
export function draftOfJson(json: Uint8Array): Draft {
  return new JsonText(json) as unknown as Draft;
}
