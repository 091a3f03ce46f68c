/**
 * Every bound of the mail API in one place. Those an administrator may
 * want to move are MailLimits; the rest are there to keep memory and stretches
 * of work small.
 */

/** What may be moved from outside. */
export type MailLimits = Readonly<{
  /** Octets of one appended message. */
  messageBytes: number;
  /** Mailboxes of one account: a tree people can still scroll, and a LIST answer that stays small. */
  mailboxes: number;
}>;

export const DEFAULT_LIMITS: MailLimits = { messageBytes: 64 * 1024 * 1024, mailboxes: 5_000 };

/** Bound on one `messages` call. */
export const MESSAGES_AT_ONCE = 200;

/** Mailboxes inside one another; mail apps draw no deeper trees. */
export const PATH_DEPTH = 20;
/** Octets of one level of a path in UTF-8: what file systems of mail apps can keep. */
export const NAME_OCTETS = 255;
/** Subscribed names without a mailbox: enough for whoever subscribes first and creates later. */
export const ABSENT_SUBSCRIPTIONS = 1_000;

/** Octets of one keyword. */
export const KEYWORD_OCTETS = 100;
/** Keywords of one message. */
export const KEYWORDS_PER_MESSAGE = 64;
/** Different keywords in one mailbox: IMAP tells all of them at every SELECT. */
export const KEYWORDS_PER_MAILBOX = 256;

/** Messages one write command changes: the Changes of one commit are worked off in about a millisecond. */
export const WRITE_AT_ONCE = 1_000;
/** Changes worked off before others get a turn. */
export const CHANGES_AT_ONCE = 5_000;
/** How long a write waits for its own Changes before the mailbox is read anew. They come with the answer, so this passes only when one is lost. */
export const CHANGE_WAIT_MS = 2_000;
/** Sizes of mailboxes after deliveries are read again at most this often; all other counts are exact at once. */
export const SIZE_REFRESH_MS = 1_000;

/** How long what nobody uses is kept in memory: a mail app comes back every few minutes. */
export const IDLE_MS = 5 * 60_000;
/** Accounts kept open that nobody uses. */
export const IDLE_ACCOUNTS = 256;
/** Rows (25 bytes each) in mailboxes kept open that nobody uses. */
export const IDLE_ROWS = 1_000_000;
/** Mailboxes kept open that nobody uses. */
export const IDLE_MAILBOXES = 512;
/** Accounts of which the pipeline's filing places are remembered. */
export const KNOWN_PLACES = 10_000;

/** Plain octets of opened bodies kept, all accounts together. */
export const BODY_CACHE_BYTES = 8 * 1024 * 1024;
/** A body up to this size is opened whole at its first read: one read serves every section. */
export const WHOLE_BODY_BYTES = 512 * 1024;
/** Appended messages up to this size go into the commit itself; larger ones are written as they arrive. */
export const INLINE_BYTES = 256 * 1024;
/** Sealed octets of a large message that may wait while the store writes those before; then its sender waits. */
export const WRITE_AHEAD_BYTES = 192 * 1024;
/** Octets of small appended messages one account holds in memory between `finish` and `appendAll`; more are written out. */
export const STAGED_BYTES = 4 * 1024 * 1024;
/** Messages of one `appendAll` (RFC 3502). */
export const STAGED_AT_ONCE = 1_000;

/** Work without a pause, in ms: the promise of the main thread is 5. */
export const STRETCH_MS = 4;
/** Rows looked at between two looks at the clock. */
export const ROWS_PER_LOOK = 2_048;
/** Sizes and dates asked for at once while searching. */
export const FACTS_AT_ONCE = 5_000;
/** Messages read at a time while searching: while one is decoded the others are on their way. */
export const SEARCH_READ_AHEAD = 8;
/** Octets of a text part decoded at a time while searching. */
export const SEARCH_SLICE_BYTES = 128 * 1024;
/** Criteria in one search: each is asked of every message. A search with more finds nothing. */
export const CRITERIA_LIMIT = 1_000;
/** Criteria inside one another: the recursion that compiles them. */
export const CRITERIA_DEPTH = 100;

/** Conversations JMAP counts again one by one after changes; with more, all are counted anew. */
export const THREADS_RECOUNTED = 10_000;
/** Messages remembered that were hidden by \Deleted and came back: the change log does not tell them from others. */
export const INDEX_RETURNS = 1_000;
/** Mailboxes read at once while the account-wide index is built. */
export const INDEX_READS = 16;
/** An index row (about 85 octets) in rows of IDLE_ROWS. */
export const INDEX_ROW_WEIGHT = 4;
/** Changes looked through to tell JMAP what is new; whoever was away for longer starts afresh. */
export const CHANGES_LOOKED_AT = 100_000;
/** Changes asked of the store at a time. */
export const CHANGES_PER_READ = 5_000;
/** Times a write is decided on anew because the account changed meanwhile. */
export const DECISIONS = 8;
/** Emails one JMAP write changes (RFC 8620 §2, maxObjectsInSet). */
export const EMAILS_AT_ONCE = 500;
/** Mailboxes one email may be in (RFC 8621 §1.3.1, maxMailboxesPerEmail). */
export const MAILBOXES_PER_EMAIL = 100;
