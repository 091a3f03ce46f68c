/** The same octets with Buffer's methods on them; nothing is copied. */
import { Buffer } from 'node:buffer';

export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
