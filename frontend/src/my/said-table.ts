import { tableOf } from "../charts/table";
import { gettext, interpolate } from "../text";
import type { Minute } from "./minutes";
import { minuteWords, ownWordWords, readWords } from "./own-words";

/** Minute by minute what was read and what the learner says of it; nothing can be changed here. */
export function saidTable(minutes: Minute[], name: string): HTMLElement {
  return tableOf(
    gettext("What was read, and what the learner says"),
    [
      { title: gettext("Minute"), cell: minuteWords },
      { title: gettext("What the computer read"), cell: readWords },
      { title: interpolate(gettext("What %(name)s says"), { name }), cell: ownWordWords },
    ],
    minutes,
  );
}
