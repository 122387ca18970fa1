// @vitest-environment jsdom
import { expect, it } from "vitest";
import type { ComparedSession, Report, StepRow, TimelineRow } from "../api/schema";
import { ComparisonSection, summariseComparison } from "./report-comparison";
import { buildStepsTable } from "./steps-table";
import { summariseShares, summariseSteps, summariseTimeline } from "./summaries";

const bin = (start: number, values: Partial<TimelineRow>): TimelineRow => ({
  ...{ start, coverage: null, engagement: null, change: null, withheld: null },
  expressions: null,
  ...values,
});
const row = (position: number, hard: number | null, asked: number, right: number): StepRow => ({
  ...{ position, title: `Part ${position}`, coverage: null, engagement: null, change: null },
  ...{ withheld: null, seconds: 60, right_at_first: right, asked_for_hint: asked, idle: null },
  right_after_hint: null,
  self_reports: hard === null ? null : { easy: 0.2, fine: 0.2, hard },
});
const compared = (id: string, hard: number[]): ComparedSession => ({
  session_id: id,
  started_at: "2026-11-22T12:00:00Z",
  steps: [1, 2].map((position) => ({
    ...{ position, called_hard: 0.8, asked_for_hint: 0.4, right_at_first: 0.2 },
    is_hard: hard.includes(position),
  })),
});

it.each([
  [[bin(0, { engagement: 0.8 }), bin(120, { engagement: 0.5 })], "Lowest in minutes 2 to 4 (50%)"],
  [[bin(0, { engagement: 0.8 }), bin(120, { engagement: 0.8 })], "About the same all the time"],
  [[bin(0, { change: "lower" }), bin(120, { change: "similar" })], "Lower than in the whole"],
  [[bin(0, { change: "similar" })], "Never clearly lower"],
  [[bin(0, { withheld: "few_present", engagement: 0.1 })], ""],
])("sums up a timeline from what it shows (%#)", (rows, text) => {
  expect(summariseTimeline(rows, 120)).toContain(text);
  if (!text) expect(summariseTimeline(rows, 120)).toBe("");
});

it("names the largest shares", () => {
  const shares = [
    { text: "Happy", share: 0.15 },
    { text: "Neutral", share: 0.7 },
    { text: "Sad", share: null },
  ];
  expect(summariseShares(shares)).toBe("Largest: Neutral (70%), then Happy (15%).");
});

it("names a step only where it alone stands out", () => {
  const steps = [row(1, 0.2, 0.2, 0.8), row(2, 0.8, 0.2, 0.2), row(3, null, 0.2, 0.8)];
  expect(summariseSteps(steps)).toBe(
    "Rated hard most: step 2 (80% or more). Fewest right at first try: step 2 (20% or less).",
  );
});

it("shades the hard cells of the heat map", () => {
  const steps = [row(1, 0.2, 0.2, 0.8), row(2, 0.8, 0.55, 0.2)];
  const table = buildStepsTable({ steps, level_withheld: null, state: "final" } as Report);
  const shades = [...table.querySelectorAll("td.heat")].map((cell) => cell.className.slice(-1));
  expect(shades).toEqual(["0", "0", "0", "3", "2", "3"]);
});

it.each([
  ["final", "not shown: too few students"],
  ["open", "shown when the lesson is closed"],
])("promises no times in a final report without any (%s)", (state, text) => {
  const step = { ...row(1, null, 0, 0), seconds: null, right_at_first: null, asked_for_hint: null };
  const report = { steps: [step], level_withheld: null, state } as unknown as Report;
  expect(buildStepsTable(report).querySelector("caption")?.textContent).toContain(text);
});

it("counts in how many sessions a hard step was hard", () => {
  const sessions = [compared("a", [2]), compared("b", [1, 2]), compared("c", [])];
  expect(summariseComparison(sessions)).toBe("Step 2 was hard in 2 of 3 sessions of this lesson.");
  expect(summariseComparison([])).toContain("no earlier session");
});

it("compares one figure at a time and marks hard steps in words", () => {
  const section = new ComparisonSection();
  const comparison = [compared("a", [2]), compared("b", [])];
  section.show({ state: "final", comparison, steps: [row(1, 0, 0, 0), row(2, 0, 0, 0)] } as never);
  const read = (): string[] =>
    [...section.node.querySelectorAll("td")].map((cell) => cell.textContent);
  expect(read()).toEqual(["20% or less", "20% or less hard", "20% or less", "20% or less"]);
  const select = section.node.querySelector("select") as HTMLSelectElement;
  select.value = "asked_for_hint";
  select.dispatchEvent(new Event("change"));
  expect(read()[0]).toBe("40%");
  expect(section.node.querySelector("a")?.getAttribute("href")).toBe("/sessions/b/report/");
});
