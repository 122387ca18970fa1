import type { SessionApi } from "../../api/sessions";
import { element, replaceContent } from "../../dom";
import { formatTime, gettext } from "../../text";

/** Explains each rule's latest decision on request. */
export function buildRuleExplanations(api: SessionApi): HTMLElement {
  const list = element("ul", { class: "small" });
  const details = element(
    "details",
    { class: "why-list", "data-testid": "why-list" },
    element("summary", {}, gettext("Why did I get a hint, or none?")),
    list,
  );
  const show = async (): Promise<void> => {
    const explanations = await api.explainRules().catch(() => null);
    const rows = (explanations ?? []).map(({ title, at, why }) =>
      element("li", {}, element("strong", {}, title), ` (${formatTime(at)}): ${why}`),
    );
    const none = explanations
      ? gettext("No rule has been checked yet.")
      : gettext("This could not be loaded.");
    replaceContent(list, ...(rows.length ? rows : [element("li", {}, none)]));
  };
  details.addEventListener("toggle", () => {
    if (details.open) void show();
  });
  return details;
}
