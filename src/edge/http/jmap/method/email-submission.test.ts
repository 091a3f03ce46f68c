/** Sending over the api: what goes out, what stays, what is told of it, and everything that is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOf, numberOf } from '../../../../codec/jmap/ids.ts';
import type { JsonObject } from '../../../../codec/jmap/json.ts';
import type { EmailId } from '../../../../core/ids.ts';
import type { Fate } from '../../../../core/ports/courier.ts';
import { type JmapHouse, NOW, ok, openJmapHouse } from '../jmap-house.contract.ts';

const USING = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail', 'urn:ietf:params:jmap:submission'];
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type Called = readonly (readonly [string, JsonObject])[];

async function world(t: Readonly<{ after(run: () => Promise<void>): void }>) {
  const house = await openJmapHouse(3);
  t.after(async () => {
    assert.deepEqual(house.troubles, []);
    await house.close();
  });
  const account = idOf('account', house.people[0]?.account ?? 0);
  const post = async (authorization: string, ...methodCalls: readonly (readonly [string, JsonObject, string])[]): Promise<Called> => {
    const response = await house.api.fetch(
      new Request('https://school.example/jmap/api', {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ using: USING, methodCalls }),
      }),
      { ip: '192.0.2.7', isSecure: true },
    );
    const { methodResponses } = (await response.json()) as { methodResponses: [string, JsonObject, string][] };
    return methodResponses.map(([name, args]) => [name, args] as const);
  };
  const ask = (name: string, args: JsonObject): Promise<Called> =>
    post(house.authorization(0), [name, { accountId: account, ...args }, 'c']);
  const one = async (name: string, args: JsonObject): Promise<JsonObject> => {
    const [[answered, answer] = ['', {}]] = await ask(name, args);
    return answered === 'error' ? { error: answer['type'] } : answer;
  };
  const identities = (await one('Identity/get', { ids: null }))['list'] as readonly JsonObject[];
  const identityId = String(identities[0]?.['id']);
  /** A draft, as it lies there: `content` has its line ends. */
  const draft = async (content: string, role: 'drafts' | 'inbox' = 'drafts'): Promise<string> => {
    const mail = await house.mail(0);
    const bytes = Buffer.from(content);
    const staging = ok(mail.stage({ flags: 0, keywords: ['$draft'], receivedAt: null, size: bytes.length }));
    await staging.write(bytes);
    const box = mail.byRole(role) ?? mail.byPath('INBOX') ?? assert.fail();
    const before = new Set((await mail.index()).all());
    ok(await mail.appendAll(box.mailbox, [ok(await staging.finish())]));
    const [made] = [...(await mail.index()).all()].filter((email) => !before.has(email));
    mail.close();
    return idOf('email', made ?? assert.fail());
  };
  const submit = async (object: JsonObject, more: JsonObject = {}): Promise<JsonObject> =>
    one('EmailSubmission/set', { create: { k: { identityId, ...object } }, ...more });
  return { house, account, post, ask, one, identityId, draft, submit };
}

const made = (answer: JsonObject): JsonObject =>
  (answer['created'] as Record<string, JsonObject> | null)?.['k'] ?? assert.fail(JSON.stringify(answer));
const errorIn = (answer: JsonObject, where = 'notCreated'): JsonObject | undefined =>
  Object.values((answer[where] as Record<string, JsonObject> | null) ?? {})[0];

const LETTER = [
  'From: P 0 <p0@school.example>',
  'To: anna@far.example, P1 <p1@school.example>',
  'Cc: Anna@far.example',
  'Bcc: secret@near.example',
  'Bcc: "odd one"@near.example',
  'Subject: Hi',
  'Message-ID: <1@school.example>',
  'Date: Mon, 23 Nov 2026 12:00:00 +0000',
  '',
  'Hello',
  '',
].join('\r\n');

async function inboxOf(house: JmapHouse, person: number): Promise<readonly string[]> {
  const mail = await house.mail(person);
  const box = ok(await mail.select(mail.byPath('INBOX')?.mailbox ?? assert.fail()));
  const messages = await box.messages([...box.columns.uids.subarray(0, box.columns.count)]);
  const texts = await Promise.all(messages.map(async (message) => (await message.read(0, message.size)).toString()));
  mail.close();
  return texts;
}

async function show(one: (name: string, args: JsonObject) => Promise<JsonObject>, id: unknown): Promise<JsonObject> {
  const { list } = await one('EmailSubmission/get', { ids: [id] });
  return (list as readonly JsonObject[])[0] ?? assert.fail('no such submission');
}

test('a letter without an envelope goes to everybody it names, and nobody sees who was hidden', async (t) => {
  const { house, one, draft, submit, identityId } = await world(t);
  const emailId = await draft(LETTER);
  const { state } = await one('EmailSubmission/get', { ids: null });
  const { id, envelope, sendAt, undoStatus, threadId } = made(await submit({ emailId }));
  const to = ['anna@far.example', 'p1@school.example', 'secret@near.example', '"odd one"@near.example'];
  assert.deepEqual(envelope, {
    mailFrom: { email: 'p0@school.example', parameters: null },
    rcptTo: to.map((email) => ({ email, parameters: null })),
  });
  // A colleague has it already.
  assert.deepEqual([sendAt, undoStatus, typeof threadId], ['2026-11-23T12:00:00Z', 'final', 'string']);
  await house.clock.advance(1_000);
  const { letters } = house.post.outside;
  assert.deepEqual(letters.flatMap((letter) => letter.to).sort(), ['"odd one"@near.example', 'anna@far.example', 'secret@near.example']);
  const [theirs = ''] = await inboxOf(house, 1);
  for (const content of [theirs, ...letters.map((letter) => letter.content)]) {
    assert.ok(!/bcc|secret@|odd one|192\.0\.2\.7/i.test(content), content);
    assert.ok(content.endsWith('Message-ID: <1@school.example>\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n\r\nHello\r\n'), content);
    assert.match(content, /^Received: by mail\.school\.example with HTTPS id /m);
  }
  // The copy of the sender keeps it.
  const mail = await house.mail(0);
  const [copy] = await mail.emails([numberOf<EmailId>('email', emailId) ?? assert.fail()]);
  assert.equal((await copy?.read(0, copy.size))?.toString(), LETTER);
  mail.close();
  const shown = await show(one, id);
  assert.deepEqual(shown['deliveryStatus'], {
    'anna@far.example': { smtpReply: '250 2.0.0 thank you', delivered: 'unknown', displayed: 'unknown' },
    'p1@school.example': { smtpReply: '250 2.1.5 Delivered', delivered: 'yes', displayed: 'unknown' },
    'secret@near.example': { smtpReply: '250 2.0.0 thank you', delivered: 'unknown', displayed: 'unknown' },
    '"odd one"@near.example': { smtpReply: '250 2.0.0 thank you', delivered: 'unknown', displayed: 'unknown' },
  });
  assert.deepEqual([shown['identityId'], shown['emailId'], shown['dsnBlobIds']], [identityId, emailId, []]);
  const changes = await one('EmailSubmission/changes', { sinceState: state });
  assert.deepEqual([changes['created'], changes['updated']], [[id], []]);
});

test('what is known of a delivery changes, and is told as a change', async (t) => {
  const { house, one, draft, submit } = await world(t);
  const fates: Fate[] = [
    { fate: 'later', stage: 'rcpt', host: 'mx', reply: { code: 451, enhanced: '4.7.1', lines: ['451 4.7.1 greylisted'] } },
    {
      fate: 'never',
      stage: 'rcpt',
      host: 'mx',
      reply: { code: 550, enhanced: '5.7.1', lines: ['550-5.7.1 Our system has detected that this message is', '550 5.7.1 likely spam.'] },
    },
  ];
  house.post.outside.fate = () => fates.shift() ?? assert.fail();
  const emailId = await draft('From: p0@school.example\r\nTo: anna@far.example\r\n\r\nx\r\n');
  const mailFrom = { email: 'p0@school.example', parameters: { HOLDFOR: '10' } };
  const sent = await submit({ emailId, envelope: { mailFrom, rcptTo: [{ email: 'anna@far.example' }] } });
  const { id, undoStatus, deliveryStatus } = made(sent);
  assert.deepEqual(
    [undoStatus, (deliveryStatus as JsonObject)['anna@far.example']],
    ['pending', { smtpReply: '250 2.0.0 Waiting here', delivered: 'queued', displayed: 'unknown' }],
  );
  let state = sent['newState'];
  for (const [wait, undo, status] of [
    [11_000, 'pending', { smtpReply: '451 4.7.1 greylisted', delivered: 'queued', displayed: 'unknown' }],
    [
      HOUR,
      'final',
      {
        smtpReply: '550 5.7.1 Our system has detected that this message is likely spam.',
        delivered: 'no',
        displayed: 'unknown',
      },
    ],
  ] as const) {
    await house.clock.advance(wait);
    const changes = await one('EmailSubmission/changes', { sinceState: state });
    assert.deepEqual([changes['updated'], changes['created']], [[id], []]);
    state = changes['newState'];
    const shown = await show(one, id);
    assert.deepEqual([shown['undoStatus'], (shown['deliveryStatus'] as JsonObject)['anna@far.example']], [undo, status]);
  }
  assert.deepEqual((await one('EmailSubmission/changes', { sinceState: state }))['updated'], []);
});

test('an envelope that is given is used as it is, with its parameters', async (t) => {
  const { house, draft, submit } = await world(t);
  const emailId = await draft('From: p0+club@school.example\r\nTo: everybody@far.example\r\n\r\nx\r\n');
  const envelope = {
    mailFrom: { email: 'p0+club@school.example', parameters: { RET: 'HDRS', ENVID: 'a b+c' } },
    rcptTo: [{ email: 'anna@FAR.example', parameters: { notify: 'SUCCESS,FAILURE', ORCPT: 'rfc822;an na@x.example' } }],
  };
  const answer = made(await submit({ emailId, envelope }));
  assert.equal(answer['envelope'], undefined);
  await house.clock.advance(1_000);
  const [{ from, to, envelope: used } = assert.fail()] = house.post.outside.letters;
  assert.deepEqual([from, to, used.returnContent, used.envelopeId], ['p0+club@school.example', ['anna@far.example'], 'headers', 'a b+c']);
  assert.deepEqual(used.recipients[0]?.notify, { never: false, success: true, failure: true, delay: false });
  assert.equal(used.recipients[0]?.originalRecipient, 'rfc822;an na@x.example');
});

test('what goes wrong is said by name, and nothing is sent to anybody', async (t) => {
  const { house, draft, submit, one, identityId } = await world(t);
  const good = await draft('From: p0@school.example\r\nTo: anna@far.example\r\n\r\nx\r\n');
  const rcptTo = [{ email: 'anna@far.example' }];
  const mailFrom = { email: 'p0@school.example' };
  const header = (text: string) => draft(`${text}\r\n\r\nx\r\n`);
  const with_ = (parameters: JsonObject) => ({ emailId: good, envelope: { mailFrom: { ...mailFrom, parameters }, rcptTo } });
  const cases: readonly (readonly [string, JsonObject, JsonObject])[] = [
    ['nobody', { emailId: await header('From: p0@school.example') }, { type: 'noRecipients' }],
    ['an empty list', { emailId: good, envelope: { mailFrom, rcptTo: [] } }, { type: 'noRecipients' }],
    [
      'too many',
      { emailId: good, envelope: { mailFrom, rcptTo: Array.from({ length: 1_001 }, (_, at) => ({ email: `a${at}@far.example` })) } },
      { type: 'tooManyRecipients', maxRecipients: 1_000 },
    ],
    [
      'no addresses',
      { emailId: good, envelope: { mailFrom, rcptTo: [...rcptTo, { email: 'no address' }, { email: 'a@b.example>\r\nDATA' }] } },
      { type: 'invalidRecipients', invalidRecipients: ['no address', 'a@b.example>\r\nDATA'] },
    ],
    [
      'nobody of that name here',
      { emailId: good, envelope: { mailFrom, rcptTo: [...rcptTo, { email: 'p1@school.example' }, { email: 'nobody@school.example' }] } },
      { type: 'invalidRecipients', invalidRecipients: ['nobody@school.example'] },
    ],
    [
      'another’s envelope',
      { emailId: good, envelope: { mailFrom: { email: 'p1@school.example' }, rcptTo } },
      { type: 'forbiddenMailFrom' },
    ],
    ['another’s From', { emailId: await header('From: p1@school.example\r\nTo: anna@far.example') }, { type: 'forbiddenFrom' }],
    [
      'another’s Sender',
      { emailId: await header('From: p0@school.example\r\nSender: p1@school.example\r\nTo: anna@far.example') },
      { type: 'forbiddenFrom' },
    ],
    [
      'two senders',
      { emailId: await header('From: p0@school.example, p0+x@school.example\r\nTo: anna@far.example') },
      { type: 'invalidEmail', properties: ['from'] },
    ],
    [
      'From twice',
      { emailId: await header('From: p0@school.example\r\nFrom: p0@school.example\r\nTo: anna@far.example') },
      { type: 'invalidEmail', properties: ['from'] },
    ],
    [
      'a field that cannot be read',
      { emailId: await header('From: p0@school.example\r\nTo: anna@far.example\r\nBcc: <<<') },
      { type: 'invalidEmail', properties: ['bcc'] },
    ],
    [
      'a bare line feed',
      { emailId: await draft('From: p0@school.example\r\nTo: anna@far.example\r\n\r\nx\n.\r\nMAIL FROM:<x>\r\n') },
      { type: 'invalidEmail', properties: ['blobId'] },
    ],
    [
      'a NUL',
      { emailId: await draft('From: p0@school.example\r\nTo: anna@far.example\r\n\r\nx\0\r\n') },
      { type: 'invalidEmail', properties: ['blobId'] },
    ],
    ['no identity', { emailId: good, identityId: 'i0' }, { type: 'invalidProperties', properties: ['identityId'] }],
    ['no email', { emailId: 'e0' }, { type: 'invalidProperties', properties: ['emailId'] }],
    ['an email not made', { emailId: '#none' }, { type: 'invalidProperties', properties: ['emailId'] }],
    ['what the server sets', { emailId: good, undoStatus: 'final' }, { type: 'invalidProperties', properties: ['undoStatus'] }],
    ['an envelope that is none', { emailId: good, envelope: 'x' }, { type: 'invalidProperties', properties: ['envelope'] }],
    ['an unknown parameter', with_({ XYZ: null }), { type: 'invalidProperties', properties: ['envelope/mailFrom/parameters'] }],
    ['a parameter in a parameter', with_({ RET: 'FULL ENVID=x' }), { type: 'invalidProperties', properties: ['envelope'] }],
    ['a line in a parameter', with_({ 'RET=FULL\r\nDATA': null }), { type: 'invalidProperties' }],
    ['too late', with_({ HOLDFOR: `${21 * 86_400 + 1}` }), { type: 'invalidProperties', properties: ['envelope/mailFrom/parameters'] }],
    ['no time', with_({ HOLDUNTIL: 'tomorrow' }), { type: 'invalidProperties', properties: ['envelope/mailFrom/parameters'] }],
    ['two times', with_({ HOLDFOR: '5', HOLDUNTIL: '2026-11-24T12:00:00Z' }), { type: 'invalidProperties' }],
  ];
  for (const [about, object, expected] of cases) {
    const error = errorIn(await submit(object));
    for (const [name, value] of Object.entries(expected)) assert.deepEqual(error?.[name], value, `${about}: ${JSON.stringify(error)}`);
  }
  const large = await draft(`From: p0@school.example\r\nTo: anna@far.example\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(14_000)}`);
  assert.deepEqual(errorIn(await submit({ emailId: large, identityId })), { type: 'tooLarge', maxSize: 1_000_000 });
  await house.accounts.changePerson(house.people[0]?.account ?? assert.fail(), { state: 'sendingPaused' });
  assert.equal(errorIn(await submit({ emailId: good }))?.['type'], 'forbiddenToSend');
  await house.clock.advance(1_000);
  assert.deepEqual([house.post.outside.letters, await inboxOf(house, 1)], [[], []]);
  assert.deepEqual((await one('EmailSubmission/get', { ids: null }))['list'], []);
});

test('later means later, for everybody; until then it can be called back', async (t) => {
  const { house, one, draft, submit } = await world(t);
  const emailId = await draft('From: p0@school.example\r\nTo: anna@far.example, p1@school.example\r\n\r\nx\r\n');
  const envelope = (parameters: JsonObject) => ({
    mailFrom: { email: 'p0@school.example', parameters },
    rcptTo: [{ email: 'anna@far.example' }, { email: 'p1@school.example' }],
  });
  const first = made(await submit({ emailId, envelope: envelope({ HOLDUNTIL: '2026-11-24T13:00:00+01:00' }) }));
  assert.deepEqual([first['sendAt'], first['undoStatus']], ['2026-11-24T12:00:00Z', 'pending']);
  const second = made(await submit({ emailId, envelope: envelope({ holdfor: '30' }) }));
  assert.equal(second['sendAt'], '2026-11-23T12:00:30Z');
  await house.clock.advance(29_000);
  assert.deepEqual([house.post.outside.letters.length, (await inboxOf(house, 1)).length], [0, 0]);
  await house.clock.advance(2_000);
  assert.deepEqual([house.post.outside.letters.length, (await inboxOf(house, 1)).length], [1, 1]);
  const late = await one('EmailSubmission/set', { update: { [`${second['id']}`]: { undoStatus: 'canceled' } } });
  assert.equal(errorIn(late, 'notUpdated')?.['type'], 'cannotUnsend');
  const { newState } = late;
  const back = await one('EmailSubmission/set', { update: { [`${first['id']}`]: { undoStatus: 'canceled' } } });
  assert.deepEqual(back['updated'], { [`${first['id']}`]: null });
  const shown = await show(one, first['id']);
  assert.equal(shown['undoStatus'], 'canceled');
  assert.deepEqual(
    Object.values(shown['deliveryStatus'] as Record<string, JsonObject>).map(({ delivered }) => delivered),
    ['no', 'no'],
  );
  assert.deepEqual((await one('EmailSubmission/changes', { sinceState: newState }))['updated'], [first['id']]);
  await house.clock.advance(2 * DAY);
  assert.deepEqual([house.post.outside.letters.length, (await inboxOf(house, 1)).length], [1, 1]);
  // What changes besides, and what cannot.
  for (const [id, patch, type] of [
    [first['id'], { undoStatus: 'pending' }, 'invalidProperties'],
    [second['id'], { sendAt: '2027-01-01T00:00:00Z' }, 'invalidProperties'],
    ['s0', { undoStatus: 'canceled' }, 'notFound'],
  ] as const) {
    const answer = await one('EmailSubmission/set', { update: { [`${id}`]: patch } });
    assert.equal(errorIn(answer, 'notUpdated')?.['type'], type);
  }
});

test('destroying the email or the submission stops nothing', async (t) => {
  const { house, one, draft, submit } = await world(t);
  const emailId = await draft('From: p0@school.example\r\nTo: anna@far.example\r\n\r\nx\r\n');
  const envelope = { mailFrom: { email: 'p0@school.example', parameters: { HOLDFOR: '60' } }, rcptTo: [{ email: 'anna@far.example' }] };
  const { id } = made(await submit({ emailId, envelope }));
  const gone = await one('EmailSubmission/set', { destroy: [id, 's0'] });
  assert.deepEqual([gone['destroyed'], errorIn(gone, 'notDestroyed')], [[id], { type: 'notFound', description: 'There is no such thing' }]);
  await one('Email/set', { destroy: [emailId] });
  await house.clock.advance(61_000);
  assert.equal(house.post.outside.letters.length, 1);
});

test('one call makes, sends and files: the second answer is that of Email/set', async (t) => {
  const { house, account, post, ask, one, identityId } = await world(t);
  const mail = await house.mail(0);
  const box = (role: 'drafts' | 'sent') => idOf('mailbox', mail.byRole(role)?.mailbox ?? assert.fail());
  const [drafts, sent] = [box('drafts'), box('sent')];
  mail.close();
  const email = {
    mailboxIds: { [drafts]: true },
    keywords: { $draft: true },
    from: [{ email: 'p0@school.example' }],
    to: [{ email: 'anna@far.example' }],
    bcc: [{ email: 'secret@near.example' }],
    subject: 'Made at once',
    bodyValues: { 1: { value: 'Hello' } },
    textBody: [{ partId: '1', type: 'text/plain' }],
  };
  const answers = await post(
    house.authorization(0),
    ['Email/set', { accountId: account, create: { draft: email } }, 'a'],
    [
      'EmailSubmission/set',
      {
        accountId: account,
        create: { good: { identityId, emailId: '#draft' }, bad: { identityId, emailId: 'e0' } },
        onSuccessUpdateEmail: {
          '#good': { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${sent}`]: true, 'keywords/$draft': null },
          '#bad': { 'keywords/wrong': true },
        },
      },
      'b',
    ],
  );
  assert.deepEqual(
    answers.map(([name]) => name),
    ['Email/set', 'EmailSubmission/set', 'Email/set'],
    JSON.stringify(answers),
  );
  const id = String(Object.values((answers[0]?.[1]['created'] as Record<string, JsonObject>) ?? {})[0]?.['id']);
  assert.deepEqual(answers[2]?.[1]['updated'], { [id]: null });
  const [filed] = (await one('Email/get', { ids: [id], properties: ['mailboxIds', 'keywords', 'bcc'] }))['list'] as readonly JsonObject[];
  assert.deepEqual([filed?.['mailboxIds'], filed?.['keywords']], [{ [sent]: true }, {}]);
  assert.deepEqual(filed?.['bcc'], [{ name: null, email: 'secret@near.example' }]);
  await house.clock.advance(1_000);
  assert.equal(house.post.outside.letters.length, 2);
  assert.ok(house.post.outside.letters.every(({ content }) => content.includes('Subject: Made at once') && !/bcc/i.test(content)));
  // Destroying a submission may bring its email's end with it; nothing succeeding brings no second answer.
  const { list } = await one('EmailSubmission/get', { ids: null });
  const submission = String((list as readonly JsonObject[])[0]?.['id']);
  const last = await ask('EmailSubmission/set', { destroy: [submission], onSuccessDestroyEmail: [submission, 's0'] });
  assert.deepEqual([last[0]?.[1]['destroyed'], last[1]?.[0], last[1]?.[1]['destroyed']], [[submission], 'Email/set', [id]]);
  const none = await ask('EmailSubmission/set', { destroy: [submission], onSuccessDestroyEmail: [submission] });
  assert.equal(none.length, 1);
});

test('queries find by what was sent and when, and tell what changed in them', async (t) => {
  const { house, one, draft, submit, identityId } = await world(t);
  const emailId = await draft('From: p0@school.example\r\nTo: anna@far.example\r\n\r\nx\r\n');
  const other = await draft('From: p0@school.example\r\nTo: anna@far.example\r\n\r\ny\r\n');
  const later = (seconds: number) => ({
    mailFrom: { email: 'p0@school.example', parameters: { HOLDFOR: `${seconds}` } },
    rcptTo: [{ email: 'anna@far.example' }],
  });
  const a = made(await submit({ emailId, envelope: later(600) }))['id'];
  const b = made(await submit({ emailId: other, envelope: later(60) }))['id'];
  const at = (seconds: number) => new Date(NOW + seconds * 1_000).toISOString();
  const cases: readonly (readonly [JsonObject, readonly unknown[]])[] = [
    [{}, [a, b]],
    [{ sort: [{ property: 'sentAt' }] }, [b, a]],
    [{ sort: [{ property: 'sendAt', isAscending: false }] }, [a, b]],
    [{ sort: [{ property: 'emailId', isAscending: false }] }, [b, a]],
    [{ filter: { emailIds: [emailId] } }, [a]],
    [{ filter: { identityIds: [identityId], undoStatus: 'pending' } }, [a, b]],
    [{ filter: { identityIds: [] } }, []],
    [{ filter: { after: at(60), before: at(600) } }, [b]],
    [{ filter: { operator: 'NOT', conditions: [{ before: at(61) }] } }, [a]],
    [{ anchor: b, anchorOffset: -1, limit: 1 }, [a]],
  ];
  for (const [args, ids] of cases) assert.deepEqual((await one('EmailSubmission/query', args))['ids'], ids, JSON.stringify(args));
  assert.equal((await one('EmailSubmission/query', { filter: { subject: 'x' } }))['error'], 'unsupportedFilter');
  assert.equal((await one('EmailSubmission/query', { filter: { before: 'then' } }))['error'], 'invalidArguments');
  const pending = { filter: { undoStatus: 'pending' } };
  const { queryState } = await one('EmailSubmission/query', pending);
  await house.clock.advance(61_000);
  const c = made(await submit({ emailId, envelope: later(700) }))['id'];
  const changes = await one('EmailSubmission/queryChanges', { ...pending, sinceQueryState: queryState, calculateTotal: true });
  assert.deepEqual([changes['removed'], changes['added'], changes['total']], [[b], [{ id: c, index: 1 }], 2]);
});

test('what was sent is kept for thirty days', async (t) => {
  const { house, one, draft, submit } = await world(t);
  const emailId = await draft('From: p0@school.example\r\nTo: p1@school.example\r\n\r\nx\r\n');
  const first = made(await submit({ emailId }))['id'];
  await house.clock.advance(10 * DAY);
  const second = made(await submit({ emailId }))['id'];
  await house.clock.advance(20 * DAY + HOUR);
  const { list, notFound } = await one('EmailSubmission/get', { ids: [first, second] });
  assert.deepEqual([(list as readonly JsonObject[]).map(({ id }) => id), notFound], [[second], [first]]);
});

test('five hundred submissions are kept, and four hundred may wait', async (t) => {
  const { one, draft, identityId } = await world(t);
  const emailId = await draft('From: p0@school.example\r\nTo: p1@school.example\r\n\r\nx\r\n');
  const mailFrom = { email: 'p0@school.example', parameters: { HOLDFOR: '3600' } };
  const waiting = { identityId, emailId, envelope: { mailFrom, rcptTo: [{ email: 'p1@school.example' }] } };
  const many = (count: number, object: JsonObject) =>
    one('EmailSubmission/set', { create: Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, object])) });
  const first = Object.values((await many(1, { identityId, emailId }))['created'] as Record<string, JsonObject>)[0]?.['id'];
  const full = await many(401, waiting);
  assert.deepEqual([Object.keys(full['created'] as object).length, errorIn(full)?.['type']], [400, 'overQuota']);
  await many(99, { identityId, emailId });
  assert.deepEqual((await one('EmailSubmission/get', { ids: [first], properties: ['id'] }))['list'], [{ id: first }]);
  await many(1, { identityId, emailId });
  assert.deepEqual((await one('EmailSubmission/get', { ids: [first] }))['notFound'], [first]);
  assert.equal((await one('EmailSubmission/query', { calculateTotal: true }))['total'], 500);
});

test('another’s email and submissions do not exist, and a narrowed password sends as nobody else', async (t) => {
  const { house, post, draft, submit, identityId } = await world(t);
  const emailId = await draft('From: p0@school.example\r\nTo: anna@far.example\r\n\r\nx\r\n');
  const { id } = made(await submit({ emailId }));
  const theirs = { accountId: idOf('account', house.people[1]?.account ?? 0) };
  const [get, create] = await post(
    house.authorization(1),
    ['EmailSubmission/get', { ...theirs, ids: [id] }, 'a'],
    ['EmailSubmission/set', { ...theirs, create: { k: { emailId, identityId } } }, 'b'],
  );
  assert.deepEqual(get?.[1]['notFound'], [id]);
  assert.deepEqual(errorIn(create?.[1] ?? {})?.['type'], 'invalidProperties');
  const [stranger] = await post(house.authorization(1), [
    'EmailSubmission/get',
    { accountId: idOf('account', house.people[0]?.account ?? 0) },
    'a',
  ]);
  assert.deepEqual(stranger, ['error', { type: 'accountNotFound' }]);
  const { account } = house.people[0] ?? assert.fail();
  const { password } = ok(await house.accounts.addAppPassword({ account, label: 'x', scopes: ['jmap'], senders: ['p0+x@school.example'] }));
  const narrowed = `Basic ${Buffer.from(`p0@school.example:${password}`).toString('base64')}`;
  const [answer] = await post(narrowed, [
    'EmailSubmission/set',
    { accountId: idOf('account', account), create: { k: { emailId, identityId } } },
    'a',
  ]);
  assert.equal(errorIn(answer?.[1] ?? {})?.['type'], 'forbiddenFrom');
});
