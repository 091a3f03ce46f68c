/** All that is to be said of a message, as one JSON value: what `eigenpost check mime FILE --json` prints. */
import { createHash } from 'node:crypto';
import { asBuffer } from '../../lib/as-buffer.ts';
import { bodyOctets, decodeText, fileName, partOctets } from './content.ts';
import { parseDate } from './date.ts';
import { decodedHeader } from './encoded-word.ts';
import { fieldValue, headerFields } from './headers.ts';
import { preview } from './preview.ts';
import { scan } from './scanner.ts';
import { type Address, type Defect, type Envelope, type Part, sections } from './structure.ts';

/** Characters of text shown of one part; the digest stands for the rest. */
const TEXT_LIMIT = 10_000;

/** `value` unfolded as written, `text` with its encoded words decoded. */
export type HeaderReport = Readonly<{ name: string; value: string; text: string; at: number; end: number }>;

export type PartReport = Readonly<{
  /** The section number IMAP knows it by; '' for the root of a multipart. */
  path: string;
  type: string;
  parameters: Readonly<Record<string, string>>;
  encoding: string;
  disposition: string | null;
  fileName: string | null;
  id: string | null;
  description: string | null;
  headerStart: number;
  bodyStart: number;
  bodyEnd: number;
  lines: number;
  /** Of the content without transfer encoding; null for what only holds other parts. */
  decodedSize: number | null;
  sha256: string | null;
  text: string | null;
}>;

export type ReadableMailbox = Readonly<{ name: string | null; mailbox: string; host: string }>;
/** `Friends: a@b, c@d;`, RFC 5322 §3.4. */
export type ReadableGroup = Readonly<{ group: string; members: readonly ReadableMailbox[] }>;

export type MessageReport = Readonly<{
  size: number;
  headers: readonly HeaderReport[];
  envelope: Envelope;
  /** The same addresses and subject for people: encoded words decoded, groups put together. */
  readable: Readonly<{
    subject: string | null;
    from: readonly (ReadableMailbox | ReadableGroup)[];
    to: readonly (ReadableMailbox | ReadableGroup)[];
    cc: readonly (ReadableMailbox | ReadableGroup)[];
    date: string | null;
  }>;
  references: readonly string[];
  receivedCount: number;
  has8Bit: boolean;
  preview: string;
  tree: Part;
  parts: readonly PartReport[];
  defects: readonly Defect[];
}>;

export function readMessage(message: Uint8Array): MessageReport {
  const bytes = asBuffer(message);
  const structure = scan(bytes);
  const { size, envelope, root, references, defects, receivedCount, has8Bit } = structure;
  const block = bytes.subarray(0, root.bodyStart);
  const headers = headerFields(block).map((field) => {
    const value = fieldValue(block, field);
    const name = block.toString('latin1', field.nameStart, field.nameEnd);
    return { name, value, text: decodedHeader(value), at: field.nameStart, end: field.end };
  });
  const parts = sections(root).map(({ path, part }) => partReport(bytes, path, part));
  const words = preview(bytes, structure);
  return {
    size,
    headers,
    envelope,
    readable: readableOf(envelope),
    references,
    receivedCount,
    has8Bit,
    preview: words,
    tree: root,
    parts,
    defects,
  };
}

function readableOf({ subject, from, to, cc, date }: Envelope): MessageReport['readable'] {
  const ms = date === null ? undefined : parseDate(date);
  return {
    subject: subject === null ? null : decodedHeader(subject),
    from: readableAddresses(from ?? []),
    to: readableAddresses(to ?? []),
    cc: readableAddresses(cc ?? []),
    date: ms === undefined ? null : new Date(ms).toISOString(),
  };
}

/** The envelope marks where a group begins and ends, as IMAP wants it; people and programs want the group. */
function readableAddresses(addresses: readonly Address[]): (ReadableMailbox | ReadableGroup)[] {
  const all: (ReadableMailbox | ReadableGroup)[] = [];
  let group: ReadableMailbox[] | undefined;
  for (const { name, mailbox, host } of addresses) {
    if (mailbox === null) group = undefined;
    else if (host === null) all.push({ group: decodedHeader(mailbox), members: (group = []) });
    else (group ?? all).push({ name: name === null ? null : decodedHeader(name), mailbox, host });
  }
  return all;
}

function partReport(message: Buffer, path: string, part: Part): PartReport {
  const holdsParts = part.type === 'multipart' || part.message !== null;
  const content = holdsParts ? undefined : partOctets(message, part);
  const text = part.type === 'text' ? decodeText(bodyOctets(message, part), part.encoding, part.parameters['charset']) : undefined;
  return {
    path,
    type: `${part.type}/${part.subtype}`,
    parameters: part.parameters,
    encoding: part.encoding,
    disposition: part.disposition?.kind ?? null,
    fileName: fileName(part) ?? null,
    id: part.id,
    description: part.description === null ? null : decodedHeader(part.description),
    headerStart: part.headerStart,
    bodyStart: part.bodyStart,
    bodyEnd: part.bodyEnd,
    lines: part.lines,
    decodedSize: content?.length ?? null,
    sha256: content === undefined ? null : createHash('sha256').update(content).digest('hex'),
    text: text === undefined ? null : text.slice(0, TEXT_LIMIT),
  };
}
