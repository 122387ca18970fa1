import { buildTable } from "../charts/table";
import { gettext, interpolate } from "../text";
import { formatCorrection, formatMinuteTitle, formatReading } from "./learner-corrections";
import type { Minute } from "./minutes";

/** Read-only table of readings and corrections by minute. */
export function buildCorrectionsTable(minutes: Minute[], name: string): HTMLElement {
  return buildTable(
    gettext("The computer's guess, and what the student says"),
    [
      { title: gettext("Minute"), cell: formatMinuteTitle },
      { title: gettext("What the computer guessed"), cell: formatReading },
      { title: interpolate(gettext("What %(name)s says"), { name }), cell: formatCorrection },
    ],
    minutes,
  );
}
