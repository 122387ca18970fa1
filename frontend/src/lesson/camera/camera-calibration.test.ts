// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Baseline } from "../../api/schema";
import type { SessionApi } from "../../api/sessions";
import {
  type CameraCalibration,
  computeCalibrationState,
  formatProgress,
} from "./camera-calibration";

const EMPTY: Baseline = {
  ready: false,
  from_at: null,
  expires_at: null,
  seen_seconds: 0,
  gathered_seconds: 0,
  needed_seconds: 20,
  lasts_hours: 2,
};
const READY: Baseline = {
  ...EMPTY,
  ready: true,
  gathered_seconds: 20,
  from_at: "2026-11-22T12:00:00Z",
  expires_at: "2026-11-22T14:00:00Z",
};
const getBaseline = vi.fn<() => Promise<Baseline>>();
const resetBaseline = vi.fn<() => Promise<unknown>>();
const byTestId = (name: string): HTMLElement | null =>
  document.querySelector<HTMLElement>(`[data-testid="${name}"]`);
const statusText = (): string => byTestId("calibration-status")?.textContent ?? "";
const flush = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

async function mount(status: CameraCalibration["status"] = "on"): Promise<CameraCalibration> {
  const api = { getBaseline, resetBaseline } as unknown as SessionApi;
  const node = Object.assign(document.createElement("camera-calibration"), { api, keptDays: 30 });
  document.body.append(node);
  node.status = status;
  const details = byTestId("camera-calibration") as HTMLDetailsElement;
  details.open = true;
  details.dispatchEvent(new Event("toggle"));
  await flush();
  return node;
}

beforeEach(() => {
  vi.useFakeTimers();
  getBaseline.mockResolvedValue(EMPTY);
  resetBaseline.mockResolvedValue(null);
});

afterEach(() => {
  document.body.replaceChildren();
  vi.resetAllMocks();
  vi.useRealTimers();
});

it.each([
  [{ status: "off", ready: false, isCalibrating: true, wasReset: false }, "off"],
  [{ status: "preview", ready: false, isCalibrating: false, wasReset: false }, "off"],
  [{ status: "off", ready: true, isCalibrating: false, wasReset: false }, "known"],
  [{ status: "on", ready: false, isCalibrating: false, wasReset: false }, "learning"],
  [{ status: "paused", ready: false, isCalibrating: true, wasReset: false }, "paused"],
  [{ status: "on", ready: false, isCalibrating: true, wasReset: false }, "calm"],
  [{ status: "on", ready: false, isCalibrating: false, wasReset: true }, "forgotten"],
] as const)("computes the state of %o: %s", (inputs, state) => {
  expect(computeCalibrationState(inputs)).toBe(state);
});

it("formats progress without numbers", () => {
  const text = [0, 0.3, 0.7, 1].map(formatProgress);
  expect(new Set(text).size).toBe(4);
  expect(text.join()).not.toMatch(/\d/);
});

describe("CameraCalibration", () => {
  it("offers nothing while the camera is off", async () => {
    await mount("off");
    expect(statusText()).toContain("The camera is off");
    expect(byTestId("calibration-start")).toBeNull();
    expect(byTestId("calibration-reset")).toBeNull();
  });

  it("starts, shows progress and reports completion", async () => {
    await mount();
    byTestId("calibration-start")?.click();
    await flush();
    expect(resetBaseline).toHaveBeenCalledOnce();
    const progress = document.querySelector("progress");
    expect(progress?.hidden).toBe(false);
    getBaseline.mockResolvedValue({ ...EMPTY, gathered_seconds: 15 });
    await flush(3_000);
    expect(progress?.value).toBe(0.75);
    expect(statusText()).toContain("More than half");
    getBaseline.mockResolvedValue(READY);
    await flush(3_000);
    expect(statusText()).toContain("Done");
    expect(progress?.hidden).toBe(true);
  });

  it("can be stopped and keeps the focus", async () => {
    await mount();
    byTestId("calibration-start")?.click();
    await flush();
    byTestId("calibration-stop")?.focus();
    byTestId("calibration-stop")?.click();
    expect(statusText()).toContain("Stopped");
    expect(document.activeElement).toBe(byTestId("calibration-status"));
  });

  it("stops with the camera", async () => {
    const node = await mount();
    byTestId("calibration-start")?.click();
    await flush();
    node.status = "off";
    expect(statusText()).toContain("The camera is off");
    expect(byTestId("calibration-start")).toBeNull();
  });

  it("is deleted, and explains recalibration", async () => {
    getBaseline.mockResolvedValue(READY);
    const node = await mount();
    expect(statusText()).toContain("Calibrated at");
    getBaseline.mockResolvedValue(EMPTY);
    byTestId("calibration-reset")?.click();
    await flush();
    expect(statusText()).toBe("Deleted.");
    expect(node.textContent).toContain("it is calibrated again");
  });

  it("reports failures", async () => {
    getBaseline.mockResolvedValue(READY);
    await mount();
    resetBaseline.mockRejectedValue(new Error("away"));
    byTestId("calibration-reset")?.click();
    await flush();
    expect(statusText()).toContain("nothing was changed");
    expect(byTestId("calibration-reset")).not.toBeNull();
  });

  it("lists what is stored and for how long", async () => {
    const node = await mount();
    expect(node.textContent).toContain("30 days");
    expect(node.textContent).toContain("never shared");
  });
});
