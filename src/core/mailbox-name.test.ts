import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { glance } from '../lib/glance.ts';
import { seal, unseal } from '../lib/seal.ts';
import type { AccountId, MailboxId } from './ids.ts';
import { DEFAULT_MAILBOXES, nameKey, openName, sealName } from './mailbox-name.ts';
import type { OwnerKey } from './ports/keyring.ts';

const secret = Buffer.alloc(32, 7);
let nonces = 0;
const key: OwnerKey = {
  seal: (plain, context) => seal(secret, Buffer.alloc(12, ++nonces), plain, context),
  open: (sealed, context) => unseal(secret, sealed, context),
  glance: (sealed) => glance(secret, sealed),
  hash: (text, context) => createHmac('sha256', secret).update(`${context}\0${text}`).digest().subarray(0, 16),
};
const account = 11 as AccountId;
const one = 21 as MailboxId;
const other = 22 as MailboxId;

test('a name opens for its own mailbox and for no other', () => {
  const sealed = sealName(key, account, one, 'Größe/β');
  assert.equal(openName(key, account, one, sealed), 'Größe/β');
  assert.equal(openName(key, account, other, sealed), undefined);
  assert.equal(openName(key, 12 as AccountId, one, sealed), undefined);
  assert.ok(!Buffer.from(sealed).includes('Größe'));
});

test('name keys tell apart parents, accounts and case, but not spellings of one name', () => {
  const hex = (parent: MailboxId | null, name: string, of: AccountId = account): string =>
    Buffer.from(nameKey(key, of, parent, name)).toString('hex');
  assert.equal(hex(null, 'inbox'), hex(null, 'INBOX'));
  assert.notEqual(hex(one, 'inbox'), hex(one, 'INBOX'));
  assert.equal(hex(null, 'Cafe\u0301'), hex(null, 'Caf\u00e9'));
  const all = [hex(null, 'Sent'), hex(null, 'sent'), hex(one, 'Sent'), hex(other, 'Sent'), hex(null, 'Sent', 12 as AccountId)];
  assert.equal(new Set(all).size, all.length);
});

test('an account is born with an INBOX and one mailbox of each everyday role', () => {
  assert.equal(DEFAULT_MAILBOXES[0]?.name, 'INBOX');
  assert.deepEqual(
    DEFAULT_MAILBOXES.map(({ role }) => role),
    ['inbox', 'drafts', 'sent', 'junk', 'trash', 'archive'],
  );
});
