/**
 * The door of journeys: writing the Steps of a message, and reading them back
 * as a story by whoever may see it.
 */
import type { StepRow } from '../../core/command.ts';
import type { AccountId, JourneyId, OrganisationId, OwnerId } from '../../core/ids.ts';
import type { Step } from '../../core/step.ts';

export { type DsnRecipient, type DsnStory, type DsnWords, dsnWords } from './dsn-words.ts';
export { type Explained, type Explanation, explain, readReply } from './explain.ts';
export { openReader, type ReaderParts } from './read.ts';
export { openJournal } from './record.ts';
export { readable } from './readable.ts';
export { refusalWords } from './refusal-words.table.ts';
export { render, turnText } from './render.ts';
export { addedUp, largest, TALLIED_PEOPLE, TALLY_MS, type Tallied, tallied, tallyHour, tallyJourney } from './tallies.ts';
export type { ActionOwner, Both, Language } from './sayings.table.ts';
export {
  type Mark,
  type TellOptions,
  type Told,
  type ToldLine,
  type ToldRecipient,
  type Turn,
  tell,
  tellStep,
} from './tell/tell.ts';

/**
 * Where an owner sits in a message's story. A sender sees everybody
 * they named; a recipient only the lines of `own`, the addresses it reached
 * them by. `fromInside`: the sender is one of ours, whose IP and device are
 * nobody else's business.
 */
export type Seat = Readonly<{ as: 'sender' }> | Readonly<{ as: 'recipient'; own: readonly string[]; fromInside?: boolean }>;

/**
 * Steps of one journey for one owner. With `organisation`, its admins get a
 * projection without subjects. With `seat`, what the owner may not see is left
 * out before it is sealed; without it the reader works the seat out (read.ts).
 */
export type Entry = Readonly<{
  owner: OwnerId;
  organisation: OrganisationId | null;
  journey: JourneyId;
  steps: readonly Step[];
  seat?: Seat;
}>;

export interface Journal {
  /** Sealed rows, to be committed with what they report. */
  rows(entry: Entry): readonly StepRow[];
}

/** Who looks. An admin sees addresses and codes, never subjects. */
export type Viewer =
  | Readonly<{ as: 'person'; account: AccountId }>
  | Readonly<{ as: 'admin'; organisation: OrganisationId }>
  /** Whoever runs the server: mail that only passes through it, for relay domains. */
  | Readonly<{ as: 'operator' }>;

/** what can be said of a message for one recipient. */
export type RecipientState =
  | 'queued'
  | 'sending'
  | 'deferred'
  | 'acceptedByRemote'
  | 'deliveredHere'
  | 'filed'
  | 'refused'
  | 'bounced'
  | 'expired'
  | 'quarantined'
  | 'forwarded'
  | 'expanded'
  | 'cancelled'
  | 'held'
  | 'unknown';

export type RecipientStory = Readonly<{ address: string; state: RecipientState; nextAt: number | null; giveUpAt: number | null }>;

export type Journey = Readonly<{
  journey: JourneyId;
  /** Whose eyes this was made for. */
  seat: 'sender' | 'recipient' | 'admin';
  direction: 'in' | 'out' | 'here';
  startedAt: number;
  updatedAt: number;
  from: string;
  subject: string | null;
  messageId: string | null;
  recipients: readonly RecipientStory[];
  steps: readonly Step[];
}>;

/** Any of these; all that are given must fit. `text` looks at addresses, subject, Message-ID, replies and the id itself. A domain is found in both its forms, with U-labels and with A-labels. */
export type JourneySearch = Readonly<{
  text?: string;
  address?: string;
  from?: number;
  to?: number;
  direction?: 'in' | 'out';
  state?: RecipientState;
  code?: string;
}>;

export interface JourneyReader {
  /** Newest first. */
  list(viewer: Viewer, ask: Readonly<{ limit: number; before?: JourneyId; search?: JourneySearch }>): Promise<readonly Journey[]>;
  show(viewer: Viewer, journey: JourneyId): Promise<Journey | undefined>;
}
