/** From an Email object to the octets of its message (RFC 8621 §4.6): codec/jmap/object reads and lays out, here the blobs are fetched, piece by piece. */
import { type SetError, SetFault } from '../../../codec/jmap/error.ts';
import type { JsonObject } from '../../../codec/jmap/json.ts';
import { type NewEmail, readNewEmail } from '../../../codec/jmap/object/email-create.ts';
import {
  type BlobFacts,
  type BlobForm,
  blobsOf,
  type EmailStamp,
  needsSurvey,
  type Piece,
  writeEmail,
} from '../../../codec/jmap/object/email-writing.ts';
import { Base64Lines } from '../../../codec/mime/base64-lines.ts';
import { LineSurvey, WholeLineEnds } from '../../../codec/mime/line-survey.ts';

/** `pieces` may be asked for more than once, and gives exactly `size` octets; without a size they are counted first. */
export type EmailBlob = Readonly<{ size: number | undefined; pieces(): AsyncIterable<Uint8Array> }>;

export type Composing = EmailStamp &
  Readonly<{
    /** Octets of a message. */
    limit: number;
    /** Undefined: there is none, or not for this person. */
    blob(blobId: string): EmailBlob | undefined | Promise<EmailBlob | undefined>;
  }>;

export type ComposedEmail = Readonly<{
  /** Throws where a blob is not what it said. To be read once. */
  pieces: AsyncIterable<Uint8Array>;
  /** Octets of all pieces. */
  size: number;
  mailboxIds: readonly string[];
  keywords: readonly string[];
  /** Milliseconds since 1970. */
  receivedAt: number;
}>;

type Blobs = ReadonlyMap<string, EmailBlob>;

/** Throws a SetFault: invalidProperties, blobNotFound or tooLarge. */
export async function composeEmail(object: JsonObject, composing: Composing): Promise<ComposedEmail> {
  const email = readNewEmail(object);
  const blobs = await openBlobs(email, composing);
  const { pieces, size } = writeEmail(email, composing, await lookAt(email, blobs, composing.limit));
  if (size > composing.limit) throw new SetFault(tooLarge(composing.limit));
  const { mailboxIds, keywords, receivedAt = composing.now } = email;
  return { pieces: octetsOf(pieces, blobs), size, mailboxIds, keywords, receivedAt };
}

const tooLarge = (maxSize: number): SetError => ({ type: 'tooLarge', maxSize });

async function openBlobs({ root }: NewEmail, { blob, limit }: Composing): Promise<Map<string, EmailBlob>> {
  const blobs = new Map<string, EmailBlob>();
  const notFound: string[] = [];
  let size = 0;
  for (const blobId of blobsOf(root).keys()) {
    const found = await blob(blobId);
    if (found === undefined) notFound.push(blobId);
    else blobs.set(blobId, found);
    size += found?.size ?? 0;
  }
  if (notFound.length > 0) throw new SetFault({ type: 'blobNotFound', notFound });
  // Before any of them is read.
  if (size > limit) throw new SetFault(tooLarge(limit));
  return blobs;
}

async function lookAt({ root }: NewEmail, blobs: Map<string, EmailBlob>, limit: number): Promise<ReadonlyMap<string, BlobFacts>> {
  const facts = new Map<string, BlobFacts>();
  for (const [blobId, types] of blobsOf(root)) {
    const blob = blobs.get(blobId);
    if (blob === undefined) continue;
    const one = await factsOf(blob, [...types], limit);
    facts.set(blobId, one);
    blobs.set(blobId, { ...blob, size: one.size, pieces: () => blob.pieces() });
  }
  return facts;
}

/** Reads it only where its size or its lines must be known. */
async function factsOf(blob: EmailBlob, types: readonly string[], limit: number): Promise<BlobFacts> {
  if (blob.size !== undefined && !wantsLines(types, blob.size)) return { size: blob.size };
  const survey = new LineSurvey();
  let size = 0;
  for await (const chunk of blob.pieces()) {
    size += chunk.length;
    if (size > limit) throw new SetFault(tooLarge(limit));
    if (wantsLines(types, blob.size ?? size)) survey.push(chunk);
  }
  return wantsLines(types, size) ? { size, lines: survey.facts() } : { size };
}

const wantsLines = (types: readonly string[], size: number): boolean => types.some((type) => needsSurvey(type, size));

async function* octetsOf(pieces: readonly Piece[], blobs: Blobs): AsyncGenerator<Uint8Array, void, undefined> {
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) {
      if (piece.length > 0) yield piece;
      continue;
    }
    const blob = blobs.get(piece.blobId);
    if (blob === undefined) throw new Error('a blob was not looked up');
    yield* formed(blob, piece.form);
  }
}

async function* formed(blob: EmailBlob, form: BlobForm): AsyncGenerator<Uint8Array, void, undefined> {
  const base64 = form === 'base64' ? new Base64Lines() : undefined;
  const encoder = base64 ?? (form === 'crlf' ? new WholeLineEnds() : undefined);
  let size = 0;
  for await (const chunk of blob.pieces()) {
    size += chunk.length;
    const octets = encoder === undefined ? chunk : encoder.push(chunk);
    if (octets.length > 0) yield octets;
  }
  // The size of the message was told already.
  if (size !== blob.size) throw new Error(`a blob of ${blob.size} octets gave ${size}`);
  const last = base64?.end();
  if (last !== undefined && last.length > 0) yield last;
}
