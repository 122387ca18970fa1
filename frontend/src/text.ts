/**
 * User-interface texts, translated by Django's JavaScriptCatalog (/jsi18n/) where loaded. The
 * function names are Django's; `make messages` finds every text in their literal arguments.
 */

interface Catalog {
  gettext(text: string): string;
  ngettext(one: string, many: string, count: number): string;
  pgettext(context: string, text: string): string;
}

function catalog(): Catalog | undefined {
  return (globalThis as { django?: Partial<Catalog> }).django?.gettext
    ? (globalThis as unknown as { django: Catalog }).django
    : undefined;
}

export function gettext(text: string): string {
  return catalog()?.gettext(text) ?? text;
}

export function ngettext(one: string, many: string, count: number): string {
  return catalog()?.ngettext(one, many, count) ?? (count === 1 ? one : many);
}

/** A text whose English form has several meanings; the context tells translators which. */
export function pgettext(context: string, text: string): string {
  return catalog()?.pgettext(context, text) ?? text;
}

/** interpolate("%(n)s of %(all)s", {n: 1, all: 3}) is "1 of 3". */
export function interpolate(text: string, values: Record<string, string | number>): string {
  return text.replace(/%\((\w+)\)s/g, (whole, name: string) => String(values[name] ?? whole));
}

const RIGHT_TO_LEFT = ["ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"];

/** Attributes of text that a teacher wrote in the lesson's language; "" where it is not stated. */
export function describeLanguage(language: string): { lang: string | null; dir: string } {
  const [primary = ""] = language.toLowerCase().split("-");
  if (primary === "") return { lang: null, dir: "auto" };
  return { lang: language, dir: RIGHT_TO_LEFT.includes(primary) ? "rtl" : "ltr" };
}

export function pageLanguage(): string {
  return document.documentElement.lang || "en";
}

/** "Ada, Ben and Cy" in the page's language. */
export function formatNameList(names: string[]): string {
  return new Intl.ListFormat(pageLanguage(), { type: "conjunction" }).format(names);
}

export function formatPercent(share: number): string {
  return new Intl.NumberFormat(pageLanguage(), {
    style: "percent",
    maximumFractionDigits: 0,
  }).format(share);
}

export function formatTime(iso: string): string {
  return new Intl.DateTimeFormat(pageLanguage(), { timeStyle: "short" }).format(new Date(iso));
}

/** "Friday, 4 December at 14:00" in the page's language and the reader's time zone. */
export function formatDayTime(iso: string): string {
  return new Intl.DateTimeFormat(pageLanguage(), {
    weekday: "long",
    day: "numeric",
    month: "long",
    hour: "numeric",
    minute: "2-digit",
  }).format(new Date(iso));
}

export function formatDateTime(iso: string): string {
  return new Intl.DateTimeFormat(pageLanguage(), {
    dateStyle: "long",
    timeStyle: "short",
  }).format(new Date(iso));
}
