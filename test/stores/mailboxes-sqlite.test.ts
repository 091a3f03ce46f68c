/** The mail API's promises, kept over the store that people's mail lies in. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { openSqliteStore } from '../../src/adapter/sqlite/client.ts';
import { indexContract } from '../../src/service/mailboxes/index.contract.ts';
import { indexRandomContract } from '../../src/service/mailboxes/index-random.contract.ts';
import { liveContract } from '../../src/service/mailboxes/live.contract.ts';
import { mailboxesContract } from '../../src/service/mailboxes/mailboxes.contract.ts';
import { searchContract } from '../../src/service/mailboxes/search.contract.ts';
import { stagingContract } from '../../src/service/mailboxes/staging.contract.ts';
import { treeContract } from '../../src/service/mailboxes/tree.contract.ts';
import { writesContract } from '../../src/service/mailboxes/writes.contract.ts';

const thread = new URL('../../src/app/storage-thread.ts', import.meta.url);

const dir = mkdtempSync(join(tmpdir(), 'eigenpost-mailboxes-'));
/** One for all tests: every house in it has accounts of its own. */
const store = await openSqliteStore({ dir, thread });

after(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});
const contracts = [
  mailboxesContract,
  treeContract,
  searchContract,
  stagingContract,
  liveContract,
  indexContract,
  indexRandomContract,
  writesContract,
];
for (const contract of contracts) contract('sqlite', () => store);
