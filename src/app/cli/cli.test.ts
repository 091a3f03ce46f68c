/** The command line end to end: real arguments, a real socket, a real house over the memory store. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type FakeClock, fakeClock } from '../../adapter/memory/clock.ts';
import { seededDice } from '../../adapter/memory/dice.ts';
import { memoryKeyMaker } from '../../adapter/memory/key-maker.ts';
import { memoryStore } from '../../adapter/memory/store.ts';
import { IdMaker, type JourneyId, type QueueItemId, SERVER_OWNER } from '../../core/ids.ts';
import type { Step } from '../../core/step.ts';
import { type Desk, adminApi } from '../../edge/http/admin/api.ts';
import { serveControl } from '../../edge/http/control-socket.ts';
import type { HttpServer } from '../../edge/http/server.ts';
import { openAccounts } from '../../service/accounts/accounts.ts';
import { openJournal, openReader, TALLY_MS, type Tallied, tallyHour, tallyJourney } from '../../service/journey/journey.ts';
import type { QueueEntry } from '../../service/queue/queue.ts';
import type { Io } from './command.ts';
import { COMMANDS } from './commands.ts';
import { runCli } from './main.ts';

const START = Date.UTC(2026, 10, 23, 12);
const JOURNEY = '1k2m3n4p5q6r7s8t9v0w' as JourneyId;
/** A bounce or the like: from nobody. */
const REPORT = '1k2m3n4p5q6r7s8t9v1w' as JourneyId;
const data = mkdtempSync(join(tmpdir(), 'ep-cli-'));
const clock: FakeClock = fakeClock(START);
let server: HttpServer;
let desk: Desk;
/** What waits in the queue; acts change it. */
let waiting: QueueEntry[] = [];
/** Adds a Step to the journey that the tests follow. */
let happen: (step: Step, journey?: JourneyId) => Promise<void>;
/** Totals of refusals, the organisation's and the server's. */
let count: (more?: Partial<Tallied>) => Promise<void>;

type Ran = { code: number; out: string; err: string; json: () => Record<string, unknown> };
type Told = { stdin?: string; env?: Record<string, string>; isTerminal?: boolean; sleep?: () => Promise<void> };

async function run(
  argv: readonly string[],
  { stdin = '', env = {}, isTerminal = false, sleep = async () => undefined }: Told = {},
): Promise<Ran> {
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => (out += text),
    err: (text) => (err += text),
    stdin: async () => Buffer.from(stdin),
    isTerminal,
    env: { TZ: 'UTC', ...env },
    sleep,
  };
  const code = await runCli(argv, io);
  return { code, out, err, json: () => JSON.parse(out) };
}

const here = (...argv: string[]): string[] => [...argv, '--data', data];

async function good(...argv: string[]): Promise<Ran> {
  const ran = await run(here(...argv));
  assert.equal(ran.code, 0, `${argv.join(' ')}: ${ran.err}`);
  return ran;
}

const entry = (item: number, to: string): QueueEntry => ({
  item: item as QueueItemId,
  journey: JOURNEY,
  owner: 1 as QueueEntry['owner'],
  from: 'noor@school.example',
  to,
  subject: 'Secret subject',
  size: 5_000,
  acceptedAt: START,
  nextAt: START + 60_000,
  giveUpAt: START + 86_400_000,
  tries: 1,
  held: false,
  lastReply: ['450 4.2.1 \u001b[2JBusy'],
  lastTrouble: null,
  lastHost: 'mx.far.example',
});

function fakeQueue(): Desk['queue'] {
  return {
    list: async () => waiting,
    show: async (item) => waiting.find((one) => one.item === item),
    counts: async () => ({ waiting: waiting.length, held: waiting.filter(({ held }) => held).length, leased: 0, oldestAcceptedAt: null }),
    act: async (item, act) => {
      if (!waiting.some((one) => one.item === item)) return { refusal: 'notFound', facts: {} };
      waiting =
        act === 'remove'
          ? waiting.filter((one) => one.item !== item)
          : waiting.map((one) => (one.item === item ? { ...one, held: act === 'hold' } : one));
      return undefined;
    },
  };
}

before(async () => {
  const dice = seededDice('cli');
  const store = memoryStore({ now: () => clock.now() });
  const keyring = memoryKeyMaker(dice);
  const ids = new IdMaker(() => clock.now());
  const hasher = {
    decoy: 'x',
    hash: async (password: string) => password,
    verify: async (hash: string, password: string) => hash === password,
    scramKeys: async () => ({ stored: '', server: '' }),
  };
  const accounts = await openAccounts({ store: store.directory, keys: keyring, clock, dice, ids, hasher });
  const journal = openJournal({ keyring, ids });
  const seen = {
    organisationOf: (account: Parameters<typeof accounts.person>[0]) => accounts.person(account)?.organisation,
    mayUse: accounts.mayUse.bind(accounts),
  };
  const journeys = openReader({ store, keyring, accounts: seen, now: () => clock.now() });
  happen = async (step, journey = JOURNEY) => {
    const owner = accounts.personByAddress('noor@school.example');
    assert.ok(owner);
    const rows = journal.rows({ owner: owner.account, organisation: owner.organisation, journey, steps: [step] });
    for (const row of rows) await store.journeys(row.owner).add([row]);
  };
  count = async (more = {}) => {
    const at = clock.now();
    const [from, refusals] = [tallyHour(at), { noSuchUser: 398, mailboxFull: 14 }];
    const all = { kind: 'tallied', at, from, until: from + TALLY_MS, refusals, causes: { '203.0.113.0/24': 412 }, otherCauses: 0 } as const;
    const [organisation] = accounts.organisations();
    assert.ok(organisation);
    const own: Tallied = { ...all, of: 'organisation', to: ['noor@school.example'], toMore: false, ...more };
    const places = [
      [organisation.organisation, own],
      [SERVER_OWNER, { ...own, of: 'server', to: [] }],
    ] as const;
    for (const [owner, step] of places)
      for (const row of journal.rows({ owner, organisation: null, journey: tallyJourney(at), steps: [step] }))
        await store.journeys(owner).add([row]);
  };
  desk = {
    accounts,
    queue: fakeQueue(),
    journeys,
    clock,
    minimumPassword: 15,
    about: { version: '0.1.0', hostName: 'mail.school.example', startedAt: START - 7_200_000, data },
    listeners: () => [{ protocol: 'imaps', host: '::', port: 993 }],
    onTrouble: (_, error) => assert.fail(String(error)),
  };
  server = await serveControl(adminApi(desk), data);
  await good('organisation', 'add', 'De Regenboog', '--language', 'nl');
  await good('domain', 'add', 'school.example');
  await good('person', 'add', 'noor@school.example', '--name', 'Noor', '--admin');
});

after(async () => {
  await server.close();
  rmSync(data, { recursive: true });
});

test('organisations, domains and relays are added and listed', async () => {
  assert.match((await good('organisation', 'list')).out, /^NAME +LANGUAGE/);
  assert.deepEqual((await good('domain', 'list', '--json')).json(), {
    domains: [{ name: 'school.example', organisation: 'De Regenboog' }],
  });
  assert.equal((await good('relay', 'add', 'sink.example', 'discard')).out, 'Mail for sink.example goes to discard.\n');
  assert.match((await good('relay', 'list')).out, /sink\.example +discard/);
  assert.equal((await run(here('domain', 'add', 'school.example'))).code, 4);
  assert.equal((await run(here('relay', 'add', 'x.example', 'nowhere'))).code, 4);
});

test('how long journeys are kept is set and shown, and said where nothing is found, in both languages', async () => {
  assert.match((await good('organisation', 'show')).out, /Journeys kept +30 days/);
  const changed = await good('organisation', 'change', 'de regenboog', '--journey-days', '90');
  assert.equal(changed.out, 'Changed De Regenboog.\nName           De Regenboog\nLanguage       nl\nJourneys kept  90 days\n');
  assert.match((await good('organisation', 'list')).out, /De Regenboog +nl +90 days/);
  assert.equal((await good('organisation', 'show', 'De Regenboog', '--json')).json()['journeyDays'], 90);
  for (const who of [['--as', 'noor@school.example'], []]) {
    const search = here('journey', 'search', 'zebra', ...who);
    assert.equal((await run(search)).err, 'Nothing found. What happened to a message is kept 90 days.\n');
    assert.equal(
      (await run([...search, '--lang', 'nl'])).err,
      'Niets gevonden. Wat er met een bericht gebeurd is, wordt 90 dagen bewaard.\n',
    );
  }
  assert.match((await run(here('journey', 'search', 'zebra', '--server'))).err, /kept 30 days/);
  for (const days of ['6', '366', '0']) {
    const refused = await run(here('organisation', 'change', '--journey-days', days));
    assert.equal(refused.code, 4);
    assert.equal(refused.err, `eigenpost: That value cannot be used: journeyDays "${days}": it may be 7 to 365.\n`);
  }
  for (const days of ['x', '-7', '7.5', '']) assert.equal((await run(here('organisation', 'change', `--journey-days=${days}`))).code, 2);
  assert.equal((await run(here('organisation', 'change'))).code, 2);
  assert.equal((await run(here('organisation', 'change', 'Nobody', '--journey-days', '8'))).code, 3);
  await good('organisation', 'change', '--journey-days', '30', '--language', 'nl');
});

test('a person from birth to removal; a password is made and shown once, or read from a file', async () => {
  const added = await good('person', 'add', 'sam@school.example', '--name', 'Sam', '--quota', '10G', '--json');
  const password = String(added.json()['generatedPassword']);
  assert.match(password, /^[0-9a-z]{5}(-[0-9a-z]{5}){3}$/);
  const signed = await desk.accounts.signIn.withPassword('sam', password, { protocol: 'imap', ip: '127.0.0.1' });
  assert.ok('person' in signed && signed.person.quota === 10 * 1024 ** 3);
  const shown = await good('person', 'show', 'SAM@school.example');
  assert.match(shown.out, /Quota +10 GiB/);
  assert.ok(!shown.out.includes(password));
  assert.equal(
    (await run(here('person', 'change', 'sam@school.example', '--password-file', '-'), { stdin: 'purple tractor sings loudly\n' })).code,
    0,
  );
  assert.ok(
    'person' in (await desk.accounts.signIn.withPassword('sam', 'purple tractor sings loudly', { protocol: 'imap', ip: '127.0.0.1' })),
  );
  const weak = await run(here('person', 'change', 'sam@school.example', '--password-file', '-'), { stdin: 'short' });
  assert.equal(weak.code, 4);
  assert.match(weak.err, /too easy to guess: it has 5 characters, and the shortest allowed has 15/);
  assert.equal((await good('person', 'change', 'sam@school.example', '--state', 'closed', '--json')).json()['state'], 'closed');
  assert.match((await good('person', 'list')).out, /sam@school\.example +Sam +De Regenboog +closed/);
  const unsure = await run(here('person', 'remove', 'sam@school.example'));
  assert.equal(unsure.code, 2);
  assert.match(unsure.err, /add --yes/);
  assert.equal((await good('person', 'remove', 'sam@school.example', '--yes')).out, 'Removed sam@school.example.\n');
  const gone = await run(here('person', 'show', 'sam@school.example'));
  assert.equal(gone.code, 3);
  assert.equal(gone.err, 'eigenpost: There is no such thing: person "sam@school.example".\n');
});

test('a school is imported from a file, all or nobody, with progress on stderr', async () => {
  const file = join(data, 'pupils.csv');
  const lines = Array.from({ length: 200 }, (_, n) => `p${n}@school.example,Pupil ${n},secret`);
  writeFileSync(file, ['address,name,password', ...lines, ''].join('\n'));
  const refused = await run(here('person', 'add', '--from', file));
  assert.equal(refused.code, 4);
  assert.match(refused.err, /pupils\.csv:2: p0@school\.example: That password is too easy to guess.* Nobody was added\.\n$/);
  assert.equal(desk.accounts.personByAddress('p0@school.example'), undefined);
  const imported = await run(here('person', 'add', '--from', file, '--accept-weak-passwords'));
  assert.equal(imported.code, 0);
  assert.equal(imported.out, '');
  assert.match(
    imported.err,
    /^20 of 200\n40 of 200\n(.*\n)*200 of 200\nAdded 200 people\.\n200 passwords are weak: ask these people to choose another\.\n$/,
  );
  assert.ok('person' in (await desk.accounts.signIn.withPassword('p199', 'secret', { protocol: 'imap', ip: '127.0.0.1' })));
  const quiet = await run(here('person', 'add', '--from', '-', '--quiet'), { stdin: 'q1@school.example\nq2@school.example\n' });
  assert.equal(quiet.err, '');
  assert.match(quiet.out, /^q1@school\.example\t[0-9a-z-]{23}\nq2@school\.example\t[0-9a-z-]{23}\n$/);
  assert.equal((await run(here('person', 'add', '--from', join(data, 'absent.csv')))).code, 1);
  assert.equal((await run(here('person', 'add', '--from', '-'), { stdin: '' })).code, 2);
  assert.equal((await run(here('person', 'add'))).code, 2);
  assert.equal((await run(here('person', 'add', 'x@school.example', '--from', file))).code, 2);
  const wrong = await run(here('person', 'add', 'bad address'));
  assert.equal(wrong.code, 4);
  assert.equal(wrong.err, 'eigenpost: That value cannot be used: address "bad address": a mail address is name@domain.\n');
});

test('aliases and app passwords', async () => {
  assert.equal(
    (await good('alias', 'add', 'info@school.example', 'noor@school.example', 'far@away.example')).out,
    'Added info@school.example.\n',
  );
  assert.match((await good('alias', 'list')).out, /info@school\.example +2 +noor@school\.example, far@away\.example/);
  await good('alias', 'remove', 'INFO@school.example');
  assert.equal((await run(here('alias', 'remove', 'info@school.example'))).code, 3);
  const made = (await good('app-password', 'add', 'noor@school.example', '--label', 'Phone', '--for', 'imap', '--json')).json();
  const signed = await desk.accounts.signIn.withPassword('noor', String(made['password']), { protocol: 'imap', ip: '127.0.0.1' });
  assert.ok('person' in signed);
  assert.match((await good('app-password', 'list', 'noor@school.example')).out, /Phone +imap +2026-11-23/);
  assert.equal((await run(here('app-password', 'add', 'noor@school.example', '--for', 'gopher'))).code, 2);
  assert.equal((await run(here('app-password', 'add', 'noor@school.example', '--sender', 'x@far.example'))).code, 4);
  const removed = await good('app-password', 'remove', 'noor@school.example', String(made['id']), '--json');
  assert.deepEqual(removed.json(), { removed: made['id'] });
  assert.equal((await run(here('app-password', 'remove', 'noor@school.example', String(made['id'])))).code, 3);
});

test('the queue is shown without subjects and without anybody’s escape sequences', async () => {
  waiting = [entry(11, 'a@far.example'), entry(12, 'b@far.example')];
  const listed = await good('queue', 'list');
  assert.match(listed.out, /11 +noor@school\.example +a@far\.example +1 /);
  assert.ok(!listed.out.includes('Secret') && !listed.out.includes('\u001b'));
  assert.ok(!(await good('queue', 'show', '11', '--json')).out.includes('Secret'));
  assert.match((await good('queue', 'show', '11')).out, /Last server +mx\.far\.example/);
  assert.equal((await good('queue', 'hold', '11', '12')).out, '2 items held back.\n');
  assert.match((await good('queue', 'list')).out, /held/);
  assert.equal((await good('queue', 'release', '11')).out, '1 item released.\n');
  assert.deepEqual((await good('queue', 'retry', '11', '--json')).json(), { retry: [11] });
  assert.equal((await good('queue', 'cancel', '11')).code, 0);
  const some = await run(here('queue', 'cancel', '11', '12'));
  assert.equal(some.code, 3);
  assert.match(some.err, /^11: There is no such thing/);
  assert.deepEqual(waiting, []);
});

test('a journey is listed, told, found and followed', async () => {
  const to = 'far@away.example';
  await happen({
    kind: 'received',
    at: START,
    origin: 'submission',
    from: 'noor@school.example',
    to: [to],
    subject: 'Trip to \u001b[31mthe zoo',
  });
  await happen({
    kind: 'queued',
    at: START + 1,
    recipient: to,
    domain: 'away.example',
    nextAt: START + 60_000,
    giveUpAt: START + 86_400_000,
  });
  const listed = await good('journey', 'list', '--as', 'noor@school.example');
  assert.match(listed.out, new RegExp(`${JOURNEY} +2026-11-23 .*far@away\\.example`));
  const [journey] = (await good('journey', 'search', 'zoo', '--as', 'noor@school.example', '--json')).json()['journeys'] as {
    subject: string;
  }[];
  assert.ok(journey?.subject.includes('zoo'));
  assert.deepEqual((await good('journey', 'search', 'zebra', '--as', 'noor@school.example', '--json')).json()['journeys'], []);
  assert.ok(!(await good('journey', 'show', JOURNEY, '--json')).out.includes('zoo'), 'the admin sees no subject');
  const story = await good('journey', 'show', JOURNEY, '--as', 'noor@school.example', '--lang', 'nl');
  assert.match(story.out, /Wie is aan zet/);
  assert.ok(!story.out.includes('\u001b'));
  let looks = 0;
  const sleep = async (): Promise<void> => {
    if (++looks === 3)
      await happen({
        kind: 'sent',
        at: START + 9,
        recipient: to,
        host: 'mx.away.example',
        reply: { code: 250, enhanced: '2.0.0', lines: ['250 2.0.0 OK'] },
        route: 'mx',
      });
  };
  const followed = await run(here('journey', 'show', JOURNEY, '--as', 'noor@school.example', '--follow', '--json'), { sleep });
  assert.equal(followed.code, 0);
  assert.equal(looks, 3);
  const states = followed.out
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { recipients: { state: string }[] }).recipients[0]?.state);
  assert.equal(states.length, 2);
  assert.equal(states[1], 'acceptedByRemote');
  await happen({ kind: 'received', at: START + 20, origin: 'mx', from: '', to: ['noor@school.example'] }, REPORT);
  assert.match((await good('journey', 'list', '--as', 'noor@school.example')).out, new RegExp(`${REPORT} +\\S+ \\S+ +<> +noor@school`));
  assert.equal((await run(here('journey', 'show', '00000000000000000000', '--as', 'noor@school.example'))).code, 3);
  assert.equal((await run(here('journey', 'list', '--as', 'ghost@school.example'))).code, 3);
  assert.equal((await run(here('journey', 'list', '--lang', 'fr'))).code, 2);
});

test('an answer is explained without a server, in either language', async () => {
  const english = await run(['explain', '550 5.1.1 No such user']);
  assert.equal(english.code, 0);
  assert.match(english.out, /^Meaning +\S.*\nWhose turn +\S.*\nWhat now +\S/);
  assert.match((await run(['explain', '550', '5.1.1', 'No', 'such', 'user'], { env: { LANG: 'nl_NL.UTF-8' } })).out, /^Betekenis/);
  assert.equal((await run(['explain', 'hello there'])).code, 2);
});

test('the status is for people, programs and monitoring', async () => {
  const status = await good('status');
  assert.match(status.out, /Eigenpost +0\.1\.0 on mail\.school\.example\nUp for +2 hours\n/);
  assert.match(status.out, /Listens +imaps \[::\]:993\n/);
  const nagios = await good('status', '--nagios');
  assert.match(nagios.out, /^EIGENPOST OK - version 0\.1\.0 \| waiting=0 held=0 oldest=0s\n$/);
  const down = await run(['status', '--nagios', '--data', join(data, 'nothing')]);
  assert.equal(down.code, 2);
  assert.match(down.out, /^EIGENPOST CRITICAL - /);
  const unknown = await run(['status', '--nagios', '--config', join(data, 'absent.toml')]);
  assert.equal(unknown.code, 3);
});

test('refusals that were counted only are in the status and in the admin’s journeys, in both languages', async () => {
  assert.ok(!(await good('status')).out.includes('refusals'));
  assert.equal((await good('status', '--json')).json()['refusals'], null);
  await count();
  await clock.advance(TALLY_MS);
  await count({ refusals: { tooBig: 88 }, causes: { '198.51.100.0/24': 88 } });
  const status = await good('status');
  assert.match(
    status.out,
    /\nRefusals +500 more refusals on this server between 12:00 and 14:00, not told one by one\n +Because there is no such address here \(398\); /,
  );
  assert.match(
    (await good('status', '--lang', 'nl')).out,
    /\nWeigeringen +Nog 500 weigeringen op deze server tussen 12:00 en 14:00, niet één voor één verteld\n +Omdat /,
  );
  assert.deepEqual(((await good('status', '--json')).json()['refusals'] as Tallied).refusals, {
    noSuchUser: 398,
    tooBig: 88,
    mailboxFull: 14,
  });
  const listed = (await good('journey', 'list', '--limit', '2')).out;
  assert.match(listed, /2026-11-23 \d\d:00 +88 more refusals of mail to 1 person between 13:00 and 14:00, not told one by one\n/);
  assert.ok(!listed.includes('<>'), 'they come from nobody');
  const id = tallyJourney(START);
  const shown = await good('journey', 'show', id, '--lang', 'nl');
  assert.match(shown.out, /^Nog 412 weigeringen van post aan 1 persoon tussen 12:00 en 13:00, niet één voor één verteld\n/);
  assert.equal((await run(here('journey', 'show', id, '--as', 'noor@school.example'))).code, 3, 'the admins’ alone');
  const found = (await good('journey', 'search', '203.0.113.0/24', '--json')).json()['journeys'] as { journey: string }[];
  assert.deepEqual(
    found.map(({ journey }) => journey),
    [id],
  );
  assert.match((await good('journey', 'show', id, '--server')).out, /^412 more refusals on this server /);
  await clock.advance(24 * TALLY_MS);
  assert.ok(!(await good('status')).out.includes('refusals'), 'of the last day only');
  assert.equal((await run(here('status', '--lang', 'xx'))).code, 2);
});

test('a server that is not there is said so, with exit code 5', async () => {
  const ran = await run(['person', 'list', '--data', join(data, 'nothing')]);
  assert.equal(ran.code, 5);
  assert.match(ran.err, /^eigenpost: The server does not answer at .*control\.sock \(ENOENT\)\. Is it running/);
  const json = await run(['person', 'list', '--json', '--data', join(data, 'nothing')]);
  assert.equal((json.json()['error'] as { exit: number }).exit, 5);
});

test('the socket is found by --data, --config and $EIGENPOST_CONFIG, before the command or behind it', async () => {
  const config = join(data, 'eigenpost.toml');
  writeFileSync(config, `data = "."\n`);
  for (const [argv, env] of [
    [['person', 'list', '--config', config], {}],
    [['--config', config, 'person', 'list'], {}],
    [['--data', data, 'person', 'list'], {}],
    [['person', 'list'], { EIGENPOST_CONFIG: config }],
    [['person', 'list'], { EIGENPOST_DATA: data }],
  ] as const) {
    assert.equal((await run(argv, { env })).code, 0, argv.join(' '));
  }
  writeFileSync(config, 'dat = "."\n');
  const wrong = await run(['person', 'list', '--config', config]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /eigenpost\.toml:1: There is no setting "dat"\. Did you mean "data"\?/);
});

test('wrong usage gets a hint and exit code 2', async () => {
  for (const [argv, hint] of [
    [[], /What should be done/],
    [['person'], /person wants a verb. It has: add, list/],
    [['person', 'ad'], /Did you mean "person add"\?/],
    [['persn', 'add'], /Did you mean "person"\?/],
    [['banana'], /See: eigenpost help/],
    [['person', 'show'], /Usage: eigenpost person show ADDRESS/],
    [['person', 'list', '--jsn'], /no option --jsn\. Did you mean --json\?/],
    [['person', 'add', 'x@school.example', '--password', 'secret'], /can be read by every user of this machine.*--password-file/],
    [['person', 'add', 'x@school.example', '--quota', 'lots'], /not a size/],
    [['person', 'change', 'noor@school.example'], /Nothing to change/],
    [['help', 'banana'], /no command "banana"/],
  ] as const) {
    const ran = await run(argv.length === 0 ? argv : here(...argv));
    assert.equal(ran.code, 2, argv.join(' '));
    assert.match(ran.err, hint, argv.join(' '));
    assert.equal(ran.out, '');
  }
});

test('help has one example each, and the version is that of the package', async () => {
  const all = await run(['help']);
  for (const { name } of COMMANDS) assert.ok(all.out.includes(name), name);
  for (const { name, example } of COMMANDS) {
    const one = await run([...name.split(' '), '--help']);
    assert.ok(one.code === 0 && one.out.includes(example) && example.startsWith(`eigenpost ${name}`), name);
  }
  assert.match((await run(['help', 'person'])).out, /eigenpost person add .*\n[\s\S]*Example:/);
  assert.match((await run(['person', '--help'])).out, /eigenpost person add/);
  assert.match((await run(['version'])).out, /^\d+\.\d+\.\d+\n$/);
  assert.equal((await run(['--version'])).code, 0);
});

test('headings are bold on a terminal, unless NO_COLOR says otherwise', async () => {
  const argv = here('domain', 'list');
  assert.ok((await run(argv, { isTerminal: true })).out.startsWith('\u001b[1mDOMAIN'));
  assert.ok((await run(argv, { isTerminal: true, env: { NO_COLOR: '1' } })).out.startsWith('DOMAIN'));
  assert.ok((await run(argv)).out.startsWith('DOMAIN'));
});

test('the config is checked, shown without secrets, and explained', async () => {
  const file = join(data, 'good.toml');
  writeFileSync(join(data, 'pw'), 'hunter2 hunter2\n');
  writeFileSync(file, 'host_name = "mail.example.org"\n[smarthost]\nhost = "smtp.example.net"\nuser = "u"\npassword_file = "pw"\n');
  assert.match((await run(['config', 'check', file])).out, /good\.toml is fine/);
  const shown = await run(['config', 'show', file, '--json']);
  assert.ok(!shown.out.includes('hunter2'));
  assert.equal(shown.json()['hostName'], 'mail.example.org');
  assert.match((await run(['config', 'explain', 'listen'])).out, /listen\[\]\.port/);
  assert.equal((await run(['config', 'explain', 'banana'])).code, 3);
  writeFileSync(file, 'host_name = 5\n');
  const wrong = await run(['config', 'check', '--config', file]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /good\.toml:1: "host_name" should be a text/);
});

test('a message is taken apart for people and for programs', async () => {
  const letter = 'From: Noor <noor@school.example>\r\nTo: x@far.example\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n\r\nHello\r\n';
  const read = await run(['check', 'mime', '-'], { stdin: letter });
  assert.equal(read.code, 0);
  assert.match(read.out, /Subject +café\n/);
  const json = (await run(['check', 'mime', '-', '--json'], { stdin: letter })).json();
  assert.equal(json['size'], letter.length);
  const grouped = 'From: root\r\nTo: Groep: a@b, Cees <c@d>;, e@f\r\n\r\n';
  const { out } = await run(['check', 'mime', '-'], { stdin: grouped });
  assert.match(out, /^From +<root>$/m);
  assert.match(out, /^To +Groep: <a@b>, Cees <c@d>;, <e@f>$/m);
  assert.match(
    (await run(['check', 'mime', '-'], { stdin: 'To: Undisclosed recipients:;\r\n\r\n' })).out,
    /^To +Undisclosed recipients:;$/m,
  );
  assert.equal((await run(['check', 'mime', join(data, 'absent.eml')])).code, 1);
});

test('an option without its value is said to want one', async () => {
  const { code, err } = await run(here('journey', 'list', '--as'));
  assert.equal(code, 2);
  assert.match(err, /--data wants a value|--as wants a value/);
});
