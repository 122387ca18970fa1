import { describe, expect, it } from "vitest";
import type { ConsentTextForm } from "../../api/schema";
import { selectConsentText } from "./consent-text";

describe("selectConsentText", () => {
  const form = (title: string): ConsentTextForm => ({ title, intro: "", points: [] });
  const text = {
    en: { standard: form("en"), easy: form("en easy") },
    de: { standard: form("de"), easy: form("de leicht") },
  };

  it.each([
    ["de-AT", false, "de"],
    ["de", true, "de leicht"],
    ["fr", false, "en"],
  ])("for %s, easy %s, is %s", (language, easy, title) => {
    expect(selectConsentText(text, language, easy)?.title).toBe(title);
  });

  it("is null without texts", () => {
    expect(selectConsentText({}, "en", false)).toBeNull();
  });
});
