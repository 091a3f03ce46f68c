import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BreakPoint, type Fixture, storeContract } from '../../core/ports/store.contract.ts';
import { openSqliteStore } from './client.ts';
import { FAULT } from './testdata/break-points.ts';

const thread = new URL('../../app/storage-thread.ts', import.meta.url);
const module = new URL('./testdata/break-points.ts', import.meta.url);

storeContract('sqlite', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'eigenpost-store-'));
  const data = new Int32Array(new SharedArrayBuffer(4));
  const open = () => openSqliteStore({ dir, thread, hooks: { module, data } });
  const fixture: Fixture = {
    store: await open(),
    breakNext: (point: BreakPoint) => {
      data[0] = FAULT[point];
    },
    reopen: async () => {
      await fixture.store.close();
      fixture.store = await open();
      return fixture.store;
    },
    end: async () => {
      await fixture.store.close();
      rmSync(dir, { recursive: true });
    },
  };
  return fixture;
});
