/** The capabilities of the session (RFC 8620 §2): a new one is a row here, and methods in methods.ts. */
import { EMAIL_SORTS } from './email-sorts.ts';
import { LIMITS, MAX_DELAYED_SEND_S } from './limits.ts';
import { COLLATIONS } from './standard-query.ts';

export type Capability =
  | 'urn:ietf:params:jmap:core'
  | 'urn:ietf:params:jmap:mail'
  | 'urn:ietf:params:jmap:submission'
  | 'urn:ietf:params:jmap:vacationresponse'
  | 'urn:ietf:params:jmap:quota'
  | 'urn:ietf:params:jmap:blob'
  | 'urn:ietf:params:jmap:webpush-vapid'
  /** Ours: docs/guide/jmap.md describes it. */
  | 'urn:eigenpost:params:jmap:journey';

export const CORE: Capability = 'urn:ietf:params:jmap:core';

/** Octets of a mailbox's name. */
export const MAILBOX_NAME_LIMIT = 255;

type Row = Readonly<{
  /** In `capabilities` of the session. */
  session: Readonly<Record<string, unknown>>;
  /** In `accountCapabilities`; null: none of an account's. */
  account: Readonly<Record<string, unknown>> | null;
}>;

/** @param applicationServerKey with which pushes are signed (RFC 9749); absent where none are sent */
export function capabilityRows(messageLimit: number, applicationServerKey?: string): Readonly<Partial<Record<Capability, Row>>> {
  return {
    'urn:ietf:params:jmap:core': {
      session: { ...LIMITS, maxSizeUpload: Math.min(LIMITS.maxSizeUpload, messageLimit), collationAlgorithms: COLLATIONS },
      account: null,
    },
    'urn:ietf:params:jmap:mail': {
      session: {},
      account: {
        maxMailboxesPerEmail: null,
        maxMailboxDepth: null,
        maxSizeMailboxName: MAILBOX_NAME_LIMIT,
        maxSizeAttachmentsPerEmail: messageLimit,
        emailQuerySortOptions: Object.keys(EMAIL_SORTS),
        mayCreateTopLevelMailbox: true,
      },
    },
    'urn:ietf:params:jmap:submission': {
      session: {},
      account: {
        maxDelayedSend: MAX_DELAYED_SEND_S,
        submissionExtensions: { DSN: [], FUTURERELEASE: [String(MAX_DELAYED_SEND_S)], SIZE: [String(messageLimit)], SMTPUTF8: [] },
      },
    },
    'urn:ietf:params:jmap:quota': { session: {}, account: {} },
    'urn:eigenpost:params:jmap:journey': { session: {}, account: { languages: ['en', 'nl'] } },
    ...(applicationServerKey === undefined
      ? {}
      : { 'urn:ietf:params:jmap:webpush-vapid': { session: { applicationServerKey }, account: null } }),
  };
}
