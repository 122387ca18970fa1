import { describe, expect, it } from "vitest";
import { signFor, signWords } from "./sign";

const both = [true, false];

describe("the camera sign", () => {
  it("never says off or paused while the track is live", () => {
    for (const wanted of both)
      for (const paused of both)
        for (const linkOpen of both)
          expect(["off", "paused", "starting"]).not.toContain(
            signFor({ live: true, wanted, paused, linkOpen }),
          );
  });

  it("never says on where there is no live track", () => {
    for (const wanted of both)
      for (const paused of both)
        for (const linkOpen of both)
          expect(["on", "preview", "reconnecting"]).not.toContain(
            signFor({ live: false, wanted, paused, linkOpen }),
          );
  });

  it("tells a lost connection from a camera that sends", () => {
    const running = { live: true, wanted: true, paused: false };
    expect(signFor({ ...running, linkOpen: true })).toBe("on");
    expect(signFor({ ...running, linkOpen: false })).toBe("reconnecting");
  });

  it("has a different word for every state", () => {
    const words = (["off", "preview", "starting", "on", "paused", "reconnecting"] as const).map(
      signWords,
    );
    expect(new Set(words).size).toBe(6);
  });
});
