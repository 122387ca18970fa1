import { describe, expect, it } from "vitest";
import { type CameraStatus, computeStatus, formatStatus } from "./camera-status";

const both = [true, false];
const flows = ["waiting", "flowing", "stalled"] as const;
const every = (live: boolean): CameraStatus[] =>
  both.flatMap((wanted) =>
    both.flatMap((paused) =>
      both.flatMap((linkOpen) =>
        flows.map((flow) => computeStatus({ live, wanted, paused, linkOpen, flow })),
      ),
    ),
  );

describe("camera status", () => {
  it("is never off or paused while the track is live", () => {
    for (const status of every(true)) expect(["off", "paused"]).not.toContain(status);
  });

  it("is never on without a live track", () => {
    for (const status of every(false)) expect(["off", "paused", "starting"]).toContain(status);
  });

  it("is on only while frames arrive", () => {
    const running = { live: true, wanted: true, paused: false, linkOpen: true };
    expect(flows.map((flow) => computeStatus({ ...running, flow }))).toEqual([
      "starting",
      "on",
      "stalled",
    ]);
    for (const flow of flows)
      expect(computeStatus({ ...running, linkOpen: false, flow })).toBe("reconnecting");
  });

  it("formats every state differently", () => {
    const text = (
      ["off", "preview", "starting", "on", "paused", "reconnecting", "stalled"] as const
    ).map(formatStatus);
    expect(new Set(text).size).toBe(7);
  });
});
