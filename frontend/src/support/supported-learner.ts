import { ApiProblem } from "../api/http";
import type { SharedReport, SharedSession } from "../api/schema";
import { getSharedReport, getSupportedLearner } from "../api/support";
import { element, focusHeading, replaceContent } from "../dom";
import { buildCorrectionsTable } from "../my/corrections-table";
import { buildLearnerCharts } from "../my/learner-charts";
import { groupByMinute } from "../my/minutes";
import { buildReportClock } from "../my/report-clock";
import { buildErrorPanel } from "../page/error-panel";
import { formatDateTime, gettext, interpolate } from "../text";

const POLL_INTERVAL_MS = 30_000;

/**
 * `<supported-learner link="ID">`: read-only view of shared sessions, polled so that a withdrawn
 * session disappears.
 */
class SupportedLearner extends HTMLElement {
  #link = this.getAttribute("link") ?? "";
  #name = this.querySelector("h1")?.textContent ?? "";
  #shown = "";
  #timer: ReturnType<typeof setInterval> | undefined;

  connectedCallback(): void {
    this.#timer = setInterval(() => void this.#poll(), POLL_INTERVAL_MS);
    globalThis.addEventListener("pageshow", this.#handlePageShow);
    void this.#load("", false);
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
    globalThis.removeEventListener("pageshow", this.#handlePageShow);
  }

  #handlePageShow = (event: PageTransitionEvent): void => {
    if (event.persisted) void this.#load(this.#shown, false);
  };

  async #load(sessionId: string, moveFocus = true): Promise<void> {
    try {
      const sessions = await this.#listSessions();
      const chosenSession = sessions.find(({ session_id: id }) => id === sessionId) ?? sessions[0];
      if (chosenSession) await this.#show(sessions, chosenSession);
      else this.#showNothing();
    } catch (error) {
      if (isNotFound(error)) this.#showNothing();
      else this.#showProblem(error, sessionId);
    }
    if (moveFocus) focusHeading(this);
  }

  /** Checks whether the session is still shared, without reading its report. */
  async #poll(): Promise<void> {
    if (!this.#shown) return;
    try {
      const sessions = await this.#listSessions();
      if (!sessions.some(({ session_id: id }) => id === this.#shown)) await this.#load("");
    } catch {
      // Retried at the next poll.
    }
  }

  async #listSessions(): Promise<SharedSession[]> {
    try {
      return (await getSupportedLearner(this.#link)).sessions;
    } catch (error) {
      if (isNotFound(error)) return [];
      throw error;
    }
  }

  async #show(sessions: SharedSession[], chosenSession: SharedSession): Promise<void> {
    const report = await getSharedReport(this.#link, chosenSession.session_id);
    this.#shown = chosenSession.session_id;
    replaceContent(
      this,
      element("h1", {}, this.#name),
      sessions.length > 1 && this.#buildChoice(sessions),
      ...buildSharedContent(report, this.#name),
    );
  }

  #buildChoice(sessions: SharedSession[]): HTMLElement {
    const select = element("select", { id: "sitting", "data-testid": "sitting" });
    for (const { session_id: value, lesson, started_at: at } of sessions) {
      const selected = value === this.#shown;
      select.append(element("option", { value, selected }, `${lesson}, ${formatDateTime(at)}`));
    }
    select.addEventListener("change", () => void this.#load(select.value));
    const text = element("span", {}, gettext("Shared sessions"));
    return element("label", { class: "field", for: "sitting" }, text, select);
  }

  #showNothing(): void {
    this.#shown = "";
    replaceContent(
      this,
      element("h1", {}, this.#name),
      element(
        "p",
        { class: "lead", "data-testid": "nothing-shared" },
        gettext("Nothing is shared with you at the moment."),
      ),
      element(
        "p",
        {},
        gettext(
          "Each student decides for each session, and there can be many reasons why nothing is shared. You do not need to do anything. Please do not ask the student about it.",
        ),
      ),
    );
  }

  #showProblem(error: unknown, sessionId: string): void {
    this.#shown = "";
    replaceContent(
      this,
      buildErrorPanel(error, () => void this.#load(sessionId)),
    );
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 404;
}

function buildSharedContent(report: SharedReport, name: string): HTMLElement[] {
  const titles = {
    index: gettext("Engagement index over time"),
    expressions: gettext("Expressions as the computer guessed them"),
  };
  const clock = buildReportClock(report);
  const minutes = groupByMinute(report.windows, report.actions, clock);
  return [
    element("p", { class: "soft" }, `${report.lesson}, ${formatDateTime(report.started_at)}`),
    element("p", { class: "lead", "data-testid": "shared" }, formatShared(name)),
    element(
      "p",
      {},
      gettext("You can read it. Only the student can change or delete it."),
      " ",
      formatUntil(report),
    ),
    element("p", { class: "note" }, formatLimitsForOthers()),
    element("section", { class: "card" }, buildCorrectionsTable(minutes, name)),
    buildLearnerCharts(report.windows, clock, titles),
  ];
}

function formatShared(name: string): string {
  return interpolate(gettext("%(name)s shares this with you and can stop sharing at any time."), {
    name,
  });
}

function formatUntil({ kept_until: until }: SharedReport): string {
  if (!until) return "";
  return interpolate(gettext("It is stored until %(when)s at the latest."), {
    when: formatDateTime(until),
  });
}

function formatLimitsForOthers(): string {
  return gettext(
    "The computer guesses from pictures how a face looks. It is often wrong. It cannot tell what a person felt or thought. What the student says is more reliable.",
  );
}

customElements.define("supported-learner", SupportedLearner);
