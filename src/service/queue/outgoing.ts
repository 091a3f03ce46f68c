/** A message on its way out: what the queue must know, sealed with its owner's key, and how it is packed for the store. */
import type { BodySource, QueuedMessage, QueuedRecipient } from '../../core/command.ts';
import type { Envelope, EnvelopeRecipient } from '../../core/envelope.ts';
import { Fault } from '../../core/fault.ts';
import {
  type IdMaker,
  type JourneyId,
  type OrganisationId,
  type OwnerId,
  type QueueId,
  type QueueItemId,
  SERVER_OWNER,
} from '../../core/ids.ts';
import type { Keyring, OwnerKey } from '../../core/ports/keyring.ts';
import type { ReplyFacts } from '../../core/step.ts';

/** The part that all recipients share. */
export type Outgoing = Readonly<{
  journey: JourneyId;
  organisation: OrganisationId | null;
  /** A message the house made itself (a bounce, a redirect) is never reported to a stranger. */
  origin: 'submission' | 'jmap' | 'relay' | 'redirect' | 'bounce' | 'vacation' | 'report';
  envelope: Omit<Envelope, 'recipients'>;
  /** Base64 of the body's own key. */
  bodyKey: string;
  /** Plain octets before the part that leaves: the Return-Path field of a copy kept here. */
  skip: number;
  has8Bit: boolean;
  subject: string;
}>;

/** One recipient, and what befell it so far. */
export type OutgoingRecipient = Readonly<{
  recipient: EnvelopeRecipient;
  lastReply: ReplyFacts | null;
  lastTrouble: string | null;
  lastHost: string | null;
  delayTold: boolean;
  tries: number;
}>;

/** What the pipeline hands over. `owner` pays for it and sees its journey. */
export type Handover = Readonly<{
  owner: OwnerId;
  outgoing: Outgoing;
  recipients: readonly EnvelopeRecipient[];
  body: BodySource;
  size: number;
  held?: boolean;
  /** ms: not to be tried before; by default now. */
  dueAt?: number;
}>;

/** RFC 5321 §4.5.4.1: at least 4 to 5 days. */
export const GIVE_UP_MS = 5 * 24 * 3_600_000;

const messageContext = (queue: QueueId): string => `queue:${queue}`;
const recipientContext = (queue: QueueId, item: QueueItemId): string => `queue:${queue}:${item}`;

/** The part of an address behind the `@`, lower case. */
export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** A lane is a keyed hash of the destination: equal for equal domains, telling nothing on disk. */
export function laneOf(keyring: Keyring, domain: string): number {
  const hash = keyring.server.hash(domain, 'lane');
  return Buffer.from(hash.buffer, hash.byteOffset, hash.length).readUIntBE(0, 6);
}

export function ownerKey(keyring: Keyring, owner: OwnerId): OwnerKey {
  const key = owner === SERVER_OWNER ? keyring.server : keyring.of(owner);
  if (key === undefined) throw new Fault('unavailable', 'the key of this owner is gone');
  return key;
}

/** Seals and packs a message for the store. */
export function pack(
  handover: Handover,
  tools: Readonly<{ keyring: Keyring; ids: IdMaker; now: number; giveUpMs: number }>,
): QueuedMessage {
  const { keyring, ids, now } = tools;
  const key = ownerKey(keyring, handover.owner);
  const queue = ids.next<QueueId>();
  const dueAt = Math.max(now, handover.dueAt ?? now);
  const recipients = handover.recipients.map((recipient): QueuedRecipient => {
    const item = ids.next<QueueItemId>();
    const fresh: OutgoingRecipient = { recipient, lastReply: null, lastTrouble: null, lastHost: null, delayTold: false, tries: 0 };
    const sealed = sealRecipient(key, { queue, item }, fresh);
    return { item, lane: laneOf(keyring, domainOf(recipient.address)), dueAt, held: handover.held ?? false, sealed };
  });
  return {
    queue,
    owner: handover.owner,
    body: handover.body,
    size: handover.size,
    // Its time begins when it may leave: what waits on purpose is neither late nor old.
    acceptedAt: dueAt,
    expiresAt: dueAt + tools.giveUpMs,
    sealed: key.seal(JSON.stringify(handover.outgoing), messageContext(queue)),
    recipients,
  };
}

type Place = Readonly<{ queue: QueueId; item: QueueItemId }>;

export function sealRecipient(key: OwnerKey, place: Place, recipient: OutgoingRecipient): Uint8Array {
  return key.seal(JSON.stringify(recipient), recipientContext(place.queue, place.item));
}

function opened<T>(plain: Buffer | undefined): T {
  if (plain === undefined) throw new Fault('unavailable', 'a queued message does not open with its owner’s key');
  return JSON.parse(plain.toString()) as T;
}

export const openMessage = (key: OwnerKey, queue: QueueId, sealed: Uint8Array): Outgoing => opened(key.open(sealed, messageContext(queue)));
export const openRecipient = (key: OwnerKey, place: Place, sealed: Uint8Array): OutgoingRecipient =>
  opened(key.open(sealed, recipientContext(place.queue, place.item)));
