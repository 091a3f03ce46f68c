/** LIST in all its forms (RFC 9051 §6.3.9, RFC 5258, RFC 5819, RFC 6154 §5), and LSUB of IMAP4rev1. */
import { type List, readList, readLsub } from '../../../codec/imap/command/list.ts';
import { type ListPattern, makePattern, matches } from '../../../codec/imap/list-pattern.ts';
import { SEPARATOR } from '../../../codec/imap/mailbox-name.ts';
import { type Answer, ok } from '../answer.ts';
import { type Client, Pace } from '../client.ts';
import { absentLine, listLine, lsubLine } from '../list-line.ts';
import { ancestors, type Found, ListTree } from '../list-tree.ts';
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
    const patterns = asked.patterns.map((pattern) => makePattern(asked.reference, pattern));
    for (const found of tree.find(await matching(client, tree.names, patterns))) await tellOne(client, asked, found);
    return ok('Listed');
  },
});

/** RFC 9051 §6.3.9: an empty name asks for the separator. */
function root(client: Client): Answer {
  client.untagged(`LIST (\\Noselect) "${SEPARATOR}" ""`);
  return ok('Listed');
}

async function tellOne(client: Client, asked: List, found: Found): Promise<void> {
  const showsSubscribed = asked.selection.subscribed || asked.returns.subscribed;
  const marks = { isSubscribed: showsSubscribed && found.isSubscribed, childInfo: found.childInfo };
  const { info } = found;
  if (info === undefined) client.untagged(absentLine(client, found.name, { ...marks, hasChildren: found.hasChildren }));
  else client.untagged(listLine(client, info, marks));
  if (info !== undefined && asked.returns.status.length > 0) client.untagged(await statusLine(client, info, asked.returns.status));
}

/** LSUB shows a level that is not subscribed itself as \Noselect, where `%` hides what lies below (RFC 3501 §6.3.9). */
export const lsub = row({
  name: 'LSUB',
  when: 'member',
  read: readLsub,
  async run(client, { reference, pattern }) {
    const patterns = [makePattern(reference, pattern)];
    const subscribed = new Set(client.mail.subscriptions());
    const shown = new Set(await matching(client, subscribed, patterns));
    const above = new Set([...subscribed].filter((name) => !shown.has(name)).flatMap(ancestors));
    for (const name of shown) client.untagged(lsubLine(client, name, ''));
    const hiding = [...above].filter((name) => !subscribed.has(name));
    for (const name of await matching(client, hiding, patterns)) client.untagged(lsubLine(client, name, '\\Noselect'));
    return ok('Listed');
  },
});

/** SECURITY: patterns and names made to be slow cost their time in small pieces, and others get their turn. */
async function matching(client: Client, names: Iterable<string>, patterns: readonly ListPattern[]): Promise<string[]> {
  const pace = new Pace(client);
  const found: string[] = [];
  for (const name of names) {
    if (pace.isDue) await pace.rest();
    if (patterns.some((pattern) => matches(pattern, name))) found.push(name);
  }
  return found;
}
