import type { Consent, ConsentText } from "../../api/schema";

/** Selects the page's language, else English, else any. */
export function selectConsentText(
  text: Consent["text"],
  language: string,
  easy: boolean,
): ConsentText | null {
  const short = language.split("-")[0] ?? language;
  const forms = text[language] ?? text[short] ?? text["en"] ?? Object.values(text)[0];
  return (easy ? forms?.easy : undefined) ?? forms?.standard ?? null;
}
