/** GETQUOTA and GETQUOTAROOT (RFC 9208): one root, the account, whose name is empty. */
import { readMailboxArgument } from '../../../codec/imap/command/mailbox.ts';
import { readGetQuota } from '../../../codec/imap/command/quota.ts';
import { no, ok } from '../answer.ts';
import type { Client } from '../client.ts';
import { wireName } from '../list-line.ts';
import { row } from '../row.ts';
import { KIBIBYTE } from '../status-line.ts';

const ROOT = '';

export const getQuota = row({
  name: 'GETQUOTA',
  when: 'member',
  read: readGetQuota,
  capabilities: ['QUOTA', 'QUOTA=RES-STORAGE'],
  async run(client, { root }) {
    if (root !== ROOT) return no('There is no such quota root', 'NONEXISTENT');
    client.untagged(await quotaLine(client));
    return ok('That is what there is room for');
  },
});

export const getQuotaRoot = row({
  name: 'GETQUOTAROOT',
  when: 'member',
  read: readMailboxArgument,
  async run(client, { mailbox }) {
    const quota = await quotaLine(client);
    client.untagged(`QUOTAROOT ${wireName(client, mailbox)} "${ROOT}"`);
    client.untagged(quota);
    return ok('That is what there is room for');
  },
});

/** In units of 1024 octets; without a limit the list is empty (RFC 9208 §4.2.1). */
async function quotaLine({ mail }: Client): Promise<string> {
  const { used, limit } = await mail.quota();
  const storage = limit === 0 ? '' : `STORAGE ${Math.ceil(used / KIBIBYTE)} ${Math.floor(limit / KIBIBYTE)}`;
  return `QUOTA "${ROOT}" (${storage})`;
}
