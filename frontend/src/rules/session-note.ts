import type { Rule } from "../api/schema";
import { element } from "../dom";
import { gettext, interpolate } from "../text";

/** States what waits for the next session while students are in the lesson. */
export function buildSessionNote(): HTMLElement {
  return element(
    "p",
    { class: "note", "data-testid": "in-session" },
    gettext(
      "Students are in this lesson now. New rules, changes, groups and rules that you switch on apply from the next session on. Switching off applies at once, until the session has ended.",
    ),
  );
}

/** Names the version of a rule, and the one that a running session uses. */
export function formatVersion({ number, session_number }: Rule, isInSession: boolean): string {
  const version = interpolate(gettext("version %(number)s"), { number });
  if (!isInSession || session_number === number) return version;
  if (session_number === null) {
    return interpolate(gettext("%(version)s, from the next session on"), { version });
  }
  return interpolate(
    gettext("version %(earlier)s in this session, %(version)s from the next session on"),
    { earlier: session_number, version },
  );
}
