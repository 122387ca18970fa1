// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Baseline } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import {
  type CameraCalibration,
  computeCalibrationState,
  formatProgress,
} from "./camera-calibration";

const NOTHING: Baseline = {
  ready: false,
  from_at: null,
  expires_at: null,
  seen_seconds: 0,
  gathered_seconds: 0,
  needed_seconds: 20,
  lasts_hours: 2,
};
const KNOWN: Baseline = {
  ...NOTHING,
  ready: true,
  gathered_seconds: 20,
  from_at: "2026-11-22T12:00:00Z",
  expires_at: "2026-11-22T14:00:00Z",
};
const getBaseline = vi.fn<() => Promise<Baseline>>();
const resetBaseline = vi.fn<() => Promise<unknown>>();
const hook = (name: string): HTMLElement | null =>
  document.querySelector<HTMLElement>(`[data-testid="${name}"]`);
const said = (): string => hook("calibration-status")?.textContent ?? "";
const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

async function put(sign: CameraCalibration["sign"] = "on"): Promise<CameraCalibration> {
  const api = { getBaseline, resetBaseline } as unknown as SessionApi;
  const node = Object.assign(document.createElement("camera-calibration"), { api, keptDays: 30 });
  document.body.append(node);
  node.sign = sign;
  const details = hook("camera-calibration") as HTMLDetailsElement;
  details.open = true;
  details.dispatchEvent(new Event("toggle"));
  await settle();
  return node;
}

beforeEach(() => {
  vi.useFakeTimers();
  getBaseline.mockResolvedValue(NOTHING);
  resetBaseline.mockResolvedValue(null);
});

afterEach(() => {
  document.body.replaceChildren();
  vi.resetAllMocks();
  vi.useRealTimers();
});

it.each([
  [{ sign: "off", ready: false, calm: true, forgot: false }, "off"],
  [{ sign: "preview", ready: false, calm: false, forgot: false }, "off"],
  [{ sign: "off", ready: true, calm: false, forgot: false }, "known"],
  [{ sign: "on", ready: false, calm: false, forgot: false }, "learning"],
  [{ sign: "paused", ready: false, calm: true, forgot: false }, "paused"],
  [{ sign: "on", ready: false, calm: true, forgot: false }, "calm"],
  [{ sign: "on", ready: false, calm: false, forgot: true }, "forgotten"],
] as const)("%o is %s", (inputs, rest) => {
  expect(computeCalibrationState(inputs)).toBe(rest);
});

it("says how far it has come without a number", () => {
  const words = [0, 0.3, 0.7, 1].map(formatProgress);
  expect(new Set(words).size).toBe(4);
  expect(words.join()).not.toMatch(/\d/);
});

describe("the part on the learner's page", () => {
  it("offers nothing while the camera is off", async () => {
    await put("off");
    expect(said()).toContain("The camera is off");
    expect(hook("calibration-start")).toBeNull();
    expect(hook("calibration-reset")).toBeNull();
  });

  it("begins calmly, shows what is seen, and says when it is done", async () => {
    await put();
    hook("calibration-start")?.click();
    await settle();
    expect(resetBaseline).toHaveBeenCalledOnce();
    const progress = document.querySelector("progress");
    expect(progress?.hidden).toBe(false);
    getBaseline.mockResolvedValue({ ...NOTHING, gathered_seconds: 15 });
    await settle(3_000);
    expect(progress?.value).toBe(0.75);
    expect(said()).toContain("More than half");
    getBaseline.mockResolvedValue(KNOWN);
    await settle(3_000);
    expect(said()).toContain("Done");
    expect(progress?.hidden).toBe(true);
  });

  it("can be stopped at once, and keeps the reader's place", async () => {
    await put();
    hook("calibration-start")?.click();
    await settle();
    hook("calibration-stop")?.focus();
    hook("calibration-stop")?.click();
    expect(said()).toContain("Stopped");
    expect(document.activeElement).toBe(hook("calibration-status"));
  });

  it("ends with the camera", async () => {
    const node = await put();
    hook("calibration-start")?.click();
    await settle();
    node.sign = "off";
    expect(said()).toContain("The camera is off");
    expect(hook("calibration-start")).toBeNull();
  });

  it("forgets, and says what then happens while the camera is on", async () => {
    getBaseline.mockResolvedValue(KNOWN);
    const node = await put();
    expect(said()).toContain("Calibrated at");
    getBaseline.mockResolvedValue(NOTHING);
    hook("calibration-reset")?.click();
    await settle();
    expect(said()).toBe("Deleted.");
    expect(node.textContent).toContain("it is calibrated again");
  });

  it("says that nothing was changed where the server does not answer", async () => {
    getBaseline.mockResolvedValue(KNOWN);
    await put();
    resetBaseline.mockRejectedValue(new Error("away"));
    hook("calibration-reset")?.click();
    await settle();
    expect(said()).toContain("nothing was changed");
    expect(hook("calibration-reset")).not.toBeNull();
  });

  it("says what is kept, for how long, and that nobody sees it", async () => {
    const node = await put();
    expect(node.textContent).toContain("30 days");
    expect(node.textContent).toContain("never shared");
  });
});
