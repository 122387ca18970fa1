/** DOM construction. Strings become text nodes, never markup. */

type Child = Node | string | null | undefined | false;
type Value = string | number | boolean | null | undefined | EventListener;
export type Attributes = Record<string, Value>;

const SVG = "http://www.w3.org/2000/svg";

/** element("button", {class: "quiet", onclick: go}, "Go"); `on…` attributes take listeners. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  apply(node, attributes);
  append(node, children);
  return node;
}

export function button(
  label: string,
  onclick: () => void,
  attributes: Attributes = {},
): HTMLButtonElement {
  return element("button", { type: "button", onclick, ...attributes }, label);
}

/** A button whose accessible name includes what it acts on. */
export function quietButton(
  label: string,
  onclick: () => void,
  testId: string,
  context = "",
): HTMLButtonElement {
  const name = context ? `${label}: ${context}` : null;
  return button(label, onclick, { class: "quiet", "data-testid": testId, "aria-label": name });
}

export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  const node = document.createElementNS(SVG, tag);
  apply(node, attributes);
  append(node, children);
  return node;
}

export function replaceContent(parent: Element, ...children: Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

/** Moves the focus to the first heading, for screen readers. */
export function focusHeading(root: ParentNode): void {
  const heading = root.querySelector<HTMLElement>("h1, h2");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus();
}

export function emit(target: EventTarget, name: string, detail?: unknown): void {
  target.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
}

function apply(node: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.replace(/^on/, ""), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined)
      node.setAttribute(name, String(value));
  }
}

function append(node: Element, children: Child[]): void {
  for (const child of children)
    if (child !== null && child !== undefined && child !== false) node.append(child);
}
