import type { Session } from "../api/schema";
import { element } from "../dom";
import { icon } from "../icons";
import { formatDayTime, gettext, interpolate } from "../text";

/** The last page of a lesson. */
export function buildLessonEnd(session: Session, reason: "left" | "ended"): HTMLElement {
  const backLink = element(
    "a",
    { class: "button quiet", href: `/sessions/${session.id}/` },
    gettext("Back to the lesson"),
  );
  const title =
    reason === "left" ? gettext("You have left the lesson") : gettext("This lesson is closed");
  return element(
    "section",
    { class: "stack", "data-testid": "lesson-over" },
    element("h1", {}, title),
    reason === "ended" && session.ended_at && element("p", {}, formatClosed(session.ended_at)),
    element("p", { class: "sign-line" }, icon("off"), " ", gettext("The camera is off.")),
    element("p", {}, gettext("You can see and delete your data on your page.")),
    element(
      "div",
      { class: "row" },
      element("a", { class: "button", href: `/sessions/${session.id}/me/` }, gettext("My page")),
      reason === "left" && backLink,
    ),
  );
}

function formatClosed(endedAt: string): string {
  const text = gettext(
    "It closed on %(when)s. What you did is saved. If you need more time, ask your teacher.",
  );
  return interpolate(text, { when: formatDayTime(endedAt) });
}
