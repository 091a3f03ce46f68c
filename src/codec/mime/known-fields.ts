/** The fields the structure is made of, found by the octets of their names: most fields of a message are none of these, and must cost nothing. */

const NAMES = [
  'date',
  'subject',
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'in-reply-to',
  'message-id',
  'references',
  'received',
  'content-type',
  'content-transfer-encoding',
  'content-id',
  'content-description',
  'content-disposition',
  'content-language',
  'content-location',
  'content-md5',
] as const;

export type KnownField = (typeof NAMES)[number];

/** A power of two, so that a mask finds the bucket. */
const BUCKETS = 64;
/** Sets capitals to small letters; the other octets of the names above have the bit already. */
const LOWER = 0x20;

const bucketOf = (length: number, first: number, last: number): number => (length * 5 + first + last * 3) & (BUCKETS - 1);

const buckets: readonly (readonly KnownField[])[] = Array.from({ length: BUCKETS }, (_, index) =>
  NAMES.filter((name) => bucketOf(name.length, name.charCodeAt(0), name.charCodeAt(name.length - 1)) === index),
);

/** Which known field bytes[start, end) names, if any. */
export function knownField(bytes: Uint8Array, start: number, end: number): KnownField | undefined {
  const first = (bytes[start] ?? 0) | LOWER;
  const last = (bytes[end - 1] ?? 0) | LOWER;
  for (const name of buckets[bucketOf(end - start, first, last)] ?? []) {
    if (name.length === end - start && isName(name, bytes, start)) return name;
  }
  return undefined;
}

function isName(name: string, bytes: Uint8Array, start: number): boolean {
  for (let at = 0; at < name.length; at++) if (((bytes[start + at] ?? 0) | LOWER) !== name.charCodeAt(at)) return false;
  return true;
}
