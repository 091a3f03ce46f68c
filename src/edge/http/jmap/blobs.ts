/** Octets by blob id (RFC 8620 §6): whole messages, uploads, and parts of either, in pieces. */
import { type BlobId, type BlobPart, blobPartIn, readBlobId } from '../../../codec/jmap/blob-id.ts';
import { transferDecoder } from '../../../codec/mime/transfer-encoding.ts';
import type { EmailId, UploadId } from '../../../core/ids.ts';
import { Fault } from '../../../core/fault.ts';
import type { MailAccount } from '../../../service/mailboxes/mailboxes.ts';
import { sourceOf, type EmailSource } from './email-source.ts';

export type OpenBlob = Readonly<{
  /** Octets; undefined for a part, whose size is known when it has been decoded. */
  size: number | undefined;
  /** As it was uploaded; a message is message/rfc822. */
  type: string | null;
  /** Throws a Fault when what it is a part of goes away meanwhile. */
  pieces(): AsyncGenerator<Buffer>;
}>;

/** Octets read in one go. */
const SLICE = 262_144;
/** Octets of an attached message that may be opened to get at a part inside it. */
const NESTED_LIMIT = 52_428_800;

type Source = Readonly<{ size: number; type: string | null; read(from: number, to: number): Promise<Buffer> }>;

/** Undefined for what is not there, not this account's, or no part of what it names. */
export async function openBlob(mail: MailAccount, id: string): Promise<OpenBlob | undefined> {
  const blob = readBlobId(id);
  if (blob === undefined) return undefined;
  if (blob.of === 'upload') {
    const source = await uploadSource(mail, blob);
    if (source === undefined) return undefined;
    return blob.part === undefined ? whole(source) : partOf(sourceOf(await gathered(whole(source))), blob.part);
  }
  const index = await mail.index();
  const known = index.get(blob.number as EmailId);
  const [message] = known === undefined ? [] : await mail.emails([known.email]);
  if (message === undefined) return undefined;
  return blob.part === undefined ? whole({ ...message, type: 'message/rfc822' }) : partOf(message, blob.part);
}

async function uploadSource(mail: MailAccount, { number }: BlobId): Promise<Source | undefined> {
  const upload = await mail.upload(number as UploadId);
  if (upload === undefined) return undefined;
  const read = async (from: number, to: number): Promise<Buffer> => {
    const octets = await upload.read(from, to);
    if (octets === undefined) throw new Fault('unavailable', 'the upload is gone');
    return octets;
  };
  return { size: upload.size, type: upload.type, read };
}

function whole({ size, type, read }: Source): OpenBlob {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < size; at += SLICE) yield await read(at, Math.min(size, at + SLICE));
  }
  return { size, type, pieces };
}

/** SECURITY: what an id says of a part is believed only where the message says the same. */
async function partOf(source: EmailSource, step: BlobPart): Promise<OpenBlob | undefined> {
  const part = blobPartIn(source.structure, step);
  if (part === undefined) return undefined;
  async function* pieces(): AsyncGenerator<Buffer> {
    const decoder = transferDecoder(step.encoding === 'uuencode' ? 'x-uuencode' : step.encoding);
    for (let at = step.from; at < step.to; at += SLICE) {
      const slice = await source.read(at, Math.min(step.to, at + SLICE));
      yield decoder?.push(slice) ?? slice;
    }
    if (decoder !== undefined) yield decoder.end();
  }
  const open: OpenBlob = {
    size: step.encoding === 'binary' ? step.to - step.from : undefined,
    type: `${part.type}/${part.subtype}`,
    pieces,
  };
  return step.part === undefined ? open : partOf(sourceOf(await gathered(open)), step.part);
}

/** All of it in memory, up to a bound; what is larger is cut there, and then no part of it fits. */
export async function gathered(blob: OpenBlob, limit: number = NESTED_LIMIT): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of blob.pieces()) {
    pieces.push(piece);
    size += piece.length;
    if (size > limit) break;
  }
  return Buffer.concat(pieces).subarray(0, limit);
}
