import { gettext } from "../text";

/**
 * The limits at the foot of every printed page. Margin boxes take their words from a style
 * sheet only, so the translated words are put into one.
 */
export function addPrintFooter(): void {
  const words = gettext(
    "A face says little about what a person feels. These results are about the lesson material, not about people.",
  );
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    `@page { @bottom-left { content: ${JSON.stringify(words)}; font-size: 8pt; width: 85%; } }`,
  );
  document.adoptedStyleSheets.push(sheet);
}
