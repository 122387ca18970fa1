import { buildTable } from "../charts/table";
import { gettext, interpolate } from "../text";
import { formatActions, formatHints } from "./actions-text";
import { formatCorrection, formatMinuteTitle, formatReading } from "./learner-corrections";
import type { Minute } from "./minutes";

/** Read-only table of readings and corrections by minute. */
export function buildCorrectionsTable(minutes: Minute[], name: string): HTMLElement {
  return buildTable(
    gettext("Steps, hints and words beside the computer's guess"),
    [
      { title: gettext("Minute"), cell: formatMinuteTitle },
      { title: gettext("Steps and answers"), cell: formatActions },
      { title: gettext("Hints"), cell: formatHints },
      { title: gettext("What the computer guessed"), cell: formatReading },
      { title: interpolate(gettext("What %(name)s says"), { name }), cell: formatCorrection },
    ],
    minutes,
  );
}
