/** Strangers' servers bring mail: what they are told, and what those it concerns see of it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { tell } from '../../src/service/journey/journey.ts';
import { wordsOf } from '../world/person.ts';
import { Smtp, journeyIn } from '../world/smtp.ts';
import { until } from '../world/until.ts';
import { DOMAIN, given, openWorld, type World } from '../world/world.ts';

let world: World;
before(async () => {
  world = await openWorld({ settings: { sizeLimit: 100_000 } });
});
after(() => world.close());

const KEES = 'kees@stranger.test';
const letter = (subject: string, more = ''): string => `From: Kees <${KEES}>\r\nTo: you\r\nSubject: ${subject}\r\n${more}\r\nGood day.\r\n`;

test('a stranger delivers: in the mailbox, with where it came from and how', async () => {
  const { emma } = world.people;
  const sent = await world.stranger({ from: KEES, to: [emma.address], content: letter('Good day') });
  assert.match(sent.last.text, /^250 2\.0\.0 Taken \[[0-9a-z]{20}\]$/);
  const { raw } = await emma.receives('Subject: Good day');
  const journey = journeyIn(sent.last);
  assert.match(raw, /^Return-Path: <kees@stranger\.test>\r\nReceived: from mx\.stranger\.test \(\[127\.0\.0\.9\]\)\r\n/);
  assert.match(
    raw,
    new RegExp(`by mail\\.delinde\\.test with ESMTPS \\(TLSv1\\.3 [A-Z0-9_]+\\) id ${journey}\r\n\tfor <${emma.address}>;`),
  );
  const [story] = await emma.journeys({ text: journey });
  assert.ok(story !== undefined);
  assert.deepEqual(wordsOf(await emma.asks(story.journey, 'en')), [
    `Arrived at our door | From ${KEES}, through mx.stranger.test (127.0.0.9); encrypted, server not proven`,
    'In your mailbox',
  ]);
  assert.deepEqual(wordsOf(await emma.asks(story.journey, 'nl')), [
    `Bij ons aangeklopt | Van ${KEES}, via mx.stranger.test (127.0.0.9); versleuteld, server niet bewezen`,
    'In je mailbox',
  ]);
});

test('too big by their own word: refused at RCPT, and the recipient sees who tried (R-48, R-49)', async () => {
  const { emma } = world.people;
  const sent = await world.stranger({ from: 'big@stranger.test', to: [emma.address], content: 'x', parameters: 'SIZE=200000' });
  assert.equal(sent.sender.code, 250);
  assert.match(sent.last.text, /^552 5\.3\.4 .* \[[0-9a-z]{20}\]$/);
  const story = await until('the refusal in her story', async () =>
    (await emma.journeys()).find(({ from }) => from === 'big@stranger.test'),
  );
  assert.equal(story.recipients[0]?.state, 'refused');
  const told = await emma.asks(story.journey, 'en');
  assert.equal(told.headline, 'Refused at the door; the sender was told why');
  assert.match(wordsOf(told)[0] ?? '', /^big@stranger\.test tried at 09:00; refused because .*(large|big).* \| From .*127\.0\.0\.9/);
  const dutch = await emma.asks(story.journey, 'nl');
  assert.equal(dutch.headline, 'Aan de deur geweigerd; de afzender kreeg de reden');
  assert.match(
    wordsOf(dutch)[0] ?? '',
    /^big@stranger\.test probeerde het om 09:00; geweigerd omdat het bericht groter is dan wij aannemen \| Van /,
  );
});

test('too big without a word: refused at the end, nothing kept, the recipient sees it', async () => {
  const { emma } = world.people;
  const content = letter('Too much', 'X-Filler: y\r\n') + 'z'.repeat(78).concat('\r\n').repeat(1_500);
  const sent = await world.stranger({ from: 'huge@stranger.test', to: [emma.address], content });
  assert.match(sent.last.text, /^552 5\.3\.4 /);
  const story = await until('the refusal', async () => (await emma.journeys()).find(({ from }) => from === 'huge@stranger.test'));
  assert.equal(story.recipients[0]?.state, 'refused');
  assert.ok(!(await emma.letters()).some(({ raw }) => raw.includes('Too much')));
});

test('nobody of that name: the school’s admin sees it, nobody else does', async () => {
  const sent = await world.stranger({ from: 'guess@stranger.test', to: [`nooor@${DOMAIN}`], content: 'x' });
  assert.match(sent.last.text, /^550 5\.1\.1 /);
  const { reader } = world.house;
  const find = (viewer: Parameters<typeof reader.list>[0]) =>
    reader.list(viewer, { limit: 50 }).then((list) => list.find(({ from }) => from === 'guess@stranger.test'));
  const story = await until('the admin to see it', () => find(world.admin));
  assert.deepEqual(
    story.recipients.map(({ address, state }) => [address, state]),
    [[`nooor@${DOMAIN}`, 'refused']],
  );
  assert.match(wordsOf(tell(story, 'en'))[0] ?? '', /^guess@stranger\.test tried at .* refused because /);
  assert.equal(await find({ as: 'admin', organisation: world.organisations.other }), undefined);
  for (const person of Object.values(world.people)) assert.equal(await find(person.viewer), undefined);
});

test('several recipients: those who can have it get it, the others are named one by one', async () => {
  const { emma, noor } = world.people;
  const sent = await world.stranger({ from: KEES, to: [emma.address, `nobody@${DOMAIN}`, noor.address], content: letter('For some') });
  assert.deepEqual(
    sent.recipients.map(({ code }) => code),
    [250, 550, 250],
  );
  assert.equal(sent.last.code, 250);
  for (const person of [emma, noor]) {
    const { raw } = await person.receives('Subject: For some');
    assert.doesNotMatch(raw, /\n\s+for </, 'with several recipients none is named to the others');
  }
  const [story] = await emma.journeys({ text: journeyIn(sent.last) });
  assert.ok(!JSON.stringify(story).includes(noor.address), 'R-50: nothing of the others');
});

test('one full mailbox does not keep the letter from the others', async () => {
  const { emma } = world.people;
  const full = await world.newPerson('vol', { quota: 1_000 });
  const sent = await world.stranger({
    from: KEES,
    to: [emma.address, full.address],
    content: letter('Room for one').concat('y'.repeat(2_000)),
    parameters: 'SIZE=2200',
  });
  assert.deepEqual(
    sent.recipients.map(({ code }) => code),
    [250, 452],
  );
  assert.equal(sent.last.code, 250, sent.last.text);
  await emma.receives('Subject: Room for one');
  const story = await until('what became of it', async () => (await full.journeys())[0]);
  assert.equal(story.recipients[0]?.state, 'refused');
});

test('a closed account, a paused one, and a letter to an organisation that is not here', async () => {
  const closed = await world.newPerson('weg');
  given(await world.house.accounts.changePerson(closed.account, { state: 'closed' }));
  const toClosed = await world.stranger({ from: KEES, to: [closed.address], content: letter('x') });
  assert.match(toClosed.last.text, /^550 5\.2\.1 /);
  const paused = await world.newPerson('rustig');
  given(await world.house.accounts.changePerson(paused.account, { state: 'sendingPaused' }));
  const toPaused = await world.stranger({ from: KEES, to: [paused.address], content: letter('Still read') });
  assert.equal(toPaused.last.code, 250);
  await paused.receives('Subject: Still read');
  const smtp = await paused.smtp();
  assert.match((await smtp.ask(`MAIL FROM:<${paused.address}>`)).text, /^550 5\.7\.1 Sending is paused/);
  await smtp.quit();
  const away = await world.stranger({ from: KEES, to: ['someone@nowhere.test'], content: letter('x') });
  assert.match(away.last.text, /^550 5\.7\.1 We do not pass mail on for others/);
});

test('a loop is stopped: too many Received fields', async () => {
  const { emma } = world.people;
  const trace = 'Received: from a.test by b.test; Mon, 2 Mar 2026 08:00:00 +0000\r\n';
  const some = await world.stranger({ from: KEES, to: [emma.address], content: trace.repeat(20) + letter('A long way') });
  assert.equal(some.last.code, 250);
  const many = await world.stranger({ from: KEES, to: [emma.address], content: trace.repeat(120) + letter('In circles') });
  assert.match(many.last.text, /^554 5\.4\.6 /);
  assert.ok(!(await emma.letters()).some(({ raw }) => raw.includes('In circles')));
});

test('a bounce for one of ours arrives; one for two people does not', async () => {
  const { emma, noor } = world.people;
  const one = await world.stranger({ from: '', to: [emma.address], content: letter('Returned mail') });
  assert.equal(one.last.code, 250);
  assert.match((await emma.receives('Subject: Returned mail')).raw, /^Return-Path: <>\r\n/);
  const two = await world.stranger({ from: '', to: [emma.address, noor.address], content: letter('For two') });
  assert.deepEqual(
    two.recipients.map(({ code }) => code),
    [250, 550],
  );
});

test('an alias that leads away: sent on in our name, without breaking the header, refusals go to the organisation (R-64)', async () => {
  const away = await world.neighbour('away.test', {
    onRecipient: (address) => (address.startsWith('no') ? '550 5.1.1 Nobody' : undefined),
  });
  const { school } = world.organisations;
  given(await world.house.accounts.addAlias({ organisation: school, address: `oud@${DOMAIN}`, targets: ['new@away.test'] }));
  given(await world.house.accounts.addAlias({ organisation: school, address: `fout@${DOMAIN}`, targets: ['nobody@away.test'] }));
  const sent = await world.stranger({ from: KEES, to: [`oud@${DOMAIN}`], content: letter('Follow me') });
  assert.equal(sent.last.code, 250);
  await world.quiet();
  const mail = await until('it to arrive there', () => away.mails[0]);
  assert.deepEqual([mail.from, mail.to], [`postmaster@${DOMAIN}`, ['new@away.test']]);
  assert.match(mail.content.toString(), /\r\nFrom: Kees <kees@stranger\.test>\r\nTo: you\r\nSubject: Follow me\r\n/);
  const refused = await world.stranger({ from: KEES, to: [`fout@${DOMAIN}`], content: letter('Nobody there') });
  assert.equal(refused.last.code, 250);
  await world.quiet();
  assert.ok(away.said.some((line) => line.startsWith('RCPT nobody@away.test → 550')));
  assert.equal(away.mails.filter(({ from }) => from === '').length, 0);
});

test('going away in the middle leaves nothing', async () => {
  const { emma } = world.people;
  const smtp = await Smtp.dial({ ...world.place('smtp'), from: '127.0.0.9' });
  await smtp.ask(`MAIL FROM:<${KEES}>`);
  await smtp.ask(`RCPT TO:<${emma.address}>`);
  await smtp.ask('DATA');
  smtp.talk.say('Subject: Half a letter\r\n\r\nand then');
  smtp.talk.hangUp();
  await world.stranger({ from: KEES, to: [emma.address], content: letter('Afterwards') });
  await emma.receives('Subject: Afterwards');
  assert.ok(!(await emma.letters()).some(({ raw }) => raw.includes('Half a letter')));
});
