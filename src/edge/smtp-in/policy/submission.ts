/** Our own people (RFC 6409, RFC 8314): TLS, then sign in, then mail. */
import { refuse } from '../../../core/refusal.ts';
import { mechanismsFor, type Policy } from './policy.ts';

export const submission: Policy = {
  origin: 'submission',
  mechanisms: mechanismsFor,
  whyNotMail({ tls, isSignedIn, allowsPlaintext }) {
    if (tls === undefined && !allowsPlaintext) return refuse('tlsFirst');
    return isSignedIn ? undefined : refuse('signInFirst');
  },
};
