/** mutt: a mail program on GnuTLS and GNU SASL. It sends in batch, and reads in a terminal that is only played. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Folder, needs, run } from '../world/client-program.ts';
import { openWorld, type World } from '../world/world.ts';

describe('mutt', { skip: needs('mutt', 'script') }, () => {
  let world: World;
  let folder: Folder;
  before(async () => {
    world = await openWorld({ clock: 'system' });
    folder = new Folder();
    const { noor } = world.people;
    const account = encodeURIComponent(noor.address);
    folder.write('ca.pem', world.ca);
    folder.write(
      'muttrc',
      `set from = "${noor.address}"
set realname = "Noor de Vries"
set use_envelope_from = yes
set envelope_from_address = "${noor.address}"
set smtp_url = "smtps://${account}@localhost:${world.place('submissions').port}/"
set smtp_pass = "${noor.password}"
# GNU SASL takes the best that is offered, also where mutt cannot give it the channel it binds to.
set smtp_authenticators = "scram-sha-256:plain"
set imap_user = "${noor.address}"
set imap_pass = "${noor.password}"
set folder = "imaps://localhost:${world.place('imaps').port}/"
set spoolfile = "+INBOX"
set record = "+Sent"
set copy = yes
set certificate_file = "${folder.path}/ca.pem"
set ssl_ca_certificates_file = "${folder.path}/ca.pem"
set header_cache = ""
set wait_key = no
set confirmcreate = no
set confirmappend = no
set delete = yes
set quit = yes
set mark_old = no
set tmpdir = "${folder.path}"
`,
    );
  });
  after(async () => {
    folder.remove();
    await world.close();
  });

  const HOME = (): Readonly<Record<string, string>> => ({ HOME: folder.path, TERM: 'xterm', LC_ALL: 'C.UTF-8' });

  test('sends in batch with an attachment, and files its copy by IMAP', async () => {
    const { noor, emma } = world.people;
    const attachment = folder.write('report.txt', 'the figures\n');
    const args = ['-F', join(folder.path, 'muttrc'), '-s', 'By mutt – é', '-a', attachment, '--', emma.address];
    const { code, out, err } = await run('mutt', args, { input: 'Dear Emma,\n.\nFrom here on.\n', env: HOME() });
    assert.equal(code, 0, out + err);
    const { raw } = await emma.receives('the figures');
    assert.match(raw, /\r\nSubject: By mutt =\?utf-8\?B\?4oCTIMOp\?=\r\n/i);
    assert.match(raw, /\r\n\.\r\nFrom here on\.\r\n/);
    const [copy] = await noor.letters('Sent');
    assert.match(copy?.raw ?? '', /the figures/);
    assert.match(copy?.flags ?? '', /\\Seen/);
  });

  test('reads, saves and deletes in a terminal', async () => {
    const { noor, emma } = world.people;
    await emma.writes({ to: noor.address, subject: 'For mutt', text: 'read me' });
    await emma.writes({ to: noor.address, subject: 'For the bin', text: 'not me' });
    const saved = join(folder.path, 'saved');
    const keys = `<limit>~s 'For mutt'<enter><copy-message>${saved}<enter><limit>~s bin<enter><delete-message><limit>all<enter><sync-mailbox><quit>`;
    const line = `mutt -F ${join(folder.path, 'muttrc')} -e 'set copy_decode_weed = no' -e "push \\"${keys}\\""`;
    const { out, err } = await run('script', ['-qec', line, '/dev/null'], { env: HOME() });
    assert.ok(existsSync(saved), out + err);
    assert.match(readFileSync(saved, 'utf8'), /Subject: For mutt[^]*read me/);
    const left = await noor.letters();
    assert.ok(!left.some(({ raw }) => raw.includes('For the bin')), out.slice(-2_000));
    assert.ok(left.some(({ raw }) => raw.includes('For mutt')));
  });
});
