/** Python's smtplib and imaplib: what countless scripts and helpdesks are made of. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Folder, needs, run } from '../world/client-program.ts';
import { openWorld, type World } from '../world/world.ts';

/** Python takes its own text by the locale. */
const UTF8 = { PYTHONUTF8: '1' };

const SMTP = `
import smtplib, ssl, sys, email.message, email.policy
port, starttls, ca, login, password, to = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:7]
context = ssl.create_default_context(cafile=ca)
m = email.message.EmailMessage()
m['From'], m['To'], m['Subject'] = login, to, 'From Python, with Grüße'
m.set_content('A first line.\\n.\\n..two dots\\nFrom the start\\n')
m.add_attachment(bytes(range(256)) * 40, maintype='application', subtype='octet-stream', filename='böse.bin')
with smtplib.SMTP_SSL('127.0.0.1', port, context=context) as s:
    s.login(login, password)
    print(s.send_message(m))
with smtplib.SMTP('127.0.0.1', starttls) as s:
    s.starttls(context=context)
    s.login(login, password)
    print(s.has_extn('smtputf8'), s.has_extn('size'), s.has_extn('8bitmime'))
    u = email.message.EmailMessage(policy=email.policy.SMTPUTF8)
    u['From'], u['To'], u['Subject'] = login, to, 'unicode ✉'
    u.set_content('ünïcödé\\n', cte='8bit')
    print(s.send_message(u))
    try:
        s.sendmail(login, ['nobody@delinde.test'], b'Subject: x\\r\\n\\r\\nx')
    except smtplib.SMTPRecipientsRefused as e:
        print(e.recipients['nobody@delinde.test'][0])
    print(s.noop()[0], s.rset()[0], s.verify('noor')[0])
try:
    with smtplib.SMTP_SSL('127.0.0.1', port, context=context) as s: s.login(login, 'wrong wrong wrong')
except smtplib.SMTPAuthenticationError as e:
    print(e.smtp_code)
`;

const IMAP = `
import imaplib, ssl, sys, time, email, email.policy
port, ca, login, password = int(sys.argv[1]), *sys.argv[2:5]
context = ssl.create_default_context(cafile=ca)
i = imaplib.IMAP4_SSL('127.0.0.1', port, ssl_context=context)
print(i.login(login, password)[0], 'IMAP4REV1' in i.capabilities, 'IDLE' in i.capabilities)
print(i.create('"Van Python"')[0])
print(sorted(x.decode() for x in i.list()[1])[0])
print(i.append('"Van Python"', '(\\\\Seen)', imaplib.Time2Internaldate(1700000000), b'Subject: kept\\r\\n\\r\\nbody\\r\\n')[0])
print(i.select('INBOX'))
typ, found = i.uid('SEARCH', None, 'SUBJECT', '"From Python"')
uid = found[0].split()[0]
print(b'application' in b''.join(x if isinstance(x, bytes) else x[0] + x[1] for x in i.uid('FETCH', uid, '(BODYSTRUCTURE)')[1]).lower())
typ, data = i.uid('FETCH', uid, '(RFC822.SIZE BODY.PEEK[])')
raw = data[0][1]
m = email.message_from_bytes(raw, policy=email.policy.default)
print(m['Subject'])
print(repr(m.get_body().get_content()))
a = next(m.iter_attachments())
print(a.get_filename(), a.get_content() == bytes(range(256)) * 40)
print(i.uid('STORE', uid, '+FLAGS', '(\\\\Answered $Label1)')[0], i.uid('COPY', uid, '"Van Python"')[0])
print(i.uid('SEARCH', None, 'ANSWERED', 'KEYWORD', '$Label1')[1] == [uid])
i.literal = 'ünïcödé'.encode()
print(i.uid('SEARCH', 'CHARSET', 'UTF-8', 'TEXT')[1] != [b''])
print(i.uid('STORE', uid, '+FLAGS', '(\\\\Deleted)')[0], len(i.expunge()[1]))
print(i.status('"Van Python"', '(MESSAGES UNSEEN)'))
print(i.rename('"Van Python"', 'Python')[0], i.delete('Python')[0], i.unselect()[0])
print(i.logout()[0])
`;

describe('Python', { skip: needs('python3') }, () => {
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

  test('smtplib sends by both doors, and imaplib reads it', async () => {
    const { noor, emma } = world.people;
    const ca = `${folder.path}/ca.pem`;
    const port = (door: 'submissions' | 'submission' | 'imaps'): string => String(world.place(door).port);
    const sent = await run(
      'python3',
      ['-c', SMTP, port('submissions'), port('submission'), ca, noor.address, noor.password, emma.address],
      { env: UTF8 },
    );
    assert.equal(sent.code, 0, sent.err);
    assert.deepEqual(sent.out.trim().split('\n'), ['{}', 'True True True', '{}', '550', '250 250 252', '535']);
    const read = await run('python3', ['-c', IMAP, port('imaps'), ca, emma.address, emma.password], { env: UTF8 });
    assert.equal(read.code, 0, `${read.out}${read.err}`);
    // `>From` is Python's own doing: it thinks of mbox files.
    assert.deepEqual(Buffer.from(read.out, 'latin1').toString().trim().split('\n'), [
      'OK True True',
      'OK',
      String.raw`(\HasNoChildren \Archive) "/" Archive`,
      'OK',
      "('OK', [b'2'])",
      'True',
      'From Python, with Grüße',
      String.raw`'A first line.\r\n.\r\n..two dots\r\n>From the start\r\n'`,
      'böse.bin True',
      'OK OK',
      'True',
      'True',
      'OK 1',
      `('OK', [b'"Van Python" (MESSAGES 2 UNSEEN 1)'])`,
      'OK OK OK',
      'BYE',
    ]);
  });
});
