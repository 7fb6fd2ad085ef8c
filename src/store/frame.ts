import { Packr } from 'msgpackr';

/**
 * What a journal frame's payload says: the images that the owner decided on. Replay puts them back as they are; it needs
 * no rules, no clock and no ids.
 */

/** Sealed secrets of one record, by dotted property path; the whole set after the change. */
export type SealedSecrets = Readonly<Record<string, Uint8Array>>;

export interface JournaledChange {
  readonly kind: string;
  readonly key: string;
  /** The public image, or null for a deletion. */
  readonly image: Uint8Array | null;
  /** The revision of the record before this change; 0 when there was none; absent in journals of before this was kept. */
  readonly predecessor?: number;
  /** Of a deletion: the record as it last was. */
  readonly lastImage?: Uint8Array;
  /** Absent: as before. A deletion always takes the secrets with it. */
  readonly secrets?: SealedSecrets;
}

/** An answer that a repeated request gets again. The body is public; the hash is keyed. */
export interface RememberedAnswer {
  readonly idempotencyKey: string;
  readonly requestHash: string;
  readonly status: number;
  readonly body: Uint8Array;
  readonly key: string;
  readonly revision: number;
  readonly expiresMs: number;
}

export interface FrameContent {
  readonly timeMs: number;
  readonly changes: readonly JournaledChange[];
  readonly answers: readonly RememberedAnswer[];
}

/** Plain msgpack maps and arrays only: any reader of msgpack can read a journal. */
const packr = new Packr({ useRecords: false, structuredClone: false, moreTypes: false });

/** Older journals end after the secrets. */
type PackedChange = readonly [
  kind: string,
  key: string,
  image: Uint8Array | null,
  secrets: SealedSecrets | null,
  predecessor?: number | null,
  lastImage?: Uint8Array | null,
];
type PackedFrame = readonly [timeMs: number, changes: readonly PackedChange[], answers: readonly RememberedAnswer[]];

/** The bytes are only good until the next call: the packer uses its buffer again. */
export function encodeFrame(content: FrameContent): Uint8Array {
  const packed: PackedFrame = [
    content.timeMs,
    content.changes.map(({ kind, key, image, secrets = null, predecessor = null, lastImage }) =>
      lastImage === undefined ? [kind, key, image, secrets, predecessor] : [kind, key, image, secrets, predecessor, lastImage],
    ),
    content.answers,
  ];
  return packr.pack(packed);
}

/** The unpacker keeps hold of what it read last, up to many megabytes, until it reads something else. */
export function forgetLastFrame(): void {
  packr.unpack(packr.pack(null));
}

/** The time that a payload begins with, without unpacking the rest. */
export function frameTimeMs(payload: Uint8Array): number {
  // An array of three, and in it first a double or a 64-bit integer: every time since 1970-02-19 is beyond 32 bits.
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  if (payload[0] === 0x93 && payload[1] === 0xcb) return view.getFloat64(2);
  if (payload[0] === 0x93 && payload[1] === 0xcf) return Number(view.getBigUint64(2));
  return decodeFrame(payload).timeMs;
}

/** @throws when the bytes are not a frame's payload; after a good CRC that is a defect, not damage. */
export function decodeFrame(payload: Uint8Array): FrameContent {
  const [timeMs, changes, answers] = packr.unpack(payload) as PackedFrame;
  return {
    timeMs,
    changes: changes.map(([kind, key, image, secrets, predecessor, lastImage]) => {
      const change: { -readonly [K in keyof JournaledChange]: JournaledChange[K] } = { kind, key, image };
      if (secrets !== null) change.secrets = secrets;
      if (typeof predecessor === 'number') change.predecessor = predecessor;
      if (lastImage instanceof Uint8Array) change.lastImage = lastImage;
      return change;
    }),
    answers,
  };
}
