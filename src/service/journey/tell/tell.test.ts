import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JourneyId } from '../../../core/ids.ts';
import { REFUSALS } from '../../../core/refusal.table.ts';
import type { Step } from '../../../core/step.ts';
import { assemble } from '../assemble.ts';
import { type Journey, render, type Seat, tell, type Told } from '../journey.ts';
import { refusalWords } from '../refusal-words.table.ts';
import { NOON, reply } from '../world.test.ts';

const JOURNEY = '1mtdke3n4ft68thass7t' as JourneyId;
const ZONE = { timeZone: 'Europe/Amsterdam' };
const PIET = 'piet@far.example';
const MINUTE = 60_000;
const GIVE_UP = NOON + 5 * 24 * 60 * MINUTE;
const SENDER: Seat = { as: 'sender' };
const ANNA: Seat = { as: 'recipient', own: ['anna@school.example'] };

function story(seat: Seat | 'admin', steps: readonly Step[]): Journey {
  const pages = [{ seat: seat === 'admin' ? null : seat, steps }];
  const made = assemble({ journey: JOURNEY, pages }, { owner: 1 as never, admin: seat === 'admin', isTheirs: undefined, now: undefined });
  assert.ok(made !== undefined);
  return made;
}

const pressed = (...to: string[]): Step => ({
  kind: 'received',
  at: NOON,
  origin: 'submission',
  from: 'noor@school.example',
  to,
  subject: 'Rapport',
});
const queued: Step = { kind: 'queued', at: NOON, recipient: PIET, domain: 'far.example', nextAt: NOON, giveUpAt: GIVE_UP };
const tried = (at: number): Step => ({
  kind: 'tried',
  at,
  recipient: PIET,
  attempt: 1,
  host: 'mx1.far.example',
  peer: { ip: '203.0.113.5' },
  tls: { protocol: 'TLSv1.3', cipher: 'x', proven: 'ca' },
  tookMs: 200,
  dialogue: ['S: 220 mx1.far.example', 'C: EHLO mail.school.example'],
  route: 'mx',
});
const deferred = (at: number, text: string): Step => ({
  kind: 'deferred',
  at,
  recipient: PIET,
  attempt: 1,
  stage: 'rcpt',
  host: 'mx1.far.example',
  reply: reply(text),
  nextAt: at + 18 * MINUTE,
  giveUpAt: GIVE_UP,
});
const sent = (at: number, proven: 'dane' | 'none' | null = 'dane'): Step => ({
  kind: 'sent',
  at,
  recipient: PIET,
  host: 'mx1.far.example',
  reply: reply('250 2.0.0 ok'),
  tls: proven === null ? null : { protocol: 'TLSv1.3', cipher: 'x', proven },
  route: 'mx',
});
const bounced = (text: string | null, trouble?: string): Step => ({
  kind: 'bounced',
  at: NOON + 2000,
  recipient: PIET,
  stage: 'rcpt',
  host: 'mx1.far.example',
  reply: text === null ? null : reply(text),
  ...(trouble === undefined ? {} : { trouble }),
});

type Short = Readonly<{ headline: string; turn: Told['turn']; next: readonly string[]; lines: readonly string[] }>;

function short(journey: Journey, language: 'en' | 'nl'): Short {
  const { headline, turn, next, lines } = tell(journey, language, ZONE);
  return {
    headline,
    turn,
    next,
    lines: lines.map(({ mark, text, detail }) => `${mark}: ${text}${detail === undefined ? '' : ` | ${detail}`}`),
  };
}

test('sent', () => {
  const journey = story(SENDER, [
    pressed(PIET),
    { kind: 'accepted', at: NOON, copies: 1 },
    { kind: 'signed', at: NOON, domain: 'school.example', selector: 's' },
    queued,
    tried(NOON + 900),
    sent(NOON + 1000),
  ]);
  assert.deepEqual(short(journey, 'en'), {
    headline: 'far.example accepted it. From here on only they know what happens',
    turn: { who: 'them', name: 'far.example' },
    next: ['If they do not see it, ask them to look in Spam.'],
    lines: [
      'done: You pressed send',
      'done: We took the message | From here on it is our job',
      'done: Signed as school.example',
      'done: In our outbox, about to leave',
      "done: Talked to far.example's mail server (mx1.far.example) | Encrypted, server not proven",
      'done: far.example accepted it. From here on only they know what happens | Encrypted, right server proven',
    ],
  });
  assert.deepEqual(short(journey, 'nl'), {
    headline: 'far.example heeft het bericht aangenomen. Wat er daarna gebeurt, weten alleen zij',
    turn: { who: 'them', name: 'far.example' },
    next: ['Zien zij het niet, vraag dan of ze in Spam willen kijken.'],
    lines: [
      'done: Je drukte op verzenden',
      'done: Wij namen het bericht aan | Vanaf nu zorgen wij ervoor',
      'done: Ondertekend als school.example',
      'done: Klaar om te vertrekken',
      'done: Gesproken met de mailserver van far.example (mx1.far.example) | Versleuteld, server niet bewezen',
      'done: far.example heeft het bericht aangenomen. Wat er daarna gebeurt, weten alleen zij | Versleuteld en zeker de juiste server',
    ],
  });
  assert.deepEqual(tell(journey, 'en').lines[4]?.raw, ['S: 220 mx1.far.example', 'C: EHLO mail.school.example'], 'verbatim');
});

test('deferred, then sent', () => {
  const waiting = [pressed(PIET), queued, tried(NOON + 900), deferred(NOON + 1000, '451 4.7.1 Greylisted, come back')];
  assert.deepEqual(short(story(SENDER, waiting), 'en'), {
    headline: 'Not yet – next try at 13:20, we keep trying until Sunday 8 March',
    turn: { who: 'us', name: null },
    next: ['We try again by ourselves. It usually takes some minutes.'],
    lines: [
      'done: You pressed send',
      'done: In our outbox, about to leave',
      "done: Talked to far.example's mail server (mx1.far.example) | Encrypted, server not proven",
      'wait: They asked us to try again later (normal for a first contact) | Next try at 13:20, we keep trying until Sunday 8 March',
    ],
  });
  assert.deepEqual(short(story(SENDER, waiting), 'nl'), {
    headline: 'Nog niet gelukt – volgende poging om 13:20, we proberen het tot zondag 8 maart',
    turn: { who: 'us', name: null },
    next: ['Wij proberen het vanzelf opnieuw. Meestal duurt het enkele minuten.'],
    lines: [
      'done: Je drukte op verzenden',
      'done: Klaar om te vertrekken',
      'done: Gesproken met de mailserver van far.example (mx1.far.example) | Versleuteld, server niet bewezen',
      'wait: Ze vroegen om later terug te komen (gewoon bij een eerste contact) | Volgende poging om 13:20, we proberen het tot zondag 8 maart',
    ],
  });
  const done = story(SENDER, [...waiting, sent(NOON + 19 * MINUTE, 'none')]);
  assert.equal(tell(done, 'en').headline, 'far.example accepted it. From here on only they know what happens');
  assert.equal(tell(done, 'nl').lines.at(-1)?.detail, 'Versleuteld, server niet bewezen');
  const open = story(SENDER, [...waiting, sent(NOON + 19 * MINUTE, null)]);
  assert.equal(tell(open, 'en').lines.at(-1)?.detail, 'Not encrypted');
});

test('gone: the address does not exist', () => {
  const journey = story(SENDER, [
    pressed(PIET),
    queued,
    bounced('550 5.1.1 <piet@far.example>: no such user'),
    { kind: 'notified', at: NOON + 2000, recipient: PIET, report: 'failure', to: 'noor@school.example' },
  ]);
  assert.deepEqual(short(journey, 'en'), {
    headline: 'Not delivered – far.example refused it',
    turn: { who: 'you', name: null },
    next: ['Check the spelling, or ask for the right address.'],
    lines: [
      'done: You pressed send',
      'done: In our outbox, about to leave',
      'problem: Not delivered – far.example refused it | This address does not exist there.',
      'info: We told you that it was not delivered',
    ],
  });
  assert.deepEqual(short(journey, 'nl'), {
    headline: 'Niet bezorgd – far.example weigerde het',
    turn: { who: 'you', name: null },
    next: ['Controleer de spelling, of vraag het juiste adres.'],
    lines: [
      'done: Je drukte op verzenden',
      'done: Klaar om te vertrekken',
      'problem: Niet bezorgd – far.example weigerde het | Dit adres bestaat daar niet.',
      'info: We lieten je weten dat het niet bezorgd is',
    ],
  });
});

test('full: their turn, by name; ours to ask the administrator', () => {
  const full = story(SENDER, [pressed(PIET), queued, bounced('552 5.2.2 mailbox full')]);
  assert.deepEqual(tell(full, 'en').turn, { who: 'them', name: 'far.example' });
  assert.deepEqual(tell(full, 'nl').next, ['Neem anders contact op en vraag om ruimte te maken.']);
  assert.equal(tell(full, 'nl').lines.at(-1)?.detail, 'De mailbox van de ontvanger is vol.');
  const listed = story(SENDER, [pressed(PIET), queued, bounced('554 5.7.1 blocked using zen.spamhaus.org')]);
  assert.deepEqual(tell(listed, 'en').turn, { who: 'us', name: 'our administrator' });
  assert.deepEqual(tell(listed, 'nl').turn, { who: 'us', name: 'onze beheerder' });
  assert.deepEqual(tell(story('admin', listed.steps), 'nl').turn, { who: 'you', name: null }, 'the administrator reads');
});

test('an end of trying that is near is told to the minute', () => {
  const until = (giveUpAt: number): (string | undefined)[] => {
    const later: Step = { ...deferred(NOON + 1000, '451 4.3.0 trouble'), giveUpAt } as Step;
    const journey = story(SENDER, [pressed(PIET), queued, later]);
    return [tell(journey, 'en', ZONE).headline, tell(journey, 'nl', ZONE).lines.at(-1)?.detail];
  };
  assert.deepEqual(until(NOON + 60 * MINUTE), [
    'Not yet – next try at 13:20, we keep trying until 14:02',
    'Volgende poging om 13:20, we proberen het tot 14:02',
  ]);
  assert.deepEqual(until(NOON + 20 * 60 * MINUTE), [
    'Not yet – next try at 13:20, we keep trying until 09:02 on Wednesday 4 March',
    'Volgende poging om 13:20, we proberen het tot 09:02 op woensdag 4 maart',
  ]);
  assert.deepEqual(until(NOON + 48 * 60 * MINUTE), [
    'Not yet – next try at 13:20, we keep trying until Thursday 5 March',
    'Volgende poging om 13:20, we proberen het tot donderdag 5 maart',
  ]);
});

test('expired, returned afterwards, and failed without an answer', () => {
  const expired: Step = { kind: 'expired', at: GIVE_UP, recipient: PIET, afterMs: GIVE_UP - NOON, lastReply: reply('451 4.3.0 trouble') };
  const journey = story(SENDER, [pressed(PIET), queued, deferred(NOON + 1000, '451 4.3.0 trouble'), expired]);
  assert.equal(tell(journey, 'en').headline, 'Not delivered – no success in 5 days');
  assert.equal(tell(journey, 'nl').headline, 'Niet bezorgd – na 5 dagen nog niet gelukt');
  assert.deepEqual(tell(journey, 'en').turn, { who: 'you', name: null });
  assert.deepEqual(tell(journey, 'nl').next, ['Controleer het adres en stuur het opnieuw.']);
  assert.equal(tell(journey, 'en', ZONE).lines[2]?.detail, 'Next try at 13:20 on Tuesday 3 March, we keep trying until Sunday 8 March');
  assert.equal(tell(journey, 'nl').lines.at(-1)?.detail, 'Het laatste antwoord: Hun server heeft een storing of geen ruimte meer.');
  const greeting = story(SENDER, [pressed(PIET), queued, deferred(NOON + 1000, '554 5.7.1 Go away')]);
  assert.match(tell(greeting, 'en').next[0] ?? '', /^We try again by ourselves\./, 'a final word that is tried again elsewhere');
  const late = story(SENDER, [pressed(PIET), queued, sent(NOON + 1000), bounced('550 5.7.1 no')]);
  assert.equal(tell(late, 'en').headline, 'Accepted at first, returned afterwards');
  assert.equal(tell(late, 'nl').headline, 'Eerst aangenomen, later toch teruggestuurd');
  const nowhere = story(SENDER, [pressed(PIET), queued, bounced(null, 'noSuchDomain')]);
  assert.equal(tell(nowhere, 'nl').headline, 'Niet bezorgd');
  assert.equal(tell(nowhere, 'nl').lines.at(-1)?.detail, 'Het deel na de @ bestaat niet.');
});

const knocked: Step = {
  kind: 'received',
  at: NOON,
  origin: 'mx',
  from: 'piet@far.example',
  to: ['anna@school.example'],
  peer: { ip: '203.0.113.5', host: 'mx1.far.example' },
  tls: { protocol: 'TLSv1.3', cipher: 'x', proven: 'none' },
};

test('inbound, filed', () => {
  const journey = story(ANNA, [
    knocked,
    { kind: 'checked', at: NOON, check: 'spf', result: 'pass' },
    { kind: 'checked', at: NOON, check: 'dmarc', result: 'pass' },
    { kind: 'filed', at: NOON + 100, recipient: 'anna@school.example', folder: 'INBOX', role: 'inbox', uid: 7 },
  ]);
  assert.deepEqual(short(journey, 'en'), {
    headline: 'In your mailbox',
    turn: { who: 'nobody', name: null },
    next: [],
    lines: [
      'done: Arrived at our door | From piet@far.example, through mx1.far.example (203.0.113.5); encrypted, server not proven',
      'done: We checked SPF: passed',
      'done: Sender proven',
      'done: In your mailbox',
    ],
  });
  assert.deepEqual(short(journey, 'nl'), {
    headline: 'In je mailbox',
    turn: { who: 'nobody', name: null },
    next: [],
    lines: [
      'done: Bij ons aangeklopt | Van piet@far.example, via mx1.far.example (203.0.113.5); versleuteld, server niet bewezen',
      'done: We keken SPF na: in orde',
      'done: Afzender bewezen',
      'done: In je mailbox',
    ],
  });
  assert.equal(tell(story('admin', journey.steps), 'en').headline, "In anna@school.example's mailbox");
});

test('inbound, in Spam, moved by a rule, kept apart', () => {
  const scored: Step = {
    kind: 'scored',
    at: NOON,
    recipient: 'anna@school.example',
    score: 9,
    limit: 5,
    reasons: [
      { rule: 'dnsbl', points: 3 },
      { rule: 'SPF_FAIL', points: 4 },
      { rule: 'ham', points: -1 },
    ],
  };
  const junk = story(ANNA, [knocked, scored, { kind: 'filed', at: NOON, recipient: 'anna@school.example', folder: 'Spam', role: 'junk' }]);
  assert.equal(tell(junk, 'en').headline, 'In Spam, because the sender could not be proven');
  assert.equal(tell(junk, 'nl').headline, 'In Spam, omdat de afzender niet bewezen kon worden');
  assert.equal(
    tell(junk, 'nl').lines[1]?.detail,
    'Omdat de afzender niet bewezen kon worden; omdat de server ervan op een blokkeerlijst staat',
  );
  const ruled = story(ANNA, [
    knocked,
    { kind: 'ruled', at: NOON, recipient: 'anna@school.example', rule: 'klas', folder: 'School' },
    { kind: 'filed', at: NOON, recipient: 'anna@school.example', folder: 'School', role: null },
  ]);
  assert.equal(tell(ruled, 'en').headline, 'Moved to School by your rule "klas"');
  assert.equal(tell(ruled, 'nl').headline, 'Door je regel "klas" naar School verplaatst');
  const apart = story(ANNA, [knocked, { kind: 'held', at: NOON, recipient: 'anna@school.example', why: 'quarantine' }]);
  assert.equal(tell(apart, 'nl').headline, 'Apart gezet – lijkt onveilig');
  assert.deepEqual(tell(apart, 'en').turn, { who: 'you', name: null });
  assert.deepEqual(tell(apart, 'en').next, ['Look at it safely, then let it through or delete it.']);
});

const refusedStep = (refusal: string): Step => ({
  kind: 'refused',
  at: NOON,
  recipient: 'anna@school.example',
  stage: 'rcpt',
  refusal,
  facts: {},
  reply: reply('452 4.2.2 That mailbox is full'),
  from: 'piet@far.example',
  peer: { ip: '203.0.113.5', host: 'mx1.far.example' },
});

test('inbound, refused at the door', () => {
  const journey = story(ANNA, [refusedStep('tooBig')]);
  assert.deepEqual(short(journey, 'en'), {
    headline: 'Refused at the door; the sender was told why',
    turn: { who: 'them', name: 'far.example' },
    next: ['If you expected this message, ask the sender to try again, or allow them next time.'],
    lines: [
      'problem: piet@far.example tried at 13:02; refused because the message is larger than we take | From mx1.far.example (203.0.113.5)',
    ],
  });
  assert.deepEqual(short(journey, 'nl'), {
    headline: 'Aan de deur geweigerd; de afzender kreeg de reden',
    turn: { who: 'them', name: 'far.example' },
    next: ['Verwachtte je dit bericht, vraag de afzender het opnieuw te proberen, of laat die de volgende keer toe.'],
    lines: [
      'problem: piet@far.example probeerde het om 13:02; geweigerd omdat het bericht groter is dan wij aannemen | Van mx1.far.example (203.0.113.5)',
    ],
  });
  assert.deepEqual(tell(story(ANNA, [refusedStep('mailboxFull')]), 'nl').next, [
    'Maak ruimte in je mailbox; vraag daarna de afzender het opnieuw te proberen.',
  ]);
  assert.deepEqual(tell(journey, 'en').lines[0]?.raw, ['452 4.2.2 That mailbox is full']);
  const asked = story(ANNA, [{ kind: 'held', at: NOON, recipient: 'anna@school.example', why: 'greylist' }]);
  assert.equal(tell(asked, 'en').headline, 'We asked the sender to come back in a few minutes');
});

test('our own sender, refused', () => {
  const journey = story(SENDER, [
    {
      kind: 'refused',
      at: NOON,
      recipient: PIET,
      stage: 'mail',
      refusal: 'senderNotYours',
      facts: {},
      reply: reply('550 5.7.1 no'),
      from: 'baas@school.example',
    },
  ]);
  assert.equal(tell(journey, 'en').headline, 'Not sent – refused because you may only send with your own addresses');
  assert.equal(
    tell(journey, 'nl', ZONE).lines[0]?.text,
    'Je probeerde het om 13:02; geweigerd omdat je alleen met je eigen adressen mag versturen',
  );
  assert.deepEqual(tell(journey, 'nl').turn, { who: 'you', name: null });
});

test('an expanded alias, a forward, a cancellation, a hold, a plan', () => {
  const alias = story(SENDER, [
    pressed('info@school.example'),
    {
      kind: 'expanded',
      at: NOON,
      recipient: 'info@school.example',
      through: 'alias',
      from: 'info@school.example',
      to: ['anna@school.example', 'piet@far.example'],
    },
  ]);
  assert.equal(alias.recipients[0]?.state, 'expanded');
  assert.equal(tell(alias, 'en').lines[1]?.text, 'Sent on to anna@school.example, piet@far.example (alias, group or forward)');
  assert.equal(tell(alias, 'nl').lines[1]?.text, 'Doorgestuurd naar anna@school.example, piet@far.example (alias, groep of doorsturen)');
  assert.equal(
    tell(alias, 'nl').recipients[0]?.words,
    'Doorgestuurd naar anna@school.example, piet@far.example (alias, groep of doorsturen)',
  );
  const forward = story(ANNA, [
    knocked,
    { kind: 'redirected', at: NOON, recipient: 'anna@school.example', to: 'thuis@far.example', child: JOURNEY },
  ]);
  assert.equal(tell(forward, 'en').headline, 'Sent on to thuis@far.example (alias, group or forward)');
  const cancelled = (by: string): Journey => story(SENDER, [pressed(PIET), queued, { kind: 'cancelled', at: NOON + 5, by }]);
  assert.equal(tell(cancelled('noor@school.example'), 'en').headline, 'Cancelled by you');
  assert.equal(tell(cancelled('noor@school.example'), 'nl').headline, 'Door jou geannuleerd');
  assert.equal(tell(cancelled('baas@school.example'), 'nl').headline, 'Door baas@school.example geannuleerd');
  const held = story(SENDER, [pressed(PIET), { kind: 'held', at: NOON, why: 'admin', by: 'Bas' }]);
  assert.equal(tell(held, 'en').headline, 'Waiting for approval by Bas');
  assert.equal(tell(held, 'nl').headline, 'Wacht op goedkeuring van Bas');
  const frozen = story(SENDER, [pressed(PIET), { kind: 'held', at: NOON, why: 'frozen' }]);
  assert.equal(tell(frozen, 'nl').headline, 'Versturen gepauzeerd om je account te beschermen');
  const soon = story(SENDER, [pressed(PIET), { ...queued, nextAt: NOON + 10_000 } as Step]);
  assert.equal(tell(soon, 'en').headline, 'Sending in 10 s – you can still undo');
  const later = story(SENDER, [pressed(PIET), { ...queued, nextAt: NOON + 86_400_000 } as Step]);
  assert.equal(tell(later, 'nl', ZONE).headline, 'Wordt verstuurd op woensdag 4 maart om 13:02');
});

test('several recipients: handed over is not delivered', () => {
  const two = [
    pressed('anna@school.example', PIET),
    { kind: 'filed', at: NOON, recipient: 'anna@school.example', folder: '', role: null } as Step,
    queued,
  ];
  assert.equal(tell(story(SENDER, two), 'en').headline, '1 of 2 people have it');
  assert.equal(tell(story(SENDER, two), 'nl').headline, '1 van de 2 mensen hebben het');
  assert.equal(tell(story(SENDER, [...two, sent(NOON + 5)]), 'en').headline, 'Handed over for 2 of 2 people');
  assert.equal(tell(story(SENDER, [...two, sent(NOON + 5)]), 'nl').headline, 'Overgedragen voor 2 van de 2 mensen');
  const lost = tell(story(SENDER, [...two, bounced('550 5.1.1 no')]), 'nl');
  assert.equal(lost.headline, 'Niet bezorgd bij 1 van de 2 mensen');
  assert.deepEqual(lost.next, ['piet@far.example: Controleer de spelling, of vraag het juiste adres.']);
  assert.equal(lost.lines.at(-1)?.recipient, PIET);
});

const RELAY = 'smtp.relay.example';
const byRelay = (step: Step): Step => ({ ...step, host: RELAY, ...('route' in step ? { route: 'smarthost' } : {}) }) as Step;
const silent: Step = { ...deferred(NOON + 1000, '451 x'), reply: null, trouble: 'connectFailed', stage: 'connect' } as Step;

test('a relay is named: it took the message, their server has not seen it yet', () => {
  const journey = story(SENDER, [pressed(PIET), queued, byRelay(tried(NOON + 1)), byRelay(sent(NOON + 5))]);
  assert.deepEqual(short(journey, 'en'), {
    headline: 'Handed over to the relay smtp.relay.example. From here on only they know what happens',
    turn: { who: 'them', name: RELAY },
    next: ['If they do not see it, ask them to look in Spam.'],
    lines: [
      'done: You pressed send',
      'done: In our outbox, about to leave',
      'done: Talked to our relay (smtp.relay.example) | Encrypted, right server proven',
      'done: Handed over to the relay smtp.relay.example. From here on only they know what happens | Encrypted, right server proven',
    ],
  });
  assert.equal(tell(journey, 'nl').headline, 'Overgedragen aan de relay smtp.relay.example. Wat er daarna gebeurt, weten alleen zij');
  assert.equal(tell(journey, 'nl').lines[2]?.text, 'Gesproken met onze relay (smtp.relay.example)');
  const talking = story(SENDER, [pressed(PIET), queued, byRelay(tried(NOON + 1))]);
  assert.equal(tell(talking, 'en').headline, 'Talking to our relay (smtp.relay.example)');
  assert.equal(tell(talking, 'nl').headline, 'In gesprek met onze relay (smtp.relay.example)');
});

test('trouble with our relay is for our administrator, and nobody says that it is their server', () => {
  const troubles: readonly [Step, string][] = [
    [silent, 'Our relay does not answer.'],
    [{ ...silent, trouble: 'noServer' } as Step, 'Our relay does not answer.'],
    [{ ...silent, trouble: 'tlsFailed' } as Step, 'No secure link with our relay is possible now.'],
    [
      { ...silent, trouble: 'tlsNotProven' } as Step,
      'Our relay could not prove who it is: its certificate is not from an authority that we believe, or not for its name.',
    ],
    [{ ...silent, trouble: 'authFailed' } as Step, 'That server wants us to sign in, or does not accept our password.'],
    [deferred(NOON + 1000, '535 5.7.8 no'), 'That server wants us to sign in, or does not accept our password.'],
  ];
  for (const [step, meaning] of troubles) {
    const journey = story(SENDER, [pressed(PIET), queued, byRelay(tried(NOON + 1)), byRelay(step)]);
    const told = tell(journey, 'en');
    assert.equal(told.lines.at(-1)?.text, meaning);
    assert.deepEqual(told.turn, { who: 'us', name: 'our administrator' }, meaning);
    assert.match(told.next[0] ?? '', /administrator/);
    assert.deepEqual(tell(journey, 'nl').turn, { who: 'us', name: 'onze beheerder' });
    assert.doesNotMatch(JSON.stringify([told, tell(journey, 'nl')]), /their server|hun server|far\.example's|van far\.example/i);
    const expired: Step = { kind: 'expired', at: GIVE_UP, recipient: PIET, afterMs: GIVE_UP - NOON, lastReply: null };
    const over = tell(story(SENDER, [...journey.steps, expired]), 'en');
    assert.equal(over.headline, 'Not delivered – no success in 5 days');
    assert.deepEqual(over.turn, { who: 'us', name: 'our administrator' }, meaning);
    assert.doesNotMatch(over.next[0] ?? '', /by ourselves/);
  }
  const busy = story(SENDER, [pressed(PIET), byRelay(tried(NOON + 1)), byRelay(deferred(NOON + 1000, '421 4.3.2 busy'))]);
  assert.equal(tell(busy, 'nl').lines.at(-1)?.text, 'Onze relay kan het bericht nu niet aannemen.');
  assert.deepEqual(tell(busy, 'nl').turn, { who: 'us', name: null }, 'we try again');
  const reached = tell(
    story(SENDER, [pressed(PIET), { ...byRelay(tried(NOON)), peer: undefined, dialogue: [] } as never, byRelay(silent)]),
    'nl',
  );
  assert.equal(reached.lines[1]?.text, 'Geprobeerd onze relay te bereiken (smtp.relay.example)');
});

test('what our relay refuses: it refused, and its rules are for our administrator; a wrong address is for the writer', () => {
  const refused = (text: string): Told =>
    tell(story(SENDER, [pressed(PIET), queued, byRelay(tried(NOON + 1)), byRelay(bounced(text))]), 'en');
  assert.equal(refused('550 5.1.1 no such user').headline, 'Not delivered – our relay (smtp.relay.example) refused it');
  assert.deepEqual(refused('550 5.1.1 no such user').turn, { who: 'you', name: null });
  assert.deepEqual(refused('554 5.7.1 no').turn, { who: 'us', name: 'our administrator' });
  assert.equal(refused('554 5.7.1 no').lines.at(-1)?.detail, 'The relay provider does not send this message for us.');
  const direct = story(SENDER, [pressed(PIET), byRelay(tried(NOON)), tried(NOON + 1), bounced('550 5.1.1 no such user')]);
  assert.equal(tell(direct, 'en').headline, 'Not delivered – far.example refused it', 'the last try counts');
});

test('internationalised domains are read as people write them; facts and verbatim lines stay', () => {
  const whom = 'u@xn--bcher-kva.test';
  const host = 'mx.xn--bcher-kva.test';
  const named = (step: Step): Step => ({ ...step, recipient: whom, host }) as Step;
  const away = named(bounced('552 5.2.2 <u@xn--bcher-kva.test> is full'));
  const journey = story(SENDER, [pressed(whom, PIET), named(tried(NOON + 900)), away]);
  for (const language of ['en', 'nl'] as const) {
    const told = tell(journey, language);
    assert.doesNotMatch(JSON.stringify({ ...told, lines: told.lines.map((line) => ({ ...line, raw: [] })) }), /xn--/);
    assert.equal(told.recipients[0]?.address, 'u@bücher.test');
    assert.deepEqual(told.turn, { who: 'them', name: 'bücher.test' });
    assert.match(told.next[0] ?? '', /^u@bücher\.test: /);
    assert.equal(told.lines.at(-1)?.recipient, 'u@bücher.test');
    assert.deepEqual(told.lines.at(-1)?.raw, ['552 5.2.2 <u@xn--bcher-kva.test> is full'], 'verbatim');
  }
  assert.equal(tell(story(SENDER, [pressed(whom), away]), 'en').headline, 'Not delivered – bücher.test refused it');
  assert.equal(journey.recipients[0]?.address, whom, 'a fact');
});

test('no headline bears a code, and every step has words in both languages', () => {
  const all: Step[] = [
    knocked,
    pressed(PIET),
    { kind: 'received', at: NOON, origin: 'bounce', from: '', to: [] },
    { kind: 'scored', at: NOON, score: 0, limit: 5, reasons: [] },
    { kind: 'held', at: NOON, why: 'budget' },
    { kind: 'tried', at: NOON, attempt: 1, host: 'mx.far.example', tookMs: 1, dialogue: [], route: 'mx' },
    { kind: 'ruled', at: NOON, rule: '', folder: '' },
    { kind: 'answered', at: NOON, with: 'vacation', child: JOURNEY },
    { kind: 'released', at: NOON, by: 'bas' },
    { kind: 'paused', at: NOON, by: 'bas' },
    { kind: 'hurried', at: NOON, by: '' },
    { kind: 'began', at: NOON, because: 'bounce', parent: JOURNEY },
    { kind: 'notified', at: NOON, report: 'delay', to: 'noor@school.example' },
    deferred(NOON, '450 4.2.1 x'),
    bounced('550 5.7.26 x'),
  ];
  for (const seat of [SENDER, ANNA, 'admin'] as const) {
    for (const language of ['en', 'nl'] as const) {
      const told = tell(story(seat, all), language);
      assert.doesNotMatch(told.headline, /\b[245]\d\d\b|[245]\.\d/);
      for (const line of told.lines) assert.ok(line.text !== '' && !line.text.includes('undefined'), line.text);
    }
  }
});

test('every refusal has words for after “because” and “omdat”', () => {
  for (const name of Object.keys(REFUSALS)) {
    const { en, nl } = refusalWords(name);
    assert.match(en, /^[a-z].*[^.]$/, name);
    assert.match(nl, /^[a-z].*[^.]$/, name);
  }
  assert.equal(refusalWords('fromAnOlderVersion').nl, 'onze regels het niet toestaan');
  assert.equal(refusalWords('toString').en, 'our rules do not allow it');
});

test('an unknown time zone is UTC, not a crash', () => {
  const journey = story(ANNA, [refusedStep('tooBig')]);
  assert.match(tell(journey, 'en', { timeZone: 'Mars/Olympus' }).lines[0]?.text ?? '', /tried at 12:02/);
});

test('rendered for a terminal, as a timeline, with nothing in it that could command one', () => {
  const journey = story(SENDER, [
    pressed(PIET),
    queued,
    tried(NOON + 900),
    deferred(NOON + 1000, '451 4.7.1 Greylisted \u001b[2J\u202e\u0007'),
  ]);
  const brief = render(tell(journey, 'en', ZONE));
  assert.ok(
    brief.includes('┆ 2 lines were said; --dialogue shows them') && !brief.includes('EHLO'),
    'conversations are shown when asked for',
  );
  assert.ok(brief.includes('┆ 451 4.7.1 Greylisted'), 'the answer that decided is always shown');
  assert.equal(
    render(tell(journey, 'en', ZONE), { dialogue: true }),
    `Not yet – next try at 13:20, we keep trying until Sunday 8 March
Whose turn: you ─ [ us ] ─ them

Tuesday 3 March
● 13:02:11  You pressed send
● 13:02:11  In our outbox, about to leave
● 13:02:11  Talked to far.example's mail server (mx1.far.example)
│           Encrypted, server not proven
│           ┆ S: 220 mx1.far.example
│           ┆ C: EHLO mail.school.example
▲ 13:02:12  They asked us to try again later (normal for a first contact)
│           Next try at 13:20, we keep trying until Sunday 8 March
│           ┆ 451 4.7.1 Greylisted ·[2J··

What to do:
  → We try again by ourselves. It usually takes some minutes.

1mtdke3n4ft68thass7t
`,
  );
  assert.match(render(tell(journey, 'nl', ZONE)), /^Nog niet gelukt.*\nWie is aan zet: jij ─ \[ wij \] ─ zij\n/);
});

test('a runaway story is bounded when told', () => {
  const many = Array.from({ length: 1_500 }, (_, number) => `p${number}@far.example`);
  const steps: Step[] = [pressed(...many), ...many.map((recipient): Step => ({ ...queued, recipient }) as Step)];
  const journey = story(SENDER, steps);
  assert.equal(journey.recipients.length, 1_000);
  const started = performance.now();
  const text = render(tell(journey, 'en'));
  assert.ok(performance.now() - started < 1_000);
  assert.ok(text.length < 100_000);
  assert.match(text, /… 950 more/);
});
