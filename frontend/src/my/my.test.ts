import { describe, expect, it } from "vitest";
import type { Correction, OwnAction } from "../api/schema";
import { buildLessonClock } from "../charts/lesson-time";
import { formatActions, formatHints } from "./actions-text";
import { groupByMinute } from "./minutes";
import { countFrames, formatDropReason } from "./frame-counts";
import { computeSeenTime, formatDuration, formatSeenTime } from "./seen-time";

const window = {
  ...{ received: 10, accepted: 8, processed: 7 },
  ...{ refused: { rate_limited: 2 }, lost: { superseded: 1, late: 0 } },
};

describe("frame counts", () => {
  it("sum up to the frames received", () => {
    const counts = countFrames([window, window]);
    expect(counts).toEqual({
      received: 20,
      processed: 14,
      reasons: [
        ["rate_limited", 4],
        ["superseded", 2],
      ],
    });
    const thrown = counts.reasons.reduce((sum, [, count]) => sum + count, 0);
    expect(counts.processed + thrown).toBe(counts.received);
  });

  it("formats every reason of the protocol", () => {
    const reasons = ["superseded", "expired", "lost_in_flight", "late", "rejected"].concat([
      ...[
        "bad_header",
        "bad_seq",
        "bad_jpeg",
        "rate_limited",
        "not_permitted",
        "permission_unknown",
      ],
    ]);
    for (const reason of reasons) expect(formatDropReason(reason)).not.toBe(`Refused: ${reason}`);
  });
});

describe("visible time", () => {
  it("is the covered part of the windows", () => {
    expect(computeSeenTime([{ coverage: 1 }, { coverage: 0.5 }, { coverage: 0 }])).toEqual({
      looked: 30,
      seen: 15,
    });
  });

  it("is formatted in seconds, then in minutes", () => {
    expect([formatDuration(1), formatDuration(90), formatDuration(150)]).toEqual([
      "1 second",
      "90 seconds",
      "3 minutes",
    ]);
    expect(formatSeenTime({ looked: 30, seen: 15 })).toContain("your face for 15 seconds");
  });
});

describe("groupByMinute", () => {
  const read = (second: number, label: string, correction: Correction | null) => ({
    start: new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString(),
    coverage: second === 70 ? 0.2 : 1,
    engagement: second / 100,
    expressions: { [label]: 0.9 },
    correction,
  });
  const word: Correction = { value: "thinking", text: "" };
  const clock = buildLessonClock([], "2026-01-01T12:00:00Z");
  const action = (second: number, kind: OwnAction["kind"], more = {}): OwnAction => ({
    ...{ at: new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString(), kind },
    ...{ step: "Halves", value: "", text: "", ...more },
  });
  const minutes = groupByMinute(
    [
      read(60, "happiness", null),
      read(20, "neutral", word),
      read(40, "neutral", null),
      read(70, "fear", null),
    ],
    [
      action(190, "answered", { value: "wrong" }),
      action(185, "step_opened"),
      action(195, "hint", { text: "Look" }),
    ],
    clock,
  );

  it("contain visible readings and corrections", () => {
    expect(minutes.map(({ number, topLabel }) => [number, topLabel])).toEqual([
      [0, "neutral"],
      [1, "happiness"],
      [3, null],
    ]);
    expect(minutes[0]?.engagement).toBeCloseTo(0.3);
    expect(minutes.map(({ correction }) => correction)).toEqual([word, null, null]);
  });

  it("list the starts of their windows", () => {
    expect(minutes.map(({ starts }) => starts.length)).toEqual([2, 2, 0]);
  });

  it("hold what the learner did, and hints, where the camera was off too", () => {
    const last = minutes[2] ?? { actions: [] };
    expect(formatActions(last)).toBe("Wrong answer. Step opened: Halves.");
    expect(formatHints(last)).toBe("Look");
    expect(formatActions({ actions: [action(0, "self_report", { value: "hard" })] })).toBe(
      "Said: hard.",
    );
  });

  it("have no label without visible frames", () => {
    expect(groupByMinute([read(70, "fear", null)], [], clock)[0]?.topLabel).toBeNull();
  });
});
