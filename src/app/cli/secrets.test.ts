/** Files that are given on the command line: bounded, and only such as have an end. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Call, Io } from './command.ts';
import { readGiven } from './secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'ep-given-'));
after(() => rmSync(folder, { recursive: true }));

const callWith = (stdin: Io['stdin']): Call => ({
  words: [],
  options: {},
  io: { out: () => undefined, err: () => undefined, stdin, isTerminal: false, env: {}, sleep: async () => undefined },
  talk: () => undefined,
  client: () => assert.fail('nobody asked'),
  isJson: false,
});
const call = callWith(async () => Buffer.from('from stdin'));

async function sentence(file: string, limit?: number): Promise<string> {
  const read = await readGiven(call, file, limit);
  return read.ok ? `read ${read.value.length}` : read.sentence;
}

test('a file, a pipe and stdin are read whole', async () => {
  const file = join(folder, 'letter');
  for (const size of [0, 1, 65_536, 200_001]) {
    const bytes = Buffer.alloc(size, 'abc');
    writeFileSync(file, bytes);
    const read = await readGiven(call, file);
    assert.ok(read.ok && read.value.equals(bytes), String(size));
  }
  const stdin = await readGiven(call, '-');
  assert.equal(stdin.ok && stdin.value.toString(), 'from stdin');
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reading = readGiven(call, pipe);
  await writeFile(pipe, 'from a shell’s <(command)');
  const read = await reading;
  assert.equal(read.ok && read.value.toString(), 'from a shell’s <(command)');
});

test('what has no end is not begun, and what is too long is left off', async () => {
  assert.match(await sentence('/dev/zero'), /^\/dev\/zero is not a file\. /);
  assert.match(await sentence(folder), /is not a file/);
  assert.match(await sentence(join(folder, 'absent')), /cannot be read \(ENOENT\)/);
  const file = join(folder, 'long');
  writeFileSync(file, Buffer.alloc(1_001));
  assert.equal(await sentence(file, 1_001), 'read 1001');
  assert.match(await sentence(file, 1_000), /long has more than the 1000 B that are read/);
  // Sparse: it takes no room, and it is refused before it is read.
  const handle = openSync(file, 'w');
  ftruncateSync(handle, 1e12);
  closeSync(handle);
  assert.match(await sentence(file), /has more than the 256 MiB that are read/);
  const tooMuch = callWith(() => Promise.reject(Object.assign(new Error('too long'), { code: 'E2BIG' })));
  const stdin = await readGiven(tooMuch, '-');
  assert.match(stdin.ok ? '' : stdin.sentence, /^stdin has more than/);
});
