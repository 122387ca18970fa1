import type { Report, StepRow } from "../api/schema";
import { formatChange, formatWithheldStep, getMinGroupSize } from "../charts/withheld-text";
import { element } from "../dom";
import { formatPercent, gettext, interpolate } from "../text";

/** A heat map: the darker a cell, the harder the step was. */
export function buildStepsTable({ steps, level_withheld, state }: Report): HTMLElement {
  const done = steps.some(hasActivity);
  const titles = [
    gettext("Step"),
    ...(done ? buildActivityTitles() : []),
    level_withheld !== null
      ? gettext("Engagement, compared with the whole lesson")
      : gettext("Engagement index"),
  ];
  const head = titles.map((title) => element("th", { scope: "col" }, title));
  const table = element(
    "table",
    { class: "steps" },
    element("caption", {}, formatCaption(done, state)),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...steps.map((step) => buildStepRow(step, done))),
  );
  const region = { role: "region", "aria-label": gettext("Step by step"), tabindex: "0" };
  return element("div", { class: "table-scroll whole", ...region }, table);
}

function hasActivity({ seconds, right_at_first, asked_for_hint, self_reports }: StepRow): boolean {
  return [seconds, right_at_first, asked_for_hint, self_reports].some((value) => value !== null);
}

function formatCaption(done: boolean, state: Report["state"]): string {
  if (done)
    return interpolate(
      gettext(
        "The more a cell is marked, the harder the step was for the class. “Not shown” means: fewer than %(n)s students have a value.",
      ),
      { n: getMinGroupSize() },
    );
  return state === "final"
    ? gettext("Time and activity are not shown: too few students opened the lesson.")
    : gettext("Time, activity and engagement are shown when the lesson is closed.");
}

/** Activity columns, available when the session has ended. */
function buildActivityTitles(): string[] {
  return [
    gettext("Average time"),
    gettext("Right at first try"),
    gettext("Asked for a hint"),
    gettext("Right after a hint"),
    gettext("Rated hard"),
  ];
}

function buildStepRow(step: StepRow, done: boolean): HTMLElement {
  const title = element("th", { scope: "row" }, `${step.position}. ${step.title}`);
  return element("tr", {}, title, ...(done ? buildActivityCells(step) : []), buildCameraCell(step));
}

function buildActivityCells(step: StepRow): HTMLElement[] {
  const hard = step.self_reports?.hard ?? null;
  return [
    element("td", {}, formatDuration(step.seconds)),
    buildHeatCell(step.right_at_first, invert(step.right_at_first)),
    buildHeatCell(step.asked_for_hint, step.asked_for_hint),
    element("td", {}, formatShare(step.right_after_hint ?? null)),
    buildHeatCell(hard, hard),
  ];
}

/** Shares from which a cell is shaded, by shade. */
const HEAT_FROM = [0.3, 0.5, 0.7];

/** A cell of a heat map; `heat` is the share that was hard. */
export function buildHeatCell(share: number | null, heat: number | null, mark = ""): HTMLElement {
  const level = HEAT_FROM.filter((from) => heat !== null && heat >= from - 0.001).length;
  return element(
    "td",
    { class: share === null ? "soft" : `heat heat-${level}` },
    formatShare(share),
    mark && element("strong", { class: "heat-mark" }, ` ${mark}`),
  );
}

export function invert(share: number | null): number | null {
  return share === null ? null : 1 - share;
}

function buildCameraCell({ withheld, change, engagement }: StepRow): HTMLElement {
  if (withheld) return element("td", { class: "soft" }, formatWithheldStep(withheld));
  if (change) return element("td", {}, formatChange(change));
  return element("td", {}, buildMeter(engagement));
}

const SHARE_ROUNDING = 0.05;

/** Shares are rounded and clamped, so that none means nobody or everybody. */
export function formatShare(share: number | null): string {
  if (share === null) return gettext("not shown");
  const least = computeLeastShare(getMinGroupSize());
  if (share <= least + 0.005)
    return interpolate(gettext("%(share)s or less"), { share: formatPercent(least) });
  if (share >= 1 - least - 0.005)
    return interpolate(gettext("%(share)s or more"), { share: formatPercent(1 - least) });
  return formatPercent(share);
}

/** One of the smallest group, rounded up as the server rounds. */
function computeLeastShare(minGroupSize: number): number {
  return Math.ceil(1 / (minGroupSize * SHARE_ROUNDING) - 1e-6) * SHARE_ROUNDING;
}

function formatDuration(seconds: number | null): string {
  if (seconds === null) return gettext("not shown");
  if (seconds < 60) return interpolate(gettext("%(n)s s"), { n: seconds });
  return interpolate(gettext("%(n)s min"), { n: Math.round(seconds / 60) });
}

function buildMeter(share: number | null): HTMLElement {
  if (share === null) return element("span", { class: "soft" }, gettext("unknown"));
  const fill = element("span", { class: "bar-fill" });
  fill.style.width = `${share * 100}%`;
  return element(
    "span",
    { class: "cell-bar" },
    element("span", { class: "bar-track", "aria-hidden": "true" }, fill),
    element("span", {}, formatPercent(share)),
  );
}
