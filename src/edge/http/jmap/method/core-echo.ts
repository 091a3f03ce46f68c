/** Core/echo (RFC 8620 §4): what comes in goes out. */
import type { Method } from '../method.ts';

export const coreEcho: Method = { name: 'Core/echo', capability: 'urn:ietf:params:jmap:core', run: (args) => args };
