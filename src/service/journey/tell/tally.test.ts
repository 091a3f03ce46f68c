import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tallied } from '../tallies.ts';
import { tellStep } from './tell.ts';

const TEN = Date.UTC(2026, 10, 23, 10);
const HOUR = 3_600_000;
const TALLY: Tallied = {
  kind: 'tallied',
  at: TEN + 50 * 60_000,
  of: 'organisation',
  from: TEN,
  until: TEN + HOUR,
  refusals: { noSuchUser: 398, mailboxFull: 14 },
  causes: { '203.0.113.0/24': 400 },
  otherCauses: 12,
  to: ['noor@school.example', 'anna@school.example', 'bram@school.example'],
  toMore: false,
};

for (const [what, change, english, dutch] of [
  [
    'people',
    {},
    '412 more refusals of mail to 3 people between 10:00 and 11:00, not told one by one',
    'Nog 412 weigeringen van post aan 3 mensen tussen 10:00 en 11:00, niet één voor één verteld',
  ],
  [
    'one of one',
    { refusals: { mailboxFull: 1 }, to: ['noor@school.example'] },
    '1 more refusal of mail to 1 person between 10:00 and 11:00, not told one by one',
    'Nog 1 weigering van post aan 1 persoon tussen 10:00 en 11:00, niet één voor één verteld',
  ],
  [
    'nobody',
    { refusals: { noSuchUser: 12_345 }, to: [] },
    '12,345 more refusals between 10:00 and 11:00, not told one by one',
    'Nog 12.345 weigeringen tussen 10:00 en 11:00, niet één voor één verteld',
  ],
  [
    'more than can be named',
    { toMore: true },
    '412 more refusals of mail to more than 3 people between 10:00 and 11:00, not told one by one',
    'Nog 412 weigeringen van post aan meer dan 3 mensen tussen 10:00 en 11:00, niet één voor één verteld',
  ],
  [
    'the whole server, over midnight',
    { of: 'server', to: [], from: TEN - 11 * HOUR },
    '412 more refusals on this server between 23:00 on Sunday 22 November and 11:00, not told one by one',
    'Nog 412 weigeringen op deze server tussen 23:00 op zondag 22 november en 11:00, niet één voor één verteld',
  ],
] as const satisfies readonly (readonly [string, Partial<Tallied>, string, string])[]) {
  test(`a total of refusals in words: ${what}`, () => {
    const step: Tallied = { ...TALLY, ...change };
    assert.equal(tellStep(step, 'en').text, english);
    assert.equal(tellStep(step, 'nl').text, dutch);
  });
}

test('a total says why and where from, the most first, and what is not named is counted', () => {
  assert.equal(
    tellStep(TALLY, 'en').detail,
    'Because there is no such address here (398); that mailbox is full (14). From 203.0.113.0/24 (400), others (12)',
  );
  assert.equal(
    tellStep(TALLY, 'nl').detail,
    'Omdat dit adres hier niet bestaat (398); die mailbox vol is (14). Van 203.0.113.0/24 (400), anderen (12)',
  );
  const causes = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`10.0.${n}.0/24`, n + 1]));
  const many = tellStep({ ...TALLY, causes, otherCauses: 0 }, 'en').detail ?? '';
  assert.match(many, /From 10\.0\.7\.0\/24 \(8\), .*10\.0\.3\.0\/24 \(4\), others \(6\)$/);
  assert.equal(tellStep(TALLY, 'en', { timeZone: 'Europe/Amsterdam' }).clock, '11:50:00');
});
