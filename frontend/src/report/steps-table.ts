import type { ReportStep } from "../api/types";
import { withheldWords } from "../charts/withheld-words";
import { element } from "../dom";
import { gettext, interpolate, percent } from "../text";

/** One row a step; a withheld cell says so in its place. */
export function stepsTable(steps: ReportStep[]): HTMLElement {
  const titles = [
    gettext("Step"),
    gettext("Time, mean"),
    gettext("Engagement index"),
    gettext("Seen"),
  ];
  const head = titles.map((title) => element("th", { scope: "col" }, title));
  const caption = element(
    "caption",
    {},
    gettext("How long each step took, and how the class looked at it."),
  );
  const table = element(
    "table",
    { class: "steps" },
    caption,
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...steps.map(stepRow)),
  );
  const region = { role: "region", "aria-label": gettext("Step by step"), tabindex: "0" };
  return element("div", { class: "table-scroll whole", ...region }, table);
}

function stepRow(step: ReportStep): HTMLElement {
  const title = element("th", { scope: "row" }, `${step.position}. ${step.title}`);
  if (step.withheld) {
    const why = element("td", { colspan: 3, class: "soft" }, withheldWords(step.withheld));
    return element("tr", {}, title, why);
  }
  return element(
    "tr",
    {},
    title,
    element("td", {}, durationWords(step.seconds)),
    element("td", {}, meter(step.engagement)),
    element("td", {}, meter(step.coverage)),
  );
}

export function durationWords(seconds: number | null): string {
  if (seconds === null) return gettext("unknown");
  if (seconds < 60) return interpolate(gettext("%(n)s s"), { n: seconds });
  return interpolate(gettext("%(n)s min"), { n: Math.round(seconds / 60) });
}

function meter(share: number | null): HTMLElement {
  if (share === null) return element("span", { class: "soft" }, gettext("unknown"));
  const fill = element("span", { class: "bar-fill" });
  fill.style.width = `${share * 100}%`;
  return element(
    "span",
    { class: "cell-bar" },
    element("span", { class: "bar-track", "aria-hidden": "true" }, fill),
    element("span", {}, percent(share)),
  );
}
