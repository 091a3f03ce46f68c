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

const STAGES: readonly Readonly<{ name: string; origins: readonly Origin[]; run: Stage }>[] = [
  { name: 'guard', origins: EVERYONE, run: guard },
  { name: 'expand', origins: EVERYONE, run: expand },
];

/** Takes a letter down the road, through the stages its origin passes. */
export async function walk(letter: Letter, content: Content): Promise<Refusal | undefined> {
  for (const { origins, run } of STAGES) {
    if (!origins.includes(letter.origin)) continue;
    const answer = run(letter, content);
    // Most stages answer at once, and this is on the path of every message.
    const refusal = answer instanceof Promise ? await answer : answer;
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
