import type { StepRow } from "../api/schema";
import { formatChange, formatWithheldStep, getMinGroupSize } from "../charts/withheld-text";
import { element } from "../dom";
import { formatPercent, gettext, interpolate } from "../text";

/** `isRelative`: levels are withheld, and steps are compared with the whole lesson. */
export function buildStepsTable(steps: StepRow[], isRelative = false): HTMLElement {
  const done = steps.some(({ seconds }) => seconds !== null);
  const titles = [
    gettext("Step"),
    ...(done ? buildActivityTitles() : []),
    isRelative
      ? gettext("Engagement, compared with the whole lesson")
      : gettext("Engagement index"),
  ];
  const head = titles.map((title) => element("th", { scope: "col" }, title));
  const caption = element(
    "caption",
    {},
    done
      ? gettext("Time, activity and engagement in each step.")
      : gettext("Time, activity and engagement are shown when the lesson is closed."),
  );
  const table = element(
    "table",
    { class: "steps" },
    caption,
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...steps.map((step) => buildStepRow(step, done))),
  );
  const region = { role: "region", "aria-label": gettext("Step by step"), tabindex: "0" };
  return element("div", { class: "table-scroll whole", ...region }, table);
}

/** Activity columns, available when the session has ended. */
function buildActivityTitles(): string[] {
  return [
    gettext("Average time"),
    gettext("Right at first try"),
    gettext("Asked for a hint"),
    gettext("Rated hard"),
  ];
}

function buildStepRow(step: StepRow, done: boolean): HTMLElement {
  const title = element("th", { scope: "row" }, `${step.position}. ${step.title}`);
  return element("tr", {}, title, ...(done ? buildActivityCells(step) : []), buildCameraCell(step));
}

function buildActivityCells(step: StepRow): HTMLElement[] {
  const shares = [step.right_at_first, step.asked_for_hint, step.self_reports?.hard ?? null];
  const texts = [formatDuration(step.seconds), ...shares.map(formatShare)];
  return texts.map((text) => element("td", {}, text));
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
