/** Keeps the store tidy for as long as the house stands: once an hour, each organisation's journeys as long as it says. */
import type { Clock } from '../core/ports/clock.ts';
import type { Store } from '../core/ports/store.ts';
import { type Accounts, JOURNEY_DAYS } from '../service/accounts/accounts.ts';

const TIDY_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;

export type TidyParts = Readonly<{
  store: Pick<Store, 'tidy'>;
  accounts: Pick<Accounts, 'organisation'>;
  clock: Clock;
  onTrouble(where: string, error: unknown): void;
}>;

/** Gives back what stops it. */
export function keepTidy({ store, accounts, clock, onTrouble }: TidyParts): () => void {
  let cancel = (): void => undefined;
  const wait = (): void => {
    cancel = clock.after(TIDY_EVERY_MS, tidy);
  };
  const tidy = (): void => {
    const now = clock.now();
    store
      .tidy({
        now,
        journeysBefore: (organisation) => now - (accounts.organisation(organisation)?.journeyDays ?? JOURNEY_DAYS.otherwise) * DAY_MS,
      })
      .catch((error: unknown) => onTrouble('tidy', error));
    wait();
  };
  wait();
  return () => cancel();
}
