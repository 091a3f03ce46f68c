/** The demo's organisation: a small school, five people, two shared addresses. */
export const DEMO_DOMAIN = 'delinde.test';
export const DEMO_ORGANISATION = 'De Linde';

export type DemoPerson = Readonly<{ local: string; name: string; language: 'en' | 'nl'; admin: boolean }>;

export const DEMO_PEOPLE: readonly DemoPerson[] = [
  { local: 'noor', name: 'Noor de Vries', language: 'nl', admin: false },
  { local: 'bram', name: 'Bram Jansen', language: 'nl', admin: true },
  { local: 'emma', name: 'Emma Baker', language: 'en', admin: false },
  { local: 'yusuf', name: 'Yusuf Kaya', language: 'nl', admin: false },
  { local: 'fleur', name: 'Fleur Bakker', language: 'nl', admin: false },
];

export const DEMO_ALIASES: readonly Readonly<{ local: string; targets: readonly string[] }>[] = [
  { local: 'info', targets: ['noor', 'fleur'] },
  { local: 'directie', targets: ['bram'] },
];
