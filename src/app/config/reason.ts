/** Why the system would not: its short name (`ENOENT`), which people search for. */
export const reason = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : String(error));
