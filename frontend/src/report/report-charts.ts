import type { Report } from "../api/schema";
import { buildColumns } from "../charts/columns";
import "../charts/expression-lines";
import { buildWithheldNote } from "../charts/chart-with-table";
import { buildShareBars, type Share } from "../charts/share-bars";
import { buildTable } from "../charts/table";
import "../charts/timeline-chart";
import { buildExpressionTable, buildTimelineTable } from "../charts/timeline-table";
import { formatWithheld, formatWithheldSentence } from "../charts/withheld-text";
import { element, replaceContent } from "../dom";
import { formatLabel, LABELS } from "../reading-text";
import { formatPercent, gettext, interpolate } from "../text";
import { HelpSection } from "./report-help";
import { buildStepsTable } from "./steps-table";

/** Charts of a report; withheld ones show the reason in place. */
export class ReportCharts {
  #timeline = element("timeline-chart");
  #lines = element("expression-lines");
  #overTime = element("chart-with-table");
  #expressions = element("chart-with-table");
  #shares = element("chart-with-table");
  #levels = element("chart-with-table");
  #steps = element("section", { class: "card" });
  #help = new HelpSection();
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

  /** Activity in the steps is shown also where camera data is withheld. */
  #showSteps({ steps, withheld }: Report): void {
    const rows = steps.length
      ? buildStepsTable(steps)
      : buildWithheldNote(formatWithheld(withheld));
    replaceContent(this.#steps, element("h2", {}, gettext("Step by step")), rows);
  }

  #describe(): void {
    this.#overTime.describe(
      gettext("Engagement over time"),
      gettext("Line: engagement index of the class. Band: visible time."),
    );
    this.#expressions.describe(
      gettext("Expressions over time"),
      gettext("Average shares, on a scale from 0 to 100%."),
    );
    this.#shares.describe(
      gettext("Expressions in the whole lesson"),
      gettext("Average shares over the visible time."),
    );
    this.#levels.describe(
      gettext("Engagement in the whole lesson"),
      gettext("Shares of the visible time by level of the engagement index."),
    );
  }

  #showWithheld(reason: string): void {
    const why = formatWithheldSentence(reason);
    if (this.#note.textContent !== why) replaceContent(this.#note, element("p", {}, why));
    for (const chart of [this.#overTime, this.#expressions, this.#shares, this.#levels])
      chart.showWithheld(formatWithheld(reason));
  }

  #showFigures(report: Report, lessonStart: string): void {
    const columns = buildColumns(report.timeline, lessonStart);
    this.#timeline.update(columns, formatTimelineSummary(report));
    this.#lines.update(columns);
    this.#overTime.show(this.#timeline, buildTimelineTable(report.timeline, lessonStart));
    this.#expressions.show(this.#lines, buildExpressionTable(report.timeline, lessonStart));
    renderShares(this.#shares, gettext("Expression"), listExpressionShares(report));
    renderShares(this.#levels, gettext("Engagement level"), listLevelShares(report));
  }
}

function renderShares(
  figure: HTMLElementTagNameMap["chart-with-table"],
  name: string,
  shares: Share[],
): void {
  const columns = [
    { title: name, cell: (share: Share) => share.text },
    { title: gettext("Share"), number: true, cell: formatShareCell },
  ];
  const caption = interpolate(gettext("%(name)s: shares in the whole lesson"), { name });
  figure.show(buildShareBars(shares), buildTable(caption, columns, shares));
}

function formatShareCell({ share }: Share): string {
  return share === null ? gettext("unknown") : formatPercent(share);
}

function listExpressionShares(report: Report): Share[] {
  return LABELS.map((label) => ({
    text: formatLabel(label),
    share: report.expressions?.[label] ?? null,
  }));
}

function listLevelShares(report: Report): Share[] {
  const levels = report.engagement?.levels;
  return [
    { text: gettext("High"), share: levels?.high ?? null },
    { text: gettext("Medium"), share: levels?.medium ?? null },
    { text: gettext("Low"), share: levels?.low ?? null },
  ];
}

function formatTimelineSummary(report: Report): string {
  const mean = report.engagement?.mean ?? null;
  return interpolate(
    gettext("Engagement index over lesson time, average %(mean)s. The numbers are in the table."),
    { mean: mean === null ? gettext("unknown") : formatPercent(mean) },
  );
}
