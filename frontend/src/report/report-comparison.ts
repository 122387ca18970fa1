import type { ComparedSession, ComparedStep, Report } from "../api/schema";
import { element, replaceContent } from "../dom";
import { formatDateTime, gettext, interpolate } from "../text";
import { buildHeatCell, invert } from "./steps-table";

type Measure = "called_hard" | "asked_for_hint" | "right_at_first";

/** Earlier sessions of the same lesson beside this one, step by step; without a camera. */
export class ComparisonSection {
  #measure: Measure = "right_at_first";
  #report: Report | null = null;
  #drawn = "";
  #table = element("div");
  #summary = element("p", { class: "figure-summary" });
  #select = this.#buildSelect();

  readonly node = element(
    "section",
    { class: "card", "data-testid": "comparison" },
    element("h2", {}, gettext("Compared with earlier sessions of this lesson")),
    this.#summary,
    this.#select,
    this.#table,
  );

  show(report: Report): void {
    this.node.hidden = report.state !== "final";
    const state = JSON.stringify(report.comparison);
    if (state === this.#drawn) return;
    this.#drawn = state;
    this.#report = report;
    this.#render();
  }

  #render(): void {
    const { comparison = [], steps = [] } = this.#report ?? {};
    this.#select.hidden = this.#table.hidden = comparison.length === 0;
    this.#summary.textContent = summariseComparison(comparison);
    if (comparison.length === 0) return;
    const positions = steps.map(({ position }) => position);
    replaceContent(this.#table, buildComparison(comparison, positions, this.#measure));
  }

  #buildSelect(): HTMLElement {
    const options: [Measure, string][] = [
      ["right_at_first", gettext("Right at first try")],
      ["asked_for_hint", gettext("Asked for a hint")],
      ["called_hard", gettext("Rated hard")],
    ];
    const select = element(
      "select",
      { "data-testid": "measure" },
      ...options.map(([value, text]) => element("option", { value }, text)),
    );
    select.addEventListener("change", () => {
      this.#measure = select.value as Measure;
      this.#render();
    });
    return element(
      "label",
      { class: "field comparison-field no-print" },
      element("span", {}, gettext("Figures")),
      select,
    );
  }
}

/** How often the hard steps of this session were hard in all sessions. */
export function summariseComparison(sessions: ComparedSession[]): string {
  const [own, ...earlier] = sessions;
  if (!own || earlier.length === 0)
    return gettext("There is no earlier session with a final report to compare with.");
  const hard = own.steps.filter(({ is_hard }) => is_hard).map(({ position }) => position);
  if (hard.length === 0) return gettext("No step was hard this time.");
  const text = gettext("Step %(n)s was hard in %(count)s of %(all)s sessions of this lesson.");
  return hard
    .map((position) => {
      const all = sessions.filter(({ steps }) => findStep(steps, position));
      const count = all.filter(({ steps }) => findStep(steps, position)?.is_hard).length;
      return interpolate(text, { n: position, count, all: all.length });
    })
    .join(" ");
}

function findStep(steps: ComparedStep[], position: number): ComparedStep | undefined {
  return steps.find((step) => step.position === position);
}

function buildComparison(
  sessions: ComparedSession[],
  positions: number[],
  measure: Measure,
): HTMLElement {
  const head = positions.map((position) =>
    element("th", { scope: "col" }, interpolate(gettext("Step %(n)s"), { n: position })),
  );
  const caption = gettext(
    "The more a cell is marked, the harder the step was; “hard” as in the headline. Classes differ, and results from the camera are not compared.",
  );
  const table = element(
    "table",
    { class: "steps comparison" },
    element("caption", {}, caption),
    element(
      "thead",
      {},
      element("tr", {}, element("th", { scope: "col" }, gettext("Session")), ...head),
    ),
    element(
      "tbody",
      {},
      ...sessions.map((session, at) => buildRow(session, positions, measure, at === 0)),
    ),
  );
  const label = gettext("Compared with earlier sessions of this lesson");
  const region = { role: "region", "aria-label": label, tabindex: "0" };
  return element("div", { class: "table-scroll whole", ...region }, table);
}

function buildRow(
  { session_id, started_at, steps }: ComparedSession,
  positions: number[],
  measure: Measure,
  isOwn: boolean,
): HTMLElement {
  const when = formatDateTime(started_at);
  const name = isOwn
    ? interpolate(gettext("%(when)s (this session)"), { when })
    : element("a", { href: `/sessions/${session_id}/report/` }, when);
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, name),
    ...positions.map((position) => buildCell(findStep(steps, position), measure)),
  );
}

function buildCell(step: ComparedStep | undefined, measure: Measure): HTMLElement {
  if (!step) return element("td", { class: "soft" }, gettext("another step"));
  const share = step[measure];
  const heat = measure === "right_at_first" ? invert(share) : share;
  return buildHeatCell(share, heat, step.is_hard ? gettext("hard") : "");
}
