/** Carrying a message to other servers (edge/smtp-out). The queue decides when; the courier tries once and tells. */
import type { Envelope, EnvelopeRecipient } from '../envelope.ts';
import type { Peer, ReplyFacts, ReplyStage, TlsFacts } from '../step.ts';

/** Where to: the domain's own servers, or a place that was set. */
export type Route =
  | Readonly<{ via: 'mx'; domain: string }>
  | Readonly<{
      via: 'smarthost' | 'fixed';
      host: string;
      port: number;
      tls: 'implicit' | 'required' | 'opportunistic' | 'none';
      auth?: Readonly<{ user: string; password: string }>;
      /** Authorities, PEM: where they are named, they alone may vouch for that server. */
      ca?: string;
    }>;

export type Errand = Readonly<{
  route: Route;
  /** All recipients go to this one destination. */
  envelope: Omit<Envelope, 'recipients'> & Readonly<{ recipients: readonly EnvelopeRecipient[] }>;
  size: number;
  /** Made anew for each server tried. Plain octets, CRLF lines, not dot-stuffed. */
  content(): AsyncIterable<Uint8Array> | Uint8Array;
  has8Bit: boolean;
  signal?: AbortSignal;
}>;

/** One server spoken to (or not reached). */
export type Attempt = Readonly<{
  host: string;
  peer?: Peer;
  tls: TlsFacts | null;
  tookMs: number /** Verbatim `C: ` and `S: ` lines, bounded; passwords masked. */;
  dialogue: readonly string[];
}>;

export type Fate =
  /** `reports`: the server knows DSN, so what was asked of reports was passed on to it (RFC 3461 §5.2.1). */
  | Readonly<{ fate: 'sent'; host: string; reply: ReplyFacts; tls: TlsFacts | null; reports?: boolean }>
  /** `trouble` where no reply came: dnsFailed, noServer, connectFailed, timeout, connectionLost, tlsFailed, badReply. */
  | Readonly<{ fate: 'later'; stage: ReplyStage; host: string; reply: ReplyFacts | null; trouble?: string }>
  /** `trouble`: noSuchDomain, nullMx, loop, needsUtf8, tooBig, needs8Bit. */
  | Readonly<{ fate: 'never'; stage: ReplyStage; host: string; reply: ReplyFacts | null; trouble?: string }>;

export type Delivery = Readonly<{
  attempts: readonly Attempt[] /** One per recipient of the errand, in its order. */;
  fates: readonly Fate[];
}>;

export interface Courier {
  /** Never rejects for anything a server or the network does. */
  deliver(errand: Errand): Promise<Delivery>;
  close(): Promise<void>;
}
