/** STATUS (RFC 9051 §6.3.11, RFC 7162 §3.1.7, RFC 7889). */
import { readStatus } from '../../../codec/imap/command/status.ts';
import { ok } from '../answer.ts';
import { noSuchMailbox } from '../phrases.ts';
import { row } from '../row.ts';
import { statusLine } from '../status-line.ts';

export const status = row({
  name: 'STATUS',
  when: 'member',
  read: readStatus,
  capabilities: (client) => ['STATUS=SIZE', `APPENDLIMIT=${client.host.messageLimit}`],
  async run(client, { mailbox, items }) {
    if (items.includes('SIZE')) await client.mail.fresh();
    const info = client.mailbox(mailbox);
    if (info === undefined) return noSuchMailbox();
    client.untagged(await statusLine(client, info, items));
    return ok('That is how it stands');
  },
});
