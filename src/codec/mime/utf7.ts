/**
 * UTF-7 (RFC 2152), which old mail still holds.
 *
 * SECURITY: `+ADw-script+AD4-` is markup in disguise. It is decoded only where
 * a label says UTF-7, never guessed, and always before HTML is cleaned.
 */
import { Buffer } from 'node:buffer';

const PLUS = 0x2b;
const MINUS = 0x2d;

export function decodeUtf7(bytes: Buffer): string {
  const pieces: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const plus = bytes.indexOf(PLUS, at);
    const end = plus < 0 ? bytes.length : plus;
    pieces.push(bytes.toString('latin1', at, end));
    if (plus < 0) break;
    at = plus + 1;
    let stop = at;
    while (isBase64(bytes[stop])) stop++;
    pieces.push(stop === at ? '+' : utf16Text(bytes.toString('latin1', at, stop)));
    at = bytes[stop] === MINUS ? stop + 1 : stop;
  }
  return pieces.join('').toWellFormed();
}

function utf16Text(base64: string): string {
  const units = Buffer.from(base64, 'base64');
  const whole = units.subarray(0, units.length & ~1);
  return Buffer.from(whole).swap16().toString('utf16le');
}

function isBase64(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (
    (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === PLUS || byte === 0x2f
  );
}
