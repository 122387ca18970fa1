import type { TeacherNotification } from "../api/schema";
import { SessionApi } from "../api/sessions";
import { element, replaceContent } from "../dom";
import { icon } from "../icons";
import { clockTime, gettext, interpolate } from "../text";

const LOOK_MS = 15_000;

/**
 * `<teacher-words session="…">`: learners who said yes to "Shall I tell your teacher?". A quiet
 * line each; nobody else is named here, and a line goes when the teacher has seen it.
 */
export class TeacherWords extends HTMLElement {
  #api = new SessionApi(this.getAttribute("session") ?? "");
  #timer: ReturnType<typeof setInterval> | undefined;
  #list = element("div", { class: "teacher-words", role: "status" });

  connectedCallback(): void {
    replaceContent(this, this.#list);
    void this.#look();
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const notifications = await this.#api.listNotifications().catch(() => null);
    if (!notifications) return;
    const rows = notifications
      .filter(({ seen }) => !seen)
      .map((notification) => this.#row(notification));
    replaceContent(this.#list, rows.length > 0 && element("ul", {}, ...rows));
  }

  #row(notification: TeacherNotification): HTMLElement {
    const text = notification.step
      ? gettext("%(learner)s would like you to know: “%(step)s” is hard (%(time)s).")
      : gettext("%(learner)s would like you to know that it is hard (%(time)s).");
    const seen = (): void => void this.#seen(notification);
    return element(
      "li",
      { class: "row" },
      icon("notice"),
      interpolate(text, {
        learner: notification.learner,
        step: notification.step,
        time: clockTime(notification.said_at),
      }),
      element(
        "button",
        { type: "button", class: "quiet", onclick: seen },
        gettext("I have seen it"),
      ),
    );
  }

  async #seen(notification: TeacherNotification): Promise<void> {
    await this.#api.markNotificationSeen(notification.id).catch(() => undefined);
    await this.#look();
  }
}

customElements.define("teacher-words", TeacherWords);

declare global {
  interface HTMLElementTagNameMap {
    "teacher-words": TeacherWords;
  }
}
