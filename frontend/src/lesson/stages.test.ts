import { describe, expect, it } from "vitest";
import { DEFAULT_PROFILE } from "../api/profile";
import type { Consent } from "../api/schema";
import { computeFirstStage, computeNextStage } from "./stages";

const granted = {
  capture: false,
  server_processing: false,
  own_view: false,
  support_view: false,
  research: false,
};
const consent = (state: Consent["state"], grants = {}) => ({
  state,
  granted: { ...granted, ...grants },
});
const open = { state: "open" as const, policy: { inference: true } };
const camera = { capture: true, server_processing: true };

describe("stages of a lesson", () => {
  it("starts with the welcome, or with the end", () => {
    expect(computeFirstStage(open)).toBe("welcome");
    expect(computeFirstStage({ ...open, state: "ended" })).toBe("ended");
  });

  it("shows the camera question without consent or after withdrawal", () => {
    expect(computeNextStage(open, consent("none"), DEFAULT_PROFILE)).toBe("question");
    expect(computeNextStage(open, consent("withdrawn"), DEFAULT_PROFILE)).toBe("question");
  });

  it("skips the question where the policy forbids inference", () => {
    const closed = { ...open, policy: { ...open.policy, inference: false } };
    expect(computeNextStage(closed, consent("none"), DEFAULT_PROFILE)).toBe("lesson");
    expect(computeNextStage(closed, consent("granted", camera), DEFAULT_PROFILE)).toBe("lesson");
  });

  it("opens the lesson while the guardian's decision is pending", () => {
    expect(computeNextStage(open, consent("pending_guardian"), DEFAULT_PROFILE)).toBe("lesson");
  });

  it("skips the question if the guardian refused", () => {
    const refused = { ...consent("none"), guardian: "refused" as const };
    expect(computeNextStage(open, refused, { no_camera: false })).toBe("lesson");
  });

  it("shows the preview with earlier consent", () => {
    expect(computeNextStage(open, consent("granted", camera), DEFAULT_PROFILE)).toBe("preview");
  });
});
