/** A disk that breaks when a test wants it to, under the store in memory and under SQLite alike. */
import type { MemoryHooks } from '../../src/adapter/memory/store.ts';
import { CODES, type DiskFault } from './disk-hooks.ts';

const HOOKS_MODULE = new URL('disk-hooks.ts', import.meta.url);

export class Disk {
  readonly #shared = new SharedArrayBuffer(4);
  #fault: DiskFault = '';
  #after = false;
  #times = Number.POSITIVE_INFINITY;

  breaks(fault: DiskFault, { after = false, times = Number.POSITIVE_INFINITY }: Readonly<{ after?: boolean; times?: number }> = {}): void {
    this.#fault = fault;
    this.#after = after;
    this.#times = times;
    Atomics.store(new Int32Array(this.#shared), 0, CODES.indexOf(fault));
  }

  get memoryHooks(): MemoryHooks {
    return {
      at: (point) => {
        if (this.#fault === '' || this.#after !== (point === 'afterCommit') || this.#times-- <= 0) return;
        throw Object.assign(new Error(`${this.#fault}: the test broke the disk`), { code: this.#fault });
      },
    };
  }

  /** For the thread that writes. */
  get threadHooks(): Readonly<{ module: URL; data: unknown }> {
    return { module: HOOKS_MODULE, data: this.#shared };
  }
}
