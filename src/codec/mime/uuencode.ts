/** Reads uuencode, which old mailers named as transfer encoding: from the first `begin` line to `end`. */
import { Buffer } from 'node:buffer';

const LINE_FEED = 0x0a;

/** Without a `begin` line the octets come back as they are. */
export function decodeUu(bytes: Buffer): Buffer {
  const begin = bytes.indexOf('begin ');
  if (begin < 0 || (begin > 0 && bytes[begin - 1] !== LINE_FEED)) return bytes;
  const out: Buffer[] = [];
  let at = bytes.indexOf(LINE_FEED, begin) + 1;
  while (at > 0 && at < bytes.length) {
    const lineFeed = bytes.indexOf(LINE_FEED, at);
    const line = bytes.subarray(at, lineFeed < 0 ? bytes.length : lineFeed);
    const length = valueOf(line[0]);
    if (length === 0 || isEnd(line)) break;
    out.push(lineOctets(line, length));
    at = lineFeed + 1;
  }
  return Buffer.concat(out);
}

/** `end` could also be the start of a line of 37 octets, but that one would be 53 characters long. */
const isEnd = (line: Buffer): boolean => line.length <= 4 && line.toString('latin1').trim() === 'end';

/** A grave accent is written for a space: both are zero. */
const valueOf = (byte: number | undefined): number => ((byte ?? 0x20) - 0x20) & 63;

function lineOctets(line: Buffer, length: number): Buffer {
  const out = Buffer.alloc(length);
  for (let at = 1, filled = 0; filled < length; at += 4) {
    const bits = (valueOf(line[at]) << 18) | (valueOf(line[at + 1]) << 12) | (valueOf(line[at + 2]) << 6) | valueOf(line[at + 3]);
    for (let octet = 0; octet < 3 && filled < length; octet++) out[filled++] = (bits >> (16 - 8 * octet)) & 255;
  }
  return out;
}
