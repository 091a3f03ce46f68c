/** What the memory store forgets with time. */
import type { AccountId, OrganisationId } from '../../core/ids.ts';
import { type TidyAsk, UPLOAD_KEPT_MS } from '../../core/ports/store.ts';
import { dropUpload } from './commit.ts';
import type { State } from './state.ts';

const DAY_MS = 86_400_000;
/** Twice the longest life of a queued message, so that no retry can come later. */
const EFFECT_DAYS = 14;
/** After this a client that was away synchronises anew. */
const LOG_DAYS = 60;
/** A body that was finished but never given to anybody. */
const LOOSE_BODY_MS = 3_600_000;

export function tidy(state: State, { now, journeysBefore }: TidyAsk): void {
  for (const [key, effect] of state.effects.entries()) if (effect.at < now - EFFECT_DAYS * DAY_MS) state.effects.delete(key);
  for (const upload of state.uploads.values()) if (upload.at < now - UPLOAD_KEPT_MS) dropUpload(state, upload);
  for (const [blob, row] of state.blobs.entries()) if (row.refs === 0 && row.since < now - LOOSE_BODY_MS) state.blobs.delete(blob);
  for (const owner of state.owners()) {
    const before = journeysBefore(state.accounts.get(owner as AccountId)?.organisation ?? (owner as OrganisationId));
    for (const [key, row] of state.stepsOf(owner).entries()) if (row.at < before) state.stepsOf(owner).delete(key);
  }
  for (const [key, logged] of state.log.entries()) {
    const change = logged.changes[0];
    if (logged.at >= now - LOG_DAYS * DAY_MS || change === undefined || change.kind === 'journey') continue;
    state.log.delete(key);
    const account = state.accounts.get(change.account);
    if (account !== undefined && account.logFloor < change.modseq) {
      state.accounts.set(change.account, { ...account, logFloor: change.modseq });
    }
  }
}
