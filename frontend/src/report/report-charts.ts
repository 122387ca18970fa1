import type { Report } from "../api/schema";
import { buildColumns } from "../charts/columns";
import "../charts/expression-lines";
import { buildWithheldNote } from "../charts/chart-with-table";
import { buildShareBars, type Share } from "../charts/share-bars";
import { buildTable } from "../charts/table";
import "../charts/timeline-chart";
import { buildClassTable, buildExpressionTable } from "../charts/timeline-table";
import { formatWithheldNote, formatWithheldSentence } from "../charts/withheld-text";
import { element, replaceContent } from "../dom";
import { formatLabel, LABELS } from "../reading-text";
import { formatPercent, gettext, interpolate } from "../text";
import { HelpSection } from "./report-help";
import { ComparisonSection } from "./report-comparison";
import { buildStepsTable } from "./steps-table";
import { summariseShares, summariseSteps, summariseTimeline } from "./summaries";

type Figure = HTMLElementTagNameMap["chart-with-table"];

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
  #comparison = new ComparisonSection();
  #note = element("div", { class: "note", "data-testid": "withheld-note" });

  readonly node = element(
    "div",
    { class: "figures" },
    this.#note,
    this.#steps,
    this.#help.node,
    this.#comparison.node,
    this.#overTime,
    this.#expressions,
    element("div", { class: "figure-pair" }, this.#levels, this.#shares),
  );

  show(report: Report): void {
    this.#describe(report);
    this.#showNote(report.withheld ?? report.level_withheld);
    this.#showOverTime(report);
    this.#showExpressions(report);
    this.#showTotals(report);
    this.#hidePending(report);
    this.#showSteps(report);
    this.#help.show(report);
    this.#comparison.show(report);
  }

  /** While a lesson is open, what only its end brings would be a page of empty frames. */
  #hidePending({ state, expressions, engagement }: Report): void {
    const isOpen = state === "open";
    this.#expressions.hidden = isOpen;
    this.#shares.hidden = isOpen && !expressions;
    this.#levels.hidden = isOpen && !engagement?.levels;
  }

  #showNote(reason: string | null): void {
    this.#note.hidden = reason === null;
    const why = reason ? formatWithheldSentence(reason) : "";
    if (this.#note.textContent !== why) replaceContent(this.#note, element("p", {}, why));
  }

  #describe(report: Report): void {
    this.#overTime.describe(gettext("Engagement over time"), formatTimelineAbout(report));
    this.#expressions.describe(
      gettext("Expressions over time"),
      gettext("Average shares, on a scale from 0 to 100%."),
    );
    this.#shares.describe(
      gettext("Expressions in the whole lesson"),
      gettext("Average shares; each student counts the same."),
    );
    this.#levels.describe(
      gettext("Engagement in the whole lesson"),
      gettext("Shares of the time by level of the engagement index."),
    );
  }

  #showOverTime(report: Report): void {
    const { timeline, bin_seconds } = report;
    if (timeline.length === 0) {
      this.#overTime.showWithheld(formatWithheldNote(findReason(report)));
      return;
    }
    this.#timeline.update(buildColumns(timeline, bin_seconds), formatTimelineSummary(report));
    this.#overTime.show(
      this.#timeline,
      buildClassTable(timeline, bin_seconds),
      summariseTimeline(timeline, bin_seconds),
    );
  }

  #showExpressions(report: Report): void {
    const { timeline, bin_seconds } = report;
    if (!timeline.some(({ expressions }) => expressions)) {
      this.#expressions.showWithheld(formatWithheldNote(findReason(report)));
      return;
    }
    this.#lines.update(buildColumns(timeline, bin_seconds));
    const summary = report.expressions ? summariseShares(listShares(report.expressions)) : "";
    this.#expressions.show(this.#lines, buildExpressionTable(timeline, bin_seconds), summary);
  }

  #showTotals(report: Report): void {
    const { expressions, engagement } = report;
    const why = formatWithheldNote(findReason(report));
    if (expressions) showShares(this.#shares, gettext("Expression"), listShares(expressions));
    else this.#shares.showWithheld(why);
    const levels = engagement?.levels;
    if (levels) showShares(this.#levels, gettext("Engagement level"), listLevels(levels));
    else this.#levels.showWithheld(why);
  }

  /** Activity in the steps is shown also where camera data is withheld. */
  #showSteps(report: Report): void {
    const rows = report.steps.length
      ? buildStepsTable(report)
      : buildWithheldNote(formatWithheldNote(report.withheld));
    const summary = summariseSteps(report.steps);
    replaceContent(
      this.#steps,
      element("h2", {}, gettext("Step by step")),
      summary && element("p", { class: "figure-summary" }, summary),
      rows,
    );
  }
}

/** Why a figure is missing that the report as a whole does not withhold. */
function findReason(report: Report): string | null {
  if (report.withheld ?? report.level_withheld) return report.withheld ?? report.level_withheld;
  if (report.state !== "final") return "not_yet";
  const isEarlier = report.steps.some(({ withheld }) => withheld === "earlier_version");
  return isEarlier ? "earlier_version" : null;
}

function formatTimelineAbout({ timeline_unit, bin_seconds, level_withheld }: Report): string {
  const minutes = Math.round(bin_seconds / 60);
  const line = level_withheld
    ? gettext("The class compared with its average of the whole lesson, every %(n)s minutes.")
    : gettext("Average engagement index of the class, every %(n)s minutes.");
  const since =
    timeline_unit === "since_opening"
      ? gettext("Minutes since each student opened the lesson, whenever that was.")
      : gettext("Minutes since the lesson was started.");
  return `${interpolate(line, { n: minutes })} ${since}`;
}

function showShares(figure: Figure, name: string, shares: Share[]): void {
  const columns = [
    { title: name, cell: (share: Share) => share.text },
    { title: gettext("Share"), number: true, cell: formatShareCell },
  ];
  const caption = interpolate(gettext("%(name)s: shares in the whole lesson"), { name });
  figure.show(
    buildShareBars(shares),
    buildTable(caption, columns, shares),
    summariseShares(shares),
  );
}

function formatShareCell({ share }: Share): string {
  return share === null ? gettext("unknown") : formatPercent(share);
}

function listShares(expressions: NonNullable<Report["expressions"]>): Share[] {
  return LABELS.map((label) => ({ text: formatLabel(label), share: expressions[label] ?? null }));
}

function listLevels(levels: { high: number; medium: number; low: number }): Share[] {
  return [
    { text: gettext("High"), share: levels.high },
    { text: gettext("Medium"), share: levels.medium },
    { text: gettext("Low"), share: levels.low },
  ];
}

function formatTimelineSummary({ engagement, level_withheld }: Report): string {
  if (level_withheld)
    return gettext("Engagement over lesson time, compared with the whole lesson; see the table.");
  return interpolate(
    gettext("Engagement index over lesson time, average %(mean)s. The numbers are in the table."),
    { mean: engagement ? formatPercent(engagement.mean) : gettext("unknown") },
  );
}
