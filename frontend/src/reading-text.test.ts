import { describe, expect, it } from "vitest";
import { formatLabel, formatQuality, LABELS } from "./reading-text";

describe("reading texts", () => {
  it("differ for every label and every quality", () => {
    expect(new Set(LABELS.map(formatLabel)).size).toBe(8);
    const qualities = [
      ...(["ok", "no_face", "many_faces", "small_face", "cut_off"] as const),
      ...(["turned_away", "low_light", "low_confidence"] as const),
    ];
    expect(new Set(qualities.map(formatQuality)).size).toBe(qualities.length);
  });

  it("never claim an emotion", () => {
    const all = [...LABELS.map(formatLabel), formatQuality("low_confidence")].join(" ");
    expect(all).not.toMatch(/emotion|feel|mood/i);
  });
});
