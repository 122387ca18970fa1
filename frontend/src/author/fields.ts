import { element } from "../dom";

/** Labelled fields of plain forms; a word of help below is read as a description. */

let made = 0;

export function textField(
  label: string,
  name: string,
  value: string,
  more: Record<string, string | number | boolean> = {},
): HTMLElement {
  const { hint, ...attributes } = more;
  const input = element("input", { type: "text", name, value, ...attributes });
  return labelled(label, input, typeof hint === "string" ? hint : "");
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
  return labelled(label, area, hint);
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
  return labelled(label, element("select", { name }, ...choices));
}

export function labelled(label: string, field: HTMLElement, hint = ""): HTMLElement {
  made += 1;
  field.id = `field-${made}`;
  const help = hint && element("small", { id: `help-${made}` }, hint);
  if (help) field.setAttribute("aria-describedby", help.id);
  return element(
    "div",
    { class: "field" },
    element("label", { for: field.id }, label),
    field,
    help || null,
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
