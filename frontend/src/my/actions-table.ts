import { buildTable } from "../charts/table";
import { gettext } from "../text";
import { formatActions, formatHints } from "./actions-text";
import { formatMinuteTitle } from "./learner-corrections";
import type { Minute } from "./minutes";

/** Table of what a learner did, and of the hints that came, by minute. */
export function buildActionsTable(minutes: Minute[]): HTMLElement {
  return buildTable(
    gettext("Steps, answers and hints"),
    [
      { title: gettext("Minute"), cell: formatMinuteTitle },
      { title: gettext("What you did"), cell: formatActions },
      { title: gettext("Hints"), cell: formatHints },
    ],
    minutes.filter(({ actions }) => actions.length > 0),
  );
}
