/** The sign in front of each line of a story: done, wait, problem, or by the way. The same in every language. */
import type { Step, StepKind } from '../../../core/step.ts';
import type { StepOf } from './scene.ts';

export type Mark = 'done' | 'wait' | 'problem' | 'info';

type Marks = { readonly [Kind in StepKind]: (step: StepOf<Kind>) => Mark };

const MARKS: Marks = {
  received: () => 'done',
  checked: ({ result }) => (result === 'pass' ? 'done' : result === 'fail' || result === 'permerror' ? 'problem' : 'info'),
  scored: ({ score, limit }) => (score >= limit ? 'problem' : 'done'),
  held: ({ why }) => (why === 'greylist' || why === 'admin' ? 'wait' : 'problem'),
  refused: () => 'problem',
  expanded: () => 'done',
  ruled: () => 'done',
  filed: () => 'done',
  accepted: () => 'done',
  signed: () => 'done',
  queued: () => 'done',
  tried: ({ peer, dialogue }) => (peer === undefined && dialogue.length === 0 ? 'problem' : 'done'),
  deferred: () => 'wait',
  sent: () => 'done',
  bounced: () => 'problem',
  expired: () => 'problem',
  notified: () => 'info',
  redirected: () => 'done',
  answered: () => 'info',
  released: () => 'done',
  paused: () => 'wait',
  hurried: () => 'info',
  cancelled: () => 'info',
  began: () => 'info',
  tallied: () => 'problem',
};

export const markOf = (step: Step): Mark => (MARKS[step.kind] as (step: Step) => Mark)(step);
