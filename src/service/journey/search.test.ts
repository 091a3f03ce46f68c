import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Step } from '../../core/step.ts';
import { assemble, type Eyes } from './assemble.ts';
import type { JourneySearch, Seat } from './journey.ts';
import { finderOf, folded } from './search.ts';
import { NOON, NOOR, reply, SCHOOL, wholeStory, world } from './world.test.ts';

const journey = world().newJourney();
const MORE: readonly Step[] = [
  {
    kind: 'expanded',
    at: NOON,
    recipient: 'team@school.example',
    through: 'alias',
    from: 'team@school.example',
    to: ['cees@school.example'],
  },
  {
    kind: 'refused',
    at: NOON,
    recipient: 'gone@school.example',
    stage: 'rcpt',
    refusal: 'noSuchUser',
    facts: {},
    reply: reply('550-5.1.1 Nobody "here"', '550 5.1.1 has that \\ address\ttoday'),
    from: 'früh@bücher.test',
  },
  { kind: 'expired', at: NOON, recipient: 'piet@far.example', afterMs: 9, lastReply: reply('451 4.7.1 Come back') },
  {
    kind: 'tallied',
    at: NOON,
    of: 'organisation',
    from: NOON,
    until: NOON,
    refusals: { tooBig: 3 },
    causes: { '203.0.113.0/24': 3 },
    otherCauses: 0,
    to: ['noor@school.example'],
    toMore: false,
  },
];
const STEPS = [...wholeStory(NOON), ...MORE];

for (const [who, seat, eyes] of [
  ['the sender', { as: 'sender' }, { owner: NOOR, admin: false }],
  ['a recipient', { as: 'recipient', own: ['anna@school.example'] }, { owner: NOOR, admin: false }],
  ['an admin', null, { owner: SCHOOL, admin: true }],
] as const satisfies readonly (readonly [string, Seat | null, Pick<Eyes, 'owner' | 'admin'>])[]) {
  test(`what ${who} may find comes through every sieve before it`, () => {
    const tale = assemble({ journey, pages: [{ seat, steps: STEPS }] }, { ...eyes, isTheirs: undefined, now: undefined });
    assert.ok(tale !== undefined);
    const text = folded(JSON.stringify({ seat, steps: STEPS }));
    const words = [
      ...new Set([
        journey,
        ...JSON.stringify(STEPS).split(/[^\p{L}\p{N}@.<>/-]+/u),
        '550 5.1.1',
        'Nobody "here"',
        'that \\ address\ttoday',
      ]),
    ];
    let found = 0;
    for (const word of words) {
      const searches: JourneySearch[] = [{ text: word }, { address: word }, { code: word }, { text: word, code: '550' }];
      for (const search of searches) {
        const finder = finderOf(search);
        if (!finder.fits(tale)) continue;
        found++;
        assert.ok(!finder.looks || finder.mayFit(journey, text), `${JSON.stringify(search)} in the text`);
        assert.ok(finder.mayFitSteps(journey, STEPS), `${JSON.stringify(search)} in the Steps`);
      }
    }
    assert.ok(found > 20, `${found} words were found at all`);
  });
}

test('what is in a row and in nothing that is searched is thrown out before it is opened', () => {
  for (const word of ['received', 'filed', 'TLS_AES', 'Leerlingen', 'mailboxes', 'recipient'])
    assert.equal(finderOf({ text: word }).mayFitSteps(journey, STEPS), false, word);
  assert.equal(finderOf({ code: '1234' }).mayFitSteps(journey, STEPS), false);
});
