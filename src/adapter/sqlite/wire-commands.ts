/** Commands, queued messages and journey rows on their way to the storage thread (wire.ts). */
import type { BodySource, Command, Placement, QueuedMessage, QueuedRecipient, StepRow, UidSet } from '../../core/command.ts';
import type { MailboxRole } from '../../core/mailbox.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { WireReader, WireWriter } from './wire.ts';

type Of<Do extends Command['do']> = Extract<Command, { do: Do }>;

/** The order is the number on the wire; both ends are this file. */
const KINDS = [
  'addEmail',
  'step',
  'setFlags',
  'copy',
  'move',
  'expunge',
  'createMailbox',
  'updateMailbox',
  'deleteMailbox',
  'putObject',
  'enqueue',
  'addUpload',
  'dropUpload',
] as const satisfies readonly Command['do'][];
const NUMBER_OF = new Map<Command['do'], number>(KINDS.map((kind, number) => [kind, number]));

export function writeBatch(wire: WireWriter, batch: readonly Command[]): void {
  wire.number(batch.length);
  for (const command of batch) {
    wire.number(NUMBER_OF.get(command.do) ?? -1);
    writeCommand(wire, command);
  }
}

export function readBatch(wire: WireReader): Command[] {
  return wire.list(() => readCommand(wire));
}

function writeCommand(wire: WireWriter, command: Command): void {
  switch (command.do) {
    case 'addEmail':
      return writeAddEmail(wire, command);
    case 'step':
      return writeStep(wire, command.row);
    case 'setFlags':
      return writeSetFlags(wire, command);
    case 'copy':
    case 'move':
      wire.number(command.from);
      writeUids(wire, command.uids);
      return wire.number(command.to);
    case 'expunge':
      wire.number(command.mailbox);
      writeUids(wire, command.uids);
      return wire.flag(command.onlyDeleted);
    case 'createMailbox':
      return writeCreateMailbox(wire, command);
    case 'updateMailbox':
      return writeUpdateMailbox(wire, command);
    case 'deleteMailbox':
      return wire.number(command.mailbox);
    case 'putObject':
      wire.text(command.object);
      wire.number(command.id);
      return wire.optionalBytes(command.value);
    case 'enqueue':
      return writeMessage(wire, command.message);
    case 'addUpload':
      return writeAddUpload(wire, command);
    case 'dropUpload':
      return wire.number(command.upload);
    default:
      return unreachable(command);
  }
}

function readCommand(wire: WireReader): Command {
  const kind = KINDS[wire.number()];
  switch (kind) {
    case 'addEmail':
      return readAddEmail(wire);
    case 'step':
      return { do: 'step', row: readStep(wire) };
    case 'setFlags':
      return readSetFlags(wire);
    case 'copy':
    case 'move':
      return { do: kind, from: wire.number(), uids: readUids(wire), to: wire.number() };
    case 'expunge':
      return { do: 'expunge', mailbox: wire.number(), uids: readUids(wire), onlyDeleted: wire.flag() };
    case 'createMailbox':
      return readCreateMailbox(wire);
    case 'updateMailbox':
      return readUpdateMailbox(wire);
    case 'deleteMailbox':
      return { do: 'deleteMailbox', mailbox: wire.number() };
    case 'putObject':
      return { do: 'putObject', object: wire.text(), id: wire.number(), value: wire.optionalBytes() };
    case 'enqueue':
      return { do: 'enqueue', message: readMessage(wire) };
    case 'addUpload':
      return { do: 'addUpload', upload: wire.number(), body: readBody(wire), size: wire.number(), at: wire.number(), meta: wire.bytes() };
    case 'dropUpload':
      return { do: 'dropUpload', upload: wire.number() };
    default:
      throw new Error('a command that nobody wrote');
  }
}

function writeAddEmail(wire: WireWriter, command: Of<'addEmail'>): void {
  wire.number(command.email);
  wire.number(command.thread);
  writeBody(wire, command.body);
  wire.number(command.size);
  wire.number(command.receivedAt);
  wire.bytes(command.meta);
  wire.number(command.into.length);
  for (const { mailbox, flags, keywords } of command.into) {
    wire.number(mailbox);
    wire.number(flags);
    writeTexts(wire, keywords);
  }
}

function readAddEmail(wire: WireReader): Of<'addEmail'> {
  const [email, thread] = [wire.number<Of<'addEmail'>['email']>(), wire.number<Of<'addEmail'>['thread']>()];
  const body = readBody(wire);
  const [size, receivedAt, meta] = [wire.number(), wire.number(), wire.bytes()];
  const into = wire.list((): Placement => ({ mailbox: wire.number(), flags: wire.number(), keywords: readTexts(wire) }));
  return { do: 'addEmail', email, thread, body, size, receivedAt, meta, into };
}

function writeAddUpload(wire: WireWriter, command: Of<'addUpload'>): void {
  wire.number(command.upload);
  writeBody(wire, command.body);
  wire.number(command.size);
  wire.number(command.at);
  wire.bytes(command.meta);
}

function writeBody(wire: WireWriter, body: BodySource): void {
  wire.number(body.blob);
  if (body.kind === 'inline') wire.joined(body.sealed);
  else wire.optionalBytes(null);
}

function readBody(wire: WireReader): BodySource {
  const blob = wire.number<BodySource['blob']>();
  const sealed = wire.optionalBytes();
  return sealed === null ? { kind: 'stored', blob } : { kind: 'inline', blob, sealed: [sealed] };
}

function writeSetFlags(wire: WireWriter, command: Of<'setFlags'>): void {
  wire.number(command.mailbox);
  writeUids(wire, command.uids);
  wire.number(command.add);
  writeTexts(wire, command.addKeywords);
  wire.number(command.remove);
  writeTexts(wire, command.removeKeywords);
  wire.flag(command.replace);
  wire.optional(command.unchangedSince);
}

function readSetFlags(wire: WireReader): Of<'setFlags'> {
  return {
    do: 'setFlags',
    mailbox: wire.number(),
    uids: readUids(wire),
    add: wire.number(),
    addKeywords: readTexts(wire),
    remove: wire.number(),
    removeKeywords: readTexts(wire),
    replace: wire.flag(),
    unchangedSince: wire.optional(),
  };
}

function writeCreateMailbox(wire: WireWriter, command: Of<'createMailbox'>): void {
  wire.number(command.mailbox);
  wire.optional(command.parent);
  wire.bytes(command.nameKey);
  wire.bytes(command.name);
  wire.text(command.role ?? '');
  wire.flag(command.subscribed);
  wire.number(command.uidValidity);
}

const readRole = (wire: WireReader): MailboxRole | null => wire.text<MailboxRole | ''>() || null;

function readCreateMailbox(wire: WireReader): Of<'createMailbox'> {
  return {
    do: 'createMailbox',
    mailbox: wire.number(),
    parent: wire.optional(),
    nameKey: wire.bytes(),
    name: wire.bytes(),
    role: readRole(wire),
    subscribed: wire.flag(),
    uidValidity: wire.number(),
  };
}

function writeUpdateMailbox(wire: WireWriter, { mailbox, place, role, subscribed }: Of<'updateMailbox'>): void {
  wire.number(mailbox);
  wire.flag(place !== undefined);
  if (place !== undefined) {
    wire.optional(place.parent);
    wire.bytes(place.nameKey);
    wire.bytes(place.name);
  }
  wire.flag(role !== undefined);
  if (role !== undefined) wire.text(role ?? '');
  wire.optional(subscribed === undefined ? null : Number(subscribed));
}

function readUpdateMailbox(wire: WireReader): Of<'updateMailbox'> {
  const mailbox = wire.number<Of<'updateMailbox'>['mailbox']>();
  const place = wire.flag() ? { parent: wire.optional<typeof mailbox>(), nameKey: wire.bytes(), name: wire.bytes() } : undefined;
  const role = wire.flag() ? readRole(wire) : undefined;
  const subscribed = wire.optional();
  return {
    do: 'updateMailbox',
    mailbox,
    ...(place === undefined ? {} : { place }),
    ...(role === undefined ? {} : { role }),
    ...(subscribed === null ? {} : { subscribed: subscribed === 1 }),
  };
}

function writeUids(wire: WireWriter, uids: UidSet): void {
  wire.number(uids.length);
  for (const [from, to] of uids) {
    wire.number(from);
    wire.number(to);
  }
}

function readUids(wire: WireReader): UidSet {
  return wire.list((): [number, number] => [wire.number(), wire.number()]);
}

function writeTexts(wire: WireWriter, texts: readonly string[]): void {
  wire.number(texts.length);
  for (const text of texts) wire.text(text);
}

function readTexts(wire: WireReader): string[] {
  return wire.list(() => wire.text());
}

export function writeStep(wire: WireWriter, row: StepRow): void {
  wire.number(row.owner);
  wire.text(row.journey);
  wire.number(row.seq);
  wire.number(row.at);
  wire.bytes(row.sealed);
}

export function readStep(wire: WireReader): StepRow {
  return { owner: wire.number(), journey: wire.text(), seq: wire.number(), at: wire.number(), sealed: wire.bytes() };
}

export function writeSteps(wire: WireWriter, rows: readonly StepRow[]): void {
  wire.number(rows.length);
  for (const row of rows) writeStep(wire, row);
}

export function readSteps(wire: WireReader): StepRow[] {
  return wire.list(() => readStep(wire));
}

export function writeMessage(wire: WireWriter, message: QueuedMessage): void {
  wire.number(message.queue);
  wire.number(message.owner);
  writeBody(wire, message.body);
  wire.number(message.size);
  wire.number(message.acceptedAt);
  wire.number(message.expiresAt);
  wire.bytes(message.sealed);
  wire.number(message.recipients.length);
  for (const { item, lane, dueAt, held, sealed } of message.recipients) {
    wire.number(item);
    wire.number(lane);
    wire.number(dueAt);
    wire.flag(held);
    wire.bytes(sealed);
  }
}

export function readMessage(wire: WireReader): QueuedMessage {
  return {
    queue: wire.number(),
    owner: wire.number(),
    body: readBody(wire),
    size: wire.number(),
    acceptedAt: wire.number(),
    expiresAt: wire.number(),
    sealed: wire.bytes(),
    recipients: wire.list(
      (): QueuedRecipient => ({ item: wire.number(), lane: wire.number(), dueAt: wire.number(), held: wire.flag(), sealed: wire.bytes() }),
    ),
  };
}
