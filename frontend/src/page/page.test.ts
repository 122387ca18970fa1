import { describe, expect, it } from "vitest";
import { getStartPage } from "./demo-entry";
import { formatError, formatErrorCode } from "./error-panel";

it("getStartPage depends on the role", () => {
  const entered = { participant_id: "p", session_id: "s" };
  expect(getStartPage({ ...entered, role: "student" })).toBe("/sessions/s/");
  expect(getStartPage({ ...entered, role: "teacher" })).toBe("/sessions/s/report/");
  expect(getStartPage({ link_id: "l", role: "support" })).toBe("/support/");
});

describe("errors", () => {
  it("are formatted differently for each status", () => {
    expect(new Set([0, 403, 404, 500].map(formatError)).size).toBe(4);
  });

  it("have a code", () => {
    expect([-1, 0, 503].map(formatErrorCode)).toEqual(["page", "network", "http-503"]);
  });
});
