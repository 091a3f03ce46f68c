/** Base64 in lines (RFC 2045 §6.8) of octets that come in pieces: the same characters as encoding them in one call. */
import { Buffer } from 'node:buffer';
import { encodeBase64 } from './transfer-encoding.ts';

/** Octets in a line of 76 characters. */
const LINE_OCTETS = 57;

/** Octets that so many octets become, line ends counted. */
export function base64Length(octets: number): number {
  const characters = Math.ceil(octets / 3) * 4;
  return characters + Math.ceil(characters / 76) * 2;
}

export class Base64Lines {
  /** Less than a line. */
  #held: Buffer = Buffer.alloc(0);

  push(chunk: Uint8Array): Buffer {
    const octets = Buffer.concat([this.#held, chunk]);
    const ready = octets.length - (octets.length % LINE_OCTETS);
    this.#held = octets.subarray(ready);
    return Buffer.from(encodeBase64(octets.subarray(0, ready)), 'latin1');
  }

  end(): Buffer {
    const last = Buffer.from(encodeBase64(this.#held), 'latin1');
    this.#held = Buffer.alloc(0);
    return last;
  }
}
