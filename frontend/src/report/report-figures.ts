import type { Report } from "../api/schema";
import { columnsOf } from "../charts/columns";
import "../charts/expression-lines";
import { withheldNote } from "../charts/figure-with-table";
import { shareBars, type Share } from "../charts/share-bars";
import { tableOf } from "../charts/table";
import "../charts/timeline-chart";
import { expressionTable, timelineTable } from "../charts/timeline-table";
import { withheldSentence, withheldWords } from "../charts/withheld-words";
import { element, replaceContent } from "../dom";
import { labelWords, LABELS } from "../lesson/reading-words";
import { gettext, interpolate, percent } from "../text";
import { ReportHelpPart } from "./report-help";
import { stepsTable } from "./steps-table";

/** The pictures of a report; each stands in its place also where it is withheld. */
export class ReportFigures {
  #timeline = element("timeline-chart");
  #lines = element("expression-lines");
  #overTime = element("figure-with-table");
  #expressions = element("figure-with-table");
  #shares = element("figure-with-table");
  #levels = element("figure-with-table");
  #steps = element("section", { class: "card" });
  #help = new ReportHelpPart();
  #note = element("div", { class: "note", "data-testid": "withheld-note" });

  readonly node = element(
    "div",
    { class: "figures" },
    this.#note,
    this.#overTime,
    this.#steps,
    this.#help.node,
    this.#expressions,
    element("div", { class: "figure-pair" }, this.#levels, this.#shares),
  );

  show(report: Report, lessonStart: string): void {
    this.#describe();
    this.#note.hidden = report.withheld === null;
    if (report.withheld) this.#showWithheld(report.withheld);
    else this.#showFigures(report, lessonStart);
    this.#showSteps(report);
    this.#help.show(report);
  }

  /** What was done in the steps is told also where nothing of a face is. */
  #showSteps({ steps, withheld }: Report): void {
    const rows = steps.length ? stepsTable(steps) : withheldNote(withheldWords(withheld));
    replaceContent(this.#steps, element("h2", {}, gettext("Step by step")), rows);
  }

  #describe(): void {
    this.#overTime.describe(
      gettext("How it went over time"),
      gettext("The line is the class's engagement index; the band is how much could be seen."),
    );
    this.#expressions.describe(
      gettext("What expressions looked like over time"),
      gettext("Mean shares, each on the same scale from 0 to 100%."),
    );
    this.#shares.describe(
      gettext("Expressions in the whole lesson"),
      gettext("Mean shares over all that was seen."),
    );
    this.#levels.describe(
      gettext("Engagement in the whole lesson"),
      gettext("Shares of the time that could be seen, by the level of the index."),
    );
  }

  #showWithheld(reason: string): void {
    const why = withheldSentence(reason);
    if (this.#note.textContent !== why) replaceContent(this.#note, element("p", {}, why));
    for (const each of [this.#overTime, this.#expressions, this.#shares, this.#levels])
      each.withhold(withheldWords(reason));
  }

  #showFigures(report: Report, lessonStart: string): void {
    const columns = columnsOf(report.timeline, lessonStart);
    this.#timeline.update(columns, timelineSummary(report));
    this.#lines.update(columns);
    this.#overTime.show(this.#timeline, timelineTable(report.timeline, lessonStart));
    this.#expressions.show(this.#lines, expressionTable(report.timeline, lessonStart));
    showShares(this.#shares, gettext("Expression"), expressionShares(report));
    showShares(this.#levels, gettext("Level of the index"), levelShares(report));
  }
}

function showShares(
  figure: HTMLElementTagNameMap["figure-with-table"],
  name: string,
  shares: Share[],
): void {
  const columns = [
    { title: name, cell: (each: Share) => each.words },
    { title: gettext("Share"), number: true, cell: shareCell },
  ];
  const caption = interpolate(gettext("%(name)s: shares in the whole lesson"), { name });
  figure.show(shareBars(shares), tableOf(caption, columns, shares));
}

function shareCell({ share }: Share): string {
  return share === null ? gettext("unknown") : percent(share);
}

function expressionShares(report: Report): Share[] {
  return LABELS.map((label) => ({
    words: labelWords(label),
    share: report.expressions?.[label] ?? null,
  }));
}

function levelShares(report: Report): Share[] {
  const levels = report.engagement?.levels;
  return [
    { words: gettext("High"), share: levels?.high ?? null },
    { words: gettext("Medium"), share: levels?.medium ?? null },
    { words: gettext("Low"), share: levels?.low ?? null },
  ];
}

function timelineSummary(report: Report): string {
  const mean = report.engagement?.mean ?? null;
  return interpolate(
    gettext(
      "Engagement index over lesson time, %(mean)s in the mean. The table holds the numbers.",
    ),
    { mean: mean === null ? gettext("unknown") : percent(mean) },
  );
}
