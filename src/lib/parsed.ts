/** What every codec gives back: the value, or where reading stopped and why. Peers' mistakes are values, never exceptions. */
export type Parsed<T> = Readonly<{ ok: true; value: T }> | Unparsed;
export type Unparsed = Readonly<{ ok: false; at: number; why: string }>;

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value });

/** `at` counts bytes of a buffer, or characters of a string. */
export const unparsed = (at: number, why: string): Unparsed => ({ ok: false, at, why });
