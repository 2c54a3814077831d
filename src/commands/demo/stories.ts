import { cancelledWorkspace } from './stories/cancelled-workspace.ts';
import { incompleteRequest } from './stories/incomplete-request.ts';
import { oldWorkspace } from './stories/old-workspace.ts';
import { openInvoice } from './stories/open-invoice.ts';
import { sourceDeletion } from './stories/source-deletion.ts';
import { strangers } from './stories/strangers.ts';
import { twoRequests } from './stories/two-requests.ts';
import type { Story } from './story.ts';

/** In the order in which they are told; each leaves the clock where it ended. @param today - a UTC day */
export const storiesOf = (today: string): readonly Story[] => [
  sourceDeletion(today),
  cancelledWorkspace,
  incompleteRequest(today),
  twoRequests,
  strangers,
  openInvoice,
  oldWorkspace,
];
