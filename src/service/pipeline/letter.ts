/** One message on the road, and what has been found out about it so far. Stages read it and add to it. */
import type { MessageStructure } from '../../codec/mime/structure.ts';
import type { Envelope, EnvelopeRecipient } from '../../core/envelope.ts';
import type { AccountId, JourneyId, OrganisationId, OwnerId, QueueItemId } from '../../core/ids.ts';
import type { Origin, Step } from '../../core/step.ts';
import type { Resolution } from '../accounts/accounts.ts';
import type { Caller } from './transaction.ts';

/** What is to happen for one recipient. */
export type Outcome =
  | Readonly<{
      do: 'file';
      account: AccountId;
      organisation: OrganisationId;
      given: string;
      through: 'direct' | 'subaddress' | 'alias' | 'role';
    }>
  | Readonly<{ do: 'send'; recipient: EnvelopeRecipient; given: string }>;

export type LetterRecipient = Readonly<{ given: EnvelopeRecipient; resolution: Resolution }>;

/** Who a message that leaves belongs to, and in whose name it leaves. */
export type Sending = Readonly<{
  owner: OwnerId;
  organisation: OrganisationId | null;
  from: string;
  origin: 'submission' | 'relay' | 'redirect' | 'bounce' | 'report' | 'vacation';
}>;

/** A no to one recipient: in whose stories it is told (nobody's where it is only counted), in whose totals, and whom the mail was for. */
export type Refused = Readonly<{
  places: readonly Readonly<{ owner: OwnerId; organisation: OrganisationId | null }>[];
  organisation: OrganisationId | null;
  people: readonly AccountId[];
  step: Extract<Step, { kind: 'refused' }>;
}>;

export type Letter = {
  readonly origin: Origin;
  readonly journey: JourneyId;
  readonly caller: Caller | null;
  /** The signed-in sender's account, or the owner of the house's own mail. */
  readonly owner: OwnerId | null;
  readonly organisation: OrganisationId | null;
  readonly envelope: Omit<Envelope, 'recipients'>;
  /** Nobody gets it before this moment (ms): until then all of it waits in the queue, colleagues' copies too. Null: at once. */
  readonly releaseAt: number | null;
  /** It waited in the queue: its beginning is told already, and what is filed is told by the queue. */
  hasArrived: boolean;
  readonly recipients: LetterRecipient[];
  /** Set with the first recipient that is sent on. */
  sending: Sending | null;
  /** Recipients said no to. */
  readonly refused: Refused[];
  /** Facts found by checks, told to recipients and sender alike. */
  readonly checked: Step[];
  outcomes: Outcome[];
  /** What the commit put into the queue. */
  queued: readonly QueueItemId[];
  /** Steps that open the journey (where it began). */
  readonly began: Step[];
};

/** What is known once the content is in. */
export type Content = Readonly<{
  structure: MessageStructure /** Octets kept, our own fields included. */;
  size: number /** Octets of the Return-Path field in front. */;
  skip: number;
}>;

/** At the beginning of its road. */
export const newLetter = (
  about: Pick<Letter, 'origin' | 'journey' | 'caller' | 'owner' | 'organisation' | 'envelope' | 'releaseAt'>,
): Letter => ({
  ...about,
  hasArrived: false,
  recipients: [],
  sending: null,
  refused: [],
  checked: [],
  outcomes: [],
  queued: [],
  began: [],
});
