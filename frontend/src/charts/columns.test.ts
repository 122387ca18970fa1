import { describe, expect, it } from "vitest";
import {
  buildColumns,
  computeRange,
  computeRowInterval,
  findIsolated,
  type TimelineRow,
  toWholeMinutes,
} from "./columns";
import { formatLessonTime } from "./lesson-time";
import { formatWithheld } from "./withheld-text";

const START = "2026-11-22T10:00:00Z";
const at = (seconds: number): string => new Date(Date.parse(START) + seconds * 1000).toISOString();
const row = (seconds: number, values: Partial<TimelineRow> = {}): TimelineRow => ({
  ...{ start: at(seconds), coverage: 0.9, engagement: 0.5 },
  expressions: { neutral: 0.8 },
  ...values,
});

describe("buildColumns", () => {
  it("uses lesson minutes, centered in each row", () => {
    const columns = buildColumns([row(0), row(10)], START);
    expect(columns.minutes.map((minute) => minute * 60)).toEqual([5, 15]);
    expect(columns.engagement).toEqual([0.5, 0.5]);
    expect(columns.expressions.neutral).toEqual([0.8, 0.8]);
  });

  it("inserts gaps where rows are missing", () => {
    const columns = buildColumns([row(0), row(10), row(60)], START);
    expect(columns.engagement).toEqual([0.5, 0.5, null, 0.5]);
    expect(columns.coverage).toEqual([0.9, 0.9, null, 0.9]);
  });

  it("hides values of rows with low coverage", () => {
    const columns = buildColumns([row(0), row(10, { coverage: 0.4 })], START);
    expect(columns.engagement).toEqual([0.5, null]);
    expect(columns.expressions.neutral).toEqual([0.8, null]);
    expect(columns.coverage).toEqual([0.9, 0.4]);
  });

  it("joins adjacent withheld rows with the same reason", () => {
    const hidden = { coverage: null, engagement: null, expressions: null };
    const few = { ...hidden, withheld: "too_few_learners" };
    const columns = buildColumns(
      [row(0), row(10, few), row(20, few), row(30), row(40, few)],
      START,
    );
    const seconds = columns.withheld.map(({ from, to }) => [
      Math.round(from * 60),
      Math.round(to * 60),
    ]);
    expect(seconds).toEqual([
      [10, 30],
      [40, 50],
    ]);
  });

  it("sorts rows", () => {
    const columns = buildColumns([row(10, { engagement: 0.2 }), row(0)], START);
    expect(columns.engagement).toEqual([0.5, 0.2]);
  });

  it("may be empty", () => {
    expect(buildColumns([], START).minutes).toEqual([]);
  });
});

it("the row interval is the smallest distance", () => {
  expect(computeRowInterval([row(0), row(60), row(80)])).toBe(20_000);
  expect(computeRowInterval([row(0)])).toBe(10_000);
});

it("the x range covers whole minutes", () => {
  expect(toWholeMinutes(null, 12.1, 12.9)).toEqual([12, 13]);
  expect(toWholeMinutes(null, null, null)).toEqual([0, 1]);
});

it("the range ignores gaps", () => {
  expect(computeRange([null, 0.2, 0.6, null])).toEqual({ low: 0.2, high: 0.6 });
  expect(computeRange([null])).toBeNull();
});

it("isolated values are found", () => {
  expect(findIsolated([0.5, null, 0.5, 0.6, null, 0, null])).toEqual([0, 5]);
});

it("lesson time is minutes and seconds since the start", () => {
  expect([formatLessonTime(at(0), START), formatLessonTime(at(754), START)]).toEqual([
    "0:00",
    "12:34",
  ]);
});

it("formats every reason to withhold", () => {
  const reasons = ["too_few_learners", "not_enough_seen", "something_new"];
  expect(new Set(reasons.map(formatWithheld)).size).toBe(3);
  expect(formatWithheld("too_few_learners")).toBe("fewer than 5 students");
});
