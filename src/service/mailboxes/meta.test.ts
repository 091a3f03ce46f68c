import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededDice } from '../../adapter/memory/dice.ts';
import { memoryKeyring } from '../../adapter/memory/keyring.ts';
import { scan } from '../../codec/mime/scanner.ts';
import type { AccountId, BlobId, EmailId } from '../../core/ids.ts';
import { threadOf } from './file.ts';
import { addEmailCommand, openMeta, sealMeta } from './mailboxes.ts';

const account = 7 as AccountId;
const email = 1_234 as EmailId;
const ring = memoryKeyring(seededDice('meta'));
const key = ring.add(account);
const other = ring.add(8 as AccountId);
const bodyKey = ring.bodyKey();
const message = (...head: string[]): ReturnType<typeof scan> => scan(Buffer.from(`${head.join('\r\n')}\r\n\r\nHoi\r\n`));
const structure = message(
  'From: Zoë <zoe@school.example>',
  'Subject: 日本 🎉',
  'Message-ID: <a@b>',
  'Content-Type: text/plain; charset=utf-8',
);

test('a sealed meta opens for its own message only', () => {
  const sealed = sealMeta(key, { account, email, bodyKey, structure });
  const opened = openMeta(key, account, email, sealed);
  assert.deepEqual(opened?.structure, structure);
  assert.deepEqual(Uint8Array.from(opened?.bodyKey ?? []), bodyKey);
  assert.equal(openMeta(key, account, 1_235 as EmailId, sealed), undefined);
  assert.equal(openMeta(key, 8 as AccountId, email, sealed), undefined);
  assert.equal(openMeta(other, account, email, sealed), undefined);
  for (let at = 0; at < sealed.length; at += 11) {
    const bent = Uint8Array.from(sealed);
    bent[at] = (bent[at] ?? 0) ^ 1;
    assert.equal(openMeta(key, account, email, bent), undefined);
  }
  assert.equal(openMeta(key, account, email, sealed.subarray(0, 20)), undefined);
  assert.equal(openMeta(key, account, email, key.seal(Uint8Array.of(9, 9), 'email-meta/7/1234')), undefined, 'of a later version');
  assert.ok(!Buffer.from(sealed).includes('zoe'), 'nothing shows');
  assert.throws(() => sealMeta(key, { account, email, bodyKey: bodyKey.subarray(1), structure }), /32 bytes/);
});

test('replies join the conversation they belong to', () => {
  const threads = (...head: string[]): number => threadOf(key, message(...head), email);
  const first = threads('Message-ID: <one@x>');
  assert.ok(Number.isSafeInteger(first) && first > 0);
  assert.equal(threads('Message-ID: <two@x>', 'In-Reply-To: <one@x>'), first);
  assert.equal(threads('Message-ID: <two@x>', 'In-Reply-To: your letter <one@x> of today'), first);
  assert.equal(threads('Message-ID: <three@x>', 'In-Reply-To: <two@x>', 'References: <one@x> <two@x>'), first);
  assert.notEqual(threads('Message-ID: <four@x>'), first);
  assert.equal(threads('Subject: no ids'), email);
  assert.notEqual(threadOf(other, message('Message-ID: <one@x>'), email), first, 'another account tells nothing of ours');
});

test('the command carries what the store needs, sealed', () => {
  const body = { kind: 'stored', blob: 5 as BlobId } as const;
  const command = addEmailCommand({ account, key, email, body, bodyKey, size: 99, receivedAt: 1_000, structure, into: [] });
  const { meta, thread, ...rest } = command;
  assert.deepEqual(rest, { do: 'addEmail', email, body, size: 99, receivedAt: 1_000, into: [] });
  assert.equal(thread, threadOf(key, structure, email));
  assert.deepEqual(openMeta(key, account, email, meta)?.structure, structure);
});
