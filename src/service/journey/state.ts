/**
 * What can be said of a message for one recipient, worked out from the
 * Steps: one small machine per recipient, fed in the order things happened.
 */
import type { Step, StepKind } from '../../core/step.ts';
import type { RecipientState, RecipientStory } from './journey.ts';

/** It has arrived, as far as we can know. Nothing takes that back but a bounce that came later. */
export const ARRIVED: ReadonlySet<RecipientState> = new Set(['acceptedByRemote', 'deliveredHere', 'filed', 'forwarded', 'expanded']);
/** It will not arrive by itself. */
export const FAILED: ReadonlySet<RecipientState> = new Set(['refused', 'bounced', 'expired', 'cancelled']);
/** It is on its way or kept back: somebody is still at work. */
export const OPEN: ReadonlySet<RecipientState> = new Set(['unknown', 'queued', 'sending', 'deferred', 'held', 'quarantined']);

/** One recipient's line while it is being worked out. */
export type Line = { address: string; state: RecipientState; nextAt: number | null; giveUpAt: number | null };

export const newLine = (address: string): Line => ({ address, state: 'unknown', nextAt: null, giveUpAt: null });
export const storyOf = (line: Line): RecipientStory => ({ ...line });

const isOpen = (state: RecipientState): boolean => OPEN.has(state);

type Kinds = { readonly [Kind in StepKind]: (state: RecipientState, step: Extract<Step, { kind: Kind }>) => RecipientState };

/** The whole machine on one page: what each kind of Step makes of a state. Facts win over plans: what was handed over is handed over. */
const AFTER: Kinds = {
  received: (state) => state,
  checked: (state) => state,
  scored: (state) => state,
  signed: (state) => state,
  ruled: (state) => state,
  notified: (state) => state,
  answered: (state) => state,
  began: (state) => state,
  tallied: (state) => state,
  accepted: (state) => state,
  held: (state, step) =>
    isOpen(state) ? (step.why === 'quarantine' ? 'quarantined' : step.why === 'greylist' ? 'deferred' : 'held') : state,
  refused: (state) => (ARRIVED.has(state) ? state : 'refused'),
  expanded: (state) => (state === 'filed' || state === 'deliveredHere' ? state : 'expanded'),
  filed: (state, step) => (state === 'acceptedByRemote' ? state : step.folder === '' && step.role === null ? 'deliveredHere' : 'filed'),
  // A message taken up again after it was stopped stands in the queue anew.
  queued: (state) => (ARRIVED.has(state) && state !== 'expanded' ? state : 'queued'),
  tried: (state) => (isOpen(state) && state !== 'quarantined' ? 'sending' : state),
  deferred: (state) => (isOpen(state) ? 'deferred' : state),
  sent: (state) => (state === 'filed' || state === 'deliveredHere' ? state : 'acceptedByRemote'),
  // Accepted at first, returned afterwards: the only success that can be taken back.
  bounced: (state) => (isOpen(state) || state === 'acceptedByRemote' || state === 'expanded' ? 'bounced' : state),
  expired: (state) => (isOpen(state) || state === 'expanded' ? 'expired' : state),
  redirected: (state) => (isOpen(state) || state === 'expanded' ? 'forwarded' : state),
  released: (state) => (state === 'held' || state === 'quarantined' ? 'queued' : state),
  paused: (state) => (isOpen(state) && state !== 'quarantined' ? 'held' : state),
  hurried: (state) => (state === 'deferred' || state === 'queued' ? 'queued' : state),
  cancelled: (state) => (isOpen(state) ? 'cancelled' : state),
};

/** The next state. */
export function after(state: RecipientState, step: Step): RecipientState {
  const rule = AFTER[step.kind] as (state: RecipientState, step: Step) => RecipientState;
  return rule(state, step);
}

/** Takes one Step into a line. */
export function advance(line: Line, step: Step): void {
  line.state = after(line.state, step);
  if (line.state !== 'queued' && line.state !== 'deferred' && line.state !== 'sending') {
    line.nextAt = null;
    line.giveUpAt = null;
    return;
  }
  if (step.kind === 'queued' || step.kind === 'deferred') {
    line.nextAt = step.nextAt;
    line.giveUpAt = step.giveUpAt;
  }
  if (step.kind === 'hurried' || step.kind === 'tried') line.nextAt = null;
}
