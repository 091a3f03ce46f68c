/** Mailbox/query and /queryChanges (RFC 8621 §2.3, §2.4). */
import { MethodError } from '../../../../codec/jmap/error.ts';
import { idOf, numberOf } from '../../../../codec/jmap/ids.ts';
import type { MailboxId } from '../../../../core/ids.ts';
import { CHANGES_LIMIT } from '../limits.ts';
import { ordersOf } from '../mailbox-orders.ts';
import { MAILBOX_QUERY, mailboxResults } from '../mailbox-results.ts';
import type { Method } from '../method.ts';
import { readState, stateText } from '../standard-changes.ts';
import { queryAnswer, queryAsk, queryChangesAnswer, queryChangesAsk } from '../standard-query.ts';

/** No mailbox has this id. */
const NOBODY = 0 as MailboxId;

export const mailboxQuery: Method = {
  name: 'Mailbox/query',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = queryAsk(args, MAILBOX_QUERY);
    const [index, orders] = await Promise.all([mail.index(), ordersOf(call.host, mail.account)]);
    const ids = mailboxResults(args, ask, { list: mail.list(), orders });
    return queryAnswer(args['accountId'], ask, {
      ids,
      text: (mailbox) => idOf('mailbox', mailbox),
      anchorAt: (anchor) => ids.indexOf(numberOf('mailbox', anchor) ?? NOBODY),
      queryState: stateText(index.state),
      canCalculateChanges: true,
    });
  },
};

export const mailboxQueryChanges: Method = {
  name: 'Mailbox/queryChanges',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = queryChangesAsk(args, MAILBOX_QUERY);
    const since = readState(ask.sinceQueryState);
    const [index, orders] = await Promise.all([mail.index(), ordersOf(call.host, mail.account)]);
    const changed = since === undefined ? undefined : await index.mailboxChanges(since, CHANGES_LIMIT);
    if (changed === undefined || changed.hasMoreChanges) throw new MethodError('cannotCalculateChanges');
    const ids = mailboxResults(args, ask, { list: mail.list(), orders }).map((mailbox) => idOf('mailbox', mailbox));
    const created = new Set(changed.created.map((mailbox) => idOf('mailbox', mailbox)));
    // Counts are neither filtered nor sorted by: where only they moved, a mailbox is where it was.
    const moved = [...changed.destroyed, ...(changed.onlyCounts ? [] : changed.updated)];
    const touched = new Set([...created, ...moved.map((mailbox) => idOf('mailbox', mailbox))]);
    return queryChangesAnswer(args['accountId'], ask, { ids, touched, created, newQueryState: stateText(changed.newState) });
  },
};
