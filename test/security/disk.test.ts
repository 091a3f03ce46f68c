/**
 * A stolen disk is noise: after mail in, mail out, mail that
 * waits, names, passwords and journeys, no file of the data folder holds any of
 * it, in any encoding.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { given, openWorld, type World } from '../world/world.ts';

/** Words that occur nowhere by chance. Each stands where somebody might have forgotten to seal. */
const CANARIES = {
  subject: 'zebrafinch-subject-41',
  body: 'zebrafinch-body-42',
  sender: 'zebrafinch-sender-43',
  recipient: 'zebrafinch-recipient-44',
  queuedSubject: 'zebrafinch-queued-45',
  queuedRecipient: 'zebrafinch-target-46',
  domain: 'zebrafinch-domain-47',
  person: 'zebrafinch-person-48',
  name: 'Zebrafinch Name 49',
  alias: 'zebrafinch-alias-50',
  mailbox: 'zebrafinch-mailbox-51',
  attachment: 'zebrafinch-attachment-53',
  appLabel: 'zebrafinch-label-54',
  refused: 'zebrafinch-refused-55',
  appended: 'zebrafinch-appended-56',
  helo: 'zebrafinch-helo-57.test',
  reply: 'zebrafinch-reply-58',
} as const;

/** Every form a text may hide in. base64 has three, one for each place it may begin. */
function formsOf(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((skip) =>
    Buffer.concat([Buffer.alloc(skip), bytes])
      .toString('base64')
      // What depends on its neighbours is left off.
      .slice(skip === 0 ? 0 : 4, -4),
  );
  const swapped = Buffer.from(text, 'utf16le').swap16();
  return [
    bytes,
    Buffer.from(text.toUpperCase()),
    Buffer.from(text.toLowerCase()),
    Buffer.from(text, 'utf16le'),
    swapped,
    Buffer.from(bytes.toString('hex')),
    Buffer.from([...text].reverse().join('')),
    ...base64.map((coded) => Buffer.from(coded)),
  ];
}

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

function hits(folder: string): string[] {
  const found: string[] = [];
  for (const file of files(folder)) {
    const bytes = readFileSync(file);
    for (const [where, text] of Object.entries(CANARIES))
      for (const form of formsOf(text)) if (bytes.includes(form) || file.includes(form.toString())) found.push(`${where} in ${file}`);
  }
  return found;
}

async function live(world: World): Promise<void> {
  const { emma, noor } = world.people;
  const { accounts } = world.house;
  const person = await world.newPerson(CANARIES.person, { name: CANARIES.name });
  given(
    await accounts.addAlias({
      organisation: world.organisations.school,
      address: `${CANARIES.alias}@delinde.test`,
      targets: [emma.address, `${CANARIES.recipient}@elsewhere.test`],
    }),
  );
  const app = given(await accounts.addAppPassword({ account: person.account, label: CANARIES.appLabel, scopes: ['imap'] }));
  const inbound = [
    `From: ${CANARIES.sender}@stranger.test`,
    `Subject: ${CANARIES.subject}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    '',
    `${CANARIES.body} `.repeat(40),
    '--b',
    `Content-Disposition: attachment; filename=${CANARIES.attachment}.txt`,
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(CANARIES.attachment.repeat(9)).toString('base64'),
    '--b--',
    '',
  ].join('\r\n');
  const from = `${CANARIES.sender}@stranger.test`;
  const to = [person.address, emma.address, `${CANARIES.alias}@delinde.test`, `emma+${CANARIES.refused}@delinde.test`];
  assert.equal((await world.stranger({ from, to, content: inbound }, { helo: CANARIES.helo })).last.code, 250);
  // A large one takes another road to the disk.
  assert.equal(
    (await world.stranger({ from, to: [person.address], content: inbound + `${CANARIES.body}\r\n`.repeat(30_000) })).last.code,
    250,
  );
  assert.ok((await world.stranger({ from, to: [`${CANARIES.refused}@delinde.test`], content: inbound })).last.code >= 500);
  const imap = await person.imap();
  await imap.must(`CREATE ${CANARIES.mailbox}`);
  await imap.append(CANARIES.mailbox, `Subject: ${CANARIES.appended}\r\n\r\n${CANARIES.body}\r\n`);
  await imap.must(`SELECT ${CANARIES.mailbox}`);
  // Flags and keywords stay in the clear, as UIDs, sizes and dates do (docs/architecture.md): a keyword is no canary.
  await imap.must('STORE 1 +FLAGS ($Forwarded)');
  await imap.must(`SEARCH TEXT ${CANARIES.body}`);
  await imap.bye();
  await world.neighbour(`${CANARIES.domain}.test`, { onRecipient: () => `451 4.7.1 ${CANARIES.reply}` });
  await noor.writes({ to: `${CANARIES.queuedRecipient}@${CANARIES.domain}.test`, subject: CANARIES.queuedSubject, text: CANARIES.body });
  await world.quiet();
  assert.equal((await world.house.queue.list({})).length >= 1, true, 'something waits');
  // The words are really in there, for those who have the key.
  assert.ok((await person.letters()).some(({ raw }) => raw.includes(CANARIES.body)));
  assert.ok((await noor.journeys({ text: CANARIES.queuedSubject })).length === 1);
  assert.ok(app.password.length > 0);
}

test('the search finds what is there', () => {
  const hidden = Buffer.concat([
    Buffer.from([0xff]),
    Buffer.from(Buffer.concat([Buffer.from('ab'), Buffer.from(CANARIES.body)]).toString('base64')),
  ]);
  assert.ok(formsOf(CANARIES.body).some((form) => hidden.includes(form)));
  assert.ok(!formsOf(CANARIES.body).some((form) => deflateRawSync(CANARIES.name).includes(form)));
});

test('no canary in the data folder, while the house runs and after it has stopped', async () => {
  const world = await openWorld({ store: 'sqlite', clock: 'system', settings: { sizeLimit: 2_000_000 }, keepFolder: true });
  const { folder } = world;
  assert.ok(folder !== null);
  try {
    await live(world);
    const sizes = files(folder).map((file) => statSync(file).size);
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) > 500_000, 'the mail is on disk');
    assert.deepEqual(hits(folder), [], 'while it runs (WAL included)');
  } finally {
    await world.close();
  }
  assert.deepEqual(hits(folder), [], 'after it has stopped');
  world.dropFolder();
});

test('what was deleted is not in the clear either, and passwords are nowhere', async () => {
  const world = await openWorld({ store: 'sqlite', clock: 'system', keepFolder: true });
  const { folder, people } = world;
  assert.ok(folder !== null);
  await world.stranger({ from: 'kees@stranger.test', to: [people.emma.address], content: `Subject: x\r\n\r\n${CANARIES.body}\r\n` });
  const imap = await people.emma.imap();
  await imap.must('SELECT INBOX');
  await imap.must('STORE 1 +FLAGS (\\Deleted)');
  await imap.must('EXPUNGE');
  await imap.bye();
  await world.close();
  const secrets = Object.values(people).flatMap(({ password }) => formsOf(password));
  for (const file of files(folder)) {
    const bytes = readFileSync(file);
    for (const form of [...formsOf(CANARIES.body), ...secrets]) assert.ok(!bytes.includes(form), file);
  }
  world.dropFolder();
});
