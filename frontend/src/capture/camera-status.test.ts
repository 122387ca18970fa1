import { describe, expect, it } from "vitest";
import { computeStatus, formatStatus } from "./camera-status";

const both = [true, false];

describe("camera status", () => {
  it("is never off or paused while the track is live", () => {
    for (const wanted of both)
      for (const paused of both)
        for (const linkOpen of both)
          expect(["off", "paused", "starting"]).not.toContain(
            computeStatus({ live: true, wanted, paused, linkOpen }),
          );
  });

  it("is never on without a live track", () => {
    for (const wanted of both)
      for (const paused of both)
        for (const linkOpen of both)
          expect(["on", "preview", "reconnecting"]).not.toContain(
            computeStatus({ live: false, wanted, paused, linkOpen }),
          );
  });

  it("distinguishes reconnecting from on", () => {
    const running = { live: true, wanted: true, paused: false };
    expect(computeStatus({ ...running, linkOpen: true })).toBe("on");
    expect(computeStatus({ ...running, linkOpen: false })).toBe("reconnecting");
  });

  it("formats every state differently", () => {
    const text = (["off", "preview", "starting", "on", "paused", "reconnecting"] as const).map(
      formatStatus,
    );
    expect(new Set(text).size).toBe(6);
  });
});
