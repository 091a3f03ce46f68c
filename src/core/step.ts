/**
 * One thing that happened to a message: facts only, verbatim protocol lines
 * included, no sentences (service/journey/tell has the words). A journey is
 * the list of its Steps; operational logs are the same Steps.
 */
import type { JourneyId } from './ids.ts';

/** The road a message came in by. */
export type Origin = 'mx' | 'submission' | 'jmap' | 'redirect' | 'bounce' | 'vacation' | 'report' | 'import';

/** The other end of a connection, as far as it was established. */
export type Peer = Readonly<{ ip: string; port?: number; host?: string; helo?: string }>;

/** TLS as negotiated; null where the line was in clear. `proven`: who vouched for the certificate. */
export type TlsFacts = Readonly<{ protocol: string; cipher: string; proven: 'dane' | 'mta-sts' | 'ca' | 'none'; subject?: string }>;

/** A reply as it came over the wire. `lines` are verbatim, code included. */
export type ReplyFacts = Readonly<{ code: number; enhanced: string | null; lines: readonly string[] }>;

/** Which command a reply answered. */
export type ReplyStage = 'connect' | 'greeting' | 'ehlo' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'content' | 'quit';

/** Facts that every Step has. `recipient` is absent where all recipients are meant. */
type Always = Readonly<{ at: number; recipient?: string }>;

export type Step = Always &
  (
    | Readonly<{
        kind: 'received';
        origin: Origin;
        from: string;
        to: readonly string[];
        peer?: Peer;
        tls?: TlsFacts | null;
        size?: number;
        subject?: string;
        headerFrom?: string;
        messageId?: string;
        account?: string;
      }>
    /** A check of the sender or the content and what it found: `check` is its name (`spf`, `dkim`, …). */
    | Readonly<{ kind: 'checked'; check: string; result: string; facts?: Readonly<Record<string, string>> }>
    | Readonly<{
        kind: 'scored';
        score: number;
        limit: number;
        reasons: readonly Readonly<{ rule: string; points: number; facts?: Readonly<Record<string, string>> }>[];
      }>
    | Readonly<{ kind: 'held'; why: 'quarantine' | 'greylist' | 'admin' | 'frozen' | 'budget'; by?: string }>
    /** We said no. `refusal` is a name in core/refusal.table.ts; `reply` what we said, verbatim. */
    | Readonly<{
        kind: 'refused';
        stage: ReplyStage;
        refusal: string;
        facts: Readonly<Record<string, string>>;
        reply: ReplyFacts;
        from: string;
        peer?: Peer;
      }>
    /**
     * Refusals of one hour that were not told one by one. Of an
     * organisation, or of the whole server; several of these add up.
     */
    | Readonly<{
        kind: 'tallied';
        of: 'organisation' | 'server';
        from: number;
        until: number;
        /** How many by their names in core/refusal.table.ts. */
        refusals: Readonly<Record<string, number>>;
        /** How many from which network, or by which sender of ours: the largest. */
        causes: Readonly<Record<string, number>>;
        otherCauses: number;
        /** Those of our people whom the mail was for; `toMore`: and more than these. */
        to: readonly string[];
        toMore: boolean;
      }>
    | Readonly<{ kind: 'expanded'; through: 'alias' | 'subaddress' | 'role' | 'list'; from: string; to: readonly string[] }>
    | Readonly<{ kind: 'ruled'; rule: string; folder: string }>
    /** In a mailbox here. */
    | Readonly<{ kind: 'filed'; folder: string; role: string | null; uid?: number }>
    /** Taken from our own user, responsibility is ours from here on. */
    | Readonly<{ kind: 'accepted'; copies: number }>
    | Readonly<{ kind: 'signed'; domain: string; selector: string }>
    | Readonly<{ kind: 'queued'; domain: string; nextAt: number; giveUpAt: number }>
    /** One attempt, whatever came of it: the conversation as it went. */
    | Readonly<{
        kind: 'tried';
        attempt: number;
        host: string;
        peer?: Peer;
        tls?: TlsFacts | null;
        tookMs: number;
        dialogue: readonly string[];
        route: 'mx' | 'smarthost' | 'fixed';
      }>
    | Readonly<{
        kind: 'deferred';
        attempt: number;
        stage: ReplyStage;
        host: string;
        reply: ReplyFacts | null /** Where no reply came: what went wrong (`dnsFailed`, `connectFailed`, `timeout`, `connectionLost`, `tlsFailed`). */;
        trouble?: string;
        nextAt: number;
        giveUpAt: number;
      }>
    /** The other server took it. From here on only they know. */
    | Readonly<{ kind: 'sent'; host: string; reply: ReplyFacts; tls?: TlsFacts | null; route: 'mx' | 'smarthost' | 'fixed' }>
    | Readonly<{ kind: 'bounced'; stage: ReplyStage; host: string; reply: ReplyFacts | null; trouble?: string }>
    | Readonly<{ kind: 'expired'; afterMs: number; lastReply: ReplyFacts | null }>
    /** A report about it was made, with a journey of its own. */
    | Readonly<{ kind: 'notified'; report: 'failure' | 'delay' | 'success'; to: string; child?: JourneyId }>
    | Readonly<{ kind: 'redirected'; to: string; child: JourneyId }>
    | Readonly<{ kind: 'answered'; with: 'vacation' | 'receipt'; child: JourneyId }>
    | Readonly<{ kind: 'released'; by: string }>
    | Readonly<{ kind: 'paused'; by: string }>
    | Readonly<{ kind: 'hurried'; by: string }>
    | Readonly<{ kind: 'cancelled'; by: string }>
    /** This journey began in another one: a bounce, a redirect, an automatic answer. */
    | Readonly<{ kind: 'began'; because: 'bounce' | 'redirect' | 'vacation' | 'delay' | 'success'; parent: JourneyId }>
  );

export type StepKind = Step['kind'];
