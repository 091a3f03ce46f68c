/** Making, changing and destroying mail and mailboxes over a real socket, and octets up and down. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { idOf } from '../../../codec/jmap/ids.ts';
import { type JmapHouse, openJmapHouse } from './jmap-house.contract.ts';

type Json = Record<string, unknown>;
type Client = Readonly<{
  house: JmapHouse;
  accountId: string;
  call(name: string, args: Json): Promise<Json>;
  calls(...methodCalls: readonly (readonly [string, Json, string])[]): Promise<readonly (readonly [string, Json, string])[]>;
  request(path: string, init?: RequestInit): Promise<Response>;
  box(role: string): Promise<string>;
}>;

async function open(t: TestContext): Promise<Client> {
  const house = await openJmapHouse();
  t.after(() => house.close());
  const accountId = idOf('account', house.people[0]?.account ?? 0);
  const request = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${house.port}${path}`, { ...init, headers: { ...init.headers, authorization: house.authorization(0) } });
  const calls: Client['calls'] = async (...methodCalls) => {
    const body = JSON.stringify({ using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'], methodCalls });
    const response = await request('/jmap/api', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    return ((await response.json()) as { methodResponses: Awaited<ReturnType<Client['calls']>> }).methodResponses;
  };
  const call: Client['call'] = async (name, args) => {
    const [answered] = await calls([name, { accountId, ...args }, 'a']);
    assert.equal(answered?.[0], name, JSON.stringify(answered));
    return answered[1];
  };
  const box = async (role: string): Promise<string> => {
    const { ids } = await call('Mailbox/query', { filter: { role } });
    return (ids as string[])[0] ?? assert.fail(role);
  };
  return { house, accountId, call, calls, request, box };
}

const inside = (answer: Json, what: string, key: string): Json =>
  (answer[what] as Record<string, Json> | null)?.[key] ?? assert.fail(JSON.stringify(answer));

test('mailboxes are made in each other, renamed, moved, ordered and destroyed; each no says which property', async (t) => {
  const { call, box } = await open(t);
  const state = (await call('Mailbox/get', { ids: [] }))['state'];
  const made = await call('Mailbox/set', {
    create: { b: { name: 'Below', parentId: '#a' }, a: { name: 'Above', sortOrder: 5, isSubscribed: false } },
  });
  const [a, b] = [inside(made, 'created', 'a')['id'] as string, inside(made, 'created', 'b')['id'] as string];
  assert.equal(inside(made, 'created', 'b')['isSubscribed'], true);
  const got = (await call('Mailbox/get', { ids: [a, b] }))['list'] as Json[];
  assert.deepEqual([got[0]?.['sortOrder'], got[0]?.['isSubscribed'], got[1]?.['parentId']], [5, false, a]);
  const changes = await call('Mailbox/changes', { sinceState: state });
  assert.deepEqual([...(changes['created'] as string[])].sort(), [a, b].sort());
  const moved = await call('Mailbox/set', { update: { [b]: { name: 'Top', parentId: null, isSubscribed: false, sortOrder: 7 } } });
  assert.deepEqual(moved['updated'], { [b]: null });
  const ordered = await call('Mailbox/set', { update: { [a]: { sortOrder: 6 } } });
  const told = await call('Mailbox/changes', { sinceState: ordered['oldState'] });
  assert.deepEqual([told['updated'], told['updatedProperties']], [[a], null]);
  const inbox = await box('inbox');
  const trash = await box('trash');
  const bad = await call('Mailbox/set', {
    ifInState: (await call('Mailbox/get', { ids: [] }))['state'],
    create: {
      x: { name: 'Above' },
      y: { name: 'a/b' },
      z: { name: '' },
      w: { name: 'w', role: 'trash' },
      v: { name: 'v', parentId: 'mnobody' },
      u: { name: 'u', id: 'x' },
    },
    update: { [inbox]: { name: 'Mine' }, [a]: { parentId: a }, mnobody: { name: 'x' }, [trash]: { 'myRights/mayRename': false } },
  });
  const reasons = Object.fromEntries(
    Object.entries({ ...(bad['notCreated'] as Json), ...(bad['notUpdated'] as Json) }).map(([key, value]) => [
      key,
      [(value as Json)['type'], (value as Json)['properties']],
    ]),
  );
  assert.deepEqual(reasons, {
    x: ['alreadyExists', ['name']],
    y: ['invalidProperties', ['name']],
    z: ['invalidProperties', ['name']],
    w: ['invalidProperties', ['role']],
    v: ['invalidProperties', ['parentId']],
    u: ['invalidProperties', ['id']],
    [inbox]: ['invalidProperties', ['name']],
    [a]: ['invalidProperties', ['parentId']],
    mnobody: ['notFound', undefined],
    [trash]: ['invalidProperties', ['myRights']],
  });
  await call('Mailbox/set', { update: { [b]: { parentId: a } } });
  const gone = await call('Mailbox/set', { destroy: [a, b] });
  assert.deepEqual([gone['destroyed'], inside(gone, 'notDestroyed', a)['type']], [[b], 'mailboxHasChild']);
});

test('a draft is made, read back, changed, moved and destroyed, and every step is told', async (t) => {
  const { call, box } = await open(t);
  const [drafts, archive] = [await box('drafts'), await box('archive')];
  const before = await call('Email/get', { ids: [] });
  const made = await call('Email/set', {
    create: {
      d: {
        mailboxIds: { [drafts]: true },
        keywords: { $draft: true, $Seen: true },
        from: [{ name: 'Zoë', email: 'p0@school.example' }],
        to: [{ name: null, email: 'you@far.example' }],
        subject: 'Grüße <b>',
        bodyValues: { t: { value: 'Hallo\nwereld' } },
        textBody: [{ partId: 't', type: 'text/plain' }],
      },
      bad: { mailboxIds: {}, subject: 'x' },
      worse: { mailboxIds: { mnobody: true }, subject: 'x' },
      evil: { mailboxIds: { [drafts]: true }, subject: 'x\r\nBcc: all@far.example' },
    },
  });
  const email = inside(made, 'created', 'd')['id'] as string;
  for (const key of ['bad', 'worse', 'evil']) assert.equal(inside(made, 'notCreated', key)['type'], 'invalidProperties', key);
  const properties = ['subject', 'from', 'keywords', 'mailboxIds', 'bodyValues', 'header:Bcc'];
  const [got = {}] = (await call('Email/get', { ids: [email], properties, fetchTextBodyValues: true }))['list'] as Json[];
  assert.deepEqual(got, {
    id: email,
    subject: 'Grüße <b>',
    from: [{ name: 'Zoë', email: 'p0@school.example' }],
    keywords: { $draft: true, $seen: true },
    mailboxIds: { [drafts]: true },
    bodyValues: { '1': { value: 'Hallo\nwereld\n', isEncodingProblem: false, isTruncated: false } },
    'header:Bcc': null,
  });
  const changed = await call('Email/set', {
    update: {
      [email]: { 'keywords/$draft': null, 'keywords/$Flagged': true, mailboxIds: { [archive]: true } },
      enobody: { 'keywords/x': true },
    },
  });
  assert.deepEqual([changed['updated'], inside(changed, 'notUpdated', 'enobody')['type']], [{ [email]: null }, 'notFound']);
  const [now = {}] = (await call('Email/get', { ids: [email], properties: ['keywords', 'mailboxIds'] }))['list'] as Json[];
  assert.deepEqual(now, { id: email, keywords: { $flagged: true, $seen: true }, mailboxIds: { [archive]: true } });
  const wrong: readonly Json[] = [
    { subject: 'y' },
    { mailboxIds: {} },
    { mailboxIds: { mnobody: true } },
    { 'keywords/a b': true },
    { 'keywords/a\\b': true },
    { 'keywords/x': false },
    { receivedAt: '2026-01-01T00:00:00Z' },
  ];
  for (const patch of wrong) {
    const answer = await call('Email/set', { update: { [email]: patch } });
    assert.equal(inside(answer, 'notUpdated', email)['type'], 'invalidProperties', JSON.stringify(patch));
  }
  const told = await call('Email/changes', { sinceState: before['state'] });
  assert.deepEqual([told['created'], told['updated'], told['destroyed']], [[email], [], []]);
  const gone = await call('Email/set', { destroy: [email, 'enobody'], update: { [email]: { 'keywords/x': true } } });
  assert.deepEqual(gone['destroyed'], [email]);
  assert.equal(inside(gone, 'notUpdated', email)['type'], 'willDestroy');
  assert.equal(inside(gone, 'notDestroyed', 'enobody')['type'], 'notFound');
  const end = await call('Email/changes', { sinceState: made['newState'] });
  assert.deepEqual(end['destroyed'], [email]);
  assert.equal((await call('Email/query', { calculateTotal: true }))['total'], 0);
});

test('octets go up, come down, become mail, and are shown without becoming any', async (t) => {
  const { accountId, call, request, box } = await open(t);
  const inbox = await box('inbox');
  const part = Buffer.from('attached words\r\n').toString('base64');
  const message = `From: a@far.example\r\nTo: p0@school.example\r\nSubject: Words of budget\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nThe <budget> of this year\r\n--x\r\nContent-Type: text/csv; name="a b.csv"\r\nContent-Transfer-Encoding: base64\r\n\r\n${part}\r\n--x--\r\n`;
  const up = await request(`/jmap/upload/${accountId}`, { method: 'POST', body: message, headers: { 'content-type': 'message/rfc822' } });
  assert.equal(up.status, 201);
  const { blobId, size, type } = (await up.json()) as { blobId: string; size: number; type: string };
  assert.deepEqual([size, type], [message.length, 'message/rfc822']);
  assert.equal(await (await request(`/jmap/download/${accountId}/${blobId}/x.eml`)).text(), message);
  const parsed = await call('Email/parse', { blobIds: [blobId, 'unobody'], properties: ['subject', 'hasAttachment'] });
  assert.deepEqual(parsed['parsed'], { [blobId]: { subject: 'Words of budget', hasAttachment: true } });
  assert.deepEqual(parsed['notFound'], ['unobody']);
  const imported = await call('Email/import', {
    emails: {
      k: { blobId, mailboxIds: { [inbox]: true }, keywords: { $seen: true }, receivedAt: '2026-01-02T03:04:05Z' },
      l: { blobId: 'unobody', mailboxIds: { [inbox]: true } },
      m: { blobId, mailboxIds: {} },
    },
  });
  const email = inside(imported, 'created', 'k')['id'] as string;
  assert.deepEqual(inside(imported, 'notCreated', 'l')['properties'], ['blobId']);
  assert.deepEqual(inside(imported, 'notCreated', 'm')['properties'], ['mailboxIds']);
  const [got = {}] = (await call('Email/get', { ids: [email], properties: ['receivedAt', 'attachments', 'blobId'] }))['list'] as Json[];
  assert.equal(got['receivedAt'], '2026-01-02T03:04:05Z');
  const [attachment = {}] = got['attachments'] as Json[];
  const down = await request(`/jmap/download/${accountId}/${String(attachment['blobId'])}/a%20b.csv?type=text/html`);
  assert.equal(await down.text(), 'attached words\r\n');
  assert.equal(down.headers.get('content-disposition'), "attachment; filename*=UTF-8''a%20b.csv");
  assert.match(down.headers.get('content-security-policy') ?? '', /sandbox/);
  assert.equal(down.headers.get('x-content-type-options'), 'nosniff');
  const whole = String(got['blobId']);
  for (const made of [`${whole}_0-5-n`, `${whole}_0-99999-b`, 'b0', 'x', `${whole}_`])
    assert.equal((await request(`/jmap/download/${accountId}/${made}/x`)).status, 404, made);
  const snippets = await call('SearchSnippet/get', { filter: { text: 'budget' }, emailIds: [email, 'enobody'] });
  assert.deepEqual(snippets['list'], [
    { emailId: email, subject: 'Words of <mark>budget</mark>', preview: 'The &lt;<mark>budget</mark>&gt; of this year' },
  ]);
  assert.deepEqual(snippets['notFound'], ['enobody']);
});

test('uploads past the limit are refused, told or not, and what is no message is not imported', async (t) => {
  const { accountId, call, request, box } = await open(t);
  const large = await request(`/jmap/upload/${accountId}`, { method: 'POST', body: Buffer.alloc(1_000_001) });
  assert.equal(large.status, 413);
  const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });
  const streamed = await request(`/jmap/upload/${accountId}`, { method: 'POST', body: endless, duplex: 'half' } as RequestInit).then(
    ({ status }) => status,
    () => 413,
  );
  assert.equal(streamed, 413);
  const up = await request(`/jmap/upload/${accountId}`, {
    method: 'POST',
    body: 'just some words',
    headers: { 'content-type': 'x\u00e9' },
  });
  const { blobId, type } = (await up.json()) as { blobId: string; type: string };
  assert.equal(type, 'application/octet-stream');
  const inbox = await box('inbox');
  const imported = await call('Email/import', { emails: { k: { blobId, mailboxIds: { [inbox]: true } } } });
  assert.equal(inside(imported, 'notCreated', 'k')['type'], 'invalidEmail');
  assert.deepEqual((await call('Email/parse', { blobIds: [blobId] }))['notParsable'], [blobId]);
});

test('one request makes a mailbox, puts mail into it and finds it again by references', async (t) => {
  const { accountId, calls } = await open(t);
  const create = {
    e: { mailboxIds: { '#box': true }, subject: 'In one go', bodyValues: { t: { value: 'x' } }, textBody: [{ partId: 't' }] },
  };
  const answers = await calls(
    ['Mailbox/set', { accountId, create: { box: { name: 'Fresh' } } }, 'a'],
    ['Email/set', { accountId, create }, 'b'],
    ['Email/get', { accountId, '#ids': { resultOf: 'b', name: 'Email/set', path: '/created/e/id' } }, 'c'],
    ['Email/query', { accountId, filter: { subject: 'one go' } }, 'd'],
    ['Email/get', { accountId, '#ids': { resultOf: 'd', name: 'Email/query', path: '/ids' }, properties: ['threadId'] }, 'e'],
    ['Thread/get', { accountId, '#ids': { resultOf: 'e', name: 'Email/get', path: '/list/*/threadId' } }, 'f'],
  );
  assert.deepEqual(
    answers.map(([name, args]) => (name === 'error' ? args['type'] : name)),
    ['Mailbox/set', 'Email/set', 'invalidArguments', 'Email/query', 'Email/get', 'Thread/get'],
  );
  const [, threads] = answers[5] ?? assert.fail('no threads');
  const [, found] = answers[3] ?? assert.fail('nothing found');
  assert.deepEqual((threads['list'] as Json[])[0]?.['emailIds'], found['ids']);
});

test('an account with a limit has a quota that tells what is used; one without has none', async (t) => {
  const { house, call, calls, accountId, request, box } = await open(t);
  const QUOTA = 'urn:ietf:params:jmap:quota';
  const quota = async (name: string, args: Json = {}, using = [QUOTA, 'urn:ietf:params:jmap:mail']): Promise<Json> => {
    const body = JSON.stringify({ using, methodCalls: [[name, { accountId, ...args }, 'a']] });
    const response = await request('/jmap/api', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    const { methodResponses } = (await response.json()) as { methodResponses: readonly (readonly [string, Json])[] };
    return methodResponses[0]?.[1] ?? {};
  };
  assert.deepEqual((await quota('Quota/get'))['list'], []);
  await house.accounts.changePerson(house.people[0]?.account ?? assert.fail(), { quota: 10_000 });
  assert.deepEqual((await quota('Quota/get', {}, [QUOTA]))['list'], [], 'of no type that is known');
  const before = await quota('Quota/get');
  const [got = {}] = before['list'] as Json[];
  assert.deepEqual([got['id'], got['used'], got['hardLimit'], got['warnLimit']], ['octets', 0, 10_000, 9_000]);
  const drafts = await box('drafts');
  const draft = { mailboxIds: { [drafts]: true }, subject: 'x', bodyValues: { t: { value: 'x' } }, textBody: [{ partId: 't' }] };
  await call('Email/set', { create: { d: draft } });
  const [now = {}] = (await quota('Quota/get', { ids: ['octets'], properties: ['used'] }))['list'] as Json[];
  assert.ok(Number(now['used']) > 50);
  assert.deepEqual((await quota('Quota/changes', { sinceState: before['state'] }))['updated'], ['octets']);
  assert.deepEqual((await quota('Quota/query', { filter: { scope: 'account', name: 'mai' } }))['ids'], ['octets']);
  assert.deepEqual((await quota('Quota/query', { filter: { type: 'Contact' } }))['ids'], []);
  assert.equal((await quota('Quota/query', { filter: { colour: 'x' } }))['type'], 'unsupportedFilter');
  const full = await call('Email/set', { create: { d: { ...draft, bodyValues: { t: { value: 'x'.repeat(20_000) } } } } });
  assert.equal(inside(full, 'notCreated', 'd')['type'], 'overQuota');
  assert.equal((await calls(['Quota/get', { accountId }, 'a']))[0]?.[1]['type'], 'unknownMethod');
});
