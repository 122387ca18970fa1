import { describe, expect, it } from "vitest";
import { getCameraAllowance } from "./camera-allowance";
import { isResponse } from "./platform-storage";

const policy = (allowed: boolean) => ({ allowsFeature: () => allowed });
const permission = (state: string) => ({
  query: () => Promise.resolve({ state } as PermissionStatus),
});

describe("getCameraAllowance", () => {
  it("uses the policy first", async () => {
    expect(await getCameraAllowance({ featurePolicy: policy(true) }, permission("denied"))).toBe(
      "allowed",
    );
    expect(await getCameraAllowance({ permissionsPolicy: policy(false) }, undefined)).toBe(
      "denied",
    );
  });

  it("queries the permission without a policy", async () => {
    expect(await getCameraAllowance({}, permission("denied"))).toBe("denied");
    expect(await getCameraAllowance({}, permission("prompt"))).toBe("unknown");
    expect(await getCameraAllowance({}, undefined)).toBe("unknown");
  });

  it("is unknown where the query fails", async () => {
    const refuses = { query: () => Promise.reject(new TypeError("camera")) };
    expect(await getCameraAllowance({}, refuses)).toBe("unknown");
  });
});

describe("isResponse", () => {
  const answer = { subject: "lti.get_data.response", message_id: "1", value: "x" };

  it("matches its own message only", () => {
    expect(isResponse(answer, "lti.get_data", "1")).toBe(true);
    expect(isResponse(answer, "lti.get_data", "2")).toBe(false);
    expect(isResponse(answer, "lti.put_data", "1")).toBe(false);
    expect(isResponse(null, "lti.get_data", "1")).toBe(false);
    expect(isResponse("lti.get_data.response", "lti.get_data", "1")).toBe(false);
  });
});
