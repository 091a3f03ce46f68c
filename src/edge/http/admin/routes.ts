/** Everything the admin API can do: a new resource is one file under route/ and one line here. */
import type { Route } from './desk.ts';
import { aliasRoutes } from './route/aliases.ts';
import { appPasswordRoutes } from './route/app-passwords.ts';
import { journeyRoutes } from './route/journeys.ts';
import { organisationRoutes } from './route/organisations.ts';
import { personRoutes } from './route/people.ts';
import { queueRoutes } from './route/queue.ts';
import { statusRoutes } from './route/status.ts';

export const ROUTES: readonly Route[] = [
  ...statusRoutes,
  ...organisationRoutes,
  ...personRoutes,
  ...appPasswordRoutes,
  ...aliasRoutes,
  ...queueRoutes,
  ...journeyRoutes,
];
