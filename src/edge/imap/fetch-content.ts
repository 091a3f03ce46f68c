/**
 * The content items of FETCH: BODY[…], BINARY[…] and BINARY.SIZE[…] (RFC 9051 §6.4.5). What is
 * small is read at once; what is large goes out in slices, never all in memory.
 */
import type { FetchItem } from '../../codec/imap/command/fetch.ts';
import { chooseFields, cut, findPart, locate, type Partial, type Span } from '../../codec/imap/section.ts';
import { decodeTransfer, isKnownEncoding, transferDecoder } from '../../codec/mime/transfer-encoding.ts';
import { type Answer, no } from './answer.ts';
import type { FetchedMessage } from './fetch-messages.ts';

/** Text, octets, or octets that come slice by slice. */
export type Piece = string | Uint8Array | AsyncIterable<Uint8Array>;

/** Octets read at once. */
const SLICE = 262_144;
/** Encoded octets decoded at once; larger parts are decoded twice, once to learn the size, once to send. */
const DECODE_WHOLE = 262_144;

export const isAnswer = (made: readonly Piece[] | Answer): made is Answer => 'status' in made;

type SectionItem = Extract<FetchItem, { get: 'section' }>;
type BinaryItem = Extract<FetchItem, { get: 'binary' }>;
type BinarySizeItem = Extract<FetchItem, { get: 'binarySize' }>;

export async function sectionPieces(item: SectionItem, message: FetchedMessage): Promise<readonly Piece[]> {
  const { section, partial } = item;
  const label = labelled(item.label, partial);
  const span = locate(message.structure, section);
  if (span === undefined) return [`${label} NIL`];
  if (section.text === 'fields' || section.text === 'fieldsNot') {
    const chosen = chooseFields(await message.read(span.from, span.to), section);
    const { from, to } = cut({ from: 0, to: chosen.length }, partial);
    return literal(label, to - from, chosen.subarray(from, to));
  }
  const wanted = cut(span, partial);
  return literal(label, wanted.to - wanted.from, await octets(message, wanted));
}

const labelled = (label: string, partial: Partial | undefined): string => (partial === undefined ? label : `${label}<${partial.origin}>`);

const literal = (label: string, length: number, content: Piece): readonly Piece[] => [`${label} {${length}}\r\n`, content];
/** What has NUL in it goes as a literal8 (RFC 9051 §4.3). */
const literal8 = (label: string, length: number, content: Piece): readonly Piece[] => [`${label} ~{${length}}\r\n`, content];

async function octets(message: FetchedMessage, span: Span): Promise<Piece> {
  if (span.from >= span.to) return '';
  return span.to - span.from <= SLICE ? message.read(span.from, span.to) : slices(message, span);
}

async function* slices(message: FetchedMessage, { from, to }: Span): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to; at += SLICE) yield message.read(at, Math.min(at + SLICE, to));
}

/** A part to decode: where it lies and how it is encoded. */
type Encoded = Readonly<{ span: Span; encoding: string }>;
type Decoded = Readonly<{ size: number; hasNul: boolean; content(window: Span): Piece }>;

export async function binaryPieces(item: BinaryItem, message: FetchedMessage): Promise<readonly Piece[] | Answer> {
  const encoded = encodedPart(item.part, message);
  const label = labelled(item.label, item.partial);
  if (encoded === undefined) return [`${label} NIL`];
  if ('status' in encoded) return encoded;
  const decoded = await decode(message, encoded);
  const wanted = cut({ from: 0, to: decoded.size }, item.partial);
  return (decoded.hasNul ? literal8 : literal)(label, wanted.to - wanted.from, decoded.content(wanted));
}

export async function binarySizePiece(item: BinarySizeItem, message: FetchedMessage): Promise<readonly Piece[] | Answer> {
  const encoded = encodedPart(item.part, message);
  if (encoded === undefined) return [`${item.label} 0`];
  if ('status' in encoded) return encoded;
  return [`${item.label} ${(await decode(message, encoded)).size}`];
}

/** No part number means the message itself, which is not encoded. Undefined: there is no such part. */
function encodedPart(numbers: readonly number[], { structure }: FetchedMessage): Encoded | Answer | undefined {
  if (numbers.length === 0) return { span: { from: 0, to: structure.size }, encoding: 'binary' };
  const part = findPart(structure.root, numbers);
  if (part === undefined) return undefined;
  if (part.type === 'multipart' || part.message !== null) return no('Only single parts can be decoded', 'CANNOT');
  if (!isKnownEncoding(part.encoding)) return no('We do not know that encoding', 'UNKNOWN-CTE');
  return { span: { from: part.bodyStart, to: part.bodyEnd }, encoding: part.encoding };
}

async function decode(message: FetchedMessage, encoded: Encoded): Promise<Decoded> {
  const { span, encoding } = encoded;
  if (span.to - span.from <= DECODE_WHOLE) {
    const whole = decodeTransfer(await message.read(span.from, span.to), encoding);
    return { size: whole.length, hasNul: whole.includes(0), content: ({ from, to }) => whole.subarray(from, to) };
  }
  let size = 0;
  let hasNul = false;
  for await (const slice of decodedSlices(message, encoded)) {
    size += slice.length;
    hasNul ||= slice.includes(0);
  }
  return { size, hasNul, content: (window) => windowOf(decodedSlices(message, encoded), window) };
}

async function* decodedSlices(message: FetchedMessage, { span, encoding }: Encoded): AsyncGenerator<Uint8Array> {
  const decoder = transferDecoder(encoding);
  for await (const slice of slices(message, span)) yield decoder?.push(slice) ?? slice;
  if (decoder !== undefined) yield decoder.end();
}

/** The octets [from, to) of what comes in slices. */
async function* windowOf(all: AsyncIterable<Uint8Array>, { from, to }: Span): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const slice of all) {
    const wanted = slice.subarray(Math.max(0, from - at), Math.max(0, to - at));
    if (wanted.length > 0) yield wanted;
    at += slice.length;
    if (at >= to) return;
  }
}
