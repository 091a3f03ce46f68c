/** FETCH of what needs the message: its meta, or its content. Batch by batch, reading ahead by one. */
import type { FetchItem } from '../../codec/imap/command/fetch.ts';
import { FLAG } from '../../core/mailbox.ts';
import { isRefusal } from '../../core/refusal.ts';
import { MESSAGES_AT_ONCE, type Message, type OpenMailbox } from '../../service/mailboxes/mailboxes.ts';
import type { Answer } from './answer.ts';
import { type Client, Pace } from './client.ts';
import { isAnswer, type Piece } from './fetch-content.ts';
import { isContent, prepareMessage, tellMessage } from './fetch-message.ts';
import { uidSet } from './uid-set.ts';
import type { View } from './view.ts';

/** Sections being read at once: hides the store's latency, holds a few slices in memory. */
const LOOK_AHEAD = 8;

export type FetchedMessage = Message & Readonly<{ uid: number }>;

/** The answer when something asked for cannot be given; undefined when all was told. */
export async function fetchMessages(client: Client, items: readonly FetchItem[], uids: Float64Array): Promise<Answer | undefined> {
  const view = client.selected;
  const pace = new Pace(client);
  let coming = load(view.open, uids, 0);
  for (let from = 0; from < uids.length; from += MESSAGES_AT_ONCE) {
    const batch = await coming;
    coming = load(view.open, uids, from + MESSAGES_AT_ONCE);
    const seenNow = await markSeen(view, items, batch);
    const failure = await tellBatch(client, { items, batch, seenNow, pace });
    if (failure !== undefined || client.view !== view) return failure;
  }
  return undefined;
}

type Batch = Readonly<{ items: readonly FetchItem[]; batch: readonly FetchedMessage[]; seenNow: ReadonlySet<number>; pace: Pace }>;

/** In order, the next few being read while one is said. */
async function tellBatch(client: Client, { items, batch, seenNow, pace }: Batch): Promise<Answer | undefined> {
  const { view } = client;
  const coming: Promise<readonly Piece[] | Answer>[] = [];
  const atOnce = Math.max(1, Math.floor(LOOK_AHEAD / Math.max(1, items.filter(isContent).length)));
  for (const [at, message] of batch.entries()) {
    for (const ahead of batch.slice(at + coming.length, at + atOnce)) {
      coming.push(quietly(prepareMessage(client, ahead, { items, wasJustSeen: seenNow.has(ahead.uid) })));
    }
    const made = (await coming.shift()) ?? [];
    if (pace.isDue) await pace.rest();
    if (client.view !== view || client.wire.signal.aborted) return undefined;
    if (isAnswer(made)) return made;
    await tellMessage(client, message.uid, made);
  }
  return undefined;
}

/** What is read ahead may fail after the command has ended: whoever awaits it hears of it, nobody else needs to. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function load(open: OpenMailbox, uids: Float64Array, from: number): Promise<readonly FetchedMessage[]> {
  if (from >= uids.length) return Promise.resolve([]);
  return quietly(open.messages([...uids.subarray(from, from + MESSAGES_AT_ONCE)]));
}

/** RFC 9051 §6.4.5: reading a section marks a message seen. The uids that this changed. */
async function markSeen(view: View, items: readonly FetchItem[], batch: readonly FetchedMessage[]): Promise<ReadonlySet<number>> {
  const { columns } = view.open;
  if (view.isReadOnly || !items.some((item) => 'marksSeen' in item && item.marksSeen)) return NOTHING;
  const unseen = batch.map(({ uid }) => uid).filter((uid) => (columns.flags(columns.rowOf(uid)) & FLAG.seen) === 0);
  if (unseen.length === 0) return NOTHING;
  const change = { mode: 'add', flags: FLAG.seen, keywords: [], unchangedSince: null } as const;
  const marked = await view.open.setFlags(uidSet(unseen.sort((a, b) => a - b)), change);
  if (isRefusal(marked)) return NOTHING;
  view.keepQuiet(marked.changed);
  return new Set(marked.changed.map(({ uid }) => uid));
}

const NOTHING: ReadonlySet<number> = new Set();
