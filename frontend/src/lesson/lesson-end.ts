import type { MyReport, Session, StepProgress } from "../api/schema";
import { element } from "../dom";
import { icon } from "../icons";
import { computeSeenTime, formatSeenTime } from "../my/seen-time";
import { saveLastStep } from "../page/browser-settings";
import { describeLanguage, formatDayTime, gettext, interpolate, ngettext } from "../text";

export type EndReason = "finished" | "left" | "ended";

/** The last page of a lesson: what was right, what was hard, and what was shared. */
export function buildLessonEnd(
  session: Session,
  reason: EndReason,
  report: MyReport | null = null,
): HTMLElement {
  const backLink = element(
    "a",
    { class: "button quiet", href: `/sessions/${session.id}/` },
    gettext("Back to the lesson"),
  );
  return element(
    "section",
    { class: "stack", "data-testid": "lesson-over" },
    element("h1", {}, formatTitle(session, reason)),
    element("p", { class: "lead", "data-testid": "right-count" }, formatRight(session)),
    buildHardStep(session, reason),
    reason === "ended" && session.ended_at && element("p", {}, formatClosed(session.ended_at)),
    element("p", { class: "sign-line" }, icon("off"), " ", gettext("The camera is off.")),
    ...buildShared(report),
    element("p", {}, gettext("You can see and delete your data on your page.")),
    element(
      "div",
      { class: "row" },
      element(
        "a",
        { class: "button quiet", href: `/sessions/${session.id}/me/` },
        gettext("My page"),
      ),
      reason !== "ended" && backLink,
    ),
  );
}

/** Every question was answered right at least once. */
function isDone({ lesson, progress }: Session): boolean {
  const right = new Set(progress.filter((own) => own.right).map((own) => own.step_id));
  return lesson.steps.every(({ id, question }) => !question || right.has(id));
}

function formatTitle(session: Session, reason: EndReason): string {
  if (reason === "finished" || isDone(session)) return gettext("Done");
  return reason === "left" ? gettext("You have left the lesson") : gettext("This lesson is closed");
}

function formatRight({ lesson, progress }: Session): string {
  const questions = lesson.steps.filter(({ question }) => question);
  if (questions.length === 0) return "";
  const ids = new Set(questions.map(({ id }) => id));
  const right = progress.filter((own) => own.right && ids.has(own.step_id)).length;
  if (right === 0) return "";
  const text = ngettext(
    "%(right)s of one question right.",
    "%(right)s of %(all)s right.",
    questions.length,
  );
  return interpolate(text, { right, all: questions.length });
}

function buildHardStep(session: Session, reason: EndReason): HTMLElement | null {
  const hard = findHardStep(session.progress);
  const at = session.lesson.steps.findIndex(({ id }) => id === hard);
  const step = session.lesson.steps[at];
  if (!step) return null;
  const text = interpolate(gettext("Step %(number)s was the hard one:"), { number: at + 1 });
  const title = element("span", describeLanguage(session.lesson.language), step.title);
  const link = element(
    "a",
    { class: "button", href: `/sessions/${session.id}/`, "data-testid": "hard-step" },
    interpolate(gettext("Look at step %(number)s again"), { number: at + 1 }),
  );
  link.addEventListener("click", () => saveLastStep(session.id, at));
  return element(
    "div",
    {},
    element("p", {}, text, " ", title),
    reason !== "ended" && element("p", {}, link),
  );
}

/** The step the learner called hard; else one that never got right, or took the most tries. */
export function findHardStep(progress: StepProgress[]): number | null {
  const weigh = ({ rating, right, attempts }: StepProgress): number =>
    (rating === "hard" ? 10_000 : 0) + (attempts > 0 && !right ? 5_000 : 0) + attempts;
  const hard = progress
    .filter(({ rating }) => rating !== "easy")
    .filter(
      ({ rating, attempts, right }) =>
        rating === "hard" || attempts > 1 || (attempts === 1 && !right),
    )
    .sort((a, b) => weigh(b) - weigh(a))[0];
  return hard?.step_id ?? null;
}

/** For how long what was shared, and until when it is kept. */
function buildShared(report: MyReport | null): (HTMLElement | false)[] {
  if (!report) return [];
  if (report.windows.length === 0)
    return [element("p", { "data-testid": "shared" }, gettext("No camera data was sent."))];
  const shared = formatSeenTime(computeSeenTime(report.windows));
  const until = report.kept_until
    ? interpolate(gettext("These numbers are kept until %(when)s."), {
        when: formatDayTime(report.kept_until),
      })
    : "";
  return [element("p", { "data-testid": "shared" }, shared, " ", until)];
}

function formatClosed(endedAt: string): string {
  const text = gettext(
    "It closed on %(when)s. What you did is saved. If you need more time, ask your teacher.",
  );
  return interpolate(text, { when: formatDayTime(endedAt) });
}
