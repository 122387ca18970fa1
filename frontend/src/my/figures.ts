import type { ObservationWindow } from "../api/schema";
import { columnsOf } from "../charts/columns";
import "../charts/expression-lines";
import "../charts/figure-with-table";
import "../charts/timeline-chart";
import { expressionTable, timelineTable } from "../charts/timeline-table";
import { element } from "../dom";
import { gettext } from "../text";
import { picturesTable } from "./pictures";

/** How the two pictures are called: by the learner's own page, or by another's. */
export interface FigureTitles {
  index: string;
  expressions: string;
}

/** One learner's figures over lesson time, and what became of the pictures. */
export function learnerFigures(
  windows: ObservationWindow[],
  lessonStart: string,
  titles: FigureTitles,
): HTMLElement {
  const columns = columnsOf(windows, lessonStart);
  const timeline = element("timeline-chart");
  const lines = element("expression-lines");
  timeline.update(columns, titles.index);
  lines.update(columns);
  const over = element("figure-with-table");
  const expressions = element("figure-with-table");
  over.describe(
    titles.index,
    gettext("The line is the index; the band is how much could be seen."),
  );
  expressions.describe(
    titles.expressions,
    gettext("Shares in each ten seconds, on the same scale from 0 to 100%."),
  );
  over.show(timeline, timelineTable(windows, lessonStart));
  expressions.show(lines, expressionTable(windows, lessonStart));
  const pictures = element("section", { class: "card" }, picturesTable(windows));
  return element("div", { class: "figures" }, over, expressions, pictures);
}

export function modelLimits(): string {
  return gettext(
    "The computer guesses from pictures how a face looks. It is often wrong, and it cannot tell what you felt or thought. It learned from pictures found on the web, of people of unknown ages, and is likely to be wrong more often with pupils and with people who move their faces differently.",
  );
}
