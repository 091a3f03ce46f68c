import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { replyText } from './reply-text.ts';

describe('the text of a reply', () => {
  test('is one line, or several with hyphens and the status on each', () => {
    assert.equal(replyText(250, '2.0.0 OK'), '250 2.0.0 OK\r\n');
    assert.equal(replyText(334, ''), '334 \r\n');
    assert.equal(replyText(250, 'host\nPIPELINING\nDSN'), '250-host\r\n250-PIPELINING\r\n250 DSN\r\n');
    assert.equal(replyText(550, '5.7.1 one\ntwo'), '550-5.7.1 one\r\n550 5.7.1 two\r\n');
  });

  test('SECURITY: words from outside cannot begin a reply of their own', () => {
    assert.equal(replyText(550, '5.1.1 <a\r250 OK>'), '550 5.1.1 <a?250 OK>\r\n');
    assert.equal(replyText(550, '5.1.1 é\0'), '550 5.1.1 ??\r\n');
  });

  test('long text is folded at spaces into lines of at most 512 octets', () => {
    const lines = replyText(550, `5.7.1 ${'word '.repeat(300)}${'x'.repeat(1_200)}`).split('\r\n');
    assert.equal(lines.pop(), '');
    for (const [at, line] of lines.entries()) {
      assert.ok(line.length <= 510, String(line.length));
      assert.ok(line.startsWith(at < lines.length - 1 ? '550-5.7.1 ' : '550 5.7.1 '), line);
    }
    assert.equal(replyText(250, 'a\n'.repeat(1_000)).split('\r\n').length, 101);
  });
});
