/** Starting for real, on a data folder of its own, where it cannot go well. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { fixedOffer } from './certificate.ts';
import { isFaulty } from './config/config.ts';
import { loadConfig } from './config/load.ts';
import { startServer } from './serve.ts';
import { StartFault } from './start-fault.ts';

test('a port that is taken is one sentence, and no trouble in the log', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'eigenpost-serve-'));
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const umask = process.umask();
  try {
    const file = join(folder, 'eigenpost.toml');
    writeFileSync(
      file,
      `host_name = "mail.example.org"\ndata = "data"\n[[listen]]\nprotocol = "smtp"\nhost = "127.0.0.1"\nport = ${port}\n`,
    );
    const config = loadConfig(file, { environment: {} });
    if (isFaulty(config)) assert.fail('faulty');
    const told: unknown[] = [];
    const tell = (...what: unknown[]): void => void told.push(what);
    const log = { info: tell, warn: tell, error: tell, debug: tell };
    await assert.rejects(startServer(config, { log, tls: fixedOffer(createSecureContext()) }), (error: unknown) => {
      assert.ok(error instanceof StartFault);
      assert.match(error.message, /^port \d+ is taken by another program/);
      return true;
    });
    // What the house had begun would say so now.
    await new Promise((resume) => setTimeout(resume, 50));
    assert.deepEqual(told, []);
  } finally {
    process.umask(umask);
    await new Promise((resolve) => other.close(resolve));
    rmSync(folder, { recursive: true });
  }
});
