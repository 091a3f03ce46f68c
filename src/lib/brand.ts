/** Nominal types: a `Brand<number, 'AccountId'>` cannot be passed where another id is wanted. */
declare const brand: unique symbol;
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
