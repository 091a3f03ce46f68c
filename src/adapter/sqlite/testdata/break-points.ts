/** Breaks the machinery of the storage thread once, where the test's shared number says. */
import type { HookPoint, Hooks } from '../hooks.ts';

export const FAULT = { none: 0, beforeCommit: 1, afterCommit: 2, full: 3, packFull: 4, packBroken: 5, death: 6, deathAfter: 7 } as const;
type Fault = (typeof FAULT)[keyof typeof FAULT];

const WHERE: ReadonlyMap<Fault, readonly [HookPoint, string]> = new Map([
  [FAULT.beforeCommit, ['beforeCommit', 'EIO']],
  [FAULT.afterCommit, ['afterCommit', 'EIO']],
  [FAULT.full, ['beforeCommit', 'ENOSPC']],
  [FAULT.packFull, ['beforePack', 'ENOSPC']],
  [FAULT.packBroken, ['afterPack', 'EIO']],
  [FAULT.death, ['beforeCommit', 'death']],
  [FAULT.deathAfter, ['afterCommit', 'death']],
] as const);

export function hooks(data: unknown): Hooks {
  const armed = data as Int32Array;
  return {
    at(point) {
      const [where, code] = WHERE.get((armed[0] ?? 0) as Fault) ?? [];
      if (where !== point) return;
      armed[0] = FAULT.none;
      if (code === 'death') process.exit(1);
      throw Object.assign(new Error('broken by the test'), { code });
    },
  };
}
