// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { CameraStatus } from "../../capture/camera-status";
import type { LiveReading } from "./live-reading";
import "./live-reading";

const READING = { type: "reading", seq: 1, quality: "ok", engagement: 1 } as const;
let place: LiveReading;

beforeEach(() => {
  vi.useFakeTimers();
  place = document.createElement("live-reading");
  document.body.replaceChildren(place);
  place.show({ ...READING, scores: { happiness: 1 } });
});

afterEach(() => vi.useRealTimers());

function expectNothing(): void {
  vi.advanceTimersByTime(10_000);
  expect(place.textContent).not.toContain("We can see your face.");
  expect(place.textContent).not.toContain("100");
  expect(place.hasAttribute("data-empty")).toBe(true);
}

it("shows and announces a reading", () => {
  vi.advanceTimersByTime(3_000);
  expect(place.querySelector("[role=status]")?.textContent).toBe("We can see your face.");
  expect(place.textContent).toContain("100");
});

it("clears a reading that is old", () => {
  vi.advanceTimersByTime(3_000);
  expectNothing();
});

it.each(["off", "paused", "reconnecting", "stalled", "starting", "preview"] as CameraStatus[])(
  "clears a reading when the camera is %s",
  (status) => {
    place.showPlaceholder(status);
    expectNothing();
  },
);
