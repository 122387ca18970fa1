// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import type { MyReport, Session, Step, StepProgress } from "../api/schema";
import { getLastStep } from "../page/browser-settings";
import { buildLessonEnd, findHardStep } from "./lesson-end";

const own = (step_id: number, more: Partial<StepProgress> = {}): StepProgress => ({
  ...{ step_id, attempts: 0, right: false, rating: "" },
  ...more,
});
const step = (id: number, question = true): Step =>
  ({ id, title: `Title ${id}`, question: question ? { kind: "text" } : null }) as Step;
const build = (progress: StepProgress[], report: object | null = null): HTMLElement => {
  const steps = [step(1), step(2), step(3), step(4, false), step(5)];
  const lesson = { steps, language: "ar", title: "L" };
  const session = { id: "s", lesson, progress, ended_at: null } as unknown as Session;
  const node = buildLessonEnd(session, "left", report as MyReport | null);
  document.body.replaceChildren(node);
  return node;
};

beforeEach(() => localStorage.clear());

describe("the end of a lesson", () => {
  const right = { attempts: 1, right: true };

  it("counts what was right and leads to the hard step", () => {
    const node = build([own(1, right), own(2, right), own(3, { attempts: 3, right: true })]);
    expect(node.textContent).toContain("3 of 4 right");
    expect(node.textContent).toContain("Step 3 was the hard one");
    const title = node.querySelector("[lang=ar]");
    expect([title?.textContent, title?.getAttribute("dir")]).toEqual(["Title 3", "rtl"]);
    node.querySelector<HTMLElement>("[data-testid=hard-step]")?.click();
    expect(getLastStep("s")).toBe(2);
  });

  it("is done where everything was right, and names no hard step", () => {
    const node = build([own(1, right), own(2, right), own(3, right), own(5, right)]);
    expect(node.querySelector("h1")?.textContent).toBe("Done");
    expect(node.textContent).toContain("4 of 4 right");
    expect(node.textContent).not.toContain("hard one");
  });

  it("says what was shared, for how long and until when", () => {
    const windows = Array.from({ length: 72 }, () => ({ coverage: 0.75 }));
    const node = build([], { windows, kept_until: "2027-11-29T12:00:00Z" });
    expect(node.textContent).toContain("The camera was on for 12 minutes");
    expect(node.textContent).toContain("your face for 9 minutes");
    expect(node.textContent).toContain("29");
    expect(build([], { windows: [], kept_until: null }).textContent).toContain("No camera data");
    expect(build([]).querySelector("[data-testid=shared]")).toBeNull();
  });
});

it.each([
  [[own(1, { rating: "hard" }), own(2, { attempts: 9 })], 1],
  [[own(1, { attempts: 4, right: true }), own(2, { attempts: 1 })], 2],
  [[own(1, { attempts: 2, right: true }), own(2, { attempts: 3, right: true })], 2],
  [[own(1, { attempts: 5, right: true, rating: "easy" })], null],
  [[own(1, { attempts: 1, right: true, rating: "fine" })], null],
  [[], null],
])("finds the hard step of %j", (progress, found) => {
  expect(findHardStep(progress)).toBe(found);
});
