/** Special uses of mailboxes (RFC 6154, RFC 8457) and the roles the house gives them. */
import type { MailboxRole } from '../../core/mailbox.ts';

const ATTRIBUTES = {
  inbox: undefined,
  all: '\\All',
  archive: '\\Archive',
  drafts: '\\Drafts',
  flagged: '\\Flagged',
  important: '\\Important',
  junk: '\\Junk',
  sent: '\\Sent',
  trash: '\\Trash',
} as const satisfies Readonly<Record<MailboxRole, string | undefined>>;

const ROLES: ReadonlyMap<string, MailboxRole> = new Map(
  (['all', 'archive', 'drafts', 'flagged', 'important', 'junk', 'sent', 'trash'] as const).map((role) => [role, role]),
);

export const attributeOf = (role: MailboxRole | null): string | undefined => (role === null ? undefined : ATTRIBUTES[role]);

/** The role for the uses asked in CREATE: null for none, undefined for one we do not have, or several at once. */
export function roleOf(uses: readonly string[]): MailboxRole | null | undefined {
  const [use] = uses;
  if (use === undefined) return null;
  return uses.length === 1 ? ROLES.get(use) : undefined;
}
