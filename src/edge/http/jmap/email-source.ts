/** A message to be shown as an Email: stored, or in memory (Email/parse). Read in pieces, and each piece of knowledge once. */
import { Buffer } from 'node:buffer';
import { Headers } from '../../../codec/jmap/object/headers.ts';
import { scan } from '../../../codec/mime/scanner.ts';
import type { Part } from '../../../codec/mime/structure.ts';
import { decodeTransfer, transferDecoder } from '../../../codec/mime/transfer-encoding.ts';
import { blobEncoding } from '../../../codec/jmap/blob-id.ts';
import type { Message } from '../../../service/mailboxes/mailboxes.ts';

export type EmailSource = Pick<Message, 'size' | 'structure' | 'read'>;

/** Octets read and decoded in one go. */
const SLICE = 262_144;
/** Octets of a base64 body up to which its size is found by decoding it. */
const DECODE_FOR_SIZE = 65_536;
/** Octets looked at at both ends of a longer one. */
const SAMPLE = 1_024;

/** Octets as a message: for blobs that were uploaded, or decoded out of another message. */
export function sourceOf(octets: Buffer): EmailSource {
  return { size: octets.length, structure: scan(octets), read: async (from, to) => octets.subarray(Math.max(0, from), Math.max(0, to)) };
}

export class EmailReader {
  readonly source: EmailSource;
  readonly #headers = new Map<Part, Promise<Headers>>();
  readonly #sizes = new Map<Part, Promise<number>>();

  constructor(source: EmailSource) {
    this.source = source;
  }

  headers(part: Part): Promise<Headers> {
    return kept(this.#headers, part, async () => new Headers(await this.source.read(part.headerStart, part.bodyStart)));
  }

  /** Octets of a part without transfer encoding. */
  size(part: Part): Promise<number> {
    return kept(this.#sizes, part, () => this.#sizeOf(part));
  }

  /** Decoded octets from the start of a part, at most `limit` of them; with `isCut` it has more. */
  async decoded(part: Part, limit: number): Promise<Readonly<{ octets: Buffer; isCut: boolean }>> {
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of this.#pieces(part)) {
      pieces.push(piece.subarray(0, Math.max(0, limit - length)));
      length += piece.length;
      if (length > limit) return { octets: Buffer.concat(pieces), isCut: true };
    }
    return { octets: Buffer.concat(pieces), isCut: false };
  }

  /** The beginning of a part as it stands in the message. */
  beginning(part: Part, octets: number): Promise<Buffer> {
    return this.source.read(part.bodyStart, Math.min(part.bodyEnd, part.bodyStart + octets));
  }

  async #sizeOf(part: Part): Promise<number> {
    const encoding = blobEncoding(part.encoding);
    const length = part.bodyEnd - part.bodyStart;
    if (encoding === 'binary' || part.type === 'multipart') return length;
    const regular = encoding === 'base64' && length > DECODE_FOR_SIZE ? await this.#regularSize(part) : undefined;
    if (regular !== undefined) return regular;
    let size = 0;
    for await (const piece of this.#pieces(part)) size += piece.length;
    return size;
  }

  /**
   * The size of base64 as encoders write it, lines of one length, without
   * reading what is between its ends: an attachment need not be opened to be
   * listed. SECURITY: a sender can make it lie; it is shown and never relied on.
   */
  async #regularSize({ bodyStart, bodyEnd, lines }: Part): Promise<number | undefined> {
    const head = (await this.source.read(bodyStart, bodyStart + SAMPLE)).toString('latin1');
    const tail = (await this.source.read(bodyEnd - SAMPLE, bodyEnd)).toString('latin1');
    const [first = '', ending = ''] = /^([A-Za-z0-9+/]{4,998})(\r?\n)/.exec(head)?.slice(1) ?? [];
    const whole = first.length + ending.length;
    const trimmed = tail.trimEnd();
    const last = trimmed.slice(trimmed.lastIndexOf('\n') + 1);
    if (ending === '' || !/^[A-Za-z0-9+/]{2,998}={0,2}$/.test(last) || (first.length | last.length) % 4 !== 0) return undefined;
    const rest = tail.slice(trimmed.length);
    const isRegular = (rest === '' || rest === ending) && (lines - 1) * whole + last.length + rest.length === bodyEnd - bodyStart;
    return isRegular ? (((lines - 1) * first.length) / 4) * 3 + decodeTransfer(Buffer.from(last), 'base64').length : undefined;
  }

  async *#pieces(part: Part): AsyncGenerator<Buffer> {
    const decoder = transferDecoder(part.encoding);
    for (let at = part.bodyStart; at < part.bodyEnd; at += SLICE) {
      const slice = await this.source.read(at, Math.min(at + SLICE, part.bodyEnd));
      yield decoder?.push(slice) ?? slice;
    }
    if (decoder !== undefined) yield decoder.end();
  }
}

/** What two ask for at once is found once. */
function kept<Value>(map: Map<Part, Promise<Value>>, part: Part, find: () => Promise<Value>): Promise<Value> {
  const known = map.get(part);
  if (known !== undefined) return known;
  const finding = find();
  map.set(part, finding);
  return finding;
}
