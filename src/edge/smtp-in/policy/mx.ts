/** Other servers, on port 25: anyone may bring mail for us. SECURITY: AUTH is never offered, so no password is guessed here. */
import type { Policy } from './policy.ts';

export const mx: Policy = {
  origin: 'mx',
  mechanisms: () => [],
  whyNotMail: () => undefined,
};
