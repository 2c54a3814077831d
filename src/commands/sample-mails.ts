import type { Environment } from './environment.ts';

interface Sample {
  readonly from: 'ada' | 'priya' | 'jonas' | 'sam';
  readonly subject: string;
  readonly text: readonly string[];
}

/** What the first visitors of a new sandbox write, so that the main job is seen at work at once. */
const SAMPLES: readonly Sample[] = [
  {
    from: 'ada',
    subject: 'Data deletion request',
    text: [
      'Hello,',
      '',
      'please delete this data, our consent banner was broken:',
      '',
      'Workspace slug: acme-inc',
      'Source: Website Prod',
      'Time frame: all time',
      '',
      'Thank you',
      'Ada Lovell',
    ],
  },
  {
    from: 'priya',
    subject: 'Please remove a source',
    text: ['Hi,', '', 'please delete the data of the source Billing Backend.', '', 'Priya'],
  },
  {
    from: 'jonas',
    subject: 'Goodbye',
    text: ['Hello,', '', 'please delete our workspace initech-eu with all its data.', '', 'Jonas Keller'],
  },
  {
    from: 'sam',
    subject: 'Delete everything',
    text: ['Please delete the workspace globex, I used to work there.', '', 'Sam'],
  },
];

export async function writeSampleMails(environment: Environment, now: Date): Promise<void> {
  const mail = environment.sandbox?.mail;
  if (mail == null) return;
  const { PEOPLE } = await import('../sandbox/sandbox.ts');
  for (const sample of SAMPLES) {
    const person = PEOPLE[sample.from];
    await mail.customers.send({
      from: person.address,
      name: person.name,
      to: mail.deskAddress,
      subject: sample.subject,
      text: sample.text.join('\n'),
      date: now,
    });
  }
}
