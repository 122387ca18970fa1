import { element } from "../dom";
import { formatPercent, gettext } from "../text";

export interface Share {
  text: string;
  share: number | null;
}

export function buildShareBars(shares: Share[]): HTMLElement {
  return element("div", { class: "bars wide-bars" }, ...shares.map(buildBar));
}

function buildBar({ text, share }: Share): HTMLElement {
  const fill = element("span", { class: "bar-fill" });
  fill.style.width = `${(share ?? 0) * 100}%`;
  return element(
    "div",
    { class: "bar" },
    element("span", {}, text),
    element("span", { class: "bar-track", "aria-hidden": "true" }, fill),
    element(
      "span",
      { class: "bar-value" },
      share === null ? gettext("unknown") : formatPercent(share),
    ),
  );
}
