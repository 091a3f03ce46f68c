/** What a submitted header must be, whoever wrote it: hostile forms, one by one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../core/refusal.ts';
import { repair } from './repair.ts';

const MINE = 'noor@here.example';
const CEO = 'ceo@bank.example';

/** The header that goes out, or the refusal's name. */
function repaired(header: string): string {
  const done = repair({
    header: Buffer.from(header),
    now: 0,
    unique: 'u',
    domain: 'here.example',
    person: { name: 'Noor', address: MINE },
    mayUse: (address) => address.toLowerCase() === MINE,
  });
  return isRefusal(done) ? done.refusal : done.toString();
}

const FOREIGN: readonly string[] = [
  `From: ${CEO}`,
  `From: "${MINE}" <${CEO}>`,
  `From: ${MINE}, ${CEO}`,
  `From: Team: ${MINE}, ${CEO};`,
  `From: Team:;`,
  `From:`,
  `From: (${MINE}) ${CEO}`,
  `From: =?utf-8?q?ceo=40bank=2Eexample?=`,
  `From: <${MINE}> <${CEO}>`,
  `From: <@${CEO}:${MINE}>`,
  `From: <@bank.example:${MINE}>`,
  `From: ${MINE} (a (b) ${CEO}`,
  `From: <${MINE}`,
  `From: "x <${CEO}> <${MINE}>`,
  `From: ${MINE}\0${CEO}`,
  `FROM\t: ${CEO}`,
  `From:\r\n ${CEO}`,
  `From: ${MINE}\r\nSender : ${CEO}`,
  `From: ${MINE}\r\nResent-From: ${CEO}`,
  `From: ${MINE}\r\nResent-Sender: ${CEO}`,
  `From: ${MINE}\u3000<${CEO}>`,
];

test('SECURITY: nobody speaks in another name, in whatever form it is written', () => {
  for (const header of FOREIGN) assert.equal(repaired(`${header}\r\nSubject: x\r\n\r\n`), 'headerFromNotYours', header);
  assert.equal(repaired(`From: ${MINE}\r\nFrom: ${CEO}\r\n\r\n`), 'badHeader');
});

test('SECURITY: a header that begins with what is no field is refused, not lost', () => {
  for (const first of ['no field at all', ' folded onto nothing', `Fr\u00f6m: ${CEO}`, ': nameless', 'Nul\0: x', 'Two words: x'])
    assert.equal(repaired(`${first}\r\nFrom: ${MINE}\r\n\r\n`), 'badHeader', first);
  assert.match(repaired('\r\n'), /^From: "Noor" <noor@here\.example>\r\nDate: .*\r\nMessage-ID: <u@here\.example>\r\n\r\n$/);
});

test('SECURITY: no form of Bcc is passed on', () => {
  for (const hidden of [
    'Bcc: s@x.example',
    'bCC : s@x.example',
    'BCC\t:\r\n s@x.example,\r\n\ts@x.example',
    'Resent-Bcc: s@x.example',
    'Bcc: a@b\r\nbcc: s@x.example',
  ]) {
    const header = repaired(`From: ${MINE}\r\n${hidden}\r\nSubject: kept\r\n\r\n`);
    assert.doesNotMatch(header, /x\.example|bcc/i, hidden);
    assert.match(header, /Subject: kept\r\n/);
  }
});
