/**
 * A message's structure as it is stored: the values without their names, and
 * without what is empty at the end of a row. Half the octets of plain JSON,
 * one for every message kept. The order of the values is the format; a change
 * of it is a new version in meta.ts.
 */
import type { Address, Defect, Disposition, Envelope, MessageStructure, Parameters, Part } from '../../codec/mime/structure.ts';

type PackedAddress = readonly [Address['name'], Address['mailbox'], Address['host']];
type PackedList = readonly PackedAddress[] | null;
type PackedPart = readonly [
  headerStart: number,
  bodyStart: number,
  bodyEnd: number,
  lines: number,
  type: string,
  subtype: string,
  encoding: string,
  parameters?: Parameters | null,
  parts?: readonly PackedPart[] | null,
  message?: readonly [PackedEnvelope, PackedPart] | null,
  id?: string | null,
  disposition?: readonly [string, Parameters] | null,
  description?: string | null,
  language?: readonly string[] | null,
  location?: string | null,
  md5?: string | null,
];
type PackedEnvelope = readonly [
  date?: string | null,
  subject?: string | null,
  from?: PackedList,
  to?: PackedList,
  messageId?: string | null,
  inReplyTo?: string | null,
  cc?: PackedList,
  replyTo?: PackedList,
  sender?: PackedList,
  bcc?: PackedList,
];
export type PackedStructure = readonly [
  size: number,
  envelope: PackedEnvelope,
  root: PackedPart,
  receivedCount: number,
  has8Bit: 0 | 1,
  references?: readonly string[] | null,
  defects?: readonly (readonly [Defect['kind'], number])[] | null,
];

export function packStructure(structure: MessageStructure): PackedStructure {
  const { size, envelope, root, references, defects, receivedCount, has8Bit } = structure;
  const packed: PackedStructure = [
    size,
    packEnvelope(envelope),
    packPart(root),
    receivedCount,
    has8Bit ? 1 : 0,
    references.length > 0 ? references : null,
    defects.length > 0 ? defects.map(({ kind, at }) => [kind, at] as const) : null,
  ];
  return shortened(packed);
}

export function unpackStructure(packed: PackedStructure): MessageStructure {
  const [size, envelope, root, receivedCount, has8Bit, references, defects] = packed;
  return {
    size,
    envelope: unpackEnvelope(envelope),
    root: unpackPart(root),
    references: references ?? [],
    defects: defects?.map(([kind, at]) => ({ kind, at })) ?? [],
    receivedCount,
    has8Bit: has8Bit === 1,
  };
}

function packEnvelope(envelope: Envelope): PackedEnvelope {
  const { date, subject, messageId, inReplyTo } = envelope;
  const [from, to, cc] = [packList(envelope.from), packList(envelope.to), packList(envelope.cc)];
  const [replyTo, sender, bcc] = [packList(envelope.replyTo), packList(envelope.sender), packList(envelope.bcc)];
  return shortened<PackedEnvelope>([date, subject, from, to, messageId, inReplyTo, cc, replyTo, sender, bcc]);
}

function unpackEnvelope([date, subject, from, to, messageId, inReplyTo, cc, replyTo, sender, bcc]: PackedEnvelope): Envelope {
  return {
    date: date ?? null,
    subject: subject ?? null,
    from: unpackList(from),
    sender: unpackList(sender),
    replyTo: unpackList(replyTo),
    to: unpackList(to),
    cc: unpackList(cc),
    bcc: unpackList(bcc),
    inReplyTo: inReplyTo ?? null,
    messageId: messageId ?? null,
  };
}

const packList = (list: readonly Address[] | null): PackedList =>
  list === null ? null : list.map(({ name, mailbox, host }) => [name, mailbox, host] as const);
const unpackList = (list: PackedList | undefined): readonly Address[] | null =>
  list?.map(([name, mailbox, host]) => ({ name, mailbox, host })) ?? null;

/** Recursion is bounded by the scanner's DEPTH_LIMIT. */
function packPart(part: Part): PackedPart {
  const { headerStart, bodyStart, bodyEnd, lines, type, subtype, encoding, parameters, parts, message } = part;
  const { id, disposition, description, language, location, md5 } = part;
  return shortened<PackedPart>([
    headerStart,
    bodyStart,
    bodyEnd,
    lines,
    type,
    subtype,
    encoding,
    isEmpty(parameters) ? null : parameters,
    parts.length > 0 ? parts.map(packPart) : null,
    message === null ? null : [packEnvelope(message.envelope), packPart(message.root)],
    id,
    disposition === null ? null : [disposition.kind, disposition.parameters],
    description,
    language,
    location,
    md5,
  ]);
}

function unpackPart(packed: PackedPart): Part {
  const [headerStart, bodyStart, bodyEnd, lines, type, subtype, encoding, parameters, parts, message, id] = packed;
  const [, , , , , , , , , , , disposition, description, language, location, md5] = packed;
  return {
    headerStart,
    bodyStart,
    bodyEnd,
    lines,
    type,
    subtype,
    parameters: parameters ?? {},
    id: id ?? null,
    description: description ?? null,
    encoding,
    disposition: unpackDisposition(disposition),
    language: language ?? null,
    location: location ?? null,
    md5: md5 ?? null,
    parts: parts?.map(unpackPart) ?? [],
    message: message ? { envelope: unpackEnvelope(message[0]), root: unpackPart(message[1]) } : null,
  };
}

const unpackDisposition = (packed: readonly [string, Parameters] | null | undefined): Disposition | null =>
  packed ? { kind: packed[0], parameters: packed[1] } : null;

function isEmpty(parameters: Parameters): boolean {
  for (const _name in parameters) return false;
  return true;
}

/** Without the nulls at its end. Only optional places are null, so the tuple stays what it is. */
function shortened<Tuple extends readonly unknown[]>(tuple: Tuple): Tuple {
  let length = tuple.length;
  while (length > 0 && tuple[length - 1] === null) length--;
  if (length < tuple.length) (tuple as unknown as unknown[]).length = length;
  return tuple;
}
