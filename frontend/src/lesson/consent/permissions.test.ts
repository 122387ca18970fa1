import { describe, expect, it } from "vitest";
import type { Consent } from "../../api/schema";
import { canWithdraw, isCameraPermitted, selectMode } from "./permissions";

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
const open = { policy: { on_device_only: false } };
const camera = { capture: true, server_processing: true };

describe("consent", () => {
  it("permits the camera when granted and not pending", () => {
    expect(isCameraPermitted(consent("granted", camera))).toBe(true);
    expect(isCameraPermitted(consent("granted", { own_view: true }))).toBe(false);
    expect(isCameraPermitted(consent("pending_guardian", camera))).toBe(false);
  });

  it("sends frames only with consent to server processing", () => {
    expect(selectMode(open, consent("granted", camera))).toBe("frames");
    expect(selectMode(open, consent("granted", { capture: true }))).toBe("scores");
  });

  it("never sends frames where the policy requires on-device mode", () => {
    const kept = { policy: { on_device_only: true } };
    expect(selectMode(kept, consent("granted", camera))).toBe("scores");
  });

  it("can be withdrawn where there is any", () => {
    expect((["granted", "pending_guardian"] as const).every((s) => canWithdraw(consent(s)))).toBe(
      true,
    );
    expect((["none", "withdrawn"] as const).some((s) => canWithdraw(consent(s)))).toBe(false);
  });
});
