/**
 * A flood of refusals, on real sockets: what is told one by one and what
 * is counted are together what was said on the wire, for each organisation, by
 * each reason, in each hour, and whole.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Journey, type Tallied, tallied, tellStep, type Viewer } from '../../src/service/journey/journey.ts';
import { Smtp } from '../world/smtp.ts';
import { until } from '../world/until.ts';
import { DOMAIN, given, openWorld, OTHER_DOMAIN, START, type World } from '../world/world.ts';

const HOUR = 3_600_000;
/** After so many the machine says that the peer is guessing. */
const PER_CONNECTION = 100;
const PER_TRANSACTION = 50;
/** Connections at once. */
const ABREAST = 8;

let world: World;
before(async () => {
  world = await openWorld();
  const gone = await world.newPerson('gone');
  const left = await world.newPerson('left');
  for (const { account } of [gone, left]) given(await world.house.accounts.changePerson(account, { state: 'closed' }));
  given(
    await world.house.accounts.addAlias({
      organisation: world.organisations.school,
      address: `both@${DOMAIN}`,
      targets: [gone.address, left.address],
    }),
  );
  await world.newPerson('full', { quota: 1 });
});
after(() => world.close());

type Said = Readonly<{ to: string; reply: string }>;

/** One stranger's connection: every recipient is refused, fifty to a transaction. */
async function guess(ip: string, recipients: readonly string[]): Promise<Said[]> {
  const smtp = await Smtp.dial({ ...world.place('smtp'), from: ip }, 'flood.test');
  const said: Said[] = [];
  for (let at = 0; at < recipients.length; at += PER_TRANSACTION) {
    const part = recipients.slice(at, at + PER_TRANSACTION);
    smtp.talk.say(['RSET', 'MAIL FROM:<flood@flood.test> SIZE=500', ...part.map((to) => `RCPT TO:<${to}>`), ''].join('\r\n'));
    for (const first of ['reset', 'sender']) assert.equal((await smtp.reply()).code, 250, first);
    for (const to of part) said.push({ to, reply: (await smtp.reply()).text });
  }
  await smtp.quit();
  return said;
}

async function flood(network: string, recipients: readonly string[]): Promise<Said[]> {
  const lots = Array.from({ length: Math.ceil(recipients.length / PER_CONNECTION) }, (_, lot) =>
    recipients.slice(lot * PER_CONNECTION, (lot + 1) * PER_CONNECTION),
  );
  const said: Said[] = [];
  for (let at = 0; at < lots.length; at += ABREAST) {
    const heard = await Promise.all(lots.slice(at, at + ABREAST).map((lot, n) => guess(`${network}.${n + 2}`, lot)));
    said.push(...heard.flat());
  }
  return said;
}

/** Everything a viewer has, page by page. */
async function allOf(viewer: Viewer): Promise<Journey[]> {
  const found: Journey[] = [];
  for (;;) {
    const last = found.at(-1);
    const page = await world.house.reader.list(viewer, { limit: 200, ...(last === undefined ? {} : { before: last.journey }) });
    found.push(...page);
    if (page.length < 200) return found;
  }
}

type Sums = Record<string, number>;
const sumsOf = (names: readonly string[]): Sums => {
  const sums: Sums = {};
  for (const name of names.toSorted()) sums[name] = (sums[name] ?? 0) + 1;
  return sums;
};
const talliesOf = (journeys: readonly Journey[]): Tallied[] =>
  journeys.flatMap(({ steps }) => steps.filter((step) => step.kind === 'tallied'));
const told = (journeys: readonly Journey[]): string[] =>
  journeys.flatMap(({ steps }) => steps.flatMap((step) => (step.kind === 'refused' ? [step.refusal] : [])));
const counted = (tallies: readonly Tallied[]): string[] =>
  tallies.flatMap(({ refusals }) => Object.entries(refusals).flatMap(([name, count]) => Array<string>(count).fill(name)));

/** What a recipient of the flood is refused for. */
function why(to: string): string {
  if (to.startsWith('full@')) return 'mailboxFull';
  if (/^(gone|left|both)@/i.test(to)) return 'accountClosed';
  if (to.endsWith('xn--zzzzzz99999.test')) return 'badRecipientAddress';
  return to.endsWith('foreign.test') ? 'notARelay' : 'noSuchUser';
}

const schools = ({ to }: Said): boolean => to.endsWith(`@${DOMAIN}`);
const others = ({ to }: Said): boolean => to.endsWith(`@${OTHER_DOMAIN}`);

/** Addresses nobody has, with every so often another sort of refusal between them. */
function guesses(count: number, mark: string): string[] {
  const sorts = [
    `full@${DOMAIN}`,
    `gone@${DOMAIN}`,
    `both@${DOMAIN}`,
    `x@foreign.test`,
    `u@xn--zzzzzz99999.test`,
    `nobody@${OTHER_DOMAIN}`,
    `GONE@${DOMAIN}`,
  ];
  return Array.from({ length: count }, (_, n) => (n % 10 === 9 ? (sorts[((n / 10) | 0) % sorts.length] ?? '') : `u${mark}${n}@${DOMAIN}`));
}

test('what is told and what is counted are all refusals, in each hour', async () => {
  const wire: Said[][] = [];
  for (const hour of [0, 1]) {
    const said = [...(await flood('127.0.0', guesses(2_600, `a${hour}`))), ...(await flood('127.0.1', guesses(300, `b${hour}`)))];
    assert.ok(
      said.every(({ reply }) => /^[45]\d\d[ -]/.test(reply)),
      'all of them refused',
    );
    wire.push(said);
    // The last connections have told their part when all of it is there.
    const { school } = world.organisations;
    await until('the counts to be written', async () => {
      await world.pass(60_000);
      const journeys = await allOf({ as: 'admin', organisation: school });
      const so = told(journeys).length + counted(talliesOf(journeys)).length;
      return so === wire.flat().filter(schools).length;
    });
    await world.pass(HOUR);
  }
  const all = wire.flat();

  const school = await allOf({ as: 'admin', organisation: world.organisations.school });
  assert.deepEqual(sumsOf([...told(school), ...counted(talliesOf(school))]), sumsOf(all.filter(schools).map(({ to }) => why(to))));
  assert.ok(told(school).length >= 2_000 && counted(talliesOf(school)).length > 500, 'both happened');

  const other = await allOf({ as: 'admin', organisation: world.organisations.other });
  assert.deepEqual(sumsOf([...told(other), ...counted(talliesOf(other))]), sumsOf(all.filter(others).map(({ to }) => why(to))));

  const server = talliesOf(await allOf({ as: 'operator' }));
  assert.deepEqual(
    sumsOf([...told(school), ...told(other), ...counted(server)]),
    sumsOf(all.map(({ to }) => why(to))),
    'the server counts all that nobody was told, foreign recipients too',
  );

  const tallies = talliesOf(school).toReversed();
  assert.deepEqual(
    tallies.map(({ from, until: end }) => [from, end]),
    [
      [START, START + HOUR],
      [START + HOUR, START + 2 * HOUR],
    ],
  );
  for (const [hour, tally] of tallies.entries()) {
    const thatHour = (wire[hour] ?? []).filter(schools).length;
    const toldThen = told(school.filter(({ startedAt }) => startedAt >= tally.from && startedAt < tally.until)).length;
    assert.equal(tallied(tally), thatHour - toldThen, `hour ${hour}`);
    assert.deepEqual([...tally.to].sort(), [`full@${DOMAIN}`, `gone@${DOMAIN}`, `left@${DOMAIN}`]);
    const causes = Object.values(tally.causes).reduce((sum, count) => sum + count, tally.otherCauses);
    assert.equal(causes, tallied(tally));
    assert.ok((tally.causes['127.0.0.0/24'] ?? 0) > (tally.causes['127.0.1.0/24'] ?? 0));
  }

  const [first] = tallies;
  assert.ok(first !== undefined);
  const count = new Intl.NumberFormat('en').format(tallied(first));
  assert.equal(tellStep(first, 'en').text, `${count} more refusals of mail to 3 people between 09:00 and 10:00, not told one by one`);
  assert.match(
    tellStep(first, 'nl').text,
    /^Nog [\d.]+ weigeringen van post aan 3 mensen tussen 09:00 en 10:00, niet één voor één verteld$/,
  );
});

test('people see of a flood what was told to them, and no totals', async () => {
  const gone = world.house.accounts.personByAddress(`gone@${DOMAIN}`);
  assert.ok(gone !== undefined);
  const own = await allOf({ as: 'person', account: gone.account });
  assert.ok(told(own).length > 0);
  assert.deepEqual(talliesOf(own), []);
  const operators = JSON.stringify(await allOf({ as: 'operator' }));
  assert.ok(!operators.includes(`@${DOMAIN}`), 'nor does the operator see addresses');
});
