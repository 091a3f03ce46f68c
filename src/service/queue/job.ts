/** A job: the recipients of one queued message that go to one destination, opened and ready to be tried. */
import { openRange, sealedRange, sealedSize } from '../../lib/body-cipher.ts';
import type { QueueItemId } from '../../core/ids.ts';
import { Fault } from '../../core/fault.ts';
import type { Errand, Route } from '../../core/ports/courier.ts';
import type { Keyring, OwnerKey } from '../../core/ports/keyring.ts';
import type { QueueItem, QueueStore } from '../../core/ports/store.ts';
import { domainOf, openMessage, openRecipient, type Outgoing, type OutgoingRecipient, ownerKey } from './outgoing.ts';

export type JobItem = Readonly<{ item: QueueItem; known: OutgoingRecipient }>;
export type Job = Readonly<{ domain: string; lane: number; key: OwnerKey; outgoing: Outgoing; items: readonly JobItem[] }>;

/** Up to this size a body is read in one piece; beyond it in pieces of this size. */
const PIECE_BYTES = 1_048_576;

/** Opens claimed items and puts together those of one message and one destination. Items that do not open are given back as `broken`. */
export function jobsOf(items: readonly QueueItem[], keyring: Keyring): Readonly<{ jobs: Job[]; broken: QueueItem[] }> {
  const jobs = new Map<string, Job & { items: JobItem[] }>();
  const broken: QueueItem[] = [];
  for (const item of items) {
    try {
      addTo(jobs, item, ownerKey(keyring, item.owner));
    } catch {
      broken.push(item);
    }
  }
  return { jobs: [...jobs.values()], broken };
}

function addTo(jobs: Map<string, Job & { items: JobItem[] }>, item: QueueItem, key: OwnerKey): void {
  const known = openRecipient(key, item, item.recipient);
  const domain = domainOf(known.recipient.address);
  const name = `${item.queue} ${domain}`;
  const job = jobs.get(name) ?? { domain, lane: item.lane, key, outgoing: openMessage(key, item.queue, item.message), items: [] };
  job.items.push({ item, known });
  jobs.set(name, job);
}

/** The first item stands for what all of a job share. */
export function first(job: Job): JobItem {
  const [item] = job.items;
  if (item === undefined) throw new Error('a job without items');
  return item;
}

export const itemIds = (job: Job): QueueItemId[] => job.items.map(({ item }) => item.item);

/** Plain octets [from, to) of the queued body; `fresh` is the whole sealed body, where it is still at hand. */
export async function readPlain(store: QueueStore, job: Job, [from, to]: readonly [number, number], fresh?: Uint8Array): Promise<Buffer> {
  const { item } = first(job);
  const range = sealedRange(from, to, item.size);
  const sealed =
    fresh?.subarray(range.from, range.to) ?? (await store.readBody(item.queue, range.from, Math.min(range.to, sealedSize(item.size))));
  const plain =
    sealed === undefined ? undefined : openRange(Buffer.from(job.outgoing.bodyKey, 'base64'), sealed, { from, to, size: item.size });
  if (plain === undefined) throw new Fault('unavailable', 'the body of a queued message cannot be read');
  return plain;
}

/** The part that leaves, in pieces. */
export async function* pieces(store: QueueStore, job: Job): AsyncGenerator<Uint8Array> {
  const { size } = first(job).item;
  for (let at = job.outgoing.skip; at < size; at += PIECE_BYTES) yield await readPlain(store, job, [at, Math.min(size, at + PIECE_BYTES)]);
}

/** What the courier is asked to do. Small bodies are read at once, before a server is kept waiting. */
export async function errandOf(
  ask: Readonly<{ store: QueueStore; job: Job; route: Route; signal: AbortSignal; fresh: Uint8Array | undefined }>,
): Promise<Errand> {
  const { store, job, route, signal, fresh } = ask;
  const { size } = first(job).item;
  const small = size - job.outgoing.skip <= PIECE_BYTES ? await readPlain(store, job, [job.outgoing.skip, size], fresh) : undefined;
  return {
    route,
    envelope: { ...job.outgoing.envelope, recipients: job.items.map(({ known }) => known.recipient) },
    size: size - job.outgoing.skip,
    content: () => small ?? pieces(store, job),
    has8Bit: job.outgoing.has8Bit,
    signal,
  };
}
