import type { LessonSummary } from "../api/schema";
import { listLessons, startSession } from "../api/sessions";
import { element, replaceContent } from "../dom";
import { icon } from "../icons";
import "./teacher-notifications";
import { buildErrorPanel } from "../page/error-panel";
import { formatDateTime, gettext } from "../text";

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
    const cards = lessons.map((lesson) => this.#card(lesson));
    replaceContent(
      this,
      element("h1", {}, gettext("Your lessons")),
      ...(cards.length ? cards : [element("p", {}, formatEmpty())]),
      element("new-lesson"),
    );
  }

  #card(lesson: LessonSummary): HTMLElement {
    const sittings = lesson.sessions.map(buildSessionRow);
    const problem = element("p", { role: "alert" });
    const start = (): void => void this.#start(lesson.id, problem);
    const attributes = { type: "button", onclick: start, "data-testid": "start-session" };
    return element(
      "section",
      { class: "card lesson-card" },
      element("p", { class: "soft" }, lesson.course),
      element("h2", {}, lesson.title),
      sittings.length
        ? element("ul", { class: "sessions" }, ...sittings)
        : element("p", {}, gettext("No sessions yet.")),
      element(
        "div",
        { class: "row" },
        element("button", attributes, gettext("Start a new session")),
        element("a", { href: `/lessons/${lesson.id}/edit/` }, gettext("Edit the lesson")),
        element("a", { href: `/lessons/${lesson.id}/rules/` }, gettext("Hint rules")),
      ),
      problem,
    );
  }

  async #start(lessonId: number, problem: HTMLElement): Promise<void> {
    try {
      const { id } = await startSession(lessonId);
      location.assign(`/sessions/${id}/report/`);
    } catch {
      problem.textContent = gettext("The session could not be started. Please try again.");
    }
  }
}

function buildSessionRow(sitting: LessonSummary["sessions"][number]): HTMLElement {
  const open = sitting.state === "open";
  const state = element(
    "span",
    { class: "session-state" },
    icon(open ? "play" : "good"),
    open ? gettext("open") : gettext("ended"),
  );
  const link = element(
    "a",
    { href: `/sessions/${sitting.id}/report/` },
    formatDateTime(sitting.started_at),
  );
  return element(
    "li",
    {},
    element("p", { class: "row" }, link, state),
    open && element("teacher-notifications", { session: sitting.id }),
    sitting.finding && element("p", { class: "soft" }, sitting.finding),
  );
}

function formatEmpty(): string {
  return gettext("You have no lessons yet. They appear here when you teach a course.");
}

customElements.define("lesson-list", LessonList);
