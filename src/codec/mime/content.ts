/** The content of a part: its octets without transfer encoding, and its text. */
import type { Buffer } from 'node:buffer';
import { asBuffer } from '../../lib/as-buffer.ts';
import { decodeCharset } from './charset.ts';
import type { Part } from './structure.ts';
import { decodeTransfer } from './transfer-encoding.ts';

/** Octets of a part's body as text. Never throws; without a charset UTF-8 is tried first. */
export const decodeText = (body: Uint8Array, encoding: string, charset?: string): string =>
  decodeCharset(decodeTransfer(body, encoding), charset);

/** The body of a part as it stands in the message. */
export const bodyOctets = (message: Uint8Array, part: Part): Buffer => asBuffer(message).subarray(part.bodyStart, part.bodyEnd);

/** The body of a part, decoded. */
export const partOctets = (message: Uint8Array, part: Part): Buffer => decodeTransfer(bodyOctets(message, part), part.encoding);

export const partText = (message: Uint8Array, part: Part): string =>
  decodeText(bodyOctets(message, part), part.encoding, part.parameters['charset']);

/** The name the sender gave the file, if any. SECURITY: a name for showing; never a path to write to. */
export const fileName = (part: Part): string | undefined => part.disposition?.parameters['filename'] ?? part.parameters['name'];

/** True for what is a file of its own rather than text of the message (RFC 2183 §2). */
export const isAttachment = (part: Part): boolean => part.disposition !== null && part.disposition.kind !== 'inline';
