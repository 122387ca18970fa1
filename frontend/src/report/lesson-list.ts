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
    const cards = lessons.map((lesson) => this.#buildCard(lesson));
    replaceContent(
      this,
      element("h1", {}, gettext("Your lessons")),
      ...(cards.length ? cards : [element("p", {}, formatEmpty())]),
      element("new-lesson"),
    );
  }

  #buildCard(lesson: LessonSummary): HTMLElement {
    const sessions = lesson.sessions.map(buildSessionRow);
    const problem = element("p", { role: "alert" });
    const start = (): void => void this.#start(lesson.id, problem);
    const attributes = { type: "button", onclick: start, "data-testid": "start-session" };
    return element(
      "section",
      { class: "card lesson-card" },
      element("p", { class: "soft" }, lesson.course),
      element("h2", {}, lesson.title),
      sessions.length
        ? element("ul", { class: "sessions" }, ...sessions)
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

function buildSessionRow(session: LessonSummary["sessions"][number]): HTMLElement {
  const isOpen = session.state === "open";
  const state = element(
    "span",
    { class: "session-state" },
    icon(isOpen ? "play" : "good"),
    isOpen ? gettext("open") : gettext("ended"),
  );
  const link = element(
    "a",
    { href: `/sessions/${session.id}/report/` },
    formatDateTime(session.started_at),
  );
  return element(
    "li",
    {},
    element("p", { class: "row" }, link, state),
    isOpen && element("teacher-notifications", { session: session.id }),
    session.finding && element("p", { class: "soft" }, session.finding),
  );
}

function formatEmpty(): string {
  return gettext("You have no lessons yet. They appear here when you teach a course.");
}

customElements.define("lesson-list", LessonList);
