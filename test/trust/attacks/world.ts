/** Who is who for the attack mails: the directory, the DNS zone, and tickets that exist beforehand. */

/** The desk's clock when the mails come in. */
export const CLOCK = new Date('2026-03-10T09:00:00Z');
/** Name that our own mail server writes after `by`. */
export const MX = 'mx.desk.test';
export const DESK = 'privacy@desk.test';

/** Enforcing and strict: `p=reject; adkim=s; aspf=s`. */
export const ADA = 'ada@acme.example';
export const BOB = 'bob@acme.example';
export const MEL = 'mel@acme.example';
/** `p=none`. */
export const GWEN = 'gwen@globex.example';
export const GUS = 'gus@globex.example';
/** No SPF, DKIM or DMARC record at all. */
export const IAN = 'ian@initech.example';
/** `p=quarantine`, relaxed. */
export const HANA = 'hana@hooli.example';
/** A domain whose records cannot be looked up for now. */
export const STEN = 'sten@stormy.example';
/** Sends through a provider that others use as well. */
export const TESS = 'tess@tenant.example';
export const KIM = 'kim@kiosk.example';
/** A stranger with a domain in good order. */
export const EVE = 'eve@evil.example';

const workspace = (id: string, slug: string, name: string, members: Readonly<Record<string, string>>) => ({
  id,
  slug,
  name,
  createdAt: '2020-05-01T00:00:00Z',
  members: Object.entries(members).map(([address, role]) => ({ address, role })),
  sources: [
    { id: `src_${slug}_web`, name: 'Website Prod' },
    { id: `src_${slug}_ios`, name: 'iOS App' },
  ],
  spaces: [{ id: `spa_${slug}`, name: 'Main Space' }],
  projects: [{ id: `prj_${slug}`, name: 'Mobile App' }],
});

export const DIRECTORY = {
  workspaces: [
    workspace('9f8KqLw2Zr', 'acme-inc', 'Acme Inc', { [ADA]: 'owner', [BOB]: 'admin', [MEL]: 'member' }),
    workspace('L4bsAcm3xY', 'acme-labs', 'Acme Labs', { [ADA]: 'admin' }),
    workspace('G10b3xWs01', 'globex', 'Globex', { [GWEN]: 'owner', [GUS]: 'admin' }),
    workspace('In1t3chWs2', 'initech', 'Initech', { [IAN]: 'owner' }),
    workspace('H00l1Ws003', 'hooli', 'Hooli', { [HANA]: 'owner' }),
    workspace('St0rmyWs04', 'stormy', 'Stormy', { [STEN]: 'owner' }),
    workspace('T3nantWs05', 'tenant', 'Tenant', { [TESS]: 'owner' }),
    workspace('K10skWs006', 'kiosk', 'Kiosk', { [KIM]: 'owner' }),
    workspace('N1mbusLv07', 'nimbus', 'Nimbus', { [HANA]: 'owner' }),
    {
      ...workspace('N1mbusOld8', 'nimbus', 'Nimbus (2019)', { [HANA]: 'owner' }),
      deletedAt: '2022-02-01T00:00:00Z',
    },
  ],
};

/** Tickets that exist beforehand, by the name of the group of mails that meets them. */
export const STATES = {
  /** Two challenges are out, one in a domain of each kind of policy. */
  waiting: [
    { reference: 'PD-1042', state: 'verifying', requester: GWEN, workspace: 'globex', code: '493817' },
    { reference: 'PD-1043', state: 'verifying', requester: ADA, workspace: 'acme-inc', code: '271828' },
  ],
  'grace-globex': [{ reference: 'PD-1044', state: 'grace', requester: GWEN, workspace: 'globex' }],
  'grace-acme': [{ reference: 'PD-1045', state: 'grace', requester: ADA, workspace: 'acme-inc' }],
  'grace-stormy': [{ reference: 'PD-1046', state: 'grace', requester: STEN, workspace: 'stormy' }],
} as const;

/** `fresh` = nothing exists beforehand; `together` = the same, with all mails of the group in one mailbox. */
export type Group = 'fresh' | 'together' | keyof typeof STATES;

interface NameRecords {
  readonly TXT?: readonly (readonly string[])[];
  readonly A?: readonly string[];
  readonly MX?: readonly { readonly exchange: string; readonly preference: number }[];
}

/** Everything that is published, but for the keys. */
export const RECORDS: Readonly<Record<string, NameRecords>> = {
  [MX]: { A: ['192.0.2.1'] },
  'desk.test': { MX: [{ exchange: MX, preference: 10 }], TXT: [['v=spf1 ip4:192.0.2.1 -all']] },
  'acme.example': { A: ['192.0.2.10'], TXT: [['v=spf1 ip4:192.0.2.10 -all']] },
  'mail.acme.example': { A: ['192.0.2.10'], TXT: [['v=spf1 a -all']] },
  '_dmarc.acme.example': { TXT: [['v=DMARC1; p=reject; adkim=s; aspf=s']] },
  'promo.acme.example': { TXT: [['v=spf1 ip4:203.0.113.66 -all']] },
  'globex.example': { A: ['192.0.2.20'], TXT: [['v=spf1 ip4:192.0.2.20 -all']] },
  '_dmarc.globex.example': { TXT: [['v=DMARC1; p=none']] },
  'hooli.example': { A: ['192.0.2.30'], TXT: [['v=spf1 ip4:192.0.2.30 ~all']] },
  '_dmarc.hooli.example': { TXT: [['v=DMARC1; p=quarantine']] },
  'initech.example': { A: ['192.0.2.40'] },
  'stormy.example': {},
  'tenant.example': { TXT: [['v=spf1 include:_spf.sender.example -all']] },
  '_dmarc.tenant.example': { TXT: [['v=DMARC1; p=reject']] },
  '_spf.sender.example': { TXT: [['v=spf1 ip4:198.51.100.0/28 -all']] },
  'sender.example': { TXT: [['v=spf1 include:_spf.sender.example -all']] },
  'kiosk.example': { TXT: [['v=spf1 ip4:192.0.2.50 -all']] },
  '_dmarc.kiosk.example': { TXT: [['v=DMARC1; p=none; adkim=s; aspf=s']] },
  'evil.example': { A: ['203.0.113.66'], TXT: [['v=spf1 ip4:203.0.113.66 -all']] },
  'mail.evil.example': { A: ['203.0.113.66'], TXT: [['v=spf1 a -all']] },
  '_dmarc.evil.example': { TXT: [['v=DMARC1; p=reject']] },
  'default._bimi.evil.example': {
    TXT: [['v=BIMI1; l=http://203.0.113.66/logo.svg; a=http://203.0.113.66/mark.pem']],
  },
  // The A-label of a name that looks like acme.example, with a Cyrillic letter.
  'xn--cme-5cd.example': { TXT: [['v=spf1 ip4:203.0.113.66 -all']] },
  '_dmarc.xn--cme-5cd.example': { TXT: [['v=DMARC1; p=reject']] },
  'victim.example': { A: ['192.0.2.90'] },
  'bomb.example': { TXT: [[bomb()]] },
  '_dmarc.bomb.example': { TXT: [['v=DMARC1; p=none']] },
  ...Object.fromEntries(
    Array.from({ length: 40 }, (_, level) => [
      `l${level}.bomb.example`,
      {
        TXT: [
          [
            `v=spf1 include:l${level + 1}.bomb.example include:x${level}.bomb.example a mx exists:%{i}.bomb.example -all`,
          ],
        ],
      },
    ]),
  ),
};

/** Each name of these cannot be looked up for now. */
export const SERVFAIL = [
  'stormy.example',
  '_dmarc.stormy.example',
  'mail._domainkey.stormy.example',
  'down._domainkey.acme.example',
];

function bomb(): string {
  return `v=spf1 ${Array.from({ length: 9 }, (_, n) => `include:l${n}.bomb.example`).join(' ')} ptr mx -all`;
}
