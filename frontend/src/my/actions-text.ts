import type { OwnAction } from "../api/schema";
import { gettext, interpolate } from "../text";
import type { Minute } from "./minutes";

/** "Step opened: Halves. Right answer." */
export function formatActions({ actions }: Pick<Minute, "actions">): string {
  const texts = actions.filter(({ kind }) => kind !== "hint").map(formatAction);
  return [...new Set(texts)].join(" ");
}

export function formatHints({ actions }: Pick<Minute, "actions">): string {
  const titles = actions.filter(({ kind }) => kind === "hint").map(({ text }) => text);
  return [...new Set(titles)].join(". ");
}

function formatAction({ kind, step, value }: OwnAction): string {
  switch (kind) {
    case "step_opened":
      return interpolate(gettext("Step opened: %(step)s."), { step });
    case "answered":
      return value === "right" ? gettext("Right answer.") : gettext("Wrong answer.");
    case "hint_asked":
      return gettext("Asked for a hint.");
    default:
      return formatSelfReport(value);
  }
}

function formatSelfReport(value: string): string {
  switch (value) {
    case "easy":
      return gettext("Said: easy.");
    case "hard":
      return gettext("Said: hard.");
    default:
      return gettext("Said: fine.");
  }
}
