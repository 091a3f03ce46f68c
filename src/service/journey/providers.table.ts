/**
 * Large receivers, filters and relays whose replies mean more than their
 * codes say. A server is theirs by its name's ending; a reply passed on by
 * somebody else is known by a mark that stands in its text.
 */
type Provider = Readonly<{ hosts: readonly string[]; marks: readonly string[] }>;

export const PROVIDERS = {
  google: { hosts: ['google.com', 'googlemail.com', 'gmail.com', 'psmtp.com'], marks: [' gsmtp', 'support.google.com'] },
  microsoft: {
    hosts: ['outlook.com', 'hotmail.com', 'protection.outlook.de', 'office365.us', 'outlook.cn', 'mx.microsoft'],
    marks: [
      'prod.outlook.com',
      'protection.outlook.com',
      'postmaster.live.com',
      'sender.office.com',
      'mail.live.com',
      'resolver.',
      'office 365',
    ],
  },
  yahoo: {
    hosts: ['yahoodns.net', 'yahoo.com', 'aol.com', 'yahoo.co.jp'],
    marks: ['postmaster.yahoo', 'yahooinc.com', 'verizonmedia.com', 'mail.yahoo.com', 'delivery error: dd ', '.yahoo.com', 'yahoo-help.jp'],
  },
  apple: { hosts: ['icloud.com', 'apple.com', 'me.com', 'mac.com'], marks: ['support.apple.com', '.me.com', '.icloud.com'] },
  proton: { hosts: ['protonmail.ch', 'proton.ch', 'proton.me', 'protonmail.com'], marks: ['proton.me', 'protonmail'] },
  gmx: {
    hosts: ['gmx.net', 'gmx.com', 'gmx.de', 'web.de', 'mail.com', 'kundenserver.de', '1and1.com', 'ionos.com', 'ionos.de'],
    marks: ['postmaster.gmx', 'postmaster.web.de', 'postmaster.1und1.de', 'postmaster.1and1.com', 'nemesis esmtp', 'postmaster.mail.com'],
  },
  telekom: { hosts: ['t-online.de', 'telekom.de'], marks: ['t-online.de'] },
  orange: { hosts: ['orange.fr', 'wanadoo.fr', 'wanadoo.com'], marks: ['ofr_', 'ofr0', 'mwinf5', 'orange.fr'] },
  laposte: { hosts: ['laposte.net', 'sfr.fr', 'sfr.net', 'neuf.fr'], marks: ['lpn0', 'lpn_', ' lpn ', '-laposte '] },
  free: { hosts: ['free.fr', 'proxad.net'], marks: ['free.fr', 'proxad'] },
  kpn: {
    hosts: ['kpnmail.nl', 'kpn.net', 'kpn.com', 'kpnxchange.com', 'xs4all.net', 'xs4all.nl', 'planet.nl', 'hetnet.nl', 'telfort.nl'],
    marks: ['kpn.com', 'xs4all'],
  },
  ziggo: {
    hosts: ['ziggo.nl', 'as9143.net', 'tb.mail.iss.as9143.net', 'upcmail.net', 'chello.nl', 'casema.nl', 'telenet-ops.be'],
    marks: ['as9143.net', 'mxin', 'ziggo'],
  },
  comcast: { hosts: ['comcast.net'], marks: ['comcast.net', 'xfinity.com'] },
  charter: { hosts: ['charter.net', 'rr.com', 'spectrum.com', 'cox.net'], marks: ['spectrum.net', 'cox.com', 'charter.net'] },
  att: { hosts: ['att.net', 'prodigy.net', 'bellsouth.net', 'sbcglobal.net'], marks: ['att.net', 'dnsbl:attrbl'] },
  godaddy: { hosts: ['secureserver.net', 'emailsrvr.com'], marks: ['x.co/', 'secureserver.net'] },
  mimecast: { hosts: ['mimecast.com', 'mimecast-offshore.com', 'mimecast.co.za'], marks: ['mimecast', 'mcspamsignature'] },
  proofpoint: { hosts: ['pphosted.com', 'ppe-hosted.com', 'proofpoint.com', 'gpphosted.com'], marks: ['proofpoint.com', 'pphosted'] },
  barracuda: {
    hosts: ['barracudanetworks.com', 'cudamail.com', 'cuda-inc.com'],
    marks: ['barracudanetworks', 'barracudacentral', ' ube, id='],
  },
  messagelabs: { hosts: ['messagelabs.com', 'symanteccloud.com', 'broadcom.com'], marks: ['messagelabs', 'symantec'] },
  trend: { hosts: ['trendmicro.com', 'trendmicro.eu', 'mail-abuse.com'], marks: ['trendmicro', 'mail-abuse.'] },
  mailru: { hosts: ['mail.ru'], marks: ['mail.ru'] },
  yandex: { hosts: ['yandex.ru', 'yandex.net'], marks: ['yandex.'] },
  tencent: { hosts: ['qq.com', 'exmail.qq.com'], marks: ['mail.qq.com'] },
  netease: { hosts: ['163.com', '126.com', 'netease.com'], marks: ['mail.163.com', '.163.com'] },
  facebook: { hosts: ['facebook.com'], marks: ['rcp-p', 'postmaster.facebook.com'] },
  amazon: { hosts: ['amazonaws.com', 'amazonses.com', 'awsapps.com'], marks: ['amazonses', 'amazonaws'] },
  sendgrid: { hosts: ['sendgrid.net'], marks: ['sendgrid'] },
} as const satisfies Readonly<Record<string, Provider>>;

export type ProviderName = keyof typeof PROVIDERS;
