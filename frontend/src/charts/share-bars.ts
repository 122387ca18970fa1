import { element } from "../dom";
import { gettext, formatPercent } from "../text";

export interface Share {
  words: string;
  share: number | null;
}

export function buildShareBars(shares: Share[]): HTMLElement {
  return element("div", { class: "bars wide-bars" }, ...shares.map(buildBar));
}

function buildBar({ words, share }: Share): HTMLElement {
  const fill = element("span", { class: "bar-fill" });
  fill.style.width = `${(share ?? 0) * 100}%`;
  return element(
    "div",
    { class: "bar" },
    element("span", {}, words),
    element("span", { class: "bar-track", "aria-hidden": "true" }, fill),
    element(
      "span",
      { class: "bar-value" },
      share === null ? gettext("unknown") : formatPercent(share),
    ),
  );
}
