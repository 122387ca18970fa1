import { element } from "../dom";

/** Labelled fields of plain forms; each returns the label with the field inside. */

export function textField(
  label: string,
  name: string,
  value: string,
  more: Record<string, string | number | boolean> = {},
): HTMLElement {
  const { hint, ...attributes } = more;
  return element(
    "label",
    { class: "field" },
    element("span", {}, label),
    element("input", { type: "text", name, value, ...attributes }),
    typeof hint === "string" && element("small", {}, hint),
  );
}

export function areaField(
  label: string,
  name: string,
  value: string,
  rows: number,
  hint = "",
): HTMLElement {
  const area = element("textarea", { name, rows });
  area.value = value;
  return element(
    "label",
    { class: "field" },
    element("span", {}, label),
    area,
    hint && element("small", {}, hint),
  );
}

export function selectField(
  label: string,
  name: string,
  value: string,
  options: [string, string][],
): HTMLElement {
  const choices = options.map(([key, words]) =>
    element("option", { value: key, selected: key === value }, words),
  );
  return element(
    "label",
    { class: "field" },
    element("span", {}, label),
    element("select", { name }, ...choices),
  );
}

/** What stands in a named field of a part of a form. */
export function valueIn(part: ParentNode, name: string): string {
  const field = part.querySelector<HTMLInputElement>(`[name="${name}"]`);
  return field?.value.trim() ?? "";
}

export function checkedIn(part: ParentNode, name: string): boolean {
  return part.querySelector<HTMLInputElement>(`[name="${name}"]`)?.checked ?? false;
}
