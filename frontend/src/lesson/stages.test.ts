import { describe, expect, it } from "vitest";
import type { ConsentInfo } from "../api/types";
import { canWithdraw, firstStage, permitsCamera, stageAfterWelcome } from "./stages";

const granted = {
  capture: false,
  server_processing: false,
  own_view: false,
  support_view: false,
  research: false,
};
const consent = (state: ConsentInfo["state"], grants = {}) => ({
  state,
  granted: { ...granted, ...grants },
});
const open = { state: "open" as const, policy: { inference: true } };
const camera = { capture: true, server_processing: true };

describe("the way through a lesson", () => {
  it("begins with the welcome, or says that it is over", () => {
    expect(firstStage(open)).toBe("welcome");
    expect(firstStage({ ...open, state: "ended" })).toBe("ended");
  });

  it("asks about the camera where nothing was said or all was taken back", () => {
    expect(stageAfterWelcome(open, consent("none"))).toBe("question");
    expect(stageAfterWelcome(open, consent("withdrawn"))).toBe("question");
  });

  it("never asks where the rules do not permit inference", () => {
    const closed = { ...open, policy: { inference: false } };
    expect(stageAfterWelcome(closed, consent("none"))).toBe("room");
    expect(stageAfterWelcome(closed, consent("granted", camera))).toBe("room");
  });

  it("opens the lesson while a guardian is waited for", () => {
    expect(stageAfterWelcome(open, consent("pending_guardian"))).toBe("room");
  });

  it("shows the preview to whoever agreed before", () => {
    expect(stageAfterWelcome(open, consent("granted", camera))).toBe("preview");
  });
});

describe("consent", () => {
  it("permits the camera only with both the camera and the school's computer", () => {
    expect(permitsCamera(consent("granted", camera))).toBe(true);
    expect(permitsCamera(consent("granted", { capture: true }))).toBe(false);
    expect(permitsCamera(consent("pending_guardian", camera))).toBe(false);
  });

  it("can be taken back where there is any", () => {
    expect((["granted", "pending_guardian"] as const).every((s) => canWithdraw(consent(s)))).toBe(
      true,
    );
    expect((["none", "withdrawn"] as const).some((s) => canWithdraw(consent(s)))).toBe(false);
  });
});
