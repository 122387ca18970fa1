import { describe, expect, it } from "vitest";
import { DEFAULT_PROFILE } from "../api/profile";
import type { Consent } from "../api/schema";
import { canWithdraw, firstStage, modeFor, permitsCamera, stageAfterWelcome } from "./stages";

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
    expect(firstStage(open)).toBe("welcome");
    expect(firstStage({ ...open, state: "ended" })).toBe("ended");
  });

  it("asks about the camera where nothing was said or all was taken back", () => {
    expect(stageAfterWelcome(open, consent("none"), DEFAULT_PROFILE)).toBe("question");
    expect(stageAfterWelcome(open, consent("withdrawn"), DEFAULT_PROFILE)).toBe("question");
  });

  it("never asks where the rules do not permit inference", () => {
    const closed = { ...open, policy: { ...open.policy, inference: false } };
    expect(stageAfterWelcome(closed, consent("none"), DEFAULT_PROFILE)).toBe("room");
    expect(stageAfterWelcome(closed, consent("granted", camera), DEFAULT_PROFILE)).toBe("room");
  });

  it("opens the lesson while a guardian is waited for", () => {
    expect(stageAfterWelcome(open, consent("pending_guardian"), DEFAULT_PROFILE)).toBe("room");
  });

  it("does not ask a learner whose guardian said no", () => {
    const refused = { ...consent("none"), guardian: "refused" as const };
    expect(stageAfterWelcome(open, refused, { no_camera: false })).toBe("room");
  });

  it("shows the preview to whoever agreed before", () => {
    expect(stageAfterWelcome(open, consent("granted", camera), DEFAULT_PROFILE)).toBe("preview");
  });
});

describe("consent", () => {
  it("permits the camera with a yes to the camera, once nobody else is waited for", () => {
    expect(permitsCamera(consent("granted", camera))).toBe(true);
    expect(permitsCamera(consent("granted", { own_view: true }))).toBe(false);
    expect(permitsCamera(consent("pending_guardian", camera))).toBe(false);
  });

  it("lets pictures go to the school's computer only with a yes to that", () => {
    expect(modeFor(open, consent("granted", camera))).toBe("frames");
    expect(modeFor(open, consent("granted", { capture: true }))).toBe("scores");
  });

  it("never lets them go where the policy keeps them on the device", () => {
    const kept = { ...open, policy: { inference: true, on_device_only: true } };
    expect(modeFor(kept, consent("granted", camera))).toBe("scores");
  });

  it("can be taken back where there is any", () => {
    expect((["granted", "pending_guardian"] as const).every((s) => canWithdraw(consent(s)))).toBe(
      true,
    );
    expect((["none", "withdrawn"] as const).some((s) => canWithdraw(consent(s)))).toBe(false);
  });
});
