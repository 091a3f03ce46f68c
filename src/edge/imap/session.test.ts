import assert from 'node:assert/strict';
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { TLSSocket } from 'node:tls';
import { Fault } from '../../core/fault.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { MailAccount } from '../../service/mailboxes/mailboxes.ts';
import { COMMANDS } from './commands.ts';
import { type LineClient, makeWorld, PASSWORD, type World } from './world.test.ts';

const letter = (subject: string, body = 'Hello\r\n'): string =>
  `From: Ada <ada@mail.example>\r\nTo: bob@example.org\r\nSubject: ${subject}\r\nDate: Fri, 2 Jan 2026 03:04:05 +0000\r\nMessage-ID: <${subject}@mail.example>\r\n\r\n${body}`;

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

/** RFC 5802 §3: ClientKey XOR ClientSignature. */
function scramProof(salted: Buffer, authMessage: string): string {
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest();
  const signature = createHmac('sha256', storedKey).update(authMessage).digest();
  return base64(Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0))));
}

/** A world of its own for each test, closed whatever happens. */
async function inWorld(run: (world: World) => Promise<void>, options: Parameters<typeof makeWorld>[0] = {}): Promise<void> {
  const world = await makeWorld(options);
  try {
    await run(world);
  } finally {
    await world.close();
  }
}

describe('IMAP before sign-in', () => {
  it('tells nothing of passwords in clear', () =>
    inWorld(
      async (world) => {
        const client = await world.dial({ signIn: false });
        assert.match(client.greeting, /^\* OK \[CAPABILITY IMAP4rev1 IMAP4rev2 .*\bSTARTTLS\b.*\bLOGINDISABLED\b/);
        assert.doesNotMatch(client.greeting, /AUTH=/);
        assert.equal((await client.say(`LOGIN ada@mail.example "${PASSWORD}"`)).tagged, 'NO [PRIVACYREQUIRED] Start TLS first');
        assert.match((await client.say('AUTHENTICATE PLAIN AGEAYg==')).tagged, /^NO \[PRIVACYREQUIRED\]/);
        assert.match((await client.say('SELECT INBOX')).tagged, /^BAD Sign in first/);
      },
      { allowsPlaintext: false },
    ));

  it('starts TLS, forgetting what came ahead of it', () =>
    inWorld(
      async (world) => {
        const client = await world.dial({ signIn: false });
        client.raw('a STARTTLS\r\nb NOOP\r\nc LOGOUT\r\n');
        assert.match((await client.until('a')).tagged, /^OK/);
        await client.secure(world.certificate.pem);
        const { untagged } = await client.say('CAPABILITY');
        assert.match(untagged[0] ?? '', /^CAPABILITY .*SASL-IR AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 AUTH=PLAIN/);
        assert.doesNotMatch(untagged[0] ?? '', /STARTTLS|LOGINDISABLED/);
        assert.match((await client.say(`LOGIN ada@mail.example "${PASSWORD}"`)).tagged, /^OK \[CAPABILITY .*\] You are signed in$/);
        assert.match((await client.say('STARTTLS')).tagged, /^BAD/);
      },
      { allowsPlaintext: false },
    ));

  it('speaks TLS from the first octet', () =>
    inWorld(async (world) => {
      const client = await world.dial({ signIn: false, tls: true });
      assert.doesNotMatch(client.greeting, /STARTTLS/);
      const plain = Buffer.from(`\0ada@mail.example\0${PASSWORD}`).toString('base64');
      assert.match((await client.say(`AUTHENTICATE PLAIN ${plain}`)).tagged, /^OK/);
    }));

  it('carries a SASL exchange, and lets it be called off', () =>
    inWorld(async (world) => {
      const client = await world.dial({ signIn: false });
      const plain = Buffer.from(`\0ada@mail.example\0${PASSWORD}`).toString('base64');
      let tag = client.send('AUTHENTICATE PLAIN');
      assert.equal(await client.line(), '+ ');
      client.raw('*\r\n');
      assert.match((await client.until(tag)).tagged, /^BAD/);
      assert.match((await client.say('AUTHENTICATE NOSUCH')).tagged, /^NO \[CANNOT\]/);
      const other = Buffer.from(`bob\0ada@mail.example\0${PASSWORD}`).toString('base64');
      assert.match((await client.say(`AUTHENTICATE PLAIN ${other}`)).tagged, /^NO \[AUTHORIZATIONFAILED\]/);
      tag = client.send('AUTHENTICATE PLAIN');
      assert.equal(await client.line(), '+ ');
      client.raw(`${plain}\r\n`);
      assert.match((await client.until(tag)).tagged, /^OK \[CAPABILITY/);
    }));

  it('signs in with SCRAM, bound to the TLS connection', () =>
    inWorld(async (world) => {
      for (const password of [PASSWORD, 'wrong']) {
        const client = await world.dial({ signIn: false, tls: true });
        const socket = client.socket instanceof TLSSocket ? client.socket : assert.fail('no TLS');
        const binding = socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
        const gs2 = 'p=tls-exporter,,';
        const bare = 'n=ada@mail.example,r=clientnonce';
        const tag = client.send(`AUTHENTICATE SCRAM-SHA-256-PLUS ${base64(gs2 + bare)}`);
        const first = Buffer.from((await client.line()).slice(2), 'base64').toString();
        const [, nonce = '', salt = '', rounds] = /^r=(.*),s=(.*),i=(\d+)$/.exec(first) ?? [];
        const withoutProof = `c=${base64(Buffer.concat([Buffer.from(gs2), binding]))},r=${nonce}`;
        const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(rounds), 32, 'sha256');
        const proof = scramProof(salted, `${bare},${first},${withoutProof}`);
        client.raw(`${base64(`${withoutProof},p=${proof}`)}\r\n`);
        if (password === PASSWORD) {
          assert.match(Buffer.from((await client.line()).slice(2), 'base64').toString(), /^v=/);
          client.raw('\r\n');
        }
        assert.match((await client.until(tag)).tagged, password === PASSWORD ? /^OK/ : /^NO \[AUTHENTICATIONFAILED\]/);
      }
    }));

  it('hangs up on those who guess', () =>
    inWorld(async (world) => {
      const client = await world.dial({ signIn: false });
      for (let guess = 0; guess < 5; guess++)
        assert.match((await client.say('LOGIN ada@mail.example wrong')).tagged, /^NO \[AUTHENTICATIONFAILED\]/);
      assert.equal(await client.line(), '* BYE Too many errors');
      assert.equal(await client.line(), '(closed)');
    }));

  it('answers nonsense with BAD, and much of it with BYE', () =>
    inWorld(async (world) => {
      const client = await world.dial({ signIn: false });
      client.raw('\r\n');
      assert.equal(await client.line(), '* BAD Expected a tag');
      assert.match((await client.say('FROBNICATE')).tagged, /^BAD There is no such command/);
      client.raw('x NOOP\ny NOOP\r\n');
      assert.match((await client.until('x')).tagged, /^BAD Lines end in CRLF/);
      assert.match((await client.until('y')).tagged, /^OK/);
    }));

  it('says goodbye', () =>
    inWorld(async (world) => {
      const client = await world.dial();
      const { untagged, tagged } = await client.say('LOGOUT');
      assert.match(untagged[0] ?? '', /^BYE/);
      assert.match(tagged, /^OK/);
      assert.equal(await client.line(), '(closed)');
    }));
});

describe('IMAP mailboxes', () => {
  let world: World;
  let client: LineClient;
  before(async () => {
    world = await makeWorld();
    client = await world.dial();
  });
  after(() => world.close());
  const list = async (command: string): Promise<string[]> => [...(await client.say(command)).untagged].sort();

  it('lists what everybody is born with', async () => {
    assert.deepEqual(await list('LIST "" *'), [
      'LIST (\\HasNoChildren \\Archive) "/" Archive',
      'LIST (\\HasNoChildren \\Drafts) "/" Drafts',
      'LIST (\\HasNoChildren \\Junk) "/" Junk',
      'LIST (\\HasNoChildren \\Sent) "/" Sent',
      'LIST (\\HasNoChildren \\Trash) "/" Trash',
      'LIST (\\HasNoChildren) "/" INBOX',
    ]);
    assert.deepEqual(await list('LIST "" ""'), ['LIST (\\Noselect) "/" ""']);
    assert.deepEqual(await list('NAMESPACE'), ['NAMESPACE (("" "/")) NIL NIL']);
  });

  it('makes, renames, subscribes and removes them', async () => {
    assert.match((await client.say('CREATE Work/2026/')).tagged, /^OK/);
    assert.match((await client.say('CREATE "Entw&APw-rfe"')).tagged, /^OK/);
    assert.match((await client.say('CREATE Important (USE (\\Important))')).tagged, /^OK/);
    assert.match((await client.say('CREATE Odd (USE (\\Odd))')).tagged, /^NO \[USEATTR\]/);
    assert.match((await client.say('CREATE inbox')).tagged, /^NO \[ALREADYEXISTS\]/);
    assert.match((await client.say('CREATE a//b')).tagged, /^NO \[CANNOT\]/);
    assert.match((await client.say('CREATE "&Jjo!"')).tagged, /^BAD/);
    assert.deepEqual(await list('LIST "" (W% Ent* Imp*)'), [
      'LIST (\\HasChildren) "/" Work',
      'LIST (\\HasNoChildren \\Important) "/" Important',
      'LIST (\\HasNoChildren) "/" Entw&APw-rfe',
    ]);
    assert.match((await client.say('SUBSCRIBE Work/2026')).tagged, /^OK/);
    assert.match((await client.say('RENAME Work Labour')).tagged, /^OK/);
    assert.deepEqual(await list('LIST "Labour/" %'), ['LIST (\\HasNoChildren) "/" Labour/2026']);
    assert.match((await client.say('DELETE Labour')).tagged, /^NO \[HASCHILDREN\]/);
    assert.match((await client.say('DELETE Nowhere')).tagged, /^NO \[NONEXISTENT\]/);
    assert.match((await client.say('DELETE INBOX')).tagged, /^NO \[CANNOT\]/);
    assert.match((await client.say('DELETE Labour/2026')).tagged, /^OK/);
  });

  it('lists with selections and returns', async () => {
    await client.say('CREATE Fruit/Apple');
    await client.say('CREATE Fruit/Pear');
    await client.say('UNSUBSCRIBE Fruit');
    await client.say('UNSUBSCRIBE Fruit/Pear');
    await client.say('SUBSCRIBE Fruit/Apple');
    assert.deepEqual(await list('LIST (SUBSCRIBED) "" Fruit*'), ['LIST (\\HasNoChildren \\Subscribed) "/" Fruit/Apple']);
    assert.deepEqual(await list('LIST "" Fruit/% RETURN (SUBSCRIBED)'), [
      'LIST (\\HasNoChildren \\Subscribed) "/" Fruit/Apple',
      'LIST (\\HasNoChildren) "/" Fruit/Pear',
    ]);
    assert.deepEqual(await list('LIST (SUBSCRIBED RECURSIVEMATCH) "" F%'), ['LIST (\\HasChildren) "/" Fruit (CHILDINFO ("SUBSCRIBED"))']);
    assert.deepEqual(await list('LIST (SUBSCRIBED RECURSIVEMATCH) "" Fruit*'), ['LIST (\\HasNoChildren \\Subscribed) "/" Fruit/Apple']);
    assert.deepEqual(await list('LSUB "" Fruit/%'), ['LSUB () "/" Fruit/Apple']);
    assert.deepEqual(await list('LSUB "" F%'), ['LSUB (\\Noselect) "/" Fruit']);
    assert.equal((await list('LIST (SPECIAL-USE) "" *')).length, 6);
    assert.match((await client.say('LIST (RECURSIVEMATCH) "" *')).tagged, /^BAD/);
  });

  it('tells their status', async () => {
    await world.deliver('INBOX', letter('one'));
    await world.deliver('INBOX', letter('two'), 1);
    const size = letter('one').length * 2;
    const { untagged } = await client.say('STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE RECENT)');
    assert.deepEqual(untagged, [`STATUS INBOX (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 7 UNSEEN 1 DELETED 0 SIZE ${size} RECENT 0)`]);
    assert.deepEqual(await list('LIST "" (INBOX Junk) RETURN (STATUS (MESSAGES))'), [
      'LIST (\\HasNoChildren \\Junk) "/" Junk',
      'LIST (\\HasNoChildren) "/" INBOX',
      'STATUS INBOX (MESSAGES 2)',
      'STATUS Junk (MESSAGES 0)',
    ]);
    assert.match((await client.say('STATUS Nowhere (MESSAGES)')).tagged, /^NO \[NONEXISTENT\]/);
  });

  it('tells what there is room for', async () => {
    assert.deepEqual(await list('GETQUOTA ""'), ['QUOTA "" ()']);
    await world.store.directory.write([{ do: 'setQuota', account: world.account, quota: 10_240 }]);
    assert.deepEqual(await list('GETQUOTAROOT INBOX'), ['QUOTA "" (STORAGE 1 10)', 'QUOTAROOT INBOX ""']);
    assert.match((await client.say('GETQUOTA other')).tagged, /^NO \[NONEXISTENT\]/);
    await world.deliver('Junk', letter('x', 'y'.repeat(2000)), 8);
    assert.deepEqual(await list('STATUS Junk (DELETED DELETED-STORAGE)'), ['STATUS Junk (DELETED 1 DELETED-STORAGE 3)']);
    await world.store.directory.write([{ do: 'setQuota', account: world.account, quota: 1000 }]);
    assert.match((await client.say('APPEND Junk {3+}\r\nabc')).tagged, /^NO \[OVERQUOTA\]/);
  });

  it('speaks plain UTF-8 to those who enabled it', async () => {
    const modern = await world.dial();
    assert.deepEqual((await modern.say('ENABLE IMAP4rev2 FOO CONDSTORE')).untagged, ['ENABLED IMAP4rev2 CONDSTORE']);
    assert.deepEqual((await modern.say('LIST "" Ent*')).untagged, ['LIST (\\HasNoChildren) "/" "Entwürfe"']);
    const { untagged } = await modern.say('SELECT "Entwürfe"');
    assert.equal(untagged.at(-1), 'LIST (\\HasNoChildren) "/" "Entwürfe"');
    assert.ok(!untagged.some((line) => line.includes('RECENT')));
  });
});

describe('IMAP messages', () => {
  it('opens, reads, marks, searches and moves', () =>
    inWorld(async (world) => {
      for (const subject of ['one', 'two', 'three']) await world.deliver('INBOX', letter(subject));
      const client = await world.dial();
      const opened = await client.say('SELECT INBOX');
      assert.equal(opened.tagged, 'OK [READ-WRITE] The mailbox is open');
      assert.deepEqual(opened.untagged.slice(1, 6), [
        '3 EXISTS',
        '0 RECENT',
        'OK [UNSEEN 1] The first not seen',
        'OK [UIDVALIDITY 7] UIDs are good as long as this stays',
        'OK [UIDNEXT 4] The next UID',
      ]);
      assert.deepEqual((await client.say('FETCH 1:2 (UID FLAGS)')).untagged, ['1 FETCH (UID 1 FLAGS ())', '2 FETCH (UID 2 FLAGS ())']);
      const text = letter('two');
      assert.deepEqual((await client.say('FETCH 2 (RFC822.SIZE INTERNALDATE BODY[TEXT])')).untagged, [
        `2 FETCH (RFC822.SIZE ${text.length} INTERNALDATE " 2-Jan-2026 03:04:05 +0000" BODY[TEXT] {7}\r\nHello\r\n FLAGS (\\Seen))`,
      ]);
      assert.deepEqual((await client.say('FETCH 1 BODY.PEEK[]')).untagged, [`1 FETCH (BODY[] {${text.length}}\r\n${letter('one')})`]);
      assert.deepEqual((await client.say('FETCH 1 BODY.PEEK[HEADER.FIELDS (subject)]<0.9>')).untagged, [
        '1 FETCH (BODY[HEADER.FIELDS (SUBJECT)]<0> {9}\r\nSubject: )',
      ]);
      assert.deepEqual((await client.say('UID FETCH 3 (BODY BINARY.SIZE[1] BINARY.PEEK[1])')).untagged, [
        '3 FETCH (UID 3 BODY ("TEXT" "PLAIN" ("charset" "us-ascii") NIL NIL "7BIT" 7 1) BINARY.SIZE[1] 7 BINARY[1] {7}\r\nHello\r\n)',
      ]);
      assert.match((await client.say('FETCH 1 ENVELOPE')).untagged[0] ?? '', /"one" \(\("Ada" NIL "ada" "mail.example"\)\)/);
      assert.deepEqual((await client.say('FETCH 1 BODY.PEEK[7]')).untagged, ['1 FETCH (BODY[7] NIL)']);
      assert.deepEqual((await client.say('STORE 1 +FLAGS (\\Flagged work)')).untagged, ['1 FETCH (UID 1 FLAGS (\\Flagged work))']);
      assert.deepEqual((await client.say('STORE 1 -FLAGS.SILENT \\Flagged')).untagged, []);
      assert.deepEqual((await client.say('SEARCH UNSEEN')).untagged, ['SEARCH 1 3']);
      assert.deepEqual((await client.say('UID SEARCH SUBJECT tHr')).untagged, ['SEARCH 3']);
      assert.deepEqual((await client.say('SEARCH KEYWORD work')).untagged, ['SEARCH 1']);
      assert.equal((await client.say('COPY 1:2 Nowhere')).tagged, 'NO [TRYCREATE] There is no mailbox of that name');
      assert.equal((await client.say('COPY 1:2 Archive')).tagged, 'OK [COPYUID 7 1:2 1:2] Copied');
      const moved = await client.say('UID MOVE 1 Trash');
      assert.deepEqual(moved.untagged, ['OK [COPYUID 7 1 1] Moved', '1 EXPUNGE']);
      await client.say('STORE 1:* +FLAGS.SILENT \\Deleted');
      assert.deepEqual((await client.say('UID EXPUNGE 2')).untagged, ['1 EXPUNGE']);
      assert.deepEqual((await client.say('EXPUNGE')).untagged, ['1 EXPUNGE']);
      assert.equal((await client.say('FETCH 1 FLAGS')).tagged, 'BAD There is no message of that number');
      assert.match((await client.say('UID FETCH 1:* FLAGS')).tagged, /^OK/);
      assert.match((await client.say('CLOSE')).tagged, /^OK/);
      assert.match((await client.say('FETCH 1 FLAGS')).tagged, /^BAD Open a mailbox first/);
    }));

  it('leaves a mailbox alone that was opened for reading', () =>
    inWorld(async (world) => {
      await world.deliver('INBOX', letter('one'), 8);
      const client = await world.dial();
      assert.match((await client.say('EXAMINE INBOX')).tagged, /^OK \[READ-ONLY\]/);
      assert.match((await client.say('FETCH 1 BODY[TEXT]')).untagged[0] ?? '', /Hello\r\n\)$/);
      for (const command of ['STORE 1 FLAGS \\Seen', 'EXPUNGE', 'MOVE 1 Trash', 'UID EXPUNGE 1'])
        assert.match((await client.say(command)).tagged, /^NO \[READ-ONLY\]/);
      await client.say('CLOSE');
      assert.match((await client.say('STATUS INBOX (MESSAGES UNSEEN)')).untagged[0] ?? '', /MESSAGES 1 UNSEEN 1/);
    }));

  it('appends, streaming, several at once', () =>
    inWorld(async (world) => {
      const client = await world.dial();
      const one = letter('one');
      const tag = client.send(`APPEND Sent (\\Seen work) "02-Jan-2026 03:04:05 +0100" {${one.length}}`);
      assert.equal(await client.line(), '+ Go on');
      client.raw(`${one}\r\n`);
      assert.equal((await client.until(tag)).tagged, 'OK [APPENDUID 7 1] Appended');
      assert.equal(
        (await client.say(`APPEND Sent {${one.length}+}\r\n${one} (\\Draft) {3+}\r\nx\r\n`)).tagged,
        'OK [APPENDUID 7 2:3] Appended',
      );
      assert.match((await client.say(`APPEND Sent {${one.length}+}\r\n${one} {0+}\r\n`)).tagged, /^NO /);
      assert.match((await client.say(`APPEND Nowhere {3+}\r\nabc`)).tagged, /^NO \[TRYCREATE\]/);
      assert.match((await client.say('APPEND Sent (\\Nope) {3+}\r\nabc')).tagged, /^BAD/);
      assert.match((await client.say('APPEND Sent {99999999999}')).tagged, /^NO \[LIMIT\]/);
      assert.match((await client.say('APPEND Sent')).tagged, /^BAD/);
      assert.deepEqual((await client.say('STATUS Sent (MESSAGES UNSEEN)')).untagged, ['STATUS Sent (MESSAGES 3 UNSEEN 2)']);
      await client.say('SELECT Sent');
      assert.deepEqual((await client.say('FETCH 1 (FLAGS INTERNALDATE)')).untagged, [
        '1 FETCH (FLAGS (\\Seen work) INTERNALDATE " 2-Jan-2026 02:04:05 +0000")',
      ]);
      assert.match((await client.say('APPEND Drafts UTF8 (~{6+}\r\nab\0cde)')).tagged, /^OK \[APPENDUID 7 1\]/);
      assert.match((await client.say('APPEND Drafts UTF8 (~{3+}\r\nabc')).tagged, /^BAD/);
      const more = await client.say(`APPEND Sent {3+}\r\nabc`);
      assert.deepEqual(more.untagged, ['4 EXISTS']);
    }));

  it('reads back what is large, whole and in parts', () =>
    inWorld(async (world) => {
      const body = `${'0123456789abcdef'.repeat(60)}\r\n`.repeat(1500);
      const large = `From: a@b.example\r\nContent-Type: text/plain\r\n\r\n${body}`;
      await world.deliver('INBOX', large);
      const raw = Buffer.alloc(1_500_000, 'binary\0');
      const base64 = raw.toString('base64').replace(/.{76}/g, '$&\r\n');
      await world.deliver(
        'INBOX',
        `From: a@b.example\r\nContent-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64}\r\n`,
      );
      const client = await world.dial();
      await client.say('SELECT INBOX');
      assert.deepEqual((await client.say('FETCH 1 BODY.PEEK[]')).untagged, [`1 FETCH (BODY[] {${large.length}}\r\n${large})`]);
      const part = body.slice(700_000, 1_000_000);
      assert.deepEqual((await client.say('FETCH 1 BODY.PEEK[1]<700000.300000>')).untagged, [
        `1 FETCH (BODY[1]<700000> {300000}\r\n${part})`,
      ]);
      assert.deepEqual((await client.say('FETCH 2 (BINARY.SIZE[1])')).untagged, ['2 FETCH (BINARY.SIZE[1] 1500000)']);
      const middle = raw.subarray(1_234_567, 1_234_577).toString();
      assert.deepEqual((await client.say('FETCH 2 (BINARY.PEEK[1]<1234567.10>)')).untagged, [
        `2 FETCH (BINARY[1]<1234567> ~{10}\r\n${middle})`,
      ]);
    }));

  it('answers pipelined commands in order', () =>
    inWorld(async (world) => {
      for (const subject of ['one', 'two']) await world.deliver('INBOX', letter(subject));
      const client = await world.dial();
      client.raw('a SELECT INBOX\r\nb FETCH 1 BODY.PEEK[TEXT]\r\nc STORE 1 +FLAGS \\Seen\r\nd SEARCH SEEN\r\ne IDLE\r\nDONE\r\nf NOOP\r\n');
      for (const tag of ['a', 'b', 'c']) assert.match((await client.until(tag)).tagged, /^OK/);
      assert.deepEqual((await client.until('d')).untagged, ['SEARCH 1']);
      assert.deepEqual((await client.until('e')).untagged, ['+ Waiting for news']);
      assert.match((await client.until('f')).tagged, /^OK/);
    }));
});

describe('IMAP searches', () => {
  it('answer as the client asked', () =>
    inWorld(async (world) => {
      for (let at = 1; at <= 6; at++) await world.deliver('INBOX', letter(`s${at}`), at % 2);
      const client = await world.dial();
      await client.say('SELECT INBOX');
      await client.say('STORE 1 +FLAGS.SILENT \\Deleted');
      await client.say('EXPUNGE');
      const search = async (command: string): Promise<string> => {
        const { untagged, tagged } = await client.say(command);
        return untagged[0]?.replace(/\(TAG "t\d+"\)/, 'TAG') ?? tagged;
      };
      assert.equal(await search('SEARCH RETURN (MIN MAX COUNT) UNSEEN'), 'ESEARCH TAG MIN 1 MAX 5 COUNT 3');
      assert.equal(await search('UID SEARCH RETURN () ALL'), 'ESEARCH TAG UID ALL 2:6');
      assert.equal(await search('SEARCH RETURN (COUNT) SUBJECT nothing'), 'ESEARCH TAG COUNT 0');
      assert.equal(await search('SEARCH SUBJECT nothing'), 'SEARCH');
      assert.equal(await search('SEARCH RETURN (SAVE) SEEN'), 'OK Searched');
      assert.equal(await search('UID SEARCH $'), 'SEARCH 3 5');
      assert.deepEqual((await client.say('FETCH $ FLAGS')).untagged, ['2 FETCH (FLAGS (\\Seen))', '4 FETCH (FLAGS (\\Seen))']);
      assert.equal(await search('SEARCH RETURN (SAVE MIN) ALL'), 'ESEARCH TAG MIN 1');
      assert.equal(await search('UID SEARCH UID $'), 'SEARCH 2');
      assert.equal(await search('SEARCH CHARSET KLINGON ALL'), 'NO [BADCHARSET (UTF-8 US-ASCII)] We cannot read that charset');
      assert.equal(await search('SEARCH OR 1 NOT (2:4 SEEN)'), 'SEARCH 1 3 5');
      assert.equal(await search('SEARCH SINCE 1-Jan-2026 BEFORE 3-Jan-2026 LARGER 10 NEW'), 'SEARCH');
      assert.equal(await search('SEARCH OLD HEADER Message-ID s4@'), 'SEARCH 3');
      assert.match(await search('SEARCH MODSEQ 1'), /^SEARCH 1 2 3 4 5 \(MODSEQ \d+\)$/);
      const much = ` TEXT {60000+}\r\n${'x'.repeat(60_000)}`;
      assert.equal(await search(`SEARCH${much.repeat(6)}`), 'SEARCH');
      assert.equal(await search(`SEARCH${much.repeat(20)}`), 'BAD The command is too long');
      await client.say('ENABLE IMAP4rev2');
      assert.equal(await search('SEARCH SEEN'), 'ESEARCH TAG ALL 2,4');
    }));
});

describe('IMAP with mod-sequences', () => {
  it('stores on condition, fetches what changed, and tells new numbers', () =>
    inWorld(async (world) => {
      for (const subject of ['one', 'two', 'three']) await world.deliver('INBOX', letter(subject));
      const client = await world.dial();
      const { untagged } = await client.say('SELECT INBOX (CONDSTORE)');
      const start = Number(/HIGHESTMODSEQ (\d+)/.exec(untagged.join(' '))?.[1]);
      assert.ok(start > 0);
      const stored = await client.say('STORE 2 +FLAGS \\Seen');
      assert.equal(stored.untagged[0], `2 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (${start + 1}))`);
      const held = await client.say(`STORE 1:3 (UNCHANGEDSINCE ${start}) +FLAGS.SILENT \\Flagged`);
      assert.equal(held.tagged, 'OK [MODIFIED 2] Some had changed meanwhile');
      assert.deepEqual(held.untagged, [`1 FETCH (UID 1 MODSEQ (${start + 2}))`, `3 FETCH (UID 3 MODSEQ (${start + 2}))`]);
      const changed = await client.say(`FETCH 1:* FLAGS (CHANGEDSINCE ${start + 1})`);
      assert.deepEqual(changed.untagged, [
        `1 FETCH (FLAGS (\\Flagged) MODSEQ (${start + 2}))`,
        `3 FETCH (FLAGS (\\Flagged) MODSEQ (${start + 2}))`,
      ]);
      assert.match((await client.say('STATUS INBOX (HIGHESTMODSEQ)')).untagged[0] ?? '', new RegExp(`HIGHESTMODSEQ ${start + 2}`));
    }));
});

describe('IMAP between sessions', () => {
  it('tells news in IDLE at once, and elsewhere where they may be told', () =>
    inWorld(async (world) => {
      for (const subject of ['one', 'two', 'three']) await world.deliver('INBOX', letter(subject));
      const [idler, worker, other] = [await world.dial(), await world.dial(), await world.dial()];
      for (const client of [idler, worker, other]) await client.say('SELECT INBOX');
      const idle = idler.send('IDLE');
      assert.equal(await idler.line(), '+ Waiting for news');
      await worker.say('STORE 1 +FLAGS \\Deleted');
      assert.equal(await idler.line(), '* 1 FETCH (UID 1 FLAGS (\\Deleted))');
      await worker.say('EXPUNGE');
      assert.equal(await idler.line(), '* 1 EXPUNGE');
      await world.deliver('INBOX', letter('four'));
      assert.equal(await idler.line(), '* 3 EXISTS');
      idler.raw('DONE\r\n');
      assert.match((await idler.until(idle)).tagged, /^OK/);
      // The third has heard nothing yet: its numbers stand until a command lets them move.
      const fetched = await other.say('FETCH 1:3 UID');
      assert.deepEqual(fetched.untagged, ['4 EXISTS', '2 FETCH (UID 2)', '3 FETCH (UID 3)']);
      assert.equal(fetched.tagged, 'OK [EXPUNGEISSUED] Some messages were expunged meanwhile');
      assert.deepEqual((await other.say('SEARCH ALL')).untagged, ['SEARCH 2 3 4']);
      assert.deepEqual((await other.say('NOOP')).untagged, ['1 EXPUNGE']);
      assert.deepEqual((await other.say('FETCH 1:* UID')).untagged, ['1 FETCH (UID 2)', '2 FETCH (UID 3)', '3 FETCH (UID 4)']);
    }));

  it('hangs up when the open mailbox is deleted', () =>
    inWorld(async (world) => {
      const [one, two] = [await world.dial(), await world.dial()];
      await one.say('CREATE Doomed');
      await two.say('SELECT Doomed');
      await one.say('DELETE Doomed');
      two.send('NOOP');
      assert.equal(await two.line(), '* BYE The open mailbox was deleted');
    }));

  it('lets who deletes the open mailbox go on', () =>
    inWorld(async (world) => {
      const client = await world.dial();
      await client.say('CREATE Doomed');
      await client.say('SELECT Doomed');
      const { untagged, tagged } = await client.say('DELETE Doomed');
      assert.deepEqual(untagged, ['OK [CLOSED] The mailbox that was open is gone']);
      assert.match(tagged, /^OK/);
      assert.match((await client.say('FETCH 1 UID')).tagged, /^BAD Open a mailbox first/);
    }));

  it('renames INBOX by moving what is in it', () =>
    inWorld(async (world) => {
      await world.deliver('INBOX', letter('one'));
      const client = await world.dial();
      await client.say('SELECT INBOX');
      const { untagged, tagged } = await client.say('RENAME INBOX Old');
      assert.match(tagged, /^OK/);
      assert.deepEqual(untagged, ['1 EXPUNGE']);
      assert.deepEqual((await client.say('STATUS Old (MESSAGES)')).untagged, ['STATUS Old (MESSAGES 1)']);
    }));

  it('holds back for a client that does not read', () =>
    inWorld(async (world) => {
      await world.deliver('INBOX', `Subject: x\r\n\r\n${'0123456789abcdef'.repeat(65_536)}`);
      const client = await world.dial();
      await client.say('SELECT INBOX');
      client.socket.pause();
      const before = process.memoryUsage().arrayBuffers;
      const tags = Array.from({ length: 40 }, () => client.send('FETCH 1 BODY.PEEK[]'));
      await new Promise((resolve) => setTimeout(resolve, 150));
      assert.ok(process.memoryUsage().arrayBuffers - before < 20_000_000);
      client.socket.resume();
      for (const tag of tags) assert.match((await client.until(tag)).tagged, /^OK/);
    }));

  it('keeps many sessions in step with the mailbox', () =>
    inWorld(async (world) => {
      for (let at = 0; at < 20; at++) await world.deliver('INBOX', letter(`m${at}`));
      const clients = [await world.dial(), await world.dial(), await world.dial()];
      for (const client of clients) await client.say('SELECT INBOX');
      let seed = 41;
      const random = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
      const lists = clients.map(() => Array.from({ length: 20 }, (_, at) => at + 1));
      const follow = (at: number, untagged: readonly string[]): void => {
        const list = lists[at] ?? [];
        for (const line of untagged) {
          const [number, word] = line.split(' ');
          if (word === 'EXPUNGE') list.splice(Number(number) - 1, 1);
          if (word === 'EXISTS') while (list.length < Number(number)) list.push(0);
          const uid = /FETCH \(UID (\d+)/.exec(line)?.[1];
          if (uid === undefined) continue;
          const index = Number(number) - 1;
          assert.ok(list[index] === 0 || list[index] === Number(uid), `${line} but ${list[index]}`);
          list[index] = Number(uid);
        }
      };
      for (let round = 0; round < 60; round++) {
        const at = random(3);
        const client = clients[at];
        const size = lists[at]?.length ?? 0;
        const number = 1 + random(Math.max(1, size));
        const commands = ['NOOP', `STORE ${number} +FLAGS \\Deleted`, 'UID FETCH 1:* FLAGS', `FETCH ${number} (UID FLAGS)`, 'EXPUNGE'];
        if (random(4) === 0) await world.deliver('INBOX', letter(`r${round}`));
        // All at once: what one does arrives in the middle of the others.
        await Promise.all(
          clients
            .map(async (other, index) =>
              other === client ? undefined : follow(index, (await other.say(random(2) === 0 ? 'NOOP' : 'UID FETCH 1:* FLAGS')).untagged),
            )
            .concat([(async () => follow(at, (await client?.say(commands[random(5)] ?? 'NOOP'))?.untagged ?? []))()]),
        );
      }
      for (const [at, client] of clients.entries()) {
        follow(at, (await client.say('NOOP')).untagged);
        const { untagged } = await client.say('FETCH 1:* UID');
        assert.equal(untagged.length, lists[at]?.length);
        follow(at, untagged);
      }
      assert.deepEqual(lists[0], lists[1]);
      assert.deepEqual(world.troubles, []);
    }));
});

/** The real thing with some methods replaced. */
function instead<T extends object>(real: T, changes: Partial<T>): T {
  return new Proxy(real, {
    get(target, name) {
      const value: unknown = Reflect.get(name in changes ? changes : target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

type Spoil = NonNullable<NonNullable<Parameters<typeof makeWorld>[0]>['spoil']>;

/** Breaks what an account does. */
const spoilAccount =
  (changes: (real: MailAccount) => Partial<MailAccount>): Spoil =>
  (mailboxes) =>
    instead(mailboxes, {
      open: async (account) => {
        const real = await mailboxes.open(account);
        return instead(real, changes(real));
      },
    });

const broken = (): Fault => new Fault('unavailable', 'the disk is away');

describe('IMAP in trouble', () => {
  it('says NO with an incident number when the house is broken, and lives on', () =>
    inWorld(
      async (world) => {
        const client = await world.dial({ signIn: false });
        const { tagged } = await client.say(`LOGIN ada@mail.example "${PASSWORD}"`);
        assert.match(tagged, /^NO \[UNAVAILABLE\] Something went wrong on our side; try again later \(incident [0-9a-f]{12}\)$/);
        assert.match((await client.say('NOOP')).tagged, /^OK/);
        assert.equal(world.troubles.length, 1);
      },
      { spoil: (real) => instead(real, { open: () => Promise.reject(broken()) }) },
    ));

  it('passes over a message that cannot be stored, and goes on', () =>
    inWorld(
      async (world) => {
        const client = await world.dial();
        assert.match((await client.say('APPEND Sent {6+}\r\nabcdef {3+}\r\nxyz')).tagged, /^NO \[UNAVAILABLE\]/);
        assert.match((await client.say('APPEND Sent {6+}\r\nabcdef')).tagged, /^NO \[UNAVAILABLE\]/);
        assert.match((await client.say('NOOP')).tagged, /^OK/);
      },
      {
        spoil: spoilAccount((real) => ({
          stage: (about) => {
            const staging = real.stage(about);
            return isRefusal(staging) ? staging : instead(staging, { write: () => Promise.reject(broken()) });
          },
        })),
      },
    ));

  it('cuts the line rather than leave a literal half said', () =>
    inWorld(
      async (world) => {
        await world.deliver('INBOX', `Subject: x\r\n\r\n${'x'.repeat(600_000)}`);
        const client = await world.dial();
        await client.say('SELECT INBOX');
        client.send('FETCH 1 BODY.PEEK[]');
        assert.equal(await client.line(), '(closed)');
        assert.match((await (await world.dial()).say('NOOP')).tagged, /^OK/);
        assert.ok(world.troubles.length > 0);
      },
      { spoil: spoilAccount(unreadable) },
    ));

  it('forgets an APPEND whose client has gone', () =>
    inWorld(async (world) => {
      const client = await world.dial();
      client.raw('a APPEND Sent {1000+}\r\nabc');
      await new Promise((resolve) => setTimeout(resolve, 20));
      client.socket.destroy();
      const other = await world.dial();
      assert.deepEqual((await other.say('STATUS Sent (MESSAGES)')).untagged, ['STATUS Sent (MESSAGES 0)']);
      assert.deepEqual(world.troubles, []);
    }));

  it('survives nonsense', () =>
    inWorld(async (world) => {
      for (const subject of ['one', 'two', 'three']) await world.deliver('INBOX', letter(subject));
      const words = COMMANDS.map(({ name }) => name).filter((name) => !['LOGOUT', 'IDLE', 'STARTTLS', 'DELETE'].includes(name));
      const pieces = [
        ' ',
        ' ',
        ' ',
        '1:*',
        '2',
        'INBOX',
        'Sent',
        '(',
        ')',
        'FLAGS',
        '\\Seen',
        'BODY[]',
        'BODY.PEEK[1.2]',
        '{3+}\r\nabc',
        '"x"',
        '$',
        'ALL',
        'NOT',
        'OR',
        'RETURN (MIN)',
        '+FLAGS',
        'UID',
        '\0',
        '\xff',
        '*',
        '%',
        'NIL',
        '<0.5>',
        'CHARSET',
        'MESSAGES',
      ];
      let seed = 77;
      const pick = (from: readonly string[]): string => from[(seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % from.length] ?? '';
      for (let round = 0; round < 12; round++) {
        const client = await world.dial();
        await client.say('SELECT INBOX');
        for (let at = 0; at < 40; at++) {
          const line = `z${at} ${pick(words)} ${Array.from({ length: seed % 7 }, () => pick(pieces)).join('')}\r\n`;
          client.raw(Buffer.from(line, 'latin1'));
        }
        client.raw('end NOOP\r\n');
        for (let line = await client.line(); !line.startsWith('end ') && line !== '(closed)'; line = await client.line());
        client.socket.destroy();
      }
      assert.deepEqual(world.troubles, []);
    }));
});

describe('IMAP when what the client signed in with is taken away', () => {
  const BYE = '* BYE [EXPIRED] The password you signed in with was changed or withdrawn; sign in with the new one';

  it('says BYE between commands, in IDLE and while a message comes, and leaves nothing watching', () =>
    inWorld(async (world) => {
      const [idle, resting, appending, left] = [await world.dial(), await world.dial(), await world.dial(), await world.dial()];
      await idle.say('SELECT INBOX');
      idle.raw('i IDLE\r\n');
      assert.match(await idle.line(), /^\+ /);
      appending.raw('a APPEND INBOX {100}\r\n');
      assert.match(await appending.line(), /^\+ /);
      appending.raw('half of it');
      assert.equal(world.hold.watchers, 4);
      await left.say('LOGOUT');
      while ((await left.line()) !== '(closed)');
      await until(() => world.hold.watchers === 3);
      world.hold.take();
      for (const client of [idle, resting, appending]) {
        assert.equal(await client.line(), BYE);
        assert.equal(await client.line(), '(closed)');
      }
      assert.equal(world.hold.watchers, 0);
      assert.deepEqual(world.troubles, []);
    }));

  it('lets a short command end, and obeys none behind it', async () => {
    const gate = Promise.withResolvers<void>();
    let isAsked = false;
    const slow = spoilAccount((real) => ({
      select: async (mailbox) => {
        isAsked = true;
        await gate.promise;
        return real.select(mailbox);
      },
    }));
    await inWorld(
      async (world) => {
        const client = await world.dial();
        client.raw('a SELECT INBOX\r\nb CREATE Secret\r\nc NOOP\r\n');
        await until(() => isAsked);
        world.hold.take();
        gate.resolve();
        assert.match((await client.until('a')).tagged, /^OK/);
        assert.equal(await client.line(), BYE);
        assert.equal(await client.line(), '(closed)');
        const mail = await world.mailboxes.open(world.account);
        assert.equal(mail.byPath('Secret'), undefined);
        mail.close();
      },
      { spoil: slow },
    );
  });

  it('breaks off a command that does not end: with BYE, or without a word in the middle of a literal', async () => {
    const never = new Promise<never>(() => {});
    const stuck = spoilAccount((real) => ({
      select: async (mailbox) => {
        const open = await real.select(mailbox);
        if (isRefusal(open)) return open;
        return instead(open, {
          messages: async (uids) =>
            (await open.messages(uids)).map((message) => ({
              ...message,
              read: (from: number, to: number) => (from === 0 && to < message.size ? message.read(from, to) : never),
            })),
        });
      },
    }));
    await inWorld(
      async (world) => {
        await world.deliver('INBOX', letter('large', 'x'.repeat(300_000)));
        const [whole, tail] = [await world.dial(), await world.dial()];
        for (const client of [whole, tail]) await client.say('SELECT INBOX');
        whole.raw('a FETCH 1 (BODY.PEEK[])\r\n');
        tail.raw('b FETCH 1 (BODY.PEEK[]<1.100>)\r\n');
        let heard = 0;
        whole.socket.on('data', (bytes: Buffer) => {
          heard += bytes.length;
        });
        await until(() => heard > 200_000);
        const since = performance.now();
        world.hold.take('accountClosedNow');
        assert.equal(await tail.line(), '* BYE [CONTACTADMIN] This account was closed; ask your administrator');
        assert.equal(await whole.line(), '(closed)');
        assert.ok(performance.now() - since < 1_000);
      },
      { spoil: stuck },
    );
  });

  it('ends one that was taken away during the sign-in', () =>
    inWorld(async (world) => {
      world.hold.lost = refuse('passwordWithdrawn');
      const client = await world.dial({ signIn: false });
      assert.match((await client.say(`LOGIN ada@mail.example "${PASSWORD}"`)).tagged, /^OK/);
      assert.equal(await client.line(), BYE);
      assert.equal(await client.line(), '(closed)');
    }));
});

/** Waits for the other side of a socket to have done its part. */
async function until(isDone: () => boolean): Promise<void> {
  for (let n = 0; !isDone(); n++) {
    assert.ok(n < 2_000, 'waited too long');
    await new Promise((resume) => setTimeout(resume, 2));
  }
}

/** Bodies of which only the first slice can be read. */
const unreadable = (real: MailAccount): Partial<MailAccount> => ({
  select: async (mailbox) => {
    const open = await real.select(mailbox);
    if (isRefusal(open)) return open;
    return instead(open, {
      messages: async (uids) =>
        (await open.messages(uids)).map((message) => ({
          ...message,
          read: (from: number, to: number) => (from === 0 ? message.read(from, to) : Promise.reject(broken())),
        })),
    });
  },
});
