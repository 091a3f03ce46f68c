/** One FETCH response: every item is made ready first, so that a failure never breaks a line in the middle. */
import { renderStructure } from '../../codec/imap/body-structure.ts';
import type { FetchItem } from '../../codec/imap/command/fetch.ts';
import { formatDateTime } from '../../codec/imap/date.ts';
import { renderEnvelope } from '../../codec/imap/envelope.ts';
import type { Answer } from './answer.ts';
import type { Client } from './client.ts';
import { binaryPieces, binarySizePiece, isAnswer, type Piece, sectionPieces } from './fetch-content.ts';
import { columnItems } from './fetch-columns.ts';
import type { FetchedMessage } from './fetch-messages.ts';

export type Telling = Readonly<{
  items: readonly FetchItem[];
  /** This very FETCH set \Seen: the new flags go along (RFC 9051 §6.4.5). */
  wasJustSeen: boolean;
}>;

/** Every item of one message, spaces between them; an answer when one of them cannot be given. */
export async function prepareMessage(
  client: Client,
  message: FetchedMessage,
  { items, wasJustSeen }: Telling,
): Promise<readonly Piece[] | Answer> {
  const pieces: Piece[] = [];
  for (const item of wasJustSeen ? withFlags(items, client) : items) {
    const made = isContent(item) ? await contentPieces(item, message) : [plainItem(client, message, item)];
    if (isAnswer(made)) return made;
    if (pieces.length > 0) pieces.push(' ');
    pieces.push(...made);
  }
  return pieces;
}

/** Says it, unless the message was expunged while we read it: then nothing is told of it (RFC 2180 §4.1.2). */
export async function tellMessage(client: Client, uid: number, pieces: readonly Piece[]): Promise<void> {
  const row = client.selected.open.columns.rowOf(uid);
  if (row < 0) return;
  client.wire.write(`* ${client.selected.numberOf(row)} FETCH (`);
  for (const piece of pieces) await send(client, piece);
  client.wire.write(')\r\n');
}

function withFlags(items: readonly FetchItem[], client: Client): readonly FetchItem[] {
  const extra: FetchItem[] = [];
  if (!items.some(({ get }) => get === 'flags')) extra.push({ get: 'flags' });
  if (client.enabled.condstore && !items.some(({ get }) => get === 'modseq')) extra.push({ get: 'modseq' });
  return [...items, ...extra];
}

type ContentItem = Extract<FetchItem, { get: 'section' | 'binary' | 'binarySize' }>;

export const isContent = (item: FetchItem): item is ContentItem =>
  item.get === 'section' || item.get === 'binary' || item.get === 'binarySize';

function contentPieces(item: ContentItem, message: FetchedMessage): Promise<readonly Piece[] | Answer> {
  switch (item.get) {
    case 'section':
      return sectionPieces(item, message);
    case 'binary':
      return binaryPieces(item, message);
    case 'binarySize':
      return binarySizePiece(item, message);
  }
}

function plainItem(client: Client, { uid, size, receivedAt, structure }: FetchedMessage, item: Exclude<FetchItem, ContentItem>): string {
  switch (item.get) {
    case 'internalDate':
      return `INTERNALDATE ${formatDateTime(receivedAt)}`;
    case 'size':
      return `RFC822.SIZE ${size}`;
    case 'envelope':
      return `ENVELOPE ${renderEnvelope(structure.envelope, client.utf8)}`;
    case 'structure':
      return `BODY${item.isExtended ? 'STRUCTURE' : ''} ${renderStructure(structure.root, { isExtended: item.isExtended, utf8: client.utf8 })}`;
    case 'uid':
      return `UID ${uid}`;
    case 'flags':
    case 'modseq':
      return columnItems(client.selected, [item], client.selected.open.columns.rowOf(uid));
  }
}

/** A slice read in vain now would leave half a literal behind: then only cutting the line is honest. */
async function send({ wire }: Client, piece: Piece): Promise<void> {
  if (typeof piece === 'string' || piece instanceof Uint8Array) return wire.write(piece);
  try {
    for await (const slice of piece) {
      wire.write(slice);
      if (wire.isCongested) await wire.drained();
      if (wire.signal.aborted) return;
    }
  } catch (trouble) {
    wire.cut(trouble);
    throw trouble;
  }
}
