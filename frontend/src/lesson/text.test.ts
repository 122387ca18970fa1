import { describe, expect, it } from "vitest";
import type { ConsentText } from "../api/schema";
import { selectConsentText } from "./consent-text";
import { formatLabel, formatQuality, LABELS } from "./reading-text";

describe("selectConsentText", () => {
  const form = (title: string): ConsentText => ({ title, intro: "", points: [] });
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

describe("reading texts", () => {
  it("differ for every label and every quality", () => {
    expect(new Set(LABELS.map(formatLabel)).size).toBe(8);
    const qualities = ["ok", "no_face", "many_faces", "small_face", "turned_away"] as const;
    expect(new Set(qualities.map(formatQuality)).size).toBe(qualities.length);
  });

  it("never claim an emotion", () => {
    const all = [...LABELS.map(formatLabel), formatQuality("low_confidence")].join(" ");
    expect(all).not.toMatch(/emotion|feel|mood/i);
  });
});
