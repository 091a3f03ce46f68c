/**
 * How a sealed body lies in a pack: a header of 24 octets, then the octets
 * themselves. The header lets a pack be walked without the database, and the
 * checksum lets a copy be checked without any key.
 *
 *     0 magic "EPb1"   4 CRC-32 of octets 8–23 and the body   8 blob id (u64)   16 length (u32)   20 zero
 */
import { crc32 } from 'node:zlib';
import type { BlobId } from '../../core/ids.ts';
import { octets } from '../../lib/octets.ts';

export const HEADER_BYTES = 24;
/** A length is 32 bits wide; far above what any message may be. */
export const MAX_BODY_BYTES = 0xffff_ffff;
const MAGIC = 0x45_50_62_31;
const CHECKED_FROM = 8;

export type RecordHeader = Readonly<{ blob: BlobId; length: number; crc: number }>;

/** Writes blob and length, and returns the checksum so far. */
function begin(header: Buffer, blob: BlobId, length: number): number {
  header.writeUInt32BE(MAGIC, 0);
  header.writeUInt32BE(Math.floor(blob / 0x1_0000_0000), 8);
  header.writeUInt32BE(blob % 0x1_0000_0000, 12);
  header.writeUInt32BE(length, 16);
  header.writeUInt32BE(0, 20);
  return crc32(header.subarray(CHECKED_FROM, HEADER_BYTES));
}

/** Puts the header of a body into the first 24 octets of `header`. */
export function writeHeader(header: Buffer, blob: BlobId, body: readonly Uint8Array[]): void {
  let crc = begin(header, blob, octets(body));
  for (const piece of body) crc = crc32(piece, crc);
  header.writeUInt32BE(crc, 4);
}

/**
 * The header of a body that was written before its length was known. Its
 * checksum is that of the body alone, carried along while it was written; the
 * flag at octet 20 says so.
 */
export function streamedHeader(blob: BlobId, length: number, crc: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  begin(header, blob, length);
  header.writeUInt32BE(crc, 4);
  header.writeUInt32BE(1, 20);
  return header;
}

/** The header at `at`, or undefined where no record begins. */
export function readHeader(bytes: Buffer, at = 0): RecordHeader | undefined {
  if (bytes.length - at < HEADER_BYTES || bytes.readUInt32BE(at) !== MAGIC) return undefined;
  const blob = bytes.readUInt32BE(at + 8) * 0x1_0000_0000 + bytes.readUInt32BE(at + 12);
  return { blob: blob as BlobId, length: bytes.readUInt32BE(at + 16), crc: bytes.readUInt32BE(at + 4) };
}

/** Whether a whole record (header and body) is as it was written. */
export function isIntact(record: Buffer): boolean {
  const header = readHeader(record);
  if (header === undefined || record.length !== HEADER_BYTES + header.length) return false;
  const streamed = record.readUInt32BE(20) === 1;
  const start = streamed ? 0 : crc32(record.subarray(CHECKED_FROM, HEADER_BYTES));
  return crc32(record.subarray(HEADER_BYTES), start) === header.crc;
}
