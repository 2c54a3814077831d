/** T26 to T28: authenticated people who may not ask for this. */

import { type Attack, DELETE_ACME, DELETE_GLOBEX, deletion } from './attack.ts';
import { letter } from './letter.ts';
import { askedBack, challenged, either, neutral, nothing, stranger } from './outcomes.ts';
import { delivered, fromAcme, fromEvil, fromGlobex, fromHooli } from './post-office.ts';
import { signed } from './signature.ts';
import { ADA, EVE, GWEN, HANA, IAN, MEL } from './world.ts';

const ada =
  (text: string, subject?: string): Attack['build'] =>
  (keys) =>
    fromAcme(
      signed(
        letter({ from: ADA, text, ...(subject === undefined ? {} : { subject }) }),
        keys('mail.acme.example'),
      ),
    );
const mel =
  (text: string): Attack['build'] =>
  (keys) =>
    fromAcme(signed(letter({ from: `Mel <${MEL}>`, text }), keys('mail.acme.example')), MEL);
const gwen =
  (text: string): Attack['build'] =>
  (keys) =>
    fromGlobex(signed(letter({ from: GWEN, text }), keys('mail.globex.example')));
const eve =
  (text: string): Attack['build'] =>
  (keys) =>
    fromEvil(signed(letter({ from: EVE, text }), keys('mail.evil.example')));

const MARCH = 'from 2025-03-01 to 2025-03-31';

export const ROLES: readonly Attack[] = [
  {
    id: 'T26',
    name: 'member-asks-for-the-workspace',
    what: 'a plain member, fully authenticated',
    build: mel(DELETE_ACME),
    outcome: stranger(MEL),
  },
  {
    id: 'T26',
    name: 'member-claims-to-be-admin',
    what: 'a plain member who says that the owner made them admin',
    build: mel(`${DELETE_ACME}\nAda made me an admin this morning, so you need not ask her.\n`),
    outcome: stranger(MEL),
  },
  {
    id: 'T26',
    name: 'member-asks-for-a-source',
    what: 'a plain member asks for less than a workspace',
    build: mel(
      `Hi,\n\nplease delete the data of the source "Website Prod" of workspace acme-inc ${MARCH}.\n`,
    ),
    outcome: stranger(MEL),
  },
  {
    id: 'T26',
    name: 'member-asks-to-cancel',
    what: 'a plain member cancels a ticket of the owner: nothing stops',
    group: 'grace-acme',
    build: (keys) =>
      fromAcme(
        signed(
          letter({
            from: MEL,
            subject: 'Re: [PD-1045] Deletion',
            text: 'Please cancel the deletion of workspace acme-inc.\n',
          }),
          keys('mail.acme.example'),
        ),
        MEL,
      ),
    outcome: neutral(MEL),
  },
  {
    id: 'T27',
    name: 'owner-of-another-workspace',
    what: 'the owner of one workspace asks for another one',
    build: gwen(DELETE_ACME),
    outcome: either(stranger(GWEN), askedBack(GWEN)),
  },
  {
    id: 'T27',
    name: 'id-of-another-workspace',
    what: 'the same by its ID',
    build: gwen('Hello,\n\nplease delete the workspace with the ID 9f8KqLw2Zr.\n'),
    outcome: either(stranger(GWEN), askedBack(GWEN)),
  },
  {
    id: 'T27',
    name: 'name-and-id-disagree',
    what: 'the name is the sender’s workspace, the ID somebody else’s',
    build: ada('Hello,\n\nplease delete our workspace acme-inc (workspace ID G10b3xWs01).\n'),
    outcome: either(askedBack(ADA, { tickets: 2 }), nothing(['other', 'opened'])),
  },
  {
    id: 'T27',
    name: 'name-and-id-of-two-own',
    what: 'name and ID are two different workspaces of the sender',
    build: ada('Hello,\n\nplease delete our workspace acme-inc (workspace ID L4bsAcm3xY).\n'),
    outcome: either(askedBack(ADA, { tickets: 2 }), nothing(['other', 'opened'])),
  },
  {
    id: 'T27',
    name: 'two-targets',
    what: 'one workspace is the sender’s, the other is not: only the first is asked about',
    build: ada('Hello,\n\nplease delete these two workspaces: acme-inc and globex.\n'),
    outcome: either(
      challenged(ADA, { tickets: 2 }),
      either(stranger(ADA, 2), askedBack(ADA, { tickets: 2 })),
    ),
  },
  {
    id: 'T27',
    name: 'subject-and-text-disagree',
    what: 'the subject names one workspace, the text another one',
    build: ada('Hello,\n\nplease delete our workspace acme-labs.\n', 'Delete workspace globex'),
    outcome: either(
      challenged(ADA, { tickets: 2 }),
      either(stranger(ADA, 2), askedBack(ADA, { tickets: 2 })),
    ),
  },
  {
    id: 'T27',
    name: 'slug-of-two-workspaces',
    what: 'a slug that a living and a deleted workspace share',
    build: (keys) =>
      fromHooli(signed(letter({ from: HANA, text: deletion('nimbus') }), keys('mail.hooli.example'))),
    outcome: askedBack(HANA, { must: true }),
  },
  {
    id: 'T27',
    name: 'source-of-another-workspace',
    what: 'a source by an ID that lies in somebody else’s workspace',
    build: ada(
      `Hi,\n\nplease delete all data of the source src_globex_web of workspace acme-inc ${MARCH}.\n`,
    ),
    outcome: either(askedBack(ADA), stranger(ADA)),
  },
  {
    id: 'T28',
    name: 'stranger-known-workspace',
    what: 'a stranger asks for a workspace that exists',
    build: eve(DELETE_GLOBEX),
    outcome: stranger(EVE),
  },
  {
    id: 'T28',
    name: 'stranger-unknown-workspace',
    what: 'a stranger asks for a workspace that does not exist',
    build: eve(deletion('no-such-space')),
    outcome: stranger(EVE),
  },
  {
    id: 'T28',
    name: 'stranger-asks-who-owns-it',
    what: 'a stranger asks whether a deletion of a workspace is under way',
    build: eve('Hi,\n\nwhat is the status of the deletion of workspace globex?\n'),
    outcome: neutral(EVE),
  },
  {
    id: 'T28',
    name: 'stranger-cancels',
    what: 'a stranger asks to stop the deletion of a workspace',
    build: eve('Hi,\n\nplease cancel the deletion of workspace globex.\n'),
    outcome: neutral(EVE),
  },
  {
    id: 'OK',
    name: 'unsigned-from-a-domain-without-records',
    what: 'an owner whose domain publishes nothing: the challenge decides',
    build: () =>
      delivered(letter({ from: `Ian <${IAN}>`, text: deletion('initech') }), {
        ip: '192.0.2.40',
        helo: 'mail.initech.example',
        mailFrom: IAN,
      }),
    outcome: challenged(IAN, { must: true }),
  },
];
