/** curl: another reading of the same protocols, and many a cron job. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Folder, needs, run } from '../world/client-program.ts';
import type { Person } from '../world/person.ts';
import { openWorld, type World } from '../world/world.ts';

describe('curl', { skip: needs('curl') }, () => {
  let world: World;
  let folder: Folder;
  before(async () => {
    world = await openWorld({ clock: 'system' });
    folder = new Folder();
    folder.write('ca.pem', world.ca);
  });
  after(async () => {
    folder.remove();
    await world.close();
  });

  const curl = (person: Person | null, url: string, ...args: readonly string[]) =>
    run('curl', [
      '--silent',
      '--show-error',
      '--max-time',
      '20',
      '--cacert',
      `${folder.path}/ca.pem`,
      ...(person === null ? [] : ['--user', `${person.address}:${person.password}`]),
      ...args,
      url,
    ]);
  const at = (scheme: string, door: Parameters<World['place']>[0], path = ''): string =>
    `${scheme}://127.0.0.1:${world.place(door).port}/${path}`;

  test('sends by smtps, by STARTTLS, and to port 25', async () => {
    const { noor, emma } = world.people;
    const file = folder.write('mail', `From: ${noor.address}\nTo: ${emma.address}\nSubject: By curl\n\n.\n.dots\nlast`);
    const mail = ['--mail-from', noor.address, '--mail-rcpt', emma.address, '--upload-file', file, '--crlf'];
    for (const [url, args] of [
      [at('smtps', 'submissions', 'laptop.test'), []],
      [at('smtp', 'submission', 'laptop.test'), ['--ssl-reqd']],
      [at('smtp', 'submission', 'laptop.test'), ['--ssl-reqd', '--login-options', 'AUTH=LOGIN']],
    ] as const) {
      const { code, err } = await curl(noor, url, ...mail, ...args);
      assert.equal(code, 0, err);
    }
    const stranger = await curl(null, at('smtp', 'smtp', 'mx.stranger.test'), '--ssl-reqd', ...mail.with(1, 'kees@stranger.test'));
    assert.equal(stranger.code, 0, stranger.err);
    const letters = await emma.letters();
    assert.equal(letters.length, 4);
    for (const { raw } of letters) assert.ok(raw.endsWith('\r\n\r\n.\r\n.dots\r\nlast\r\n'), raw);
  });

  test('is refused like anybody', async () => {
    const { noor, emma } = world.people;
    const file = folder.write('forged', `From: ${emma.address}\nSubject: forged\n\nx\n`);
    const forged = await curl(
      noor,
      at('smtps', 'submissions'),
      '--mail-from',
      noor.address,
      '--mail-rcpt',
      emma.address,
      '-T',
      file,
      '--crlf',
    );
    assert.notEqual(forged.code, 0);
    const open = await curl(null, at('smtp', 'smtp'), '--mail-from', 'a@stranger.test', '--mail-rcpt', 'b@elsewhere.test', '-T', file);
    assert.equal(open.code, 55, open.err);
    const clear = await curl(noor, at('smtp', 'submission'), '--mail-from', noor.address, '--mail-rcpt', emma.address, '-T', file);
    assert.notEqual(clear.code, 0, 'no password without TLS');
    const wrong = await run('curl', [
      '-sS',
      '--cacert',
      `${folder.path}/ca.pem`,
      '--user',
      `${noor.address}:wrong wrong wrong`,
      at('imaps', 'imaps'),
    ]);
    assert.equal(wrong.code, 67, wrong.err);
    const unknown = await run('curl', ['-sS', '--user', `${noor.address}:${noor.password}`, at('imaps', 'imaps')]);
    assert.equal(unknown.code, 60, 'without our authority the certificate is not believed');
  });

  test('reads by imaps: folders, search, letters, sections, an upload', async () => {
    const { emma } = world.people;
    const list = await curl(emma, at('imaps', 'imaps'));
    assert.match(list.out, /\* LIST \(.*\) "\/" INBOX/);
    const search = await curl(emma, at('imaps', 'imaps', 'INBOX?SUBJECT%20curl'));
    assert.match(search.out, /\* SEARCH 1 2 3 4/);
    const letter = await curl(emma, at('imaps', 'imaps', 'INBOX;UID=1'));
    assert.ok(letter.out.endsWith('.dots\r\nlast\r\n'), letter.out + letter.err);
    const section = await curl(emma, at('imaps', 'imaps', 'INBOX;UID=1;SECTION=HEADER.FIELDS%20(SUBJECT)'));
    assert.equal(section.out, 'Subject: By curl\r\n\r\n');
    const upload = await curl(emma, at('imaps', 'imaps', 'Drafts'), '-T', folder.write('draft', 'Subject: A draft\r\n\r\nx\r\n'));
    assert.equal(upload.code, 0, upload.err);
    assert.equal((await emma.letters('Drafts'))[0]?.raw, 'Subject: A draft\r\n\r\nx\r\n');
    const custom = await curl(emma, at('imaps', 'imaps', 'INBOX'), '-X', 'STORE 1 +Flags \\Flagged');
    assert.match(custom.out, /\* 1 FETCH \(.*\\Flagged/);
    const viaStartTls = await curl(emma, at('imap', 'imap', 'INBOX;UID=2'), '--ssl-reqd');
    assert.ok(viaStartTls.out.includes('Subject: By curl'), viaStartTls.err);
  });
});
