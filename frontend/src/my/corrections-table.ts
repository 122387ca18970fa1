import { buildTable } from "../charts/table";
import { gettext, interpolate } from "../text";
import type { Minute } from "./minutes";
import { minuteWords, formatCorrection, formatReading } from "./learner-corrections";

/** Read-only table of readings and corrections by minute. */
export function buildCorrectionsTable(minutes: Minute[], name: string): HTMLElement {
  return buildTable(
    gettext("The computer's guess, and what the student says"),
    [
      { title: gettext("Minute"), cell: minuteWords },
      { title: gettext("What the computer guessed"), cell: formatReading },
      { title: interpolate(gettext("What %(name)s says"), { name }), cell: formatCorrection },
    ],
    minutes,
  );
}
