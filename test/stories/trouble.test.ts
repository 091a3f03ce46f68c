/** Broken machinery under a running house: temporary answers, nothing lost, nothing twice, and work goes on when it is whole again. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiskFault } from '../world/disk-hooks.ts';
import { openWorld, type World } from '../world/world.ts';

const KEES = 'kees@stranger.test';
const letter = (subject: string): string => `From: ${KEES}\r\nSubject: ${subject}\r\n\r\nx\r\n`;

const ANSWERS: readonly (readonly [DiskFault, RegExp, RegExp])[] = [
  ['ENOSPC', /^452 4\.3\.1 There is no room just now; try again later \[/, /^NO \[UNAVAILABLE\] There is no room/],
  ['EIO', /^451 4\.3\.0 Something went wrong on our side; try again later \[/, /^NO \[(UNAVAILABLE|SERVERBUG)\] Something went wrong/],
];

for (const store of ['memory', 'sqlite'] as const) {
  describe(`a disk that breaks (${store})`, () => {
    for (const [fault, smtp, imap] of ANSWERS) {
      test(`${fault}: refused for now, and taken afterwards (R-42)`, async () => {
        const world = await openWorld({ store, clock: 'system', mayHaveTrouble: true });
        try {
          await breaks(world, fault, { smtp, imap });
        } finally {
          await world.close();
        }
      });
    }
  });
}

async function breaks(world: World, fault: DiskFault, expected: Readonly<{ smtp: RegExp; imap: RegExp }>): Promise<void> {
  const { emma, noor } = world.people;
  await world.stranger({ from: KEES, to: [emma.address], content: letter('Before') });
  // Signed in before: what is broken is the disk, not the door.
  const mine = await noor.smtp();
  const imap = await emma.imap();
  await imap.must('SELECT INBOX');
  world.breakDisk(fault);
  const stranger = await world.stranger({ from: KEES, to: [emma.address], content: letter('Meanwhile') });
  assert.match(stranger.last.text, expected.smtp);
  const large = await world.stranger({
    from: KEES,
    to: [emma.address],
    content: letter('Meanwhile, large') + 'y'.repeat(70).concat('\r\n').repeat(8_000),
  });
  assert.match(large.last.text, expected.smtp);
  const away = await mine.send({
    from: noor.address,
    to: ['echo@elsewhere.test'],
    content: `From: ${noor.address}\r\nSubject: Out\r\n\r\nx\r\n`,
  });
  assert.match(away.last.text, expected.smtp);
  const appended = await imap.append('INBOX', 'Subject: Appended\r\n\r\nx\r\n');
  assert.match(appended.tagged, expected.imap);
  assert.match((await imap.ask('STORE 1 +FLAGS (\\Flagged)')).tagged, expected.imap);
  assert.match((await imap.must('FETCH 1 BODY.PEEK[HEADER.FIELDS (Subject)]')).untagged.join('\n'), /Subject: Before/, 'reading goes on');
  world.breakDisk('');
  const after = await world.stranger({ from: KEES, to: [emma.address], content: letter('Afterwards') });
  assert.equal(after.last.code, 250, after.last.text);
  await imap.bye();
  await mine.quit();
  const subjects = (await emma.letters()).map(({ raw }) => /^Subject: (.*)\r$/m.exec(raw)?.[1]);
  assert.deepEqual(subjects, ['Before', 'Afterwards']);
  assert.equal(world.elsewhere.mails.length, 0);
  assert.ok(world.troubles.length > 0, 'the operator hears of it');
  assert.ok(!world.troubles.some((trouble) => trouble.includes(noor.password)));
}

test('a commit whose outcome is not known is tried again, and done once', async () => {
  const world = await openWorld({ clock: 'system', mayHaveTrouble: true });
  const { emma } = world.people;
  world.breakDisk('EIO', { after: true, times: 1 });
  const sent = await world.stranger({ from: KEES, to: [emma.address], content: letter('Once') });
  assert.equal(sent.last.code, 250, sent.last.text);
  assert.equal((await emma.letters()).filter(({ raw }) => raw.includes('Subject: Once')).length, 1);
  await world.close();
});
