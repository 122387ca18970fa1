import type { Consent, ConsentTextForm } from "../../api/schema";

/** Selects the page's language, else English, else any. */
export function selectConsentText(
  text: Consent["text"],
  language: string,
  easy: boolean,
): ConsentTextForm | null {
  const forms = text[selectConsentLocale(text, language)];
  return (easy ? forms?.easy : undefined) ?? forms?.standard ?? null;
}

/** The language in which the text is shown: English where it is not translated. */
export function selectConsentLocale(text: Consent["text"], language: string): string {
  const short = language.split("-")[0] ?? language;
  const locales = [language, short, "en", ...Object.keys(text)];
  return locales.find((locale) => locale in text) ?? "";
}
