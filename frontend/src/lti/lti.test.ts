import { describe, expect, it } from "vitest";
import { cameraAllowance } from "./camera-allowance";
import { isAnswer } from "./platform-storage";

const policy = (allowed: boolean) => ({ allowsFeature: () => allowed });
const permission = (state: string) => ({
  query: () => Promise.resolve({ state } as PermissionStatus),
});

describe("cameraAllowance", () => {
  it("believes the policy before anything else", async () => {
    expect(await cameraAllowance({ featurePolicy: policy(true) }, permission("denied"))).toBe(
      "allowed",
    );
    expect(await cameraAllowance({ permissionsPolicy: policy(false) }, undefined)).toBe("denied");
  });

  it("asks the permission where no policy is told", async () => {
    expect(await cameraAllowance({}, permission("denied"))).toBe("denied");
    expect(await cameraAllowance({}, permission("prompt"))).toBe("unknown");
    expect(await cameraAllowance({}, undefined)).toBe("unknown");
  });

  it("does not know where the browser does not", async () => {
    const refuses = { query: () => Promise.reject(new TypeError("camera")) };
    expect(await cameraAllowance({}, refuses)).toBe("unknown");
  });
});

describe("isAnswer", () => {
  const answer = { subject: "lti.get_data.response", message_id: "1", value: "x" };

  it("takes the answer to its own message only", () => {
    expect(isAnswer(answer, "lti.get_data", "1")).toBe(true);
    expect(isAnswer(answer, "lti.get_data", "2")).toBe(false);
    expect(isAnswer(answer, "lti.put_data", "1")).toBe(false);
    expect(isAnswer(null, "lti.get_data", "1")).toBe(false);
    expect(isAnswer("lti.get_data.response", "lti.get_data", "1")).toBe(false);
  });
});
