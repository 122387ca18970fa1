import { gettext } from "../text";

/** Adds the limits to the foot of printed pages. Margin boxes take text from style sheets only. */
export function addPrintFooter(): void {
  const text = gettext(
    "A face says little about what a person feels. These results are about the lesson material, not about people.",
  );
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    `@page { @bottom-left { content: ${JSON.stringify(text)}; font-size: 8pt; width: 85%; } }`,
  );
  document.adoptedStyleSheets.push(sheet);
}
