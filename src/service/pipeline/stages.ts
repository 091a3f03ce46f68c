/**
 * The order of the road, and which origin passes which stage. A new check is a
 * file under stage/ and a line here.
 */
import type { Refusal } from '../../core/refusal.ts';
import type { Origin } from '../../core/step.ts';
import type { Content, Letter } from './letter.ts';
import { expand } from './stage/expand.ts';
import { guard } from './stage/guard.ts';

/** Looks at a whole message; a Refusal ends the road for all its recipients. */
export type Stage = (letter: Letter, content: Content) => Refusal | undefined | Promise<Refusal | undefined>;

const EVERYONE: readonly Origin[] = ['mx', 'submission', 'jmap', 'redirect', 'bounce', 'vacation', 'report', 'import'];

export const STAGES: readonly Readonly<{ name: string; origins: readonly Origin[]; run: Stage }>[] = [
  { name: 'guard', origins: EVERYONE, run: guard },
  { name: 'expand', origins: EVERYONE, run: expand },
];
