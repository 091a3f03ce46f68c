/**
 * Domain names on the DNS wire (RFC 1035 §3.1, §4.1.4). In text a name has no
 * final dot, the root is '' and letters are lower case, because DNS compares
 * them so (RFC 4343). Bytes that text cannot hold plainly are escaped as \DDD or
 * \. (RFC 1035 §5.1): a hostile label cannot grow a dot.
 */
import { type Parsed, parsed, unparsed } from '../../lib/parsed.ts';

export const LABEL_BYTES_LIMIT = 63;
/** Length octets and the root's included (RFC 1035 §2.3.4). */
export const NAME_BYTES_LIMIT = 255;
/** SECURITY: pointers always lead backwards here, so this only spares work; 255 octets hold no more labels. */
const POINTER_LIMIT = 127;
/** The farthest a 14-bit pointer can reach. */
const POINTER_REACH = 0x3fff;

export type NameRead = Readonly<{ name: string; next: number }>;

/** Reads a name, compressed or not. `next` is the offset behind it. */
export function readName(message: Buffer, start: number): Parsed<NameRead> {
  let [at, next, size, pointers, name] = [start, -1, 0, 0, ''];
  for (;;) {
    const length = message[at];
    if (length === undefined) return unparsed(at, 'the message ends inside a name');
    if (length === 0) return parsed({ name, next: next < 0 ? at + 1 : next });
    if (length >= 0xc0) {
      const target = ((length & 0x3f) << 8) | (message[at + 1] ?? 0);
      // SECURITY: a pointer to itself or forwards makes loops; a real one names what came before.
      if (at + 1 >= message.length || target >= at || ++pointers > POINTER_LIMIT)
        return unparsed(at, 'a compression pointer leads nowhere');
      if (next < 0) next = at + 2;
      at = target;
      continue;
    }
    if (length > LABEL_BYTES_LIMIT) return unparsed(at, 'an unknown kind of label');
    size += length + 1;
    if (size >= NAME_BYTES_LIMIT) return unparsed(at, 'a name has 255 octets at most');
    if (at + length >= message.length) return unparsed(at, 'the message ends inside a label');
    const label = labelText(message, at + 1, at + 1 + length);
    name = name === '' ? label : `${name}.${label}`;
    at += length + 1;
  }
}

function labelText(message: Buffer, start: number, end: number): string {
  for (let at = start; at < end; at++) {
    const byte = message[at] ?? 0;
    if (byte <= 0x20 || byte >= 0x7f || byte === 0x2e || byte === 0x5c) return escapedLabel(message.subarray(start, end));
  }
  return message.toString('latin1', start, end).toLowerCase();
}

function escapedLabel(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0x2e || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte <= 0x20 || byte >= 0x7f) text += `\\${String(byte).padStart(3, '0')}`;
    else text += String.fromCharCode(byte).toLowerCase();
  }
  return text;
}

/** The labels of a name as bytes; escapes undone. */
export function labelsOf(name: string): Parsed<Buffer[]> {
  const plain = name.endsWith('.') && !name.endsWith('\\.') ? name.slice(0, -1) : name;
  if (plain === '') return parsed([]);
  const labels: Buffer[] = [];
  let size = 1;
  for (const text of plain.includes('\\') ? splitEscaped(plain) : plain.split('.')) {
    const label = Buffer.from(text, 'latin1');
    if (label.length === 0 || label.length > LABEL_BYTES_LIMIT) return unparsed(0, 'a label has 1 to 63 octets');
    size += label.length + 1;
    labels.push(label);
  }
  return size > NAME_BYTES_LIMIT ? unparsed(0, 'a name has 255 octets at most') : parsed(labels);
}

function splitEscaped(name: string): string[] {
  const labels = [''];
  for (let at = 0; at < name.length; at++) {
    let character = name[at] ?? '';
    if (character === '.') {
      labels.push('');
      continue;
    }
    if (character === '\\') {
      const code = /^\d{3}/.exec(name.slice(at + 1, at + 4))?.[0];
      character = code === undefined ? (name[at + 1] ?? '') : String.fromCharCode(Number(code) & 0xff);
      at += code === undefined ? 1 : 3;
    }
    labels[labels.length - 1] += character;
  }
  return labels;
}

/**
 * Writes names into one message, pointing back at suffixes already written. A
 * throw means our own name is unfit: names from outside are checked with `isName`.
 */
export class NameWriter {
  readonly #seen = new Map<string, number>();

  /** @param mayPoint false inside the data of types younger than RFC 1035 (RFC 3597 §4). */
  write(name: string, at: number, mayPoint = true): Buffer {
    let rest = canonicalName(name);
    const labels = labelsOf(rest);
    if (!labels.ok) throw new Error(`not a DNS name: ${name}: ${labels.why}`);
    const parts: Buffer[] = [];
    let offset = at;
    for (const [index, label] of labels.value.entries()) {
      // Escapes have more than one spelling; bytes have one.
      const suffix = name.includes('\\')
        ? `\\${Buffer.concat(labels.value.slice(index).flatMap((each) => [Buffer.of(each.length), each])).toString('hex')}`
        : rest;
      rest = rest.slice(label.length + 1);
      const seen = mayPoint ? this.#seen.get(suffix) : undefined;
      if (seen !== undefined) return Buffer.concat([...parts, Buffer.from([0xc0 | (seen >> 8), seen & 0xff])]);
      if (offset <= POINTER_REACH && !this.#seen.has(suffix)) this.#seen.set(suffix, offset);
      parts.push(Buffer.from([label.length]), label);
      offset += label.length + 1;
    }
    return Buffer.concat([...parts, Buffer.of(0)]);
  }
}

export const isName = (name: string): boolean => labelsOf(name).ok;

/** The form under which names are compared: lower case, no final dot. */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') && !lower.endsWith('\\.') ? lower.slice(0, -1) : lower;
}
