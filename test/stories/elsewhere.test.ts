/** Letters to the people of elsewhere.test, who each have a habit: what became of them, sentence by sentence, in both languages. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseDsn } from '../../src/codec/report/dsn-parse.ts';
import type { JourneyId } from '../../src/core/ids.ts';
import { wordsOf } from '../world/person.ts';
import { until } from '../world/until.ts';
import { openWorld, type World } from '../world/world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.close());

const ON_THE_WAY = ['You pressed send', 'We took the message | From here on it is our job', 'In our outbox, about to leave'];
const OP_WEG = ['Je drukte op verzenden', 'Wij namen het bericht aan | Vanaf nu zorgen wij ervoor', 'Klaar om te vertrekken'];
const TALKED = "Talked to elsewhere.test's mail server (mx.elsewhere.test) | Encrypted, server not proven";
const GESPROKEN = 'Gesproken met de mailserver van elsewhere.test (mx.elsewhere.test) | Versleuteld, server niet bewezen';

async function writes(local: string, subject = local): Promise<JourneyId> {
  const id = await world.people.noor.writes({ to: `${local}@elsewhere.test`, subject });
  await world.quiet();
  return id;
}

test('echo: their server takes it, and answers', async () => {
  const { noor } = world.people;
  const id = await writes('echo', 'Is there anybody?');
  const told = await noor.asks(id, 'en');
  assert.equal(told.headline, 'elsewhere.test accepted it. From here on only they know what happens');
  assert.deepEqual(told.turn, { who: 'them', name: 'elsewhere.test' });
  assert.deepEqual(wordsOf(told), [
    ...ON_THE_WAY,
    TALKED,
    'elsewhere.test accepted it. From here on only they know what happens | Encrypted, server not proven',
  ]);
  assert.deepEqual(wordsOf(await noor.asks(id, 'nl')), [
    ...OP_WEG,
    GESPROKEN,
    'elsewhere.test heeft het bericht aangenomen. Wat er daarna gebeurt, weten alleen zij | Versleuteld, server niet bewezen',
  ]);
  const talk = told.lines.find(({ text }) => text.startsWith('Talked'));
  assert.ok(talk !== undefined);
  assert.ok(talk.raw.includes('C: RCPT TO:<echo@elsewhere.test>'), talk.raw.join('\n'));
  assert.ok(talk.raw.at(-1)?.startsWith('S: 250 2.0.0 Thank you, we have it'));
  const [mail] = world.elsewhere.mails;
  assert.equal(mail?.from, noor.address);
  assert.equal(mail.isTls, true);
  const text = mail.content.toString();
  assert.match(text, /^Received: by mail\.delinde\.test with ESMTPSA id /);
  assert.doesNotMatch(text, /Return-Path|127\.0\.0\.1|client\.test/);
  const answer = await noor.receives('Subject: Echo: Is there anybody?');
  assert.match(answer.raw, /In-Reply-To: <[^>]+@delinde\.test>/);
  const [story] = await noor.journeys({ direction: 'in', text: 'Echo: Is there' });
  assert.ok(story !== undefined);
  assert.deepEqual(wordsOf(await noor.asks(story.journey, 'en')), [
    'Arrived at our door | From echo@elsewhere.test, through mx.elsewhere.test (127.0.0.2); not encrypted',
    'In your mailbox',
  ]);
});

/** Whom it is sent to, what they say, whose turn it is, and what it means in both languages. */
const REFUSED: readonly (readonly [string, string, 'you' | 'us' | 'them', string, string])[] = [
  ['gone', '550 5.1.1 No such user here', 'you', 'This address does not exist there.', 'Dit adres bestaat daar niet.'],
  [
    'full',
    '552 5.2.2 The mailbox of this person is full',
    'them',
    'The mailbox of the recipient is full.',
    'De mailbox van de ontvanger is vol.',
  ],
  [
    'blocked',
    '554 5.7.1 Service unavailable; client host blocked using zen.blocklist.test',
    'us',
    'Our server is on a blocklist.',
    'Onze server staat op een blokkeerlijst.',
  ],
  [
    '550-5.7.26',
    '550 5.7.26 As you asked for',
    'us',
    'They could not prove who the sender is.',
    'Zij konden niet bewijzen wie de afzender is.',
  ],
];

for (const [local, reply, who, english, dutch] of REFUSED) {
  test(`${local}: refused for good, told at once in the story and in a report`, async () => {
    const { noor } = world.people;
    const id = await writes(local, `About ${local}`);
    const told = await noor.asks(id, 'en');
    assert.equal(told.headline, 'Not delivered – elsewhere.test refused it');
    assert.equal(told.turn.who, who);
    assert.deepEqual(wordsOf(told), [
      ...ON_THE_WAY,
      TALKED,
      `Not delivered – elsewhere.test refused it | ${english}`,
      'We told you that it was not delivered',
    ]);
    assert.deepEqual(wordsOf(await noor.asks(id, 'nl')), [
      ...OP_WEG,
      GESPROKEN,
      `Niet bezorgd – elsewhere.test weigerde het | ${dutch}`,
      'We lieten je weten dat het niet bezorgd is',
    ]);
    assert.ok(told.lines.some(({ raw }) => raw.join('\n').includes(reply)));
    const { raw } = await noor.receives(`Subject: Niet bezorgd: About ${local} / Not delivered`);
    assert.match(raw, /^Return-Path: <>\r\n/);
    const report = parseDsn(Buffer.from(raw, 'latin1'));
    assert.ok(report.ok);
    const [recipient] = report.value.facts.recipients;
    assert.equal(recipient?.action, 'failed');
    assert.equal(recipient?.status, reply.split(' ')[1]);
    assert.ok(JSON.stringify(recipient).includes(`${local}@elsewhere.test`));
    // Both languages, hers first, with the exact words and the number of the story.
    const { text } = report.value;
    assert.ok(text.indexOf(dutch) > 0 && text.indexOf(english) > text.indexOf(dutch), text);
    assert.ok(text.includes(reply) && text.includes(id));
    assert.match(report.value.original?.message.toString() ?? '', new RegExp(`Subject: About ${local}`));
    assert.equal(report.value.original?.give, 'full');
  });
}

test('strict: three lines of reply are kept word for word (R-46)', async () => {
  const id = await writes('strict');
  const told = await world.people.noor.asks(id, 'en');
  const bounced = told.lines.find(({ text }) => text.startsWith('Not delivered'));
  assert.deepEqual(bounced?.raw, [
    '550-5.7.26 Your mail has been blocked because the sender is unauthenticated.',
    '550-5.7.26 We require either SPF or DKIM to pass.',
    '550 5.7.26 See our help pages for what to do',
  ]);
  assert.equal(told.turn.who, 'us');
});

test('somebody out of office answers once, and is not answered', async () => {
  const { noor } = world.people;
  await writes('ooo', 'Are you there?');
  await noor.receives('Subject: Out of office: Are you there?');
  const before = world.elsewhere.mails.length;
  await world.quiet();
  assert.equal(world.elsewhere.mails.length, before);
});

test('slow: asked to come back, and taken later', async (context) => {
  const { noor } = world.people;
  const id = await writes('slow');
  const told = await noor.asks(id, 'en');
  assert.match(told.headline, /^Not yet – next try at 09:0\d, we keep trying until Saturday 7 March$/);
  assert.deepEqual(told.turn, { who: 'us', name: null });
  assert.match(wordsOf(told).at(-1) ?? '', /^They asked us to try again later \(normal for a first contact\) \| Next try at /);
  assert.match(
    wordsOf(await noor.asks(id, 'nl')).at(-1) ?? '',
    /^Ze vroegen om later terug te komen \(gewoon bij een eerste contact\) \| Volgende /,
  );
  // A minute passes for their server too.
  const real = Date.now;
  context.mock.method(Date, 'now', () => real() + 60_000);
  await world.pass(120_000);
  context.mock.restoreAll();
  const after = await noor.asks(id, 'en');
  assert.deepEqual(
    wordsOf(after)
      .slice(-2)
      .map((line) => line.split(' | ')[0]),
    ["Talked to elsewhere.test's mail server (mx.elsewhere.test)", 'elsewhere.test accepted it. From here on only they know what happens'],
  );
  assert.equal((await noor.letters()).filter(({ raw }) => raw.includes('slow@elsewhere.test')).length, 0, 'no notice for greylisting');
});

test('notls: it goes without a lock rather than not at all, and the story says so', async () => {
  const { noor } = world.people;
  const id = await writes('notls');
  // Whether the first conversation was an old one that was closed, or a new one that ends in a deferral: TLS is tried first.
  await world.pass(120_000);
  const told = await noor.asks(id, 'en');
  assert.equal(wordsOf(told).at(-1), 'elsewhere.test accepted it. From here on only they know what happens | Not encrypted');
  assert.match(wordsOf(await noor.asks(id, 'nl')).at(-1) ?? '', / \| Niet versleuteld$/);
  assert.equal(world.elsewhere.mails.at(-1)?.isTls, false);
});

test('one letter to three people of different fates: one story, one report', async () => {
  const { noor } = world.people;
  const to = ['echo@elsewhere.test', 'gone@elsewhere.test', world.people.emma.address];
  const id = await noor.writes({ to, subject: 'To three' });
  await world.quiet();
  await noor.sees(id, 'acceptedByRemote', 'bounced', 'deliveredHere');
  const told = await noor.asks(id, 'en');
  assert.equal(told.headline, 'Not delivered to 1 of 3 people');
  assert.equal((await noor.asks(id, 'nl')).headline, 'Niet bezorgd bij 1 van de 3 mensen');
  assert.deepEqual(
    told.recipients.map(({ address }) => address),
    to,
  );
  const { raw } = await noor.receives('Subject: Niet bezorgd: To three / Not delivered');
  const report = parseDsn(Buffer.from(raw, 'latin1'));
  assert.ok(report.ok && report.value.facts.recipients.length === 1);
  assert.ok(!report.value.text.includes('echo@elsewhere.test'));
});

test('NOTIFY, RET and ORCPT are honoured (RFC 3461)', async () => {
  const { noor } = world.people;
  const never = await noor.writes({ to: 'gone@elsewhere.test', subject: 'Never', recipientParameters: 'NOTIFY=NEVER' });
  const headers = await noor.writes({ to: 'gone@elsewhere.test', subject: 'Headers', parameters: 'RET=HDRS ENVID=qq314' });
  await world.neighbour('old.test', { extensions: ['PIPELINING', 'SIZE 1000000'] });
  const asking = { subject: 'Success', recipientParameters: 'NOTIFY=SUCCESS,FAILURE' };
  await noor.writes({ to: 'a@old.test', ...asking });
  await noor.writes({ to: 'b@elsewhere.test', ...asking, subject: 'Their success' });
  const local = await noor.writes({ to: world.people.emma.address, subject: 'Local success', recipientParameters: 'NOTIFY=SUCCESS' });
  await world.quiet();
  await noor.sees(never, 'bounced');
  assert.equal(
    wordsOf(await noor.asks(never, 'en'))
      .at(-1)
      ?.startsWith('Not delivered'),
    true,
  );
  const back = parseDsn(Buffer.from((await noor.receives('Subject: Niet bezorgd: Headers')).raw, 'latin1'));
  assert.ok(back.ok && back.value.original?.give === 'headers');
  assert.ok(JSON.stringify(back.value.facts).includes('qq314'));
  assert.equal((await noor.journey(headers))?.recipients[0]?.state, 'bounced');
  const relayed = parseDsn(Buffer.from((await noor.receives('Subject: Overgedragen: Success')).raw, 'latin1'));
  assert.ok(relayed.ok);
  assert.equal(relayed.value.facts.recipients[0]?.action, 'relayed');
  // A server that offers DSN is asked to report itself; we say relayed where we are the last to know (RFC 3461 §5.2.2).
  assert.ok(!(await noor.letters()).some(({ raw }) => raw.includes('Their success /')));
  const delivered = parseDsn(Buffer.from((await noor.receives('Subject: Bezorgd: Local success')).raw, 'latin1'));
  assert.ok(delivered.ok);
  assert.equal(delivered.value.facts.recipients[0]?.action, 'delivered');
  assert.equal((await noor.journey(local))?.recipients[0]?.state, 'deliveredHere');
  assert.equal((await noor.letters()).filter(({ raw }) => raw.includes('Never / Not')).length, 0);
});

test('no report about a report, and none to strangers (R-64)', async () => {
  const said = world.elsewhere.said.length;
  const gone = 'gone@elsewhere.test';
  // A receipt with the null sender that fails is dropped, with its story.
  const id = await world.people.emma.writes({ to: gone, from: '', subject: 'A receipt' });
  await world.quiet();
  await world.people.emma.sees(id, 'bounced');
  assert.deepEqual((await world.people.emma.asks(id, 'en')).lines.at(-1)?.text, 'Not delivered – elsewhere.test refused it');
  assert.equal((await world.people.emma.letters()).filter(({ raw }) => raw.includes('A receipt')).length, 0);
  const after = await until('the attempt', () => world.elsewhere.said.slice(said).some((line) => line.includes(gone)));
  assert.ok(after);
  assert.ok(!world.elsewhere.said.some((line) => line.startsWith('RCPT kees@stranger.test')));
});
