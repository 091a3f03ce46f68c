/** mbsync: a whole account copied to disk and kept in step, both ways. It notices every UID that is not what it was. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Folder, needs, run } from '../world/client-program.ts';
import { openWorld, type World } from '../world/world.ts';

const COUNT = 60;

describe('mbsync', { skip: needs('mbsync') }, () => {
  let world: World;
  let folder: Folder;
  before(async () => {
    world = await openWorld({ clock: 'system' });
    folder = new Folder();
    const { emma } = world.people;
    mkdirSync(join(folder.path, 'mail'));
    folder.write('ca.pem', world.ca);
    folder.write(
      'mbsyncrc',
      `IMAPAccount house
Host localhost
Port ${world.place('imaps').port}
User ${emma.address}
Pass "${emma.password}"
SSLType IMAPS
CertificateFile ${folder.path}/ca.pem

IMAPStore far
Account house

MaildirStore near
Path ${folder.path}/mail/
Inbox ${folder.path}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
`,
    );
  });
  after(async () => {
    folder.remove();
    await world.close();
  });

  const sync = async (): Promise<void> => {
    const { code, out, err } = await run('mbsync', ['-c', join(folder.path, 'mbsyncrc'), '-V', 'all'], { env: { HOME: folder.path } });
    assert.equal(code, 0, out + err);
  };
  const near = (mailbox: string, part: 'cur' | 'new'): string => join(folder.path, 'mail', mailbox, part);
  const files = (mailbox: string): string[] =>
    (['new', 'cur'] as const).flatMap((part) =>
      existsSync(near(mailbox, part)) ? readdirSync(near(mailbox, part)).map((name) => join(near(mailbox, part), name)) : [],
    );

  test('copies, and brings back what changed on either side', async () => {
    const { emma } = world.people;
    const imap = await emma.imap();
    for (let n = 0; n < COUNT; n++)
      await imap.append('INBOX', `Subject: letter ${n}\r\nMessage-ID: <${n}@test>\r\n\r\n${'line\r\n'.repeat(n)}`);
    await imap.must('CREATE Work/Plans');
    await imap.append('Work/Plans', 'Subject: plan\r\n\r\nx\r\n');
    await sync();
    assert.equal(files('INBOX').length, COUNT);
    assert.equal(files('Work/Plans').length, 1);
    const copies = new Set(files('INBOX').map((file) => /^Subject: (.*)$/m.exec(readFileSync(file, 'utf8'))?.[1]));
    assert.equal(copies.size, COUNT);

    // Here: a new letter, one read, one thrown away. There: one flagged, one gone.
    const [first = '', second = ''] = files('INBOX').filter((file) => file.includes('/new/'));
    const subjectOf = (file: string): string => /^Subject: (.*?)\r?$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
    const [read, trashed] = [subjectOf(first), subjectOf(second)];
    renameSync(first, `${first.replace('/new/', '/cur/')}:2,S`.replace(':2,:2,', ':2,'));
    renameSync(second, `${second.replace('/new/', '/cur/')}:2,T`.replace(':2,:2,', ':2,'));
    writeFileSync(join(near('INBOX', 'new'), '1.written.here'), 'Subject: written here\n\nby hand\n');
    await imap.must('SELECT INBOX');
    const others = [30, 31].map((n) => n);
    await imap.must(`STORE ${others[0]} +FLAGS (\\Flagged)`);
    await imap.must(`STORE ${others[1]} +FLAGS (\\Deleted)`);
    await imap.must('EXPUNGE');
    await sync();
    await sync();
    const letters = await emma.letters();
    const bySubject = new Map(letters.map((letter) => [/^Subject: (.*)\r$/m.exec(letter.raw)?.[1] ?? '', letter]));
    assert.equal(letters.length, COUNT - 1, 'one more, two fewer');
    assert.ok(bySubject.has('written here'));
    assert.ok(bySubject.get(read)?.flags.includes('\\Seen'));
    assert.ok(!bySubject.has(trashed) && !bySubject.has('letter 30'));
    assert.equal(files('INBOX').filter((file) => /:2,.*F/.test(file)).length, 1);
    assert.equal(files('INBOX').length, COUNT - 1);
    await imap.bye();
  });

  test('nothing is left to do afterwards, also when the connection has CONDSTORE clients beside it', async () => {
    const before = files('INBOX').sort();
    await sync();
    assert.deepEqual(files('INBOX').sort(), before);
  });
});
