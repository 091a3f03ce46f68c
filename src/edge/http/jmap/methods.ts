/** Every method there is. A new one is a file under method/ and a line here. */
import type { Method } from './method.ts';
import { coreEcho } from './method/core-echo.ts';
import { emailChanges } from './method/email-changes.ts';
import { emailGet } from './method/email-get.ts';
import { emailQuery, emailQueryChanges } from './method/email-query.ts';
import { identityChanges, identityGet, identitySet } from './method/identity.ts';
import { mailboxChanges } from './method/mailbox-changes.ts';
import { mailboxGet } from './method/mailbox-get.ts';
import { mailboxQuery, mailboxQueryChanges } from './method/mailbox-query.ts';
import { pushSubscriptionGet, pushSubscriptionSet } from './method/push-subscription.ts';
import { threadChanges, threadGet } from './method/thread-get.ts';

export const METHODS: readonly Method[] = [
  coreEcho,
  emailChanges,
  emailGet,
  emailQuery,
  emailQueryChanges,
  identityChanges,
  identityGet,
  identitySet,
  mailboxChanges,
  mailboxGet,
  mailboxQuery,
  mailboxQueryChanges,
  pushSubscriptionGet,
  pushSubscriptionSet,
  threadChanges,
  threadGet,
];

const byName = new Map(METHODS.map((method) => [method.name, method]));

/** Undefined also for a method whose capability the request does not use (RFC 8620 §3.6.2). */
export function findMethod(name: string, using: readonly string[]): Method | undefined {
  const method = byName.get(name);
  return method !== undefined && using.includes(method.capability) ? method : undefined;
}
