import { setThresholdShifts } from "../api/profile";
import type { ThresholdShift } from "../api/schema";
import { element } from "../dom";
import { gettext } from "../text";

const EVIDENCE = ["frustration", "confusion", "disengagement"] as const;
const SHIFT_OPTIONS: { shift: number; text: () => string }[] = [
  { shift: -0.15, text: () => gettext("earlier than usual") },
  { shift: 0, text: () => gettext("as usual") },
  { shift: 0.2, text: () => gettext("later than usual") },
];

export const setThresholdShift = (shift: number): Promise<unknown> =>
  setThresholdShifts(EVIDENCE.map((evidence) => ({ evidence, shift })));

/** Option closest to the stored shift. */
export function findNearestShift(thresholds: ThresholdShift[]): number {
  const stored = thresholds.find(({ evidence }) => evidence === EVIDENCE[0])?.shift ?? 0;
  const shifts = SHIFT_OPTIONS.map(({ shift }) => shift);
  return shifts.reduce((closest, shift) =>
    Math.abs(shift - stored) < Math.abs(closest - stored) ? shift : closest,
  );
}

/** Radio buttons for earlier or later hints. */
export function buildThresholdChoice(
  current: number,
  onChoose: (shift: number) => void,
): HTMLElement {
  const choices = SHIFT_OPTIONS.map(({ shift, text }) =>
    element(
      "label",
      { class: "tick" },
      element("input", {
        type: "radio",
        name: "threshold",
        value: shift,
        checked: shift === current,
        onchange: () => onChoose(shift),
      }),
      element("span", {}, text()),
    ),
  );
  return element("fieldset", {}, element("legend", {}, gettext("When to show hints")), ...choices);
}
