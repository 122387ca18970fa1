import { buildTable } from "../charts/table";
import { gettext, interpolate } from "../text";
import type { Minute } from "./minutes";
import { minuteWords, formatCorrection, formatReading } from "./learner-corrections";

/** Minute by minute what was read and what the learner says of it; nothing can be changed here. */
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
