/** What kill9-writer.ts delivers, made from a number alone, so that the test knows what must be there. */
import { createHash } from 'node:crypto';
import type { Command, QueuedMessage } from '../../src/core/command.ts';
import { type AccountId, type BlobId, type EmailId, IdMaker, type JourneyId, type MailboxId } from '../../src/core/ids.ts';
import type { QueueId, QueueItemId, ThreadId } from '../../src/core/ids.ts';
import type { Applied, Store } from '../../src/core/ports/store.ts';
import type { Refusal } from '../../src/core/refusal.ts';

export type Person = Readonly<{ account: AccountId; inbox: MailboxId }>;
export type Mail = Readonly<{ number: number; kind: 'mail' | 'queue' | 'large' }>;
export const QUEUE_EVERY = 7;
export const LARGE_EVERY = 61;
const LARGE_BYTES = 400_000;
const MOST_BYTES = 20_000;

const ids = new IdMaker(Date.now);

export const bodyOf = (number: number): Buffer =>
  Buffer.alloc(number % LARGE_EVERY === 0 ? LARGE_BYTES : 1 + ((number * 7919) % MOST_BYTES), `This is body ${number}. `);
export const personOf = (people: readonly Person[], number: number): Person => people[number % people.length] as Person;
const effectOf = (number: number): Uint8Array => createHash('sha256').update(`effect ${number}`).digest().subarray(0, 16);

/** Delivers message `number`; with the same number again it is the same effect. */
export async function deliver(store: Store, people: readonly Person[], { number, kind }: Mail): Promise<Applied | Refusal | undefined> {
  const person = personOf(people, number);
  const sealed = bodyOf(number);
  const blob = ids.next<BlobId>();
  const inline = { kind: 'inline', blob, sealed: [sealed] } as const;
  if (kind === 'queue') {
    await store.queue.accept(queued(person, number, inline), [], effectOf(number));
    return undefined;
  }
  const body = kind === 'large' ? await large(store, blob, sealed) : inline;
  const email = ids.next<EmailId>();
  const batch: Command[] = [
    {
      do: 'addEmail',
      email,
      thread: email as number as ThreadId,
      body,
      size: sealed.length,
      receivedAt: number,
      meta: Buffer.from(String(number)),
      into: [{ mailbox: person.inbox, flags: number % 2, keywords: [] }],
    },
    {
      do: 'step',
      row: { owner: person.account, journey: `j${number}` as JourneyId, seq: ids.next(), at: number, sealed: Buffer.from('s') },
    },
  ];
  return store.account(person.account).apply(batch, { effectId: effectOf(number) });
}

async function large(store: Store, blob: BlobId, sealed: Uint8Array): Promise<Readonly<{ kind: 'stored'; blob: BlobId }>> {
  const writer = await store.openBody(blob);
  for (let at = 0; at < sealed.length; at += 65_536) await writer.write([sealed.subarray(at, at + 65_536)]);
  await writer.finish();
  return { kind: 'stored', blob };
}

function queued(person: Person, number: number, body: QueuedMessage['body']): QueuedMessage {
  const recipient = { item: ids.next<QueueItemId>(), lane: 1, dueAt: number, held: false, sealed: Buffer.from(String(number)) };
  return {
    queue: ids.next<QueueId>(),
    owner: person.account,
    body,
    size: 1,
    acceptedAt: number,
    expiresAt: number,
    sealed: Buffer.from(String(number)),
    recipients: [recipient],
  };
}
