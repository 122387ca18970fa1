import { describe, expect, it } from "vitest";
import { pageFor } from "./demo-entry";
import { codeOf, errorWords } from "./error-panel";

it("a student enters the lesson, a teacher the report", () => {
  const entered = { participant_id: "p", session_id: "s" };
  expect(pageFor({ ...entered, role: "student" })).toBe("/sessions/s/");
  expect(pageFor({ ...entered, role: "teacher" })).toBe("/sessions/s/report/");
  expect(pageFor({ link_id: "l", role: "support" })).toBe("/support/");
});

describe("an error", () => {
  it("says something else for each cause", () => {
    expect(new Set([0, 403, 404, 500].map(errorWords)).size).toBe(4);
  });

  it("carries a code to tell somebody", () => {
    expect([-1, 0, 503].map(codeOf)).toEqual(["page", "network", "http-503"]);
  });
});
