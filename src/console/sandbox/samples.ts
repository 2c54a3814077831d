/** What a visitor may begin with; everybody can write anything else. */
export interface SampleText {
  readonly key: string;
  readonly label: string;
  readonly subject: string;
  readonly text: string;
}

/** @param slug - a workspace of the writer */
export const sampleTexts = (slug: string): readonly SampleText[] => [
  {
    key: 'source',
    label: 'Delete one source',
    subject: 'Data deletion request',
    text: `Hello,\n\nplease delete this data, our consent banner was broken:\n\nWorkspace slug: ${slug}\nSource: Website Prod\nTime frame: all time\n\nThank you`,
  },
  {
    key: 'incomplete',
    label: 'Forget to say what',
    subject: 'Please delete data',
    text: 'Hi,\n\nplease delete the data of our source.\n\nThanks',
  },
  {
    key: 'workspace',
    label: 'Delete the workspace',
    subject: 'Goodbye',
    text: `Hello,\n\nplease delete our workspace ${slug} with all its data.\n\nThank you`,
  },
  {
    key: 'german',
    label: 'In German',
    subject: 'Löschung unserer Daten',
    text: `Guten Tag,\n\nbitte löschen Sie unseren Workspace ${slug} mit allen Daten.\n\nVielen Dank`,
  },
];
