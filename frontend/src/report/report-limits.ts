import type { Report } from "../api/schema";
import { element, replaceContent } from "../dom";
import { formatDateTime, gettext, interpolate } from "../text";

/** Limits of the results, the model and the retention. */
export class ReportLimits {
  #list = element("ul", {});
  #model = element("p", { class: "small soft" });
  #kept = element("p", { class: "small soft" });

  readonly node = element(
    "section",
    { class: "limits", id: "limits", tabindex: "-1" },
    element("h2", {}, gettext("Limits of these results")),
    this.#list,
    this.#model,
    this.#kept,
  );

  show(report: Report): void {
    replaceContent(this.#list, ...report.limits.map((limit) => element("li", {}, limit)));
    this.#model.textContent = formatModel(report);
    this.#kept.textContent = report.kept_until
      ? interpolate(gettext("Stored until %(when)s."), { when: formatDateTime(report.kept_until) })
      : "";
  }
}

function formatModel({ model, preset }: Report): string {
  if (!model) return "";
  const version = model.sha256 ? ` (${model.sha256.slice(0, 12)}…)` : "";
  return interpolate(
    gettext("Model: %(name)s. Engagement formula: %(preset)s. Accuracy: %(accuracy)s"),
    { name: model.name + version, preset, accuracy: model.accuracy },
  );
}
