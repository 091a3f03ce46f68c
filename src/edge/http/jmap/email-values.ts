/** Keywords, mailboxes and dates of Emails as clients write them. */
import { badProperties } from '../../../codec/jmap/error.ts';
import { numberOf } from '../../../codec/jmap/ids.ts';
import { isKeyword, isObject } from '../../../codec/jmap/json.ts';
import type { MailboxId } from '../../../core/ids.ts';
import type { Call } from './call.ts';

export function keywordsIn(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!isObject(value)) throw badProperties('keywords');
  for (const [keyword, isSet] of Object.entries(value)) if (isSet !== true || !isKeyword(keyword)) throw badProperties('keywords');
  return Object.keys(value).map((keyword) => keyword.toLowerCase());
}

export function mailboxesIn(value: unknown, call: Call): readonly MailboxId[] {
  if (!isObject(value) || Object.values(value).some((isIn) => isIn !== true)) throw badProperties('mailboxIds');
  return mailboxesNamed(Object.keys(value), call);
}

/** `#k1` is a mailbox made in the same request. At least one. */
export function mailboxesNamed(names: readonly string[], call: Call): readonly MailboxId[] {
  const ids = names.map((given) => numberOf<MailboxId>('mailbox', call.idMeant(given) ?? ''));
  if (ids.length === 0 || ids.includes(undefined)) throw badProperties('mailboxIds');
  return [...new Set(ids.flatMap((id) => id ?? []))];
}
