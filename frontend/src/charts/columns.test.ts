import { describe, expect, it } from "vitest";
import {
  buildColumns,
  computeRange,
  computeRowInterval,
  findIsolated,
  type TimelineRow,
  toWholeRows,
} from "./columns";
import { buildLessonClock, formatLessonTime, formatMinuteSpan } from "./lesson-time";
import { formatWithheld, formatWithheldSentence, formatWithheldStep } from "./withheld-text";

const row = (start: number, values: Partial<TimelineRow> = {}): TimelineRow => ({
  ...{ start, coverage: 0.9, engagement: 0.5 },
  expressions: { neutral: 0.8 },
  ...values,
});
/** A bin of a class, which has no coverage of its own. */
const bin = (start: number, values: Partial<TimelineRow> = {}): TimelineRow =>
  row(start, { coverage: null, ...values });

describe("buildColumns", () => {
  it("uses lesson minutes, centered in each row", () => {
    const columns = buildColumns([row(0), row(10)]);
    expect(columns.minutes.map((minute) => minute * 60)).toEqual([5, 15]);
    expect(columns.engagement).toEqual([0.5, 0.5]);
    expect(columns.expressions.neutral).toEqual([0.8, 0.8]);
  });

  it("inserts gaps where rows are missing", () => {
    const columns = buildColumns([row(0), row(10), row(60)]);
    expect(columns.engagement).toEqual([0.5, 0.5, null, 0.5]);
    expect(columns.coverage).toEqual([0.9, 0.9, null, 0.9]);
  });

  it("hides values of rows with low coverage", () => {
    const columns = buildColumns([row(0), row(10, { coverage: 0.4 })]);
    expect(columns.engagement).toEqual([0.5, null]);
    expect(columns.expressions.neutral).toEqual([0.8, null]);
    expect(columns.coverage).toEqual([0.9, 0.4]);
  });

  it("joins adjacent withheld rows with the same reason", () => {
    const few = { engagement: null, expressions: null, withheld: "few_present" };
    const unseen = { ...few, withheld: "not_enough_seen" };
    const columns = buildColumns(
      [bin(0), bin(120, few), bin(240, few), bin(360, unseen), bin(480), bin(600, few)],
      120,
    );
    expect(columns.withheld).toEqual([
      { from: 2, to: 6, reason: "few_present" },
      { from: 6, to: 8, reason: "not_enough_seen" },
      { from: 10, to: 12, reason: "few_present" },
    ]);
    expect(columns.engagement).toEqual([0.5, null, null, null, 0.5, null]);
  });

  it("has no coverage for a class, and shows its values", () => {
    const columns = buildColumns([bin(0), bin(120)], 120);
    expect(columns.coverage).toBeNull();
    expect(columns.engagement).toEqual([0.5, 0.5]);
    expect(columns.minutes).toEqual([1, 3]);
  });

  it("has changes only where levels are withheld", () => {
    expect(buildColumns([bin(0)], 120).change).toBeNull();
    const few = { change: null, withheld: "few_present" };
    const rows = [bin(0, { engagement: null, change: "lower" }), bin(120, few)];
    expect(buildColumns(rows, 120).change).toEqual(["lower", null]);
  });

  it("sorts rows", () => {
    const columns = buildColumns([row(10, { engagement: 0.2 }), row(0)]);
    expect(columns.engagement).toEqual([0.5, 0.2]);
  });

  it("may be empty", () => {
    expect(buildColumns([]).minutes).toEqual([]);
  });
});

it("the row interval is the smallest distance", () => {
  expect(computeRowInterval([row(0), row(60), row(80)])).toBe(20);
  expect(computeRowInterval([row(0)])).toBe(10);
});

it("the x range covers whole rows in whole minutes", () => {
  expect(toWholeRows(buildColumns([bin(120), bin(240)], 120))).toEqual([2, 6]);
  expect(toWholeRows(buildColumns([row(15), row(25)]))).toEqual([0, 1]);
  expect(toWholeRows(buildColumns([]))).toEqual([0, 1]);
});

it("the range ignores gaps", () => {
  expect(computeRange([null, 0.2, 0.6, null])).toEqual({ low: 0.2, high: 0.6 });
  expect(computeRange([null])).toBeNull();
});

it("isolated values are found", () => {
  expect(findIsolated([0.5, null, 0.5, 0.6, null, 0, null])).toEqual([0, 5]);
});

it("lesson time counts from the learner's arrival, without long breaks", () => {
  const times = ["2026-11-22T10:05:00Z", "2026-11-22T10:20:00Z", "2026-11-23T09:00:00Z"];
  const clock = buildLessonClock(times, "2026-11-22T10:00:00Z");
  expect(clock("2026-11-22T10:02:30Z")).toBe(150);
  expect(clock("2026-11-22T09:59:00Z")).toBe(0);
  expect(clock("2026-11-22T10:20:00Z")).toBe(1200);
  expect(clock("2026-11-23T09:00:10Z")).toBe(1210);
});

it("lesson time is minutes and seconds since the start", () => {
  expect([formatLessonTime(0), formatLessonTime(754)]).toEqual(["0:00", "12:34"]);
  expect(formatMinuteSpan(360, 180)).toBe("6 to 9");
});

it("formats every reason to withhold", () => {
  const reasons = ["too_few_learners", "withdrawn", "changed_group"].concat([
    "earlier_version",
    "not_yet",
    "few_present",
    "similar_group",
    "something_new",
  ]);
  expect(new Set(reasons.map(formatWithheld)).size).toBe(reasons.length);
  expect(formatWithheldStep("few_present")).not.toBe(formatWithheld("few_present"));
  expect(new Set(reasons.map(formatWithheldSentence)).size).toBe(reasons.length);
  expect(formatWithheldSentence("too_few_learners")).toContain("fewer than 5 students shared");
  expect(formatWithheldSentence("few_present")).toContain("fewer than 8 students opened");
});
