/** Mailbox/changes (RFC 8621 §2.2): where nothing but counts moved it says so, and clients fetch those alone. */
import { idOf } from '../../../../codec/jmap/ids.ts';
import { COUNT_PROPERTIES } from '../mailbox-object.ts';
import type { Method } from '../method.ts';
import { changesAnswer, changesAsk } from '../standard-changes.ts';

export const mailboxChanges: Method = {
  name: 'Mailbox/changes',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = changesAsk(args);
    const index = await mail.index();
    const changed = await index.mailboxChanges(ask.since, ask.max);
    const answer = changesAnswer(args['accountId'], ask, { changed, text: (mailbox) => idOf('mailbox', mailbox) });
    const isOnlyCounts = changed?.onlyCounts === true && changed.updated.length > 0;
    return { ...answer, updatedProperties: isOnlyCounts ? COUNT_PROPERTIES : null };
  },
};
