/**
 * The ids of our nouns. Row ids are whole numbers below 2^53 made from the
 * time, so that rows of one account lie together on disk in the order they
 * came; a journey's id is a string, because people and other servers read it.
 */
import type { Brand } from '../lib/brand.ts';

export type OrganisationId = Brand<number, 'OrganisationId'>;
export type AccountId = Brand<number, 'AccountId'>;
/** Whoever owns journeys and queued mail: a person's account, or the organisation itself (for its admins). */
export type OwnerId = AccountId | OrganisationId;
export type DomainId = Brand<number, 'DomainId'>;
export type MailboxId = Brand<number, 'MailboxId'>;
export type EmailId = Brand<number, 'EmailId'>;
export type ThreadId = Brand<number, 'ThreadId'>;
export type BlobId = Brand<number, 'BlobId'>;
/** Octets a person has brought, for a message to be made of. */
export type UploadId = Brand<number, 'UploadId'>;
/** One queued message. */
export type QueueId = Brand<number, 'QueueId'>;
/** One recipient of a queued message: the unit of attempts. */
export type QueueItemId = Brand<number, 'QueueItemId'>;
/** 20 characters of Crockford base32 in lower case: 9 of time (ms), 11 random. Sorts by time; cannot be guessed (55 bits, in one certain millisecond). */
export type JourneyId = Brand<string, 'JourneyId'>;
export type Uid = Brand<number, 'Uid'>;

/** 2020-01-01: our ids count from here, which leaves room until 2089. */
const EPOCH_MS = 1_577_836_800_000;
const PER_MS = 4096;

/** Makes row ids: time in ms since 2020 × 4096 + a counter. Never repeats within a process; `now` is the clock. */
export class IdMaker {
  #last = 0;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  next<Id extends number>(): Id {
    const floor = (this.#now() - EPOCH_MS) * PER_MS;
    this.#last = Math.max(this.#last + 1, floor);
    return this.#last as Id;
  }
}

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_DIGITS = 9;
const RANDOM_DIGITS = 11;
/** Random bytes that `journeyId` wants. */
export const JOURNEY_RANDOM_BYTES = RANDOM_DIGITS;
/** ms: later than any journey's id can say. */
export const JOURNEY_TIME_END = 32 ** TIME_DIGITS;

function timeDigits(now: number): string {
  let left = Math.floor(now);
  let time = '';
  for (let digit = 0; digit < TIME_DIGITS; digit++) {
    time = DIGITS.charAt(left % 32) + time;
    left = Math.floor(left / 32);
  }
  return time;
}

/** A journey's id from the time (ms) and 11 random bytes. */
export function journeyId(now: number, random: Uint8Array): JourneyId {
  let tail = '';
  for (let digit = 0; digit < RANDOM_DIGITS; digit++) tail += DIGITS.charAt((random[digit] ?? 0) & 31);
  return (timeDigits(now) + tail) as JourneyId;
}

/** When a journey began (ms), from its id. */
export function journeyTime(journey: JourneyId): number {
  let time = 0;
  for (let digit = 0; digit < TIME_DIGITS; digit++) time = time * 32 + DIGITS.indexOf(journey.charAt(digit));
  return time;
}

/** The lowest id a journey of that moment (ms) can have. */
export const lowestJourney = (now: number): JourneyId => timeDigits(now).padEnd(TIME_DIGITS + RANDOM_DIGITS, '0') as JourneyId;

/** Whether text from outside has the form of a journey id. */
export function isJourneyId(text: string): text is JourneyId {
  return /^[0-9a-hjkmnp-tv-z]{20}$/.test(text);
}

/** Owner of what belongs to the server itself: mail passed on for relay domains. Its key is the keyring's `server`. */
export const SERVER_OWNER = 0 as OrganisationId;
