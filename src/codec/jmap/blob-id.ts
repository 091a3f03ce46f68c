/**
 * What a blob id names (RFC 8620 §6, RFC 8621 §4.1.4): a whole message, an
 * upload, or a part of either by where it lies and how it is encoded, so that
 * a download needs no look-up. SECURITY: clients write ids too. Whoever opens
 * one checks the part against the structure of what it is a part of.
 */
import { leaves, type MessageStructure, type Part } from '../mime/structure.ts';
import { idOf, numberOf } from './ids.ts';

/** How the octets must be decoded; names the transfer decoders know. Whatever changes nothing is `binary`. */
export type BlobEncoding = 'binary' | 'base64' | 'quoted-printable' | 'uuencode';

/** Octets [from, to) of what it is a part of. With `part`: of these, decoded and read as a message, a part again. */
export type BlobPart = Readonly<{ from: number; to: number; encoding: BlobEncoding; part?: BlobPart }>;
export type BlobId = Readonly<{ of: 'email' | 'upload'; number: number; part?: BlobPart }>;

/** A place in a message: no message is longer. */
const PLACE_LIMIT = 2 ** 40;
/** Messages within messages that an id can reach into. */
export const BLOB_DEPTH_LIMIT = 8;
/** RFC 8620 §1.2. */
const ID_LIMIT = 255;
const BASE = 32;

const MARKS: Readonly<Record<BlobEncoding, string>> = { binary: 'n', base64: 'b', 'quoted-printable': 'q', uuencode: 'u' };
const ENCODINGS: ReadonlyMap<string, BlobEncoding> = new Map(Object.entries(MARKS).map(([name, mark]) => [mark, name as BlobEncoding]));
/** The octets of an Email are not the Email: another letter. */
const KINDS = { email: 'blob', upload: 'upload' } as const;
const STEP = /^(0|[1-9a-v][0-9a-v]{0,7})-(0|[1-9a-v][0-9a-v]{0,7})-([nbqu])$/;
export function blobIdText(blob: BlobId): string {
  const steps: string[] = [];
  for (let part = blob.part; part !== undefined; part = part.part)
    steps.push(`_${part.from.toString(BASE)}-${part.to.toString(BASE)}-${MARKS[part.encoding]}`);
  return idOf(KINDS[blob.of], blob.number) + steps.join('');
}

/** Undefined for what we never wrote: there is no other way to write the same blob. */
export function readBlobId(text: string): BlobId | undefined {
  if (text.length > ID_LIMIT) return undefined;
  const [whole = '', ...steps] = text.split('_');
  const ofEmail = numberOf(KINDS.email, whole);
  const of = ofEmail === undefined ? 'upload' : 'email';
  const number = ofEmail ?? numberOf(KINDS.upload, whole);
  if (number === undefined || steps.length > BLOB_DEPTH_LIMIT) return undefined;
  let part: BlobPart | undefined;
  for (const step of steps.reverse()) {
    part = readStep(step, part);
    if (part === undefined) return undefined;
  }
  return part === undefined ? { of, number } : { of, number, part };
}

function readStep(text: string, inner: BlobPart | undefined): BlobPart | undefined {
  const [, first = '', last = '', mark = ''] = STEP.exec(text) ?? [];
  const [from, to] = [Number.parseInt(first, BASE), Number.parseInt(last, BASE)];
  const encoding = ENCODINGS.get(mark);
  if (encoding === undefined || !(from <= to && to <= PLACE_LIMIT)) return undefined;
  return inner === undefined ? { from, to, encoding } : { from, to, encoding, part: inner };
}

/** What a part is encoded by, as far as it changes anything. */
export function blobEncoding(encoding: string): BlobEncoding {
  if (encoding === 'base64' || encoding === 'quoted-printable') return encoding;
  return encoding === 'x-uuencode' || encoding === 'uuencode' || encoding === 'x-uue' || encoding === 'uue' ? 'uuencode' : 'binary';
}

export const blobPartOf = (part: Part): BlobPart => ({ from: part.bodyStart, to: part.bodyEnd, encoding: blobEncoding(part.encoding) });

/** The id of a part of the message that `blob` names; undefined where it lies too deep for an id. */
export function partBlob(blob: BlobId, part: Part): BlobId | undefined {
  const inside = (step: BlobPart | undefined): BlobPart => (step === undefined ? blobPartOf(part) : { ...step, part: inside(step.part) });
  const deeper = { ...blob, part: inside(blob.part) };
  return blobDepth(deeper) <= BLOB_DEPTH_LIMIT && blobIdText(deeper).length <= ID_LIMIT ? deeper : undefined;
}

function blobDepth({ part }: BlobId): number {
  let depth = 0;
  for (let at = part; at !== undefined; at = at.part) depth++;
  return depth;
}

/**
 * The part of this message that the outermost step names: one that holds
 * content itself, attached messages left closed. Undefined: an id somebody
 * made up. A further step is a part of what the decoded octets say, read as a message.
 */
export const blobPartIn = ({ root }: Pick<MessageStructure, 'root'>, { from, to, encoding }: BlobPart): Part | undefined =>
  leaves(root).find((part) => part.bodyStart === from && part.bodyEnd === to && blobEncoding(part.encoding) === encoding);
