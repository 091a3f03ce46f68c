/** Points of a group commit at which a test may break the machinery: what a hook throws is what the disk would have said. */
export type HookPoint = 'beforePack' | 'afterPack' | 'beforeCommit' | 'afterCommit';
export type Hooks = Readonly<{ at(point: HookPoint): void }>;
export const NO_HOOKS: Hooks = { at: () => undefined };
