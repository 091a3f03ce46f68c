/**
 * One account opens nothing else, and nobody sees more of a journey than
 * is theirs: over IMAP, SMTP, the reader of journeys and the queue, what
 * belongs to others looks exactly like what does not exist.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type JourneyId, journeyId } from '../../src/core/ids.ts';
import type { Journey } from '../../src/service/journey/journey.ts';
import type { Person } from '../world/person.ts';
import { journeyIn } from '../world/smtp.ts';
import { DOMAIN, given, openWorld, type World } from '../world/world.ts';

let world: World;
let hidden: Person;
let idle: Person;
before(async () => {
  world = await openWorld();
  hidden = await world.newPerson('pim');
  idle = await world.newPerson('yusuf');
});
after(() => world.close());

/** Ids alike but for their secret part tell nothing. */
const never = (): JourneyId => journeyId(world.now(), new Uint8Array(13).fill(7));

test('IMAP: names, numbers and searches reach the own account only', async () => {
  const { noor, emma } = world.people;
  await noor.writes({ to: emma.address, subject: 'Canary of Emma', text: 'emma-only-words' });
  const hers = await emma.imap();
  await hers.must('CREATE Secret');
  await hers.append('Secret', 'Subject: kept\r\n\r\nemma-only-words\r\n');
  const his = await idle.imap();
  const unknown = (await his.ask('SELECT NoSuchMailbox')).tagged;
  const names = [
    'Secret',
    `user/emma@${DOMAIN}/INBOX`,
    `#user/emma@${DOMAIN}`,
    '"../emma/INBOX"',
    '"INBOX/../../emma/INBOX"',
    '"~emma@delinde.test/INBOX"',
    '"Other Users/emma"',
    '"INBOX\\\\emma"',
    '"/"',
    '""',
    '"%"',
  ];
  for (const name of names) {
    for (const verb of ['SELECT', 'EXAMINE', 'DELETE', 'STATUS']) {
      const { tagged } = await his.ask(verb === 'STATUS' ? `STATUS ${name} (MESSAGES)` : `${verb} ${name}`);
      assert.ok(
        verb === 'SELECT' ? tagged === unknown || tagged.startsWith('BAD') : /^(NO|BAD)/.test(tagged),
        `${verb} ${name} → ${tagged}`,
      );
    }
    const appended = await his.append(name.replaceAll('"', ''), 'Subject: x\r\n\r\ny\r\n');
    assert.ok(!appended.ok, `APPEND ${name} → ${appended.tagged}`);
  }
  for (const pattern of ['"" "*"', '"" "%"', '"user/" "*"', '"#" "*"', '".." "*"']) {
    const { untagged } = await his.ask(`LIST ${pattern}`);
    assert.ok(!untagged.some((line) => /emma|Secret/.test(line)), untagged.join('\n'));
  }
  await his.must('SELECT INBOX');
  assert.deepEqual((await his.must('UID FETCH 1:* (BODY.PEEK[])')).untagged, []);
  assert.deepEqual((await his.must('UID SEARCH TEXT "emma-only-words"')).untagged, ['SEARCH']);
  for (const command of ['UID COPY 1 Archive', 'UID MOVE 1 Archive', 'UID STORE 1 +FLAGS (\\Deleted)', 'UID EXPUNGE 1:*'])
    assert.ok((await his.ask(command)).tagged.startsWith('OK'), 'UIDs that are not there are no fault (RFC 9051 §6.4.9)');
  assert.equal((await emma.letters()).length, 1);
  await his.bye();
  await hers.bye();
});

test('IMAP: nobody signs in as another, by any form of AUTHENTICATE', async () => {
  const { noor, emma } = world.people;
  const { Imap } = await import('../world/imap.ts');
  const imap = await Imap.dial(world.place('imaps'));
  const plain = (parts: readonly string[]): string => Buffer.from(parts.join('\0')).toString('base64');
  for (const parts of [
    [emma.address, noor.address, noor.password],
    ['', emma.address, noor.password],
    ['admin', noor.address, noor.password],
    ['', `${noor.address}*${emma.address}`, noor.password],
  ])
    assert.match((await imap.ask(`AUTHENTICATE PLAIN ${plain(parts)}`)).tagged, /^NO /);
  imap.talk.hangUp();
  const other = await Imap.dial(world.place('imaps'));
  // Somebody who is not there sounds like somebody who is.
  const there = (await other.ask(`LOGIN ${emma.address} "wrong wrong wrong"`)).tagged;
  const notThere = (await other.ask(`LOGIN nobody@${DOMAIN} "wrong wrong wrong"`)).tagged;
  assert.equal(there, notThere);
  other.talk.hangUp();
});

test('six actors and one letter: each sees what is theirs (R-50)', async () => {
  const { noor, emma, bram, olga } = world.people;
  const away = await world.neighbour('away.test', { onRecipient: () => '451 4.7.1 Come back later' });
  const sent = await noor.tries({
    to: [emma.address, 'partner@away.test', hidden.address],
    content: `From: ${noor.address}\r\nTo: ${emma.address}, partner@away.test\r\nBcc: ${hidden.address}\r\nSubject: The plan\r\n\r\nwords\r\n`,
  });
  const id = journeyIn(sent.last) as JourneyId;
  await world.quiet();
  const { reader } = world.house;
  const text = (journey: Journey | undefined): string => JSON.stringify(journey);

  // 1. The sender: everybody named, Bcc too, their own device.
  const sender = await noor.journey(id);
  assert.deepEqual(
    sender?.recipients.map(({ address, state }) => [address, state]),
    [
      [emma.address, 'deliveredHere'],
      ['partner@away.test', 'deferred'],
      [hidden.address, 'deliveredHere'],
    ],
  );
  assert.equal(sender?.subject, 'The plan');

  // 2. The recipient: their own line, no Bcc, no other, no address or device of a colleague.
  const recipient = await emma.journey(id);
  assert.deepEqual(
    recipient?.recipients.map(({ address }) => address),
    [emma.address],
  );
  for (const secret of [hidden.address, 'partner@away.test', '127.0.0.1', 'client.test', 'TLSv1'])
    assert.ok(!text(recipient).includes(secret), secret);
  assert.equal(recipient?.subject, 'The plan');

  // 3. The Bcc: their own line only.
  const blind = await hidden.journey(id);
  assert.deepEqual(
    blind?.recipients.map(({ address }) => address),
    [hidden.address],
  );
  for (const secret of [emma.address, 'partner@away.test', '127.0.0.1']) assert.ok(!text(blind).includes(secret), secret);

  // 4. A colleague who has nothing to do with it, and 5. another organisation's admin: there is no such thing.
  for (const viewer of [idle.viewer, olga.viewer, bram.viewer, { as: 'admin', organisation: world.organisations.other }] as const) {
    assert.equal(await reader.show(viewer, id), undefined);
    assert.deepEqual(await reader.show(viewer, id), await reader.show(viewer, never()));
    for (const search of [{ text: id }, { text: 'The plan' }, { address: 'partner@away.test' }, { code: '4.7.1' }])
      assert.deepEqual(await reader.list(viewer, { limit: 10, search }), []);
  }

  // 6. The own admin: addresses and codes, never subjects.
  const admin = await reader.show(world.admin, id);
  assert.ok(admin !== undefined && text(admin).includes('partner@away.test') && text(admin).includes('451 4.7.1 Come back later'));
  assert.equal(admin.subject, null);
  assert.ok(!text(admin).includes('The plan'), text(admin));
  assert.deepEqual(await reader.list(world.admin, { limit: 10, search: { text: 'The plan' } }), []);

  // And over the wire: the letters themselves.
  for (const person of [emma, hidden]) {
    const { raw } = await person.receives('Subject: The plan');
    assert.doesNotMatch(raw, /^bcc:/im);
    assert.ok(!raw.includes(person === emma ? hidden.address : `for <${emma.address}>`), raw);
  }
  assert.equal(away.mails.length, 0);
});

test('strangers’ mail to several: the same wall between the recipients, and their address for those it concerns', async () => {
  const { emma, noor } = world.people;
  const sent = await world.stranger({
    from: 'kees@stranger.test',
    to: [emma.address, noor.address],
    content: 'Subject: To both\r\n\r\nx\r\n',
  });
  const id = journeyIn(sent.last) as JourneyId;
  for (const [person, other] of [
    [emma, noor],
    [noor, emma],
  ] as const) {
    const journey = await person.journey(id);
    assert.ok(journey !== undefined && !JSON.stringify(journey).includes(other.address));
    assert.ok(JSON.stringify(journey).includes('127.0.0.9'));
  }
  assert.equal(await idle.journey(id), undefined);
});

test('the queue shows and moves only one’s own', async () => {
  const { noor, emma } = world.people;
  await world.neighbour('later.test', { onRecipient: () => '450 4.2.1 Not now' });
  await noor.writes({ to: 'a@later.test', subject: 'Mine' });
  await world.quiet();
  const { queue } = world.house;
  const item = (await queue.list({ owner: noor.account })).find(({ to }) => to === 'a@later.test')?.item;
  assert.ok(item !== undefined);
  assert.deepEqual(await queue.list({ owner: emma.account }), []);
  const stranger = { owner: emma.account, name: emma.address };
  assert.equal(await queue.show(item, stranger), undefined);
  const nothing = await queue.act((item + 1_000_000) as typeof item, 'remove', stranger);
  for (const act of ['hold', 'release', 'hurry', 'remove'] as const) assert.deepEqual(await queue.act(item, act, stranger), nothing);
  assert.equal(
    (await queue.list({ owner: noor.account })).some((entry) => entry.item === item),
    true,
  );
});

test('who is removed is gone: no sign-in, no mail, no story, and the key with it', async () => {
  const leaver = await world.newPerson('vertrek');
  const sent = await world.stranger({ from: 'kees@stranger.test', to: [leaver.address], content: 'Subject: Farewell\r\n\r\nx\r\n' });
  const id = journeyIn(sent.last) as JourneyId;
  assert.ok((await leaver.journey(id)) !== undefined);
  const open = await leaver.imap();
  assert.equal(given(await world.house.accounts.removePerson(leaver.account)), undefined);
  assert.equal(await leaver.journey(id), undefined);
  await assert.rejects(leaver.imap(), /could not sign in/);
  const again = await world.stranger({ from: 'kees@stranger.test', to: [leaver.address], content: 'Subject: x\r\n\r\nx\r\n' });
  assert.match(again.last.text, /^550 5\.1\.1 /);
  // A conversation that is still open gets nothing more either.
  const fetched = await open.ask('SELECT INBOX');
  const read = fetched.ok ? await open.ask('FETCH 1 BODY.PEEK[]') : fetched;
  assert.ok(!read.untagged.some((line) => line.includes('Farewell')), read.untagged.join('\n'));
  open.talk.hangUp();
});
