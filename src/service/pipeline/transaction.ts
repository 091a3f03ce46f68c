/**
 * A mail transaction (RFC 5321 §3.3) as an edge sees it: who knocks, from
 * whom, for whom, then the content as it arrives. The edge translates; every
 * decision is made behind this interface. A Refusal is phrased by the edge;
 * a Fault (thrown) becomes 451.
 */
import type { EnvelopeRecipient } from '../../core/envelope.ts';
import type { JourneyId, QueueItemId } from '../../core/ids.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { Origin, Peer, TlsFacts } from '../../core/step.ts';
import type { SignedIn } from '../accounts/accounts.ts';

type Now<T> = T | Promise<T>;

/** One connection. `peer.helo` is set once it is known. */
export type Caller = Readonly<{
  peer: Peer;
  tls: TlsFacts | null /** `ESMTPS` and the like for the Received field (RFC 3848). */;
  protocol: string;
  signedIn: SignedIn | null;
}>;

export type SenderAsk = Readonly<{
  from: string;
  size: number | null;
  body: '7bit' | '8bitmime' | 'binarymime';
  smtpUtf8: boolean;
  returnContent: 'full' | 'headers' | null;
  envelopeId: string | null;
  /** Nobody gets it before this moment (ms); absent or null: at once. */
  releaseAt?: number | null;
}>;

/** The content, as plain octets with CRLF lines, dots unstuffed. */
export interface Incoming {
  /** A promise where the writer must wait (back-pressure). A content that is refused already swallows the rest cheaply. */
  write(bytes: Uint8Array): void | Promise<void>;
  /** Resolves when the message is on disk and responsibility is ours: say 250. */
  finish(): Promise<Accepted | Refusal>;
  /** The peer went away or broke a rule: nothing is kept. `refusal` is what it was told, if anything. */
  abort(refusal?: Refusal): void;
}

/** `filed`: copies that are in mailboxes here already; `queued`: what waits in the queue for everybody else. */
export type Accepted = Readonly<{ accepted: number; journey: JourneyId; filed: number; queued: readonly QueueItemId[] }>;

export interface Transaction {
  /** Stands in every reply of this transaction, in the Received field and in any DSN. */
  readonly journey: JourneyId;
  recipient(recipient: EnvelopeRecipient): Now<Refusal | undefined>;
  content(): Incoming;
  /** RSET, EHLO, QUIT or a lost connection before content: refusals so far are still told to those they concern. */
  abandon(): void;
}

export interface Doorkeeper {
  /** Octets (RFC 1870). */
  readonly sizeLimit: number;
  readonly hostName: string;
  /** At MAIL FROM. */
  begin(origin: Extract<Origin, 'mx' | 'submission' | 'jmap'>, caller: Caller, ask: SenderAsk): Now<Transaction | Refusal>;
}
