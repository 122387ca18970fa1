import { describe, expect, it } from "vitest";
import { computeStatus, formatStatus } from "./camera-status";

const both = [true, false];

describe("the camera sign", () => {
  it("never says off or paused while the track is live", () => {
    for (const wanted of both)
      for (const paused of both)
        for (const linkOpen of both)
          expect(["off", "paused", "starting"]).not.toContain(
            computeStatus({ live: true, wanted, paused, linkOpen }),
          );
  });

  it("never says on where there is no live track", () => {
    for (const wanted of both)
      for (const paused of both)
        for (const linkOpen of both)
          expect(["on", "preview", "reconnecting"]).not.toContain(
            computeStatus({ live: false, wanted, paused, linkOpen }),
          );
  });

  it("tells a lost connection from a camera that sends", () => {
    const running = { live: true, wanted: true, paused: false };
    expect(computeStatus({ ...running, linkOpen: true })).toBe("on");
    expect(computeStatus({ ...running, linkOpen: false })).toBe("reconnecting");
  });

  it("has a different word for every state", () => {
    const text = (["off", "preview", "starting", "on", "paused", "reconnecting"] as const).map(
      formatStatus,
    );
    expect(new Set(text).size).toBe(6);
  });
});
