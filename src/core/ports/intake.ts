/** The one road in. Mail that the house makes itself (bounces, redirects, answers) takes it too. */
import type { Envelope } from '../envelope.ts';
import type { AccountId, JourneyId, OrganisationId, OwnerId } from '../ids.ts';
import type { Refusal } from '../refusal.ts';
import type { Origin } from '../step.ts';

export type OwnMail = Readonly<{
  origin: Exclude<Origin, 'mx' | 'submission' | 'jmap'>;
  envelope: Envelope;
  content: Uint8Array;
  /** Who pays for it and sees its journey; where it is for a local person, that person sees it too. */
  owner: OwnerId;
  account?: AccountId;
  /** The journey it began in, and why. */
  parent?: Readonly<{ journey: JourneyId; because: 'bounce' | 'redirect' | 'vacation' | 'delay' | 'success' }>;
  /** Makes a repeated take harmless. */
  effectId: Uint8Array;
}>;

/** A message that waited in the queue for its time, for people of the house: it comes in under its own journey. */
export type Returning = Readonly<{
  journey: JourneyId;
  owner: OwnerId;
  organisation: OrganisationId | null;
  envelope: Envelope;
  /** Octets of the content. */
  size: number;
  /** Made anew for every reading. */
  content(): AsyncIterable<Uint8Array>;
}>;
/** `filed` in a mailbox, or `sentOn` where its address leads outside. */
export type Arrived = 'filed' | 'sentOn' | Refusal;

export interface Intake {
  take(mail: OwnMail): Promise<Readonly<{ journey: JourneyId }> | Refusal>;
}
