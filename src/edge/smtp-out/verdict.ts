/**
 * From what a server did to what becomes of a recipient: sent, later, never, or
 * worth asking the next server about. The rules of RFC 5321 §4.2.1 and §5.1 on one page.
 */
import type { RecipientOutcome, Trouble, Unfit } from '../../codec/smtp/client-message.ts';
import { isTemporary, type Reply } from '../../codec/smtp/reply.ts';
import type { Fate } from '../../core/ports/courier.ts';
import type { TlsFacts } from '../../core/step.ts';
import type { SessionEnd } from './session.ts';

/** `goOn`: another server of the destination may do better. */
export type Verdict = Readonly<{ fate: Fate; goOn: boolean }>;

export function verdictOn(
  outcome: RecipientOutcome,
  { host, tls, reports }: { host: string; tls: TlsFacts | null; reports: boolean },
): Verdict {
  switch (outcome.outcome) {
    case 'taken':
      return { fate: { fate: 'sent', host, reply: outcome.reply, tls, ...(reports ? { reports } : {}) }, goOn: false };
    case 'refused':
      return refused(outcome, host);
    case 'unfit':
      return {
        fate: { fate: 'never', stage: 'mail', host, reply: null, trouble: UNFIT[outcome.unfit] },
        goOn: outcome.unfit !== 'badAddress',
      };
    case 'broken': {
      const { stage, trouble, mayBeTaken } = outcome;
      // RFC 5321 §4.5.3.2.6: if the message may have been taken, another server would deliver it twice at once.
      const isOurs = trouble === 'badContent' || trouble === 'contentLost' || trouble === 'cancelled';
      return {
        fate: { fate: trouble === 'badContent' ? 'never' : 'later', stage, host, reply: null, trouble },
        goOn: !mayBeTaken && !isOurs,
      };
    }
  }
}

/** The names that core/ports/courier.ts and the journey's words know; the dialogue has it more exactly. */
function troubleName(trouble: Trouble | 'connectFailed'): string {
  if (trouble === 'noTls') return 'tlsFailed';
  return trouble === 'noAuth' ? 'authFailed' : trouble;
}

const UNFIT: Readonly<Record<Unfit, string>> = {
  needsUtf8: 'needsUtf8',
  needs8Bit: 'needs8Bit',
  needsBinary: 'needs8Bit',
  needsTls: 'needsTls',
  tooBig: 'tooBig',
  badAddress: 'badAddress',
};

function refused({ stage, reply }: Extract<RecipientOutcome, { outcome: 'refused' }>, host: string): Verdict {
  const isLater = isTemporary(reply) || isTooManyRecipients(stage, reply);
  return { fate: { fate: isLater ? 'later' : 'never', stage, host, reply }, goOn: isLater && isServersTrouble(stage, reply) };
}

/** QUIRK: RFC 5321 §4.5.3.1.10: old servers say 552 where they mean 452, too many recipients; with 5.2.2 it is a full mailbox. */
const isTooManyRecipients = (stage: string, reply: Reply): boolean =>
  stage === 'rcpt' && reply.code === 552 && (reply.enhanced === null || reply.enhanced === '5.5.3');

/**
 * Is it the server that has a problem (then its neighbour may not), or does it
 * mean sender or recipient? Greylisting and "mailbox busy" are the latter:
 * knocking on every door for them looks like a spammer's impatience.
 */
function isServersTrouble(stage: string, reply: Reply): boolean {
  if (reply.code === 421 || reply.enhanced?.startsWith('4.3.') === true) return true;
  return reply.enhanced === null && stage !== 'rcpt' && (reply.code === 451 || reply.code === 452);
}

/**
 * The fate of everybody left when a connection ended before a message could be
 * sent. Always later: a refusal in the greeting means us or the moment, not the
 * recipient, and a wrong password at a smarthost is for the owner to mend.
 */
export function fateOfEnd(end: SessionEnd, host: string): Fate {
  const { stage, reply } = end;
  const trouble = end.trouble === null ? (reply !== null && reply.code < 400 ? 'badReply' : undefined) : troubleName(end.trouble);
  return { fate: 'later', stage, host, reply, ...(trouble === undefined ? {} : { trouble }) };
}

/** Of two fates for one recipient from two servers, the one that tells more: a word beats silence, the better server beats the backup. */
export function moreTelling(first: Fate | undefined, second: Fate): Fate {
  if (first === undefined || second.fate === 'sent') return second;
  if (first.fate === 'sent' || second.reply === null) return first;
  return first.reply === null || (first.fate === 'later' && second.fate === 'never') ? second : first;
}
