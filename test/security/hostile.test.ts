/** Those who want to harm: smuggled mail on its way out, guessed passwords, harvested addresses, and messages made to break readers. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Imap } from '../world/imap.ts';
import { Smtp } from '../world/smtp.ts';
import { until } from '../world/until.ts';
import { DOMAIN, given, openWorld, type World } from '../world/world.ts';

const KEES = 'kees@stranger.test';
const EVIL = 'MAIL FROM:<evil@stranger.test>\r\nRCPT TO:<victim@away.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n';

describe('smuggling outwards (R-40)', () => {
  let world: World;
  before(async () => {
    world = await openWorld();
    await world.neighbour('away.test');
    const { school } = world.organisations;
    given(await world.house.accounts.addAlias({ organisation: school, address: `weg@${DOMAIN}`, targets: ['new@away.test'] }));
  });
  after(() => world.close());

  /** Ends of a message that some servers take for the end. */
  const ENDS = ['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r\n.\r', '\r.\r\n', '\n.\r', '\r\n\0.\r\n', '\r\r\n.\r\r\n'];

  test('whatever comes in as binary, no line that others could read otherwise leaves', async () => {
    const away = world.neighbours.all.find(({ host }) => host === 'mx.away.test');
    for (const [index, end] of ENDS.entries()) {
      const smtp = await Smtp.dial({ ...world.place('smtp'), from: '127.0.0.9' });
      await smtp.ask(`MAIL FROM:<${KEES}> BODY=BINARYMIME`);
      await smtp.ask(`RCPT TO:<weg@${DOMAIN}>`);
      const content = Buffer.from(`Subject: carrier ${index}\r\n\r\nx${end}${EVIL}`);
      smtp.talk.say(Buffer.concat([Buffer.from(`BDAT ${content.length} LAST\r\n`), content]));
      const reply = await smtp.reply();
      assert.ok(reply.code === 250 || reply.code >= 500, `${JSON.stringify(end)} → ${reply.text}`);
      assert.ok((await smtp.ask('NOOP')).code === 250, 'the conversation is in step');
      await smtp.quit();
      await world.quiet();
    }
    assert.ok(away !== undefined);
    // A server that takes no binary gets none: the alias's house hears of it, by a report to its postmaster (RFC 3030 §3).
    const reports = (await world.people.bram.letters()).filter(({ raw }) => raw.includes('multipart/report'));
    assert.equal(reports.length + away.mails.length, ENDS.length);
    for (const { content, from, to } of away.mails) {
      const text = content.toString('latin1');
      assert.doesNotMatch(text, /(^|[^\r])\n|\r($|[^\n])/, JSON.stringify(text));
      assert.notEqual(from, 'evil@stranger.test');
      assert.ok(!to.includes('victim@away.test'));
    }
    assert.ok(!away.said.some((line) => line.includes('victim')), away.said.join('\n'));
  });

  test('nor by our own people, nor in an address or a header they write', async () => {
    const { noor } = world.people;
    const smtp = await noor.smtp();
    for (const end of ENDS) {
      const sent = await smtp.send({
        from: noor.address,
        to: ['a@away.test'],
        content: `From: ${noor.address}\r\nSubject: s\r\n\r\nx${end}${EVIL}`,
      });
      // What follows the end they hoped for was never a command: our stuffing doubled its dots.
      assert.ok(sent.last.code === 250 || sent.last.code >= 500, sent.last.text);
      assert.equal((await smtp.ask('NOOP')).code, 250);
    }
    for (const line of ['MAIL FROM:<noor@delinde.test\rRCPT TO:<x@y>>', 'RCPT TO:<"a\rb"@away.test>', 'RCPT TO:<a@away.test\0>']) {
      const fresh = await noor.smtp();
      const { code, text } = await fresh.ask(line);
      fresh.talk.hangUp();
      assert.ok(code >= 500, `${JSON.stringify(line)} → ${text}`);
    }
    await smtp.quit();
    await world.quiet();
    const away = world.neighbours.all.find(({ host }) => host === 'mx.away.test');
    assert.ok(away !== undefined && !away.said.some((line) => line.includes('victim')));
  });
});

describe('guessing (R-38, R-39)', () => {
  test('a password is not guessed, and the real user keeps working meanwhile', async () => {
    const world = await openWorld();
    const { noor, emma } = world.people;
    const wrong = async (ip: string, login: string, guess: string): Promise<string> => {
      const imap = await Imap.dial({ ...world.place('imaps'), from: ip });
      const { tagged } = await imap.ask(`LOGIN ${login} "${guess}"`);
      imap.talk.hangUp();
      return tagged;
    };
    // Noor has signed in from here before.
    await noor.letters();
    const answers: string[] = [];
    for (let n = 0; n < 40; n++) answers.push(await wrong(`127.0.0.${50 + (n % 20)}`, noor.address, `guess number ${n}`));
    assert.match(answers[0] ?? '', /^NO \[AUTHENTICATIONFAILED\] That name and password/);
    assert.match(answers.at(-1) ?? '', /^NO \[AUTHENTICATIONFAILED\] Too many wrong passwords/);
    // From elsewhere now not even the right one works; from the known place it does.
    assert.match(await wrong('127.0.0.70', noor.address, noor.password), /^NO \[AUTHENTICATIONFAILED\] Too many/);
    await noor.letters();
    await noor.writes({ to: emma.address, subject: 'Still here' });
    // A quarter of an hour halves what stands against a place.
    await world.pass(60 * 60_000);
    assert.match(await wrong('127.0.0.70', noor.address, noor.password), /^OK /);
    await world.close();
  });

  test('addresses are not harvested: a caller who only guesses is let go', async () => {
    const world = await openWorld();
    const smtp = await Smtp.dial({ ...world.place('smtp'), from: '127.0.0.9' });
    await smtp.ask(`MAIL FROM:<${KEES}>`);
    let [asked, last] = [0, ''];
    while (asked < 1_000) {
      const reply = await smtp.ask(`RCPT TO:<a${asked++}@${DOMAIN}>`);
      last = reply.text;
      if (reply.code === 421 || reply.code === 0) break;
    }
    assert.match(last, /^421 4\.7\.0 /);
    assert.ok(asked <= 100, `${asked} guesses were answered`);
    smtp.talk.hangUp();
    // The admin sees the first of them, and no flood.
    const stories = await until('the admin to see it', async () => {
      const list = await world.house.reader.list(world.admin, { limit: 200 });
      return list.length > 0 ? list : undefined;
    });
    assert.equal(stories.length, 1);
    await world.close();
  });
});

describe('messages made to break readers (R-41)', () => {
  let world: World;
  before(async () => {
    world = await openWorld({ settings: { sizeLimit: 5_000_000 } });
  });
  after(() => world.close());

  const nested = (depth: number): string => {
    const open = Array.from({ length: depth }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`).join('');
    return `Subject: nested\r\nMIME-Version: 1.0\r\n${open}\r\nthe end\r\n`;
  };
  const BOMBS: Readonly<Record<string, string>> = {
    'a thousand levels': nested(1_000),
    'forty thousand parts': `Subject: parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(40_000)}--b--\r\n`,
    'letters in letters': `Subject: matryoshka\r\n${'Content-Type: message/rfc822\r\n\r\n'.repeat(2_000)}x\r\n`,
    'fifty thousand fields': `Subject: fields\r\n${'X-Field: value\r\n'.repeat(50_000)}\r\nx\r\n`,
    'one field of a megabyte': `Subject: ${'word '.repeat(200_000).replaceAll(/(.{900})/g, '$1\r\n ')}\r\n\r\nx\r\n`,
    'a thousand addresses with groups': `Subject: to\r\nTo: ${'group: a@b.test, "c\\"d" <e@f.test>;, '.repeat(20_000).replaceAll(/(.{900}) /g, '$1\r\n ')}\r\n\r\nx\r\n`,
    'parentheses without end': `Subject: comment\r\nTo: ${'('.repeat(500)}\r\n ${'('.repeat(900)}\r\nFrom: ${'(('.repeat(400)}a@b.test\r\n\r\nx\r\n`,
    'encoded words': `Subject: ${'=?utf-8?q?=C3?= =?x?b?////?= '.repeat(5_000).replaceAll(/(.{900}) /g, '$1\r\n ')}\r\n\r\nx\r\n`,
    'a boundary that is a prefix of others': `Subject: prefix\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n${'--bb\r\n--b\r\n--b--b\r\n'.repeat(30_000)}`,
    'base64 of nonsense': `Subject: base64\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n${'=A==B====\r\n'.repeat(100_000)}`,
    'parameters by the thousand': `Subject: parameters\r\nContent-Type: text/plain${Array.from({ length: 20_000 }, (_, n) => `;\r\n name*${n}*=x`).join('')}\r\n\r\nx\r\n`,
    'nothing at all': '',
    'only an empty line': '\r\n',
    'no header': 'just words\r\nand more\r\n',
  };
  /** Nobody else may wait longer than this while one message is taken and read. */
  const PATIENCE_MS = 5_000;

  for (const [what, content] of Object.entries(BOMBS)) {
    test(`${what}: taken or refused, and read without harm`, async () => {
      const { emma } = world.people;
      const start = performance.now();
      const sent = await world.stranger({ from: KEES, to: [emma.address], content });
      assert.ok(sent.last.code === 250 || sent.last.code >= 500, sent.last.text);
      const imap = await emma.imap();
      await imap.must('SELECT INBOX');
      for (const command of [
        'FETCH * (ENVELOPE BODYSTRUCTURE UID RFC822.SIZE)',
        'FETCH * (BODY.PEEK[1.1.1.1.1.1.1] BODY.PEEK[HEADER.FIELDS (Subject To)] BINARY.PEEK[1] PREVIEW)',
        'SEARCH OR TEXT "the end" SUBJECT "zzz"',
      ]) {
        const { tagged } = await imap.ask(command);
        assert.match(tagged, /^(OK|BAD|NO)/, `${command} → ${tagged}`);
        assert.doesNotMatch(tagged, /SERVERBUG|UNAVAILABLE/, `${command} → ${tagged}`);
      }
      await imap.bye();
      const took = performance.now() - start;
      assert.ok(took < PATIENCE_MS, `${Math.round(took)} ms`);
    });
  }

  test('IMAP: sets, literals and depths have bounds', async () => {
    const imap = await world.people.emma.imap();
    await imap.must('SELECT INBOX');
    const long = Array.from({ length: 20_000 }, (_, n) => n * 2 + 1).join(',');
    for (const command of [
      `UID FETCH ${long} FLAGS`,
      `SEARCH ${'OR ALL '.repeat(5_000)}ALL`,
      `SEARCH ${'('.repeat(5_000)}ALL${')'.repeat(5_000)}`,
      `SEARCH ${'NOT '.repeat(5_000)}ALL`,
      `CREATE ${'a/'.repeat(2_000)}b`,
      `CREATE "${'x'.repeat(5_000)}"`,
      `FETCH 1 BODY.PEEK[${'1.'.repeat(3_000)}1]`,
    ]) {
      const { tagged } = await imap.ask(command);
      assert.match(tagged, /^(OK|BAD|NO)|\(closed\)/, `${command.slice(0, 60)} → ${tagged}`);
      assert.doesNotMatch(tagged, /SERVERBUG/);
      if (tagged === '(closed)') break;
    }
    imap.talk.hangUp();
    const again = await world.people.emma.imap();
    assert.ok((await again.ask('NOOP')).ok);
    await again.bye();
  });
});
