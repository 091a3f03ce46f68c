/** AUTHENTICATE (RFC 9051 §6.2.2) and the base64 lines of its exchange. */
import type { Cursor } from '../cursor.ts';

/** `initial` is undefined when the client waits for the first challenge, empty when it said `=`. */
export type Authenticate = Readonly<{ mechanism: string; initial: Buffer | undefined }>;

export function readAuthenticate(cursor: Cursor): Authenticate {
  cursor.space();
  const mechanism = cursor.word();
  if (!cursor.accept(' ')) return { mechanism, initial: undefined };
  const text = cursor.bytes.subarray(cursor.at);
  const initial = decodeBase64(text);
  if (initial === undefined) cursor.fail('The initial response is not base64');
  else cursor.at = cursor.bytes.length;
  return { mechanism, initial };
}

/** A line of the exchange: its octets, `'cancelled'` for `*`, undefined when it is not base64. */
export function readAuthenticateLine(line: Buffer): Buffer | 'cancelled' | undefined {
  if (line.length === 1 && line[0] === 0x2a) return 'cancelled';
  return decodeBase64(line);
}

/** Strict: what does not come out the same written back was not base64. `=` alone is the empty response. */
function decodeBase64(text: Buffer): Buffer | undefined {
  if (text.length === 1 && text[0] === 0x3d) return Buffer.alloc(0);
  const written = text.toString('latin1');
  const bytes = Buffer.from(written, 'base64');
  return bytes.toString('base64') === written ? bytes : undefined;
}
