import { describe, expect, it } from "vitest";
import { DEFAULT_PROFILE } from "../api/profile";
import type { Consent } from "../api/schema";
import {
  canWithdraw,
  computeFirstStage,
  computeNextStage,
  isCameraPermitted,
  selectMode,
} from "./stages";

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
const open = { state: "open" as const, policy: { inference: true, on_device_only: false } };
const camera = { capture: true, server_processing: true };

describe("the way through a lesson", () => {
  it("begins with the welcome, or says that it is over", () => {
    expect(computeFirstStage(open)).toBe("welcome");
    expect(computeFirstStage({ ...open, state: "ended" })).toBe("ended");
  });

  it("asks about the camera where nothing was said or all was taken back", () => {
    expect(computeNextStage(open, consent("none"), DEFAULT_PROFILE)).toBe("question");
    expect(computeNextStage(open, consent("withdrawn"), DEFAULT_PROFILE)).toBe("question");
  });

  it("never asks where the rules do not permit inference", () => {
    const closed = { ...open, policy: { ...open.policy, inference: false } };
    expect(computeNextStage(closed, consent("none"), DEFAULT_PROFILE)).toBe("room");
    expect(computeNextStage(closed, consent("granted", camera), DEFAULT_PROFILE)).toBe("room");
  });

  it("opens the lesson while a guardian is waited for", () => {
    expect(computeNextStage(open, consent("pending_guardian"), DEFAULT_PROFILE)).toBe("room");
  });

  it("does not ask a learner whose guardian said no", () => {
    const refused = { ...consent("none"), guardian: "refused" as const };
    expect(computeNextStage(open, refused, { no_camera: false })).toBe("room");
  });

  it("shows the preview to whoever agreed before", () => {
    expect(computeNextStage(open, consent("granted", camera), DEFAULT_PROFILE)).toBe("preview");
  });
});

describe("consent", () => {
  it("permits the camera with a yes to the camera, once nobody else is waited for", () => {
    expect(isCameraPermitted(consent("granted", camera))).toBe(true);
    expect(isCameraPermitted(consent("granted", { own_view: true }))).toBe(false);
    expect(isCameraPermitted(consent("pending_guardian", camera))).toBe(false);
  });

  it("lets pictures go to the school's computer only with a yes to that", () => {
    expect(selectMode(open, consent("granted", camera))).toBe("frames");
    expect(selectMode(open, consent("granted", { capture: true }))).toBe("scores");
  });

  it("never lets them go where the policy keeps them on the device", () => {
    const kept = { ...open, policy: { inference: true, on_device_only: true } };
    expect(selectMode(kept, consent("granted", camera))).toBe("scores");
  });

  it("can be taken back where there is any", () => {
    expect((["granted", "pending_guardian"] as const).every((s) => canWithdraw(consent(s)))).toBe(
      true,
    );
    expect((["none", "withdrawn"] as const).some((s) => canWithdraw(consent(s)))).toBe(false);
  });
});
