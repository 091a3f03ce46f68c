/** EmailSubmission/get, /changes, /query and /queryChanges (RFC 8621 §7.1 to §7.4). */
import { MethodError } from '../../../../codec/jmap/error.ts';
import { idOf, numberOf } from '../../../../codec/jmap/ids.ts';
import { CHANGES_LIMIT } from '../limits.ts';
import type { Method } from '../method.ts';
import { changesAnswer, changesAsk, readState, stateText } from '../standard-changes.ts';
import { getAnswer, getAsk } from '../standard-get.ts';
import { queryAnswer, queryAsk, queryChangesAnswer, queryChangesAsk } from '../standard-query.ts';
import { SUBMISSION_PROPERTIES, submissionObject } from '../submission-object.ts';
import { SUBMISSION_QUERY, submissionResults } from '../submission-results.ts';

const capability = 'urn:ietf:params:jmap:submission';
const isProperty = (name: string): boolean => (SUBMISSION_PROPERTIES as readonly string[]).includes(name);
const idsOf = (numbers: readonly number[]): string[] => numbers.map((number) => idOf('submission', number));

export const emailSubmissionGet: Method = {
  name: 'EmailSubmission/get',
  capability,
  async run(args, call) {
    const account = call.accountId(args);
    const ask = getAsk(args, isProperty);
    const { state, submissions } = await call.host.sentMail.list(account);
    const known = new Map(submissions.map((each) => [idOf('submission', each.id), each] as const));
    return getAnswer(ask, {
      accountId: args['accountId'],
      state: stateText(state),
      all: () => submissions.map(submissionObject),
      one: (id) => {
        const submission = known.get(id);
        return submission === undefined ? undefined : submissionObject(submission);
      },
    });
  },
};

export const emailSubmissionChanges: Method = {
  name: 'EmailSubmission/changes',
  capability,
  async run(args, call) {
    const account = call.accountId(args);
    const ask = changesAsk(args);
    const changed = await call.host.sentMail.changes(account, ask.since, ask.max);
    return changesAnswer(args['accountId'], ask, { changed, text: (id) => idOf('submission', id) });
  },
};

export const emailSubmissionQuery: Method = {
  name: 'EmailSubmission/query',
  capability,
  async run(args, call) {
    const account = call.accountId(args);
    const ask = queryAsk(args, SUBMISSION_QUERY);
    const { state, submissions } = await call.host.sentMail.list(account);
    const ids = submissionResults(submissions, ask);
    return queryAnswer(args['accountId'], ask, {
      ids,
      text: (id) => idOf('submission', id),
      anchorAt: (anchor) => ids.indexOf(numberOf('submission', anchor) ?? -1),
      queryState: stateText(state),
      canCalculateChanges: true,
    });
  },
};

export const emailSubmissionQueryChanges: Method = {
  name: 'EmailSubmission/queryChanges',
  capability,
  async run(args, call) {
    const account = call.accountId(args);
    const ask = queryChangesAsk(args, SUBMISSION_QUERY);
    const since = readState(ask.sinceQueryState);
    // In this order: what comes in between is told the next time.
    const changed = since === undefined ? undefined : await call.host.sentMail.changes(account, since, CHANGES_LIMIT);
    const { submissions } = await call.host.sentMail.list(account);
    if (changed === undefined || changed.hasMoreChanges) throw new MethodError('cannotCalculateChanges');
    const created = new Set(idsOf(changed.created));
    const touched = new Set(idsOf([...changed.created, ...changed.updated, ...changed.destroyed]));
    const ids = idsOf(submissionResults(submissions, ask));
    return queryChangesAnswer(args['accountId'], ask, { ids, touched, created, newQueryState: stateText(changed.newState) });
  },
};
