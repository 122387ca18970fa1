import { element } from "../../dom";

/** Parses HTML that the server rendered from Markdown by an allow-list; the only use of markup. */
export function parseServerHtml(html: string): HTMLElement {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  return element("div", { class: "step-body", dir: "auto" }, ...parsed.body.childNodes);
}
