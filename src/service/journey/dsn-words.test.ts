import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JourneyId } from '../../core/ids.ts';
import { type DsnRecipient, dsnWords } from './journey.ts';
import { NOON, reply } from './world.test.ts';

const JOURNEY = '1mtdke3n4ft68thass7t' as JourneyId;
const base = { journey: JOURNEY, subject: 'Rapport groep 7', sentAt: NOON, timeZone: 'Europe/Amsterdam' } as const;
const piet: DsnRecipient = {
  address: 'piet@far.example',
  reply: reply('550-5.1.1 Hello', '550 5.1.1 no such user'),
  host: 'mx1.far.example',
};

test('failure: both languages, the reader’s first, verbatim answer, whose turn, next step, journey', () => {
  const { subject, text } = dsnWords({ ...base, report: 'failure', language: 'nl', recipients: [piet] });
  assert.equal(subject, 'Niet bezorgd: Rapport groep 7 / Not delivered');
  assert.equal(
    text,
    `Je bericht is niet bezorgd bij:

  piet@far.example
    Dit adres bestaat daar niet.
    Wie is aan zet: jij
    Volgende stap: Controleer de spelling, of vraag het juiste adres.
    Het letterlijke antwoord van mx1.far.example:
      550-5.1.1 Hello
      550 5.1.1 no such user

Voor andere ontvangers verandert er niets.

Je bericht: Rapport groep 7, verstuurd om 13:02 op dinsdag 3 maart
Het hele verhaal van dit bericht heeft het nummer 1mtdke3n4ft68thass7t.

──── In English ────

Your message was not delivered to:

  piet@far.example
    This address does not exist there.
    Whose turn: you
    Next step: Check the spelling, or ask for the right address.
    The exact answer of mx1.far.example:
      550-5.1.1 Hello
      550 5.1.1 no such user

Other recipients, if any, are not affected.

Your message: Rapport groep 7, sent at 13:02 on Tuesday 3 March
The whole story of this message has the number 1mtdke3n4ft68thass7t.
`,
  );
  const english = dsnWords({ ...base, report: 'failure', language: 'en', recipients: [piet] });
  assert.ok(english.text.startsWith('Your message was not delivered'));
  assert.ok(english.text.includes('──── In het Nederlands ────'));
});

test('delay: we still try, so it is our turn', () => {
  const recipient = { ...piet, reply: reply('452 4.2.2 full'), nextAt: NOON + 3_600_000, giveUpAt: NOON + 432_000_000 };
  const { subject, text } = dsnWords({ ...base, report: 'delay', language: 'en', recipients: [recipient] });
  assert.equal(subject, 'Not yet delivered: Rapport groep 7 / Nog niet bezorgd');
  assert.ok(
    text.includes(`    The mailbox of the recipient is full.
    Next try at 14:02 on Tuesday 3 March; we keep trying until Sunday 8 March.
    Whose turn: us, we try again
    Next step: We try again by ourselves. Reach them in another way and ask them to make room.
`),
  );
  assert.ok(text.includes('    Wie is aan zet: wij, we proberen het opnieuw\n'));
  const soon = dsnWords({ ...base, report: 'delay', language: 'en', recipients: [{ ...recipient, giveUpAt: NOON + 7_200_000 }] });
  assert.ok(soon.text.includes('we keep trying until 15:02 on Tuesday 3 March.'));
});

test('given up after days: nothing promises that we try again', () => {
  const recipient = { ...piet, reply: reply('451 4.7.1 greylisted'), afterMs: 432_000_000 };
  const { text } = dsnWords({ ...base, report: 'failure', language: 'nl', recipients: [recipient, { ...recipient, reply: null }] });
  assert.ok(text.includes('Niet bezorgd – na 5 dagen nog niet gelukt.'));
  assert.ok(text.includes('Volgende stap: Controleer het adres en stuur het opnieuw.'));
  assert.doesNotMatch(text, /vanzelf opnieuw|by ourselves/);
});

test('success: handed over, or delivered where it is ours to say', () => {
  const ok = { ...piet, reply: reply('250 2.0.0 ok') };
  const over = dsnWords({ ...base, report: 'success', language: 'en', recipients: [ok] });
  assert.equal(over.subject, 'Handed over: Rapport groep 7 / Overgedragen');
  assert.ok(over.text.includes('far.example accepted it. From here on only they know what happens.'));
  const here = dsnWords({
    ...base,
    report: 'success',
    language: 'nl',
    recipients: [{ address: 'anna@school.example', reply: null, host: '', delivered: true }],
  });
  assert.equal(here.subject, 'Bezorgd: Rapport groep 7 / Delivered');
  assert.ok(here.text.includes('Het is in de mailbox.'));
});

test('their turn bears their name; trouble without an answer is explained too', () => {
  const { text } = dsnWords({
    ...base,
    report: 'failure',
    language: 'en',
    recipients: [
      { address: 'a@full.example', reply: reply('552 5.2.2 full'), host: 'mx' },
      { address: 'b@gone.example', reply: null, trouble: 'noSuchDomain', host: '' },
    ],
  });
  assert.ok(text.includes('Whose turn: full.example'));
  assert.ok(text.includes('The part after the @ does not exist.'));
  const admin = dsnWords({ ...base, report: 'failure', language: 'nl', recipients: [{ ...piet, reply: reply('550 5.7.25 x') }] });
  assert.ok(admin.text.includes('Wie is aan zet: onze beheerder'));
});

test('internationalised domains are read as people write them, the exact answer as it came', () => {
  const recipient = { address: 'u@xn--bcher-kva.test', reply: reply('552 5.2.2 <u@xn--bcher-kva.test> full'), host: 'mx' };
  const { text } = dsnWords({ ...base, report: 'failure', language: 'en', recipients: [recipient] });
  assert.ok(text.includes('\n  u@bücher.test\n') && text.includes('Whose turn: bücher.test\n'));
  assert.ok(text.includes('552 5.2.2 <u@xn--bcher-kva.test> full'));
});

test('about somebody else’s message: nothing calls it the reader’s own, and the writer’s turn bears the writer’s name', () => {
  const recipient = { ...piet, nextAt: NOON + 3_600_000, giveUpAt: NOON + 432_000_000 };
  const reports = (['failure', 'delay', 'success'] as const).map(
    (report) => dsnWords({ ...base, report, language: 'en', recipients: [recipient], onBehalf: 'kim@xn--bcher-kva.test' }).text,
  );
  for (const text of reports) {
    assert.doesNotMatch(text, /your message|je bericht|you asked|je vroeg|you need not|je hoeft/i);
    assert.ok(text.includes('The message of kim@bücher.test: Rapport groep 7, sent at'));
    assert.ok(text.includes('Het bericht van kim@bücher.test: Rapport groep 7, verstuurd om'));
  }
  assert.ok(reports[0]?.startsWith('A message of kim@bücher.test was not delivered to:'));
  assert.ok(reports[0]?.includes('Een bericht van kim@bücher.test is niet bezorgd bij:'));
  assert.ok(reports[0]?.includes('Whose turn: kim@bücher.test\n') && reports[0].includes('Wie is aan zet: kim@bücher.test\n'));
  const forward = dsnWords({ ...base, report: 'failure', language: 'nl', recipients: [piet], onBehalf: '' }).text;
  assert.ok(forward.startsWith('Een bericht van iemand anders is niet bezorgd bij:'));
  assert.ok(forward.includes('Wie is aan zet: jij\n'), 'whoever keeps the forward can correct it');
  const hostile = dsnWords({ ...base, report: 'failure', language: 'en', recipients: [piet], onBehalf: 'a@b\r\nBcc: x@y.example' }).text;
  assert.ok(!hostile.includes('\nBcc:'));
});

test('hostile texts: no control characters, no new lines, bounded', () => {
  const evil: DsnRecipient = {
    address: 'a@b.example\r\nBcc: x@y.example',
    reply: reply(...Array.from({ length: 500 }, () => `550 \u001b]0;x\u0007${'y'.repeat(5_000)}`)),
    host: 'mx\u0000',
  };
  const { subject, text } = dsnWords({
    ...base,
    subject: 'a\r\nBcc: z@y.example',
    report: 'failure',
    language: 'en',
    recipients: Array.from({ length: 400 }, () => evil),
  });
  assert.ok(!subject.includes('\n') && !subject.includes('\r'));
  // biome-ignore lint: control characters are what is looked for
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f]/);
  assert.ok(!text.includes('\nBcc:'));
  assert.ok(text.length < 3_000_000);
  assert.ok(text.split('\n').every((line) => Buffer.byteLength(line) < 998));
  assert.ok(text.includes('and 350 more; all of them are listed in the attached report.'));
  assert.equal(
    dsnWords({ ...base, subject: null, report: 'failure', language: 'nl', recipients: [piet] }).subject,
    'Niet bezorgd: (geen onderwerp) / Not delivered',
  );
});
