import type { Area } from '../../console/areas.ts';
import { directoryArea } from '../../console/directory/area.ts';
import { previewImport, readDirectory } from '../../directory/import.ts';
import { activeStops, liftStop } from '../../directory/stops.ts';
import type { Desk } from '../desk.ts';
import { importAndOpen } from '../import-directory.ts';

export const directoryOf = (desk: Desk): Area =>
  directoryArea({
    db: desk.db,
    stops: () => activeStops(desk.db),
    lift: async (workspaceId, by) => liftStop(desk.db, workspaceId, { ...by, at: await desk.now() }),
    preview: async (text, format) => {
      const read = readDirectory(text, format);
      return 'problems' in read ? { wrong: read.problems } : previewImport(desk.db, read.workspaces);
    },
    apply: async (text, format, { digest, deletions, agent, reason }) => {
      const read = readDirectory(text, format);
      if ('problems' in read) return { ...NOTHING, problems: read.problems };
      // More than a fifth was confirmed in words with its number, and the digest says that it is still the same.
      return importAndOpen(desk, read.workspaces, {
        dryRun: false,
        force: true,
        deletions,
        by: { digest, agent, reason },
      });
    },
  });

const NOTHING = { opened: [], goingOn: [], cancelled: [] };
