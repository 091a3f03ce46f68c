/** A person writes over JMAP, on the real store: at once, later, and not at all after all. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JourneyId } from '../../src/core/ids.ts';
import { wordsOf } from '../world/person.ts';
import { openWorld, START, type World } from '../world/world.ts';

const USING = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail', 'urn:ietf:params:jmap:submission'];
const HOUR = 3_600_000;

type Args = Record<string, unknown>;
type Objects = Readonly<Record<string, Args>>;

const listIn = (answer: Args | undefined): readonly Args[] => (answer ?? assert.fail())['list'] as Args[];

let world: World;
before(async () => {
  world = await openWorld({ store: 'sqlite' });
});
after(() => world.close());

async function asked(path: string, body?: unknown): Promise<Args> {
  const { noor } = world.people;
  const { host, port } = world.place('http');
  const authorization = `Basic ${Buffer.from(`${noor.address}:${noor.password}`).toString('base64')}`;
  const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const headers = { authorization, 'content-type': 'application/json' };
  const response = await fetch(`http://${host}:${port}${path}`, { headers, ...post });
  assert.equal(response.status, 200);
  return (await response.json()) as Args;
}

async function calls(...methodCalls: readonly (readonly [string, Args])[]): Promise<readonly Args[]> {
  const { primaryAccounts } = await asked('/.well-known/jmap');
  const accountId = (primaryAccounts as Args)['urn:ietf:params:jmap:mail'];
  const all = methodCalls.map(([name, args], at) => [name, { accountId, ...args }, `${at}`]);
  const { methodResponses } = await asked('/jmap/api', { using: USING, methodCalls: all });
  return (methodResponses as [string, Args, string][]).map(([name, args]) => {
    assert.notEqual(name, 'error', JSON.stringify(args));
    return args;
  });
}

async function places(): Promise<Readonly<{ drafts: string; sent: string; identity: string }>> {
  const [boxes, identities] = await calls(['Mailbox/get', { ids: null }], ['Identity/get', { ids: null }]);
  const byRole = (role: string): string => String(listIn(boxes).find((box) => box['role'] === role)?.['id']);
  return { drafts: byRole('drafts'), sent: byRole('sent'), identity: String(listIn(identities)[0]?.['id']) };
}

/** Made, sent and moved in one request, as web mail does it. The id of the submission. */
async function writes(subject: string, to: readonly string[], parameters: Args | null): Promise<string> {
  const { drafts, sent, identity } = await places();
  const { address } = world.people.noor;
  const email = {
    mailboxIds: { [drafts]: true },
    keywords: { $draft: true, $seen: true },
    from: [{ name: 'Noor', email: address }],
    to: to.map((each) => ({ email: each })),
    subject,
    bodyValues: { 1: { value: 'As I said.' } },
    textBody: [{ partId: '1', type: 'text/plain' }],
  };
  const envelope = { mailFrom: { email: address, parameters }, rcptTo: to.map((each) => ({ email: each })) };
  const onSuccessUpdateEmail = { '#s': { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${sent}`]: true, 'keywords/$draft': null } };
  const [, made, moved] = await calls(
    ['Email/set', { create: { m: email } }],
    ['EmailSubmission/set', { create: { s: { identityId: identity, emailId: '#m', envelope } }, onSuccessUpdateEmail }],
  );
  assert.equal(moved?.['notUpdated'], null);
  return String((made?.['created'] as Objects | null)?.['s']?.['id'] ?? assert.fail(JSON.stringify(made)));
}

async function submission(id: string): Promise<Args> {
  const [answer] = await calls(['EmailSubmission/get', { ids: [id] }]);
  return listIn(answer)[0] ?? assert.fail();
}

async function journeyOf(subject: string): Promise<JourneyId> {
  const { account } = world.people.noor.record;
  const [found] = await world.house.reader.list({ as: 'person', account }, { limit: 1, search: { text: subject } });
  return found?.journey ?? assert.fail(`no journey of ${subject}`);
}

test('at once: a colleague has it, the server elsewhere takes it, and the copy is in Sent', async () => {
  const { noor, emma } = world.people;
  const id = await writes('Sent at once', [emma.address, 'silent@elsewhere.test'], null);
  const letter = await emma.receives('Subject: Sent at once');
  assert.match(letter.raw, /^Return-Path: <noor@delinde\.test>\r\nReceived: by mail\.delinde\.test with HTTP id /);
  assert.doesNotMatch(letter.raw, /127\.0\.0\.1/);
  await noor.receives('Subject: Sent at once', 'Sent');
  await world.quiet();
  const { deliveryStatus, undoStatus } = await submission(id);
  assert.equal((deliveryStatus as Objects)[emma.address]?.['delivered'], 'yes');
  assert.equal(undoStatus, 'final');
  const told = await noor.asks(await journeyOf('Sent at once'), 'en');
  assert.equal(wordsOf(told)[0], 'You pressed send');
});

test('later: nobody has it before, and the story tells when', async () => {
  const { noor, emma } = world.people;
  const id = await writes('Sent later', [emma.address, 'echo@elsewhere.test'], { HOLDFOR: '7200' });
  const journey = await journeyOf('Sent later');
  const { sendAt, undoStatus } = await submission(id);
  assert.deepEqual([Date.parse(String(sendAt)) - START >= 2 * HOUR, undoStatus], [true, 'pending']);
  assert.match((await noor.asks(journey, 'en')).lines.map(({ text }) => text).join('\n'), /Will be sent on /);
  assert.equal(await emma.journey(journey), undefined);
  await world.pass(HOUR);
  assert.ok(!world.elsewhere.mails.some(({ content }) => content.includes('Sent later')));
  await world.pass(HOUR + 1_000);
  const letter = await emma.receives('Subject: Sent later');
  assert.match(letter.raw, new RegExp(`with HTTP id ${journey}`));
  assert.ok(world.elsewhere.mails.some(({ content }) => content.includes('Sent later')));
  const after = await submission(id);
  assert.deepEqual(
    [after['undoStatus'], Object.values(after['deliveryStatus'] as Objects).map(({ delivered }) => delivered)],
    ['final', ['yes', 'unknown']],
  );
  assert.equal(wordsOf(await emma.asks(journey, 'en')).at(-1), 'In your mailbox');
});

test('called back: nobody gets it, and the sender’s story says so', async () => {
  const { noor, emma } = world.people;
  const id = await writes('Never sent', [emma.address, 'echo@elsewhere.test'], { HOLDFOR: '60' });
  const [answer] = await calls(['EmailSubmission/set', { update: { [id]: { undoStatus: 'canceled' } } }]);
  assert.deepEqual(answer?.['updated'], { [id]: null });
  await world.pass(HOUR);
  assert.ok(!world.elsewhere.mails.some(({ content }) => content.includes('Never sent')));
  const journey = await journeyOf('Never sent');
  assert.equal(await emma.journey(journey), undefined);
  assert.deepEqual(
    (await noor.journey(journey))?.recipients.map(({ state }) => state),
    ['cancelled', 'cancelled'],
  );
});
