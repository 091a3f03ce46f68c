/** Journeys over JMAP: what a person may see, in words, and nothing of anybody else's. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { idOf } from '../../../codec/jmap/ids.ts';
import { IdMaker, journeyId, JOURNEY_RANDOM_BYTES, type JourneyId } from '../../../core/ids.ts';
import { openJournal } from '../../../service/journey/journey.ts';
import { type JmapHouse, openJmapHouse } from './jmap-house.contract.ts';

type Json = Record<string, unknown>;

async function open(
  t: TestContext,
): Promise<
  Readonly<{ house: JmapHouse; journey: JourneyId; call(name: string, args: Json, person?: number): Promise<readonly [string, Json]> }>
> {
  const house = await openJmapHouse(2);
  t.after(() => house.close());
  const { store, keys, clock, people } = house;
  const owner = people[0] ?? assert.fail('nobody');
  const journal = openJournal({ keyring: keys, ids: new IdMaker(() => clock.now()) });
  const journey = journeyId(clock.now(), house.host.dice.bytes(JOURNEY_RANDOM_BYTES));
  const at = clock.now();
  const reply = { code: 550, enhanced: '5.1.1', lines: ['550 5.1.1 <gone@far.example>: no such user'] };
  const rows = journal.rows({
    owner: owner.account,
    organisation: owner.organisation,
    journey,
    seat: { as: 'sender' },
    steps: [
      { kind: 'received', at, origin: 'submission', from: owner.address, to: ['gone@far.example'], subject: 'Hello there' },
      { kind: 'queued', at, recipient: 'gone@far.example', domain: 'far.example', nextAt: at, giveUpAt: at + 1 },
      { kind: 'bounced', at: at + 1_000, recipient: 'gone@far.example', stage: 'rcpt', host: 'mx.far.example', reply },
    ],
  });
  await store.journeys(owner.account).add(rows.filter((row) => row.owner === owner.account));
  const call = async (name: string, args: Json, person = 0): Promise<readonly [string, Json]> => {
    const accountId = idOf('account', people[person]?.account ?? 0);
    const body = { using: ['urn:eigenpost:params:jmap:journey'], methodCalls: [[name, { accountId, ...args }, 'a']] };
    const response = await fetch(`http://127.0.0.1:${house.port}/jmap/api`, {
      method: 'POST',
      headers: { authorization: house.authorization(person), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { methodResponses } = (await response.json()) as { methodResponses: readonly (readonly [string, Json])[] };
    return methodResponses[0] ?? assert.fail('no answer');
  };
  return { house, journey, call };
}

test('a person reads what happened, verbatim and in both languages', async (t) => {
  const { journey, call } = await open(t);
  const [, { ids }] = await call('Journey/query', { filter: { text: 'hello', state: 'bounced', code: '550', direction: 'out' } });
  assert.deepEqual(ids, [journey]);
  const [, answer] = await call('Journey/get', { ids: [journey, 'nothing'], language: 'nl' });
  assert.deepEqual(answer['notFound'], ['nothing']);
  const [got = {}] = answer['list'] as Json[];
  assert.equal(got['subject'], 'Hello there');
  assert.deepEqual(
    (got['recipients'] as Json[]).map(({ address, state }) => [address, state]),
    [['gone@far.example', 'bounced']],
  );
  assert.ok(JSON.stringify(got['steps']).includes('550 5.1.1 <gone@far.example>: no such user'));
  const dutch = (got['told'] as Json)['headline'];
  const [, english] = await call('Journey/get', { ids: [journey], properties: ['told'], language: 'en', timeZone: 'Europe/Amsterdam' });
  const [other = {}] = english['list'] as Json[];
  assert.deepEqual(Object.keys(other).sort(), ['id', 'told']);
  assert.notEqual((other['told'] as Json)['headline'], dutch);
});

test('SECURITY: somebody else’s journey is one that never was', async (t) => {
  const { journey, call } = await open(t);
  const other = `${journey.slice(0, -1)}${journey.endsWith('0') ? '1' : '0'}`;
  const seen = async (id: string): Promise<string> => JSON.stringify((await call('Journey/get', { ids: [id] }, 1))[1]).replace(id, 'ID');
  assert.equal(await seen(journey), await seen(other));
  assert.deepEqual((await call('Journey/query', { filter: { text: 'hello' } }, 1))[1]['ids'], []);
});

test('a reply from anywhere is explained; what is none, and what cannot be asked, is said so', async (t) => {
  const { call } = await open(t);
  const [, { list }] = await call('Journey/explain', {
    replies: ['550 5.1.1 no such user', 'hello'],
    host: 'mx.far.example',
    language: 'en',
  });
  const [first = {}, second = {}] = list as Json[];
  assert.match(String((first['explanation'] as Json)['meaning']), /./);
  assert.equal((first['explanation'] as Json)['retry'], false);
  assert.equal(second['explanation'], null);
  const type = async (name: string, args: Json): Promise<unknown> => (await call(name, args))[1]['type'];
  assert.equal(await type('Journey/get', {}), 'invalidArguments');
  assert.equal(await type('Journey/get', { ids: [], timeZone: 'Mars/Base' }), 'invalidArguments');
  assert.equal(await type('Journey/get', { ids: [], language: 'fr' }), 'invalidArguments');
  assert.equal(await type('Journey/query', { filter: { state: 'lost' } }), 'unsupportedFilter');
  assert.equal(await type('Journey/query', { filter: { operator: 'AND', conditions: [] } }), 'unsupportedFilter');
  assert.equal(await type('Journey/query', { before: 'x' }), 'anchorNotFound');
  assert.equal(await type('Journey/explain', { replies: 'x' }), 'invalidArguments');
});
