/** Every method there is. A new one is a file under method/ and a line here. */
import type { Method } from './method.ts';
import { blobCopy, emailCopy } from './method/blob-copy.ts';
import { coreEcho } from './method/core-echo.ts';
import { emailChanges } from './method/email-changes.ts';
import { emailGet } from './method/email-get.ts';
import { emailImport } from './method/email-import.ts';
import { emailParse } from './method/email-parse.ts';
import { emailQuery, emailQueryChanges } from './method/email-query.ts';
import { emailSet } from './method/email-set.ts';
import {
  emailSubmissionChanges,
  emailSubmissionGet,
  emailSubmissionQuery,
  emailSubmissionQueryChanges,
} from './method/email-submission.ts';
import { emailSubmissionSet } from './method/email-submission-set.ts';
import { identityChanges, identityGet, identitySet } from './method/identity.ts';
import { journeyExplain, journeyGet, journeyQuery } from './method/journey.ts';
import { mailboxChanges } from './method/mailbox-changes.ts';
import { mailboxGet } from './method/mailbox-get.ts';
import { mailboxQuery, mailboxQueryChanges } from './method/mailbox-query.ts';
import { mailboxSet } from './method/mailbox-set.ts';
import { pushSubscriptionGet, pushSubscriptionSet } from './method/push-subscription.ts';
import { quotaChanges, quotaGet, quotaQuery, quotaQueryChanges } from './method/quota.ts';
import { searchSnippetGet } from './method/search-snippet-get.ts';
import { threadChanges, threadGet } from './method/thread-get.ts';

export const METHODS: readonly Method[] = [
  blobCopy,
  coreEcho,
  emailChanges,
  emailCopy,
  emailGet,
  emailImport,
  emailParse,
  emailQuery,
  emailQueryChanges,
  emailSet,
  emailSubmissionChanges,
  emailSubmissionGet,
  emailSubmissionQuery,
  emailSubmissionQueryChanges,
  emailSubmissionSet,
  identityChanges,
  identityGet,
  identitySet,
  journeyExplain,
  journeyGet,
  journeyQuery,
  mailboxChanges,
  mailboxGet,
  mailboxQuery,
  mailboxQueryChanges,
  mailboxSet,
  pushSubscriptionGet,
  pushSubscriptionSet,
  quotaChanges,
  quotaGet,
  quotaQuery,
  quotaQueryChanges,
  searchSnippetGet,
  threadChanges,
  threadGet,
];

const byName = new Map(METHODS.map((method) => [method.name, method]));

/** Undefined also for a method whose capability the request does not use (RFC 8620 §3.6.2). */
export function findMethod(name: string, using: readonly string[]): Method | undefined {
  const method = byName.get(name);
  return method !== undefined && using.includes(method.capability) ? method : undefined;
}
