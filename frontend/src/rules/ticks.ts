import type { Option } from "../api/schema";
import { element } from "../dom";
import { gettext } from "../text";

/** Checkboxes; chosen items that no longer exist keep one. */
export function buildCheckboxes(
  legend: string,
  name: string,
  all: Option[],
  chosen: (string | number)[],
): HTMLElement {
  const ids = chosen.map(String);
  const there = new Set(all.map(({ id }) => id));
  // Without them, a rule for a deleted group would apply to everybody once saved.
  const gone = ids
    .filter((id) => !there.has(id))
    .map((id) => ({ id, title: gettext("(deleted)") }));
  const boxes = [...all, ...gone].map(({ id, title }) =>
    element(
      "label",
      { class: "tick" },
      element("input", {
        type: "checkbox",
        name: `${name}-${id}`,
        value: id,
        checked: ids.includes(id),
      }),
      element("span", {}, title),
    ),
  );
  return element("fieldset", { "data-name": name }, element("legend", {}, legend), ...boxes);
}
