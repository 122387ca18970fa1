import { element } from "../dom";

/** Form fields with a label and an optional help text. */

let fieldCount = 0;

export function buildTextField(
  label: string,
  name: string,
  value: string,
  more: Record<string, string | number | boolean> = {},
): HTMLElement {
  const { hint, ...attributes } = more;
  const input = element("input", { type: "text", dir: "auto", name, value, ...attributes });
  return buildField(label, input, typeof hint === "string" ? hint : "");
}

export function buildTextArea(
  label: string,
  name: string,
  value: string,
  rows: number,
  hint = "",
): HTMLElement {
  const area = element("textarea", { dir: "auto", name, rows });
  area.value = value;
  return buildField(label, area, hint);
}

export function buildSelect(
  label: string,
  name: string,
  value: string,
  options: [string, string][],
): HTMLElement {
  const choices = options.map(([key, text]) =>
    element("option", { value: key, selected: key === value }, text),
  );
  return buildField(label, element("select", { name }, ...choices));
}

export function buildField(label: string, field: HTMLElement, hint = ""): HTMLElement {
  fieldCount += 1;
  field.id = `field-${fieldCount}`;
  const help = hint && element("small", { id: `help-${fieldCount}` }, hint);
  if (help) field.setAttribute("aria-describedby", help.id);
  return element(
    "div",
    { class: "field" },
    element("label", { for: field.id }, label),
    field,
    help || null,
  );
}

export function readValue(part: ParentNode, name: string): string {
  const field = part.querySelector<HTMLInputElement>(`[name="${name}"]`);
  return field?.value.trim() ?? "";
}
