/** LIST in all its forms (RFC 9051 §6.3.9, RFC 5258, RFC 5819, RFC 6154 §5), and LSUB of IMAP4rev1. */
import { type List, readList, readLsub } from '../../../codec/imap/command/list.ts';
import { makePattern, matches } from '../../../codec/imap/list-pattern.ts';
import { SEPARATOR } from '../../../codec/imap/mailbox-name.ts';
import { type Answer, ok } from '../answer.ts';
import type { Client } from '../client.ts';
import { absentLine, listLine, lsubLine } from '../list-line.ts';
import { ancestors, ListTree } from '../list-tree.ts';
import { row } from '../row.ts';
import { statusLine } from '../status-line.ts';

export const list = row({
  name: 'LIST',
  when: 'member',
  read: readList,
  capabilities: ['LIST-EXTENDED', 'LIST-STATUS', 'CHILDREN'],
  async run(client, asked) {
    if (asked.returns.status.includes('SIZE')) await client.mail.fresh();
    if (!asked.isExtended && asked.patterns[0] === '') return root(client);
    const tree = new ListTree(client.mail.list(), client.mail.subscriptions(), asked.selection);
    for (const found of tree.find(asked.patterns.map((pattern) => makePattern(asked.reference, pattern)))) tellOne(client, asked, found);
    return ok('Listed');
  },
});

/** RFC 9051 §6.3.9: an empty name asks for the separator. */
function root(client: Client): Answer {
  client.untagged(`LIST (\\Noselect) "${SEPARATOR}" ""`);
  return ok('Listed');
}

function tellOne(client: Client, asked: List, found: ReturnType<ListTree['find']>[number]): void {
  const showsSubscribed = asked.selection.subscribed || asked.returns.subscribed;
  const marks = { isSubscribed: showsSubscribed && found.isSubscribed, childInfo: found.childInfo };
  const { info } = found;
  if (info === undefined) client.untagged(absentLine(client, found.name, { ...marks, hasChildren: found.hasChildren }));
  else client.untagged(listLine(client, info, marks));
  if (info !== undefined && asked.returns.status.length > 0) client.untagged(statusLine(client, info, asked.returns.status));
}

/** LSUB shows a level that is not subscribed itself as \Noselect, where `%` hides what lies below (RFC 3501 §6.3.9). */
export const lsub = row({
  name: 'LSUB',
  when: 'member',
  read: readLsub,
  run(client, { reference, pattern }) {
    const wanted = makePattern(reference, pattern);
    const subscribed = new Set(client.mail.subscriptions());
    const hiding = new Set<string>();
    for (const name of subscribed) {
      if (matches(wanted, name)) client.untagged(lsubLine(client, name, ''));
      else for (const above of ancestors(name)) if (!subscribed.has(above) && matches(wanted, above)) hiding.add(above);
    }
    for (const name of hiding) client.untagged(lsubLine(client, name, '\\Noselect'));
    return ok('Listed');
  },
});
