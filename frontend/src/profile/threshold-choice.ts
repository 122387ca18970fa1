import { setThresholdShifts } from "../api/profile";
import type { ThresholdShift } from "../api/schema";
import { element } from "../dom";
import { gettext } from "../text";

const EVIDENCE = ["frustration", "confusion", "disengagement"] as const;
const SHIFT_OPTIONS: { shift: number; words: () => string }[] = [
  { shift: -0.15, words: () => gettext("earlier than usual") },
  { shift: 0, words: () => gettext("as usual") },
  { shift: 0.2, words: () => gettext("later than usual") },
];

export const setThresholdShift = (shift: number): Promise<unknown> =>
  setThresholdShifts(EVIDENCE.map((evidence) => ({ evidence, shift })));

/** Option closest to the stored shift. */
export function findNearestShift(thresholds: ThresholdShift[]): number {
  const kept = thresholds.find(({ evidence }) => evidence === EVIDENCE[0])?.shift ?? 0;
  const shifts = SHIFT_OPTIONS.map(({ shift }) => shift);
  return shifts.reduce((best, shift) =>
    Math.abs(shift - kept) < Math.abs(best - kept) ? shift : best,
  );
}

/** Radio buttons for earlier or later hints. */
export function buildThresholdChoice(now: number, choose: (shift: number) => void): HTMLElement {
  const choices = SHIFT_OPTIONS.map(({ shift, words }) =>
    element(
      "label",
      { class: "tick" },
      element("input", {
        type: "radio",
        name: "threshold",
        value: shift,
        checked: shift === now,
        onchange: () => choose(shift),
      }),
      element("span", {}, words()),
    ),
  );
  return element("fieldset", {}, element("legend", {}, gettext("When to show hints")), ...choices);
}
