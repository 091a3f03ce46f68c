/** Mailbox/changes (RFC 8621 §2.2): where nothing but counts moved it says so, and clients fetch those alone. */
import { idOf } from '../../../../codec/jmap/ids.ts';
import type { MailboxId } from '../../../../core/ids.ts';
import { COUNT_PROPERTIES } from '../mailbox-object.ts';
import type { Method } from '../method.ts';
import { changesAnswer, changesAsk } from '../standard-changes.ts';

const id = (mailbox: MailboxId): string => idOf('mailbox', mailbox);

export const mailboxChanges: Method = {
  name: 'Mailbox/changes',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = changesAsk(args);
    const index = await mail.index();
    const changed = await index.mailboxChanges(ask.since, ask.max);
    const { created = [], updated = [], destroyed = [], onlyCounts = false } = changed ?? {};
    const ids = { created: created.map(id), updated: updated.map(id), destroyed: destroyed.map(id) };
    const answer = changesAnswer(args['accountId'], ask, changed === undefined ? undefined : { ...changed, ...ids });
    return { ...answer, updatedProperties: onlyCounts && updated.length > 0 ? COUNT_PROPERTIES : null };
  },
};
