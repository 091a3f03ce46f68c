/** A person writes, another of the same house reads: no queue, no DNS, both stories told. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { wordsOf } from '../world/person.ts';
import { until } from '../world/until.ts';
import { DOMAIN, given, openWorld, type World } from '../world/world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.close());

test('a colleague has it at once, and both can tell what happened', async () => {
  const { noor, emma } = world.people;
  const id = await noor.writes({ to: emma.address, subject: 'The school trip', text: 'Shall we go to the sea?' });
  const letter = await emma.receives('Shall we go to the sea?');
  assert.match(letter.raw, /^Return-Path: <noor@delinde\.test>\r\nReceived: by mail\.delinde\.test with ESMTPSA id /);
  assert.doesNotMatch(letter.raw, /127\.0\.0\.1|client\.test/, 'the sender’s address and device are nobody’s business (R-111)');
  assert.match(letter.raw, /\r\nDate: .*\r\n/, 'what her program left out is put in');
  assert.match(letter.raw, /\r\nMessage-ID: <[^@\s]+@delinde\.test>\r\n/);
  const hers = await noor.asks(id, 'en');
  assert.equal(hers.headline, `In ${emma.address}'s mailbox`);
  assert.deepEqual(hers.turn, { who: 'nobody', name: null });
  assert.deepEqual(wordsOf(hers), ['You pressed send', 'We took the message | From here on it is our job', `In ${emma.address}'s mailbox`]);
  assert.deepEqual(wordsOf(await noor.asks(id, 'nl')), [
    'Je drukte op verzenden',
    'Wij namen het bericht aan | Vanaf nu zorgen wij ervoor',
    `In de mailbox van ${emma.address}`,
  ]);
  assert.deepEqual(wordsOf(await emma.asks(id, 'en')), [`${noor.address} sent you this`, 'In your mailbox']);
  assert.deepEqual(wordsOf(await emma.asks(id, 'nl')), [`${noor.address} stuurde je dit`, 'In je mailbox']);
  assert.equal((await emma.journey(id))?.subject, 'The school trip');
  assert.equal(world.elsewhere.said.length, 0);
});

test('an alias reaches all its people; the sender sees the alias, not who is behind it', async () => {
  const { noor, emma, bram } = world.people;
  given(
    await world.house.accounts.addAlias({
      organisation: world.organisations.school,
      address: `info@${DOMAIN}`,
      targets: [emma.address, bram.address],
    }),
  );
  const id = await noor.writes({ to: `info@${DOMAIN}`, subject: 'To all of you' });
  for (const person of [emma, bram]) {
    const letter = await person.receives('Subject: To all of you');
    assert.doesNotMatch(letter.raw, new RegExp(person === emma ? bram.address : emma.address));
    const told = wordsOf(await person.asks(id, 'en'));
    assert.deepEqual(told.at(-1), 'In your mailbox');
    assert.deepEqual(told[1], `Sent on (alias, group or forward) | info@${DOMAIN} stands for these`.slice(0, told[1]?.length));
  }
  const told = JSON.stringify(await noor.journey(id));
  assert.ok(!told.includes(emma.address) && !told.includes(bram.address), told);
  assert.equal((await noor.asks(id, 'en')).headline, `In info@${DOMAIN}'s mailbox`);
});

test('the same letter to an alias and to one of its people arrives once', async () => {
  const { noor, emma } = world.people;
  await noor.writes({ to: [`info@${DOMAIN}`, emma.address], subject: 'Once only' });
  await emma.receives('Subject: Once only');
  assert.equal((await emma.letters()).filter(({ raw }) => raw.includes('Subject: Once only')).length, 1);
});

test('sub-addresses are the person’s own', async () => {
  const { noor, emma } = world.people;
  const id = await noor.writes({ to: `emma+books@${DOMAIN}`, subject: 'Books' });
  await emma.receives('Subject: Books');
  assert.equal((await noor.asks(id, 'en')).recipients[0]?.address, `emma+books@${DOMAIN}`);
  assert.equal((await noor.journey(id))?.recipients[0]?.state, 'deliveredHere');
  // And she may write with it.
  await emma.writes({ to: noor.address, from: `emma+books@${DOMAIN}`, headerFrom: `emma+books@${DOMAIN}`, subject: 'Re: Books' });
  await noor.receives('Subject: Re: Books');
});

test('postmaster and abuse always answer (RFC 5321 §4.5.1, RFC 2142)', async () => {
  const { noor, bram } = world.people;
  await noor.writes({ to: `postmaster@${DOMAIN}`, subject: 'Dear postmaster' });
  await noor.writes({ to: `abuse@${DOMAIN}`, subject: 'Dear abuse' });
  await bram.receives('Subject: Dear postmaster');
  await bram.receives('Subject: Dear abuse');
});

test('nobody of that name: told while sending, and in the story', async () => {
  const { noor } = world.people;
  const sent = await noor.tries({ to: `nooone@${DOMAIN}` });
  assert.match(sent.recipients[0]?.text ?? '', /^550 5\.1\.1 There is no such address here \[/);
  const id = /\[(\w+)\]$/.exec(sent.last.text)?.[1] as Parameters<typeof noor.asks>[0];
  await noor.sees(id, 'refused');
  assert.match((await noor.asks(id, 'en')).headline, /^Not sent – refused because /);
  assert.match((await noor.asks(id, 'nl')).headline, /^Niet verstuurd – geweigerd omdat /);
});

test('a full mailbox is a temporary no, and its owner hears that somebody tried', async () => {
  const { noor } = world.people;
  const full = await world.newPerson('vol', { quota: 3_000 });
  await noor.writes({ to: full.address, subject: 'small enough', text: 'x'.repeat(1_500) });
  const sent = await noor.tries({ to: full.address, subject: 'one too many', text: 'x'.repeat(2_000) });
  assert.match(sent.last.text, /^(452 4\.2\.2|552 5\.2\.2) /);
  const letters = await full.letters();
  assert.equal(letters.length, 1);
  const stranger = await world.stranger({
    from: 'kees@stranger.test',
    to: [full.address],
    content: `Subject: y\r\n\r\n${'y'.repeat(2_500)}`,
  });
  // A sender's server keeps it and tries again: room can be made (RFC 5321 §4.2.5 leaves the choice).
  assert.match(stranger.last.text, /^452 4\.2\.2 /);
  const story = await until('the refusal in the story', async () =>
    (await full.journeys()).find(({ from }) => from === 'kees@stranger.test'),
  );
  assert.equal(story.recipients[0]?.state, 'refused');
});

test('Bcc is nobody’s business but the sender’s', async () => {
  const { noor, emma } = world.people;
  const hidden = await world.newPerson('pim');
  const id = await noor.writes({
    to: [emma.address, hidden.address],
    content: `From: ${noor.address}\r\nTo: ${emma.address}\r\nBcc: ${hidden.address}\r\nSubject: Between us\r\n\r\nhello\r\n`,
  });
  for (const person of [emma, hidden]) {
    const { raw } = await person.receives('Subject: Between us');
    assert.doesNotMatch(raw, /^Bcc:/im);
    if (person === emma) assert.ok(!raw.includes(hidden.address), raw);
  }
  assert.ok(!JSON.stringify(await emma.journey(id)).includes(hidden.address));
  assert.ok(!JSON.stringify(await hidden.journey(id)).includes(`"address":"${emma.address}"`));
  assert.deepEqual(
    (await noor.journey(id))?.recipients.map(({ address }) => address),
    [emma.address, hidden.address],
  );
});
