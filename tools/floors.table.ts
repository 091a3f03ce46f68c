/**
 * Who may import whom (docs/architecture.md, "Floors"). A row is a place;
 * `may` lists the places it may import besides itself. A place is the longest
 * matching folder under src/.
 */
export type Floor = Readonly<{ folder: string; may: readonly string[]; node: 'pure' | 'any'; sharesWith?: readonly string[] }>;

/** Node modules that do no input or output: all that lib, codec and core may use. */
export const PURE_NODE: readonly string[] = ['node:buffer', 'node:crypto', 'node:zlib', 'node:util'];

/** Floors whose subfolders are rooms that must not import one another, except the shared ground named here. */
export const FLOORS: readonly Floor[] = [
  { folder: 'lib', may: [], node: 'pure' },
  { folder: 'codec', may: ['lib'], node: 'pure', sharesWith: ['codec/mime', 'codec/net'] },
  { folder: 'core', may: ['lib', 'codec'], node: 'pure' },
  { folder: 'service', may: ['core', 'codec', 'lib'], node: 'any' },
  { folder: 'adapter', may: ['core', 'codec', 'lib'], node: 'any' },
  { folder: 'edge', may: ['service', 'core', 'codec', 'lib'], node: 'any', sharesWith: ['edge/net'] },
  { folder: 'app', may: ['edge', 'adapter', 'service', 'core', 'codec', 'lib'], node: 'any' },
];

/** The services' line: a service may enter the doors of those named after it. */
export const SERVICES: Readonly<Record<string, readonly string[]>> = {
  submissions: ['pipeline', 'queue', 'mailboxes', 'accounts', 'journey'],
  pipeline: ['queue', 'mailboxes', 'filter', 'accounts', 'journey'],
  queue: ['accounts', 'journey'],
  mailboxes: ['accounts', 'journey'],
  filter: ['accounts', 'journey'],
  accounts: ['journey'],
  journey: [],
};

/** What a test beside the code may import on top of its floor's rule. */
export const TESTS_ALSO: readonly string[] = ['adapter/memory'];
