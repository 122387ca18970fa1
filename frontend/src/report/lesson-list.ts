import { ApiProblem } from "../api/http";
import type { LessonSummary, SessionSummary } from "../api/schema";
import { listLessons, SessionApi, startSession } from "../api/sessions";
import { element, focusHeading, quietButton, replaceContent } from "../dom";
import { icon } from "../icons";
import "./teacher-notifications";
import { buildErrorPanel } from "../page/error-panel";
import { FormDraft } from "../page/form-draft";
import { formatDateTime, formatDayTime, gettext, interpolate } from "../text";
import { buildTimeField, formatClosingError, parseFieldValue } from "./closing-time";
import { confirmEndLesson } from "./end-lesson";

/** `<lesson-list>`: a teacher's lessons with their sessions, newest first. */
class LessonList extends HTMLElement {
  connectedCallback(): void {
    void this.#load();
  }

  async #load(): Promise<void> {
    try {
      this.#show(await listLessons());
    } catch (error) {
      replaceContent(
        this,
        buildErrorPanel(error, () => void this.#load()),
      );
    }
  }

  #show(lessons: LessonSummary[]): void {
    const cards = lessons.map((lesson) => this.#buildCard(lesson));
    replaceContent(
      this,
      element("h1", {}, gettext("Your lessons")),
      ...(cards.length ? cards : [element("p", {}, formatEmpty())]),
      element("new-lesson"),
    );
  }

  #buildCard(lesson: LessonSummary): HTMLElement {
    const sessions = lesson.sessions.map((session) =>
      this.#buildSessionRow(session, getActivityTitle(lesson, session)),
    );
    const problem = element("p", { role: "alert" });
    const [field, closesAt] = buildTimeField(gettext("Closes at"));
    const activities = buildActivitySelect(lesson);
    const timePart = element(
      "details",
      { class: "start-with-time" },
      element("summary", {}, gettext("Let a new session close by itself")),
      field,
      element("p", { class: "small soft" }, formatClosingNote()),
    );
    const draft = new FormDraft(timePart, `new-session.${lesson.id}`);
    const start = (): void =>
      void this.#start(lesson.id, closesAt.value, activities?.value ?? "", problem, draft);
    const attributes = { type: "button", onclick: start, "data-testid": "start-session" };
    return element(
      "section",
      { class: "card lesson-card" },
      element("p", { class: "soft" }, lesson.course),
      element("h2", {}, lesson.title),
      sessions.length
        ? element("ul", { class: "sessions" }, ...sessions)
        : element("p", {}, gettext("No sessions yet.")),
      activities && buildActivityField(activities),
      element(
        "div",
        { class: "row" },
        element("button", attributes, gettext("Start a new session")),
        element("a", { href: `/lessons/${lesson.id}/edit/` }, gettext("Edit the lesson")),
        element("a", { href: `/lessons/${lesson.id}/rules/` }, gettext("Hint rules")),
      ),
      timePart,
      problem,
    );
  }

  #buildSessionRow(session: SessionSummary, activityTitle: string): HTMLElement {
    const isOpen = session.state === "open";
    const started = formatDateTime(session.started_at);
    const link = element("a", { href: `/sessions/${session.id}/report/` }, started);
    const close = (): void => void this.#close(session.id);
    return element(
      "li",
      {},
      element(
        "p",
        { class: "row" },
        link,
        activityTitle && element("span", { class: "soft" }, activityTitle),
        buildSessionState(session),
        isOpen && quietButton(gettext("Close now"), close, "close-session", started),
      ),
      isOpen && element("teacher-notifications", { session: session.id }),
      session.finding && element("p", { class: "soft" }, session.finding),
    );
  }

  async #close(sessionId: string): Promise<void> {
    if (!(await confirmEndLesson(this, new SessionApi(sessionId)))) return;
    await this.#load();
    focusHeading(this);
  }

  async #start(
    lessonId: number,
    closesAt: string,
    activity: string,
    problem: HTMLElement,
    draft: FormDraft,
  ): Promise<void> {
    try {
      const activityId = activity === "" ? null : Number(activity);
      const { id } = await startSession(lessonId, parseFieldValue(closesAt), activityId);
      draft.saved();
      location.assign(`/sessions/${id}/report/`);
    } catch (error) {
      problem.textContent =
        error instanceof ApiProblem && error.status === 400
          ? formatClosingError(error)
          : gettext("The session could not be started. Please try again.");
    }
  }
}

/** A choice of the activity whose students come into a new session, where there are several. */
function buildActivitySelect({ activities }: LessonSummary): HTMLSelectElement | null {
  if (activities.length < 2) return null;
  const options = activities.map(({ id, title }) =>
    element("option", { value: String(id) }, title || gettext("Activity without a title")),
  );
  return element("select", { "data-testid": "activity" }, ...options);
}

function buildActivityField(select: HTMLSelectElement): HTMLElement {
  const text = gettext("A new session is for the students of this activity");
  return element("label", { class: "field" }, element("span", {}, text), select);
}

/** The title of a session's activity, where the lesson has several. */
function getActivityTitle({ activities }: LessonSummary, session: SessionSummary): string {
  if (activities.length < 2) return "";
  const found = activities.find(({ id }) => id === session.activity_id) ?? activities[0];
  return found?.title ?? "";
}

function buildSessionState({ state, closes_at }: SessionSummary): HTMLElement {
  const isOpen = state === "open";
  return element(
    "span",
    { class: "session-state" },
    icon(isOpen ? "play" : "good"),
    isOpen ? formatOpen(closes_at) : gettext("closed"),
  );
}

function formatOpen(closesAt: string | null): string {
  return closesAt === null
    ? gettext("open")
    : interpolate(gettext("open until %(when)s"), { when: formatDayTime(closesAt) });
}

function formatClosingNote(): string {
  return gettext(
    "For homework: students can work until then, and the report is complete when the session closes. You can change the time or close it earlier.",
  );
}

function formatEmpty(): string {
  return gettext("You have no lessons yet. They appear here when you teach a course.");
}

customElements.define("lesson-list", LessonList);
