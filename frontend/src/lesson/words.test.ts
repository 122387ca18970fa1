import { describe, expect, it } from "vitest";
import type { ConsentText } from "../api/schema";
import { consentForm } from "./consent-text";
import { labelWords, LABELS, qualityWords } from "./reading-words";
import { blocksOf } from "./step-text";

describe("the text of a step", () => {
  it("is parted into paragraphs by blank lines, and keeps single line breaks", () => {
    expect(blocksOf("one\ntwo\n\n\nthree\n")).toEqual([
      { kind: "paragraph", text: "one\ntwo" },
      { kind: "paragraph", text: "three" },
    ]);
  });

  it("holds lists, also within a paragraph", () => {
    expect(blocksOf("Take:\n- a\n- b\nthen go")).toEqual([
      { kind: "paragraph", text: "Take:" },
      { kind: "list", items: ["a", "b"] },
      { kind: "paragraph", text: "then go" },
    ]);
  });

  it("may be empty", () => {
    expect(blocksOf(" \n ")).toEqual([]);
  });
});

describe("the consent text", () => {
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
    expect(consentForm(text, language, easy)?.title).toBe(title);
  });

  it("is none where there is none", () => {
    expect(consentForm({}, "en", false)).toBeNull();
  });
});

describe("words for a reading", () => {
  it("differ for every label and every quality", () => {
    expect(new Set(LABELS.map(labelWords)).size).toBe(8);
    const qualities = ["ok", "no_face", "many_faces", "small_face", "turned_away"] as const;
    expect(new Set(qualities.map(qualityWords)).size).toBe(qualities.length);
  });

  it("never claim an emotion", () => {
    const all = [...LABELS.map(labelWords), qualityWords("low_confidence")].join(" ");
    expect(all).not.toMatch(/emotion|feel|mood/i);
  });
});
