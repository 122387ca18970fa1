import { element } from "../../dom";
import { describeLanguage } from "../../text";

/** Parses HTML that the server rendered from Markdown by an allow-list; the only use of markup. */
export function parseServerHtml(html: string, language = ""): HTMLElement {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  return element(
    "div",
    { class: "step-body", ...describeLanguage(language) },
    ...parsed.body.childNodes,
  );
}
