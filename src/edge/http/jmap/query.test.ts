/** Email/query and queryChanges over a real socket: what was told of changes, done to the old list, is the new list. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { idOf } from '../../../codec/jmap/ids.ts';
import { FLAG } from '../../../core/mailbox.ts';
import type { MailAccount, MailboxInfo } from '../../../service/mailboxes/mailboxes.ts';
import { type JmapHouse, ok, openJmapHouse } from './jmap-house.contract.ts';

type Json = Record<string, unknown>;
type Letter = Readonly<{
  head: readonly string[];
  body?: string;
  at?: number;
  path?: string;
  flags?: number;
  keywords?: readonly string[];
}>;

async function open(t: TestContext): Promise<{ house: JmapHouse; mail: MailAccount; accountId: string }> {
  const house = await openJmapHouse();
  const mail = await house.mail(0);
  t.after(async () => {
    mail.close();
    await house.close();
  });
  return { house, mail, accountId: idOf('account', house.people[0]?.account ?? 0) };
}

async function call(house: JmapHouse, name: string, args: Json): Promise<Json> {
  const response = await fetch(`http://127.0.0.1:${house.port}/jmap/api`, {
    method: 'POST',
    headers: { authorization: house.authorization(0), 'content-type': 'application/json' },
    body: JSON.stringify({ using: ['urn:ietf:params:jmap:mail'], methodCalls: [[name, args, 'a']] }),
  });
  const { methodResponses } = (await response.json()) as { methodResponses: readonly (readonly [string, Json])[] };
  const [answered, answer] = methodResponses[0] ?? assert.fail('no answer');
  assert.equal(answered, name, JSON.stringify(answer));
  return answer;
}

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

async function file(
  mail: MailAccount,
  { head, body = 'Hello\r\n', at = START, path = 'INBOX', flags = 0, keywords = [] }: Letter,
): Promise<string> {
  const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
  const staging = ok(mail.stage({ flags, keywords, receivedAt: at, size: bytes.length }));
  await staging.write(bytes);
  const before = new Set((await mail.index()).all());
  ok(await mail.appendAll(box(mail, path).mailbox, [ok(await staging.finish())]));
  const made = (await mail.index()).all().find((email) => !before.has(email));
  return idOf('email', made ?? assert.fail('not filed'));
}

const box = (mail: MailAccount, path: string): MailboxInfo => mail.byPath(path) ?? assert.fail(path);

test('each filter finds what it says, and together they must all hold', async (t) => {
  const { house, mail, accountId } = await open(t);
  const inbox = idOf('mailbox', box(mail, 'INBOX').mailbox);
  const a = await file(mail, {
    head: ['From: Zoë <zoe@a.example>', 'To: p0@school.example', 'Subject: Annual report', 'Message-ID: <1@x>'],
    body: 'The budget was discussed.\r\n',
  });
  const b = await file(mail, {
    head: ['From: Bert <bert@b.example>', 'Cc: team@school.example', 'Subject: Re: Annual report', 'References: <1@x>', 'X-Loop: yes'],
    at: START + HOUR,
    flags: FLAG.seen | FLAG.flagged,
  });
  const c = await file(mail, {
    head: [
      'From: Noor <noor@c.example>',
      'Bcc: me@school.example',
      'Subject: Photos',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=x',
    ],
    body: '--x\r\nContent-Type: text/plain\r\n\r\nSee them\r\n--x\r\nContent-Type: image/png; name=a.png\r\nContent-Disposition: attachment\r\n\r\nabc\r\n--x--\r\n',
    at: START + 2 * HOUR,
    path: 'Archive',
    keywords: ['$Work'],
  });
  const cases: readonly (readonly [Json, readonly string[]])[] = [
    [{}, [a, b, c]],
    [{ inMailbox: inbox }, [a, b]],
    [{ inMailbox: 'mnothing' }, []],
    [{ inMailboxOtherThan: [inbox] }, [c]],
    [{ before: '2026-01-01T01:00:00Z' }, [a]],
    [{ after: '2026-01-01T01:00:00Z' }, [b, c]],
    [{ minSize: 10, maxSize: 100_000 }, [a, b, c]],
    [{ maxSize: 10 }, []],
    [{ hasKeyword: '$seen' }, [b]],
    [{ notKeyword: '$SEEN' }, [a, c]],
    [{ hasKeyword: '$work' }, [c]],
    [{ someInThreadHaveKeyword: '$flagged' }, [a, b]],
    [{ allInThreadHaveKeyword: '$flagged' }, []],
    [{ noneInThreadHaveKeyword: '$flagged' }, [c]],
    [{ hasAttachment: true }, [c]],
    [{ hasAttachment: false, inMailbox: inbox }, [a, b]],
    [{ text: 'annual budget' }, [a]],
    [{ text: '"annual report"' }, [a, b]],
    [{ from: 'zoe' }, [a]],
    [{ to: 'school' }, [a]],
    [{ cc: 'team' }, [b]],
    [{ bcc: 'me@' }, [c]],
    [{ subject: 'report', hasKeyword: '$seen' }, [b]],
    [{ body: 'them' }, [c]],
    [{ header: ['X-Loop'] }, [b]],
    [{ header: ['x-loop', 'no'] }, []],
    [{ operator: 'OR', conditions: [{ from: 'zoe' }, { from: 'noor' }] }, [a, c]],
    [{ operator: 'NOT', conditions: [{ from: 'zoe' }, { from: 'noor' }] }, [b]],
    [{ operator: 'AND', conditions: [{ inMailbox: inbox }, { operator: 'NOT', conditions: [{ text: 'budget' }] }] }, [b]],
  ];
  for (const [filter, expected] of cases) {
    const { ids } = await call(house, 'Email/query', { accountId, filter });
    assert.deepEqual([...(ids as string[])].sort(), [...expected].sort(), JSON.stringify(filter));
  }
  const collapsed = await call(house, 'Email/query', {
    accountId,
    collapseThreads: true,
    sort: [{ property: 'receivedAt', isAscending: false }],
  });
  assert.deepEqual(collapsed['ids'], [c, b]);
  const bySubject = await call(house, 'Email/query', {
    accountId,
    sort: [{ property: 'subject' }, { property: 'receivedAt', isAscending: false }],
  });
  assert.deepEqual(bySubject['ids'], [b, a, c]);
  const byFrom = await call(house, 'Email/query', { accountId, sort: [{ property: 'from', isAscending: false }] });
  assert.deepEqual(byFrom['ids'], [a, c, b]);
  const byFlag = await call(house, 'Email/query', {
    accountId,
    sort: [{ property: 'hasKeyword', keyword: '$flagged', isAscending: false }],
  });
  assert.equal((byFlag['ids'] as string[])[0], b);
});

test('windows: position, anchor, offset, limit and total', async (t) => {
  const { house, mail, accountId } = await open(t);
  const all: string[] = [];
  for (let number = 0; number < 7; number++) all.push(await file(mail, { head: [`Subject: ${number}`], at: START + number * HOUR }));
  const sort = [{ property: 'receivedAt' }];
  const ids = async (more: Json): Promise<unknown> => (await call(house, 'Email/query', { accountId, sort, ...more }))['ids'];
  assert.deepEqual(await ids({ position: 2, limit: 3 }), all.slice(2, 5));
  assert.deepEqual(await ids({ position: -2 }), all.slice(5));
  assert.deepEqual(await ids({ position: -100, limit: 1 }), all.slice(0, 1));
  assert.deepEqual(await ids({ position: 100 }), []);
  assert.deepEqual(await ids({ anchor: all[3], anchorOffset: -1, limit: 2, position: 6 }), all.slice(2, 4));
  assert.deepEqual(await ids({ limit: 0 }), []);
  assert.equal((await call(house, 'Email/query', { accountId, calculateTotal: true, limit: 1 }))['total'], 7);
});

/** RFC 8620 §5.6, as a client does it. */
function applied(
  old: readonly string[],
  { removed, added }: Readonly<{ removed: readonly string[]; added: readonly { id: string; index: number }[] }>,
): string[] {
  const gone = new Set(removed);
  const list = old.filter((id) => !gone.has(id));
  for (const { id, index } of added) list.splice(index, 0, id);
  return list;
}

const QUERIES: readonly Json[] = [
  { sort: [{ property: 'receivedAt', isAscending: false }] },
  { sort: [{ property: 'receivedAt' }], collapseThreads: true },
  { filter: { notKeyword: '$seen' }, sort: [{ property: 'size' }] },
  { filter: { someInThreadHaveKeyword: '$flagged' }, sort: [{ property: 'receivedAt' }] },
  {
    sort: [{ property: 'someInThreadHaveKeyword', keyword: '$flagged', isAscending: false }, { property: 'receivedAt' }],
    collapseThreads: true,
  },
];

test('whatever changes, queryChanges turns the old list into the new one', async (t) => {
  const { house, mail, accountId } = await open(t);
  let seed = 7;
  const dice = (sides: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % sides;
  };
  const letter = (): Promise<string> =>
    file(mail, {
      head: [`Subject: x${dice(1_000)}`, `Message-ID: <${dice(1e6)}@x>`, `References: <thread${dice(4)}@x>`],
      body: 'x'.repeat(dice(500)),
      at: START + dice(1_000) * HOUR,
      flags: dice(2) * FLAG.seen,
    });
  for (let number = 0; number < 12; number++) await letter();
  const inbox = ok(await mail.select(box(mail, 'INBOX').mailbox));
  const some = (): [number, number][] => {
    const uid = inbox.columns.uids[dice(Math.max(1, inbox.columns.count))] ?? 1;
    return [[uid, uid]];
  };
  const change = async (): Promise<void> => {
    const kind = dice(5);
    if (kind === 0) await letter();
    else if (kind === 1)
      await inbox.setFlags(some(), { mode: dice(2) === 0 ? 'add' : 'remove', flags: FLAG.seen, keywords: [], unchangedSince: null });
    else if (kind === 2)
      await inbox.setFlags(some(), { mode: dice(2) === 0 ? 'add' : 'remove', flags: FLAG.flagged, keywords: [], unchangedSince: null });
    else if (kind === 3) await inbox.expunge(some(), false);
    else await inbox.copy(some(), box(mail, 'Archive').mailbox);
  };
  let told = 0;
  for (let round = 0; round < 25; round++) {
    const before = await Promise.all(QUERIES.map((query) => call(house, 'Email/query', { accountId, ...query })));
    for (let changes = dice(4); changes >= 0; changes--) await change();
    for (const [at, query] of QUERIES.entries()) {
      const old = before[at] ?? {};
      const delta = await call(house, 'Email/queryChanges', { accountId, ...query, sinceQueryState: old['queryState'] });
      const now = await call(house, 'Email/query', { accountId, ...query });
      assert.deepEqual(applied(old['ids'] as string[], delta as never), now['ids'], `round ${round}: ${JSON.stringify(query)}`);
      assert.equal(delta['newQueryState'], now['queryState']);
      told += (delta['added'] as unknown[]).length;
    }
  }
  assert.ok(told > 50, 'something was told');
  inbox.close();
});
