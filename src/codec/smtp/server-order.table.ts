/** When each verb may be said: the order of an SMTP conversation on one page (RFC 5321 §4.1.4). */
import type { Verb } from './command.ts';
import { REPLIES, type ServerReply } from './server-replies.table.ts';

/**
 * `new`: before EHLO. `chunks`: between two BDAT. `refusedChunk`: after one that
 * failed, until RSET. `content`, `chunk`: octets, not lines, are read. `signIn`:
 * the next line answers a challenge. `tls`: a handshake is due.
 */
export type Phase =
  | 'new'
  | 'greeted'
  | 'sender'
  | 'recipients'
  | 'chunks'
  | 'refusedChunk'
  | 'content'
  | 'chunk'
  | 'signIn'
  | 'tls'
  | 'over';

/** There is something to forget. */
export const TRANSACTION: readonly Phase[] = ['sender', 'recipients', 'chunks', 'refusedChunk', 'content', 'chunk'];
const ANY: readonly Phase[] = ['new', 'greeted', 'sender', 'recipients', 'chunks', 'refusedChunk'];

export const WHEN = {
  EHLO: ANY,
  HELO: ANY,
  LHLO: ANY,
  MAIL: ['greeted'],
  RCPT: ['sender', 'recipients'],
  DATA: ['recipients'],
  BDAT: ['recipients', 'chunks'],
  RSET: ANY,
  NOOP: ANY,
  QUIT: ANY,
  VRFY: ANY,
  EXPN: ANY,
  HELP: ANY,
  STARTTLS: ['greeted'],
  AUTH: ['greeted'],
} as const satisfies Readonly<Record<Verb, readonly Phase[]>>;

/** What does not bring a message nearer, and is counted. MAIL is here because a message taken wipes the count. */
export const CHATTY: ReadonlySet<Verb> = new Set<Verb>(['EHLO', 'HELO', 'LHLO', 'MAIL', 'RSET', 'NOOP', 'VRFY', 'EXPN', 'HELP']);

export const mayBeSaid = (verb: Verb, phase: Phase): boolean => (WHEN[verb] as readonly Phase[]).includes(phase);

/** The 503 for a verb that may not be said. */
export function whyNotNow(verb: Verb, phase: Phase): ServerReply {
  if (phase === 'new') return REPLIES.helloFirst;
  if (phase === 'refusedChunk') return REPLIES.resetFirst;
  if (phase === 'sender' && (verb === 'DATA' || verb === 'BDAT')) return REPLIES.noRecipients;
  if (verb === 'MAIL') return REPLIES.nestedMail;
  return REPLIES.notNow;
}

/** What needs no thought. RFC 5321 §7.3: EXPN would give away who is on a list. */
export const ANSWERS = {
  NOOP: REPLIES.ok,
  VRFY: REPLIES.cannotVerify,
  HELP: REPLIES.help,
  EXPN: REPLIES.notOffered,
} as const satisfies Partial<Readonly<Record<Verb, ServerReply>>>;
