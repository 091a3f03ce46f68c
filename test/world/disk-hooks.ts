/** Loaded by the SQLite store's writing thread: breaks the disk while the test says so, by a number both share. */
import type { Hooks } from '../../src/adapter/sqlite/hooks.ts';

export const CODES = ['', 'ENOSPC', 'EIO'] as const;
export type DiskFault = (typeof CODES)[number];

export function hooks(shared: unknown): Hooks {
  const state = new Int32Array(shared as SharedArrayBuffer);
  return {
    at(point) {
      const code = CODES[Atomics.load(state, 0)] ?? '';
      if (code !== '' && point !== 'afterCommit') throw Object.assign(new Error(`${code}: the test broke the disk`), { code });
    },
  };
}
