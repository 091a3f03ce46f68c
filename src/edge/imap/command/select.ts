/** SELECT, EXAMINE, CLOSE, UNSELECT (RFC 9051 §6.3.2, §6.3.3, §6.4.1, §6.4.2; RFC 3501 where that is spoken; CONDSTORE, RFC 7162). */
import { readNothing } from '../../../codec/imap/command/bare.ts';
import { readSelect, type Select } from '../../../codec/imap/command/select.ts';
import { FLAG } from '../../../core/mailbox.ts';
import { isRefusal } from '../../../core/refusal.ts';
import { type Answer, ok } from '../answer.ts';
import type { Client } from '../client.ts';
import { knownFlags } from '../flag-words.ts';
import { listLine } from '../list-line.ts';
import { noSuchMailbox, phraseRefusal } from '../phrases.ts';
import { row } from '../row.ts';
import type { View } from '../view.ts';

export const select = row({
  name: 'SELECT',
  when: 'member',
  read: readSelect,
  run: (client, asked) => open(client, asked, false),
});

export const examine = row({
  name: 'EXAMINE',
  when: 'member',
  read: readSelect,
  run: (client, asked) => open(client, asked, true),
});

async function open(client: Client, { mailbox, condstore }: Select, isReadOnly: boolean): Promise<Answer> {
  if (condstore) client.enabled.condstore = true;
  // Even a SELECT that fails closes what was open (RFC 9051 §6.3.2).
  if (client.view !== undefined && (client.enabled.rev2 || client.enabled.condstore))
    client.untagged('OK [CLOSED] The mailbox before is closed');
  client.closeView();
  const info = client.mailbox(mailbox);
  if (info === undefined) return noSuchMailbox();
  const opened = await client.mail.select(info.mailbox);
  if (isRefusal(opened)) return phraseRefusal(opened);
  if (client.wire.signal.aborted) {
    opened.close();
    return noSuchMailbox();
  }
  describe(client, client.openView(opened, isReadOnly));
  return ok('The mailbox is open', isReadOnly ? 'READ-ONLY' : 'READ-WRITE');
}

function describe(client: Client, view: View): void {
  const { info, columns } = view.open;
  const flags = knownFlags(columns.keywordsInUse());
  client.untagged(`FLAGS (${flags})`);
  client.untagged(`${view.count} EXISTS`);
  if (!client.enabled.rev2) describeAsRev1(client, view);
  client.untagged(`OK [UIDVALIDITY ${info.uidValidity}] UIDs are good as long as this stays`);
  client.untagged(`OK [UIDNEXT ${info.uidNext}] The next UID`);
  client.untagged(
    `OK [PERMANENTFLAGS (${view.isReadOnly ? '' : `${flags} \\*`})] ${view.isReadOnly ? 'Nothing can be changed' : 'Kept for good'}`,
  );
  client.untagged(`OK [HIGHESTMODSEQ ${Math.max(1, info.highestModseq)}] The latest change`);
  if (client.enabled.rev2) client.untagged(listLine(client, info, {}));
}

/** RFC 3501 §6.3.1: RECENT and the first unseen message. We keep no \Recent, as IMAP4rev2 asks. */
function describeAsRev1(client: Client, view: View): void {
  client.untagged('0 RECENT');
  const { columns } = view.open;
  for (let row = 0; row < view.count; row++) {
    if ((columns.flags(row) & FLAG.seen) !== 0) continue;
    client.untagged(`OK [UNSEEN ${row + 1}] The first not seen`);
    return;
  }
}

export const unselect = row({
  name: 'UNSELECT',
  when: 'selected',
  read: readNothing,
  capabilities: ['UNSELECT'],
  run(client) {
    client.closeView();
    return ok('Closed');
  },
});

export const close = row({
  name: 'CLOSE',
  when: 'selected',
  read: readNothing,
  async run(client) {
    const view = client.selected;
    if (!view.isReadOnly) await view.open.expunge([[1, MAX_UID]], true);
    client.closeView();
    return ok('Closed');
  },
});

/** Every uid there can be (RFC 9051 §9, uniqueid). */
export const MAX_UID = 0xffffffff;
