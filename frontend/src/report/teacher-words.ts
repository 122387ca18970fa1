import { request } from "../api/http";
import { element, replaceContent } from "../dom";
import { icon } from "../icons";
import { clockTime, gettext, interpolate } from "../text";

interface Word {
  id: number;
  learner: string;
  step: string;
  said_at: string;
  seen: boolean;
}

const LOOK_MS = 15_000;

/**
 * `<teacher-words session="…">`: learners who said yes to "Shall I tell your teacher?". A quiet
 * line each; nobody else is named here, and a line goes when the teacher has seen it.
 */
export class TeacherWords extends HTMLElement {
  #path = "";
  #timer: ReturnType<typeof setInterval> | undefined;
  #list = element("div", { class: "teacher-words", role: "status" });

  connectedCallback(): void {
    this.#path = `/api/v1/sessions/${this.getAttribute("session") ?? ""}/words`;
    replaceContent(this, this.#list);
    void this.#look();
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const words = await request<Word[]>("GET", this.#path).catch(() => null);
    if (!words) return;
    const rows = words.filter(({ seen }) => !seen).map((word) => this.#row(word));
    replaceContent(this.#list, rows.length > 0 && element("ul", {}, ...rows));
  }

  #row(word: Word): HTMLElement {
    const text = word.step
      ? gettext("%(learner)s would like you to know: “%(step)s” is hard (%(time)s).")
      : gettext("%(learner)s would like you to know that it is hard (%(time)s).");
    const seen = (): void => void this.#seen(word);
    return element(
      "li",
      { class: "row" },
      icon("notice"),
      interpolate(text, {
        learner: word.learner,
        step: word.step,
        time: clockTime(word.said_at),
      }),
      element(
        "button",
        { type: "button", class: "quiet", onclick: seen },
        gettext("I have seen it"),
      ),
    );
  }

  async #seen(word: Word): Promise<void> {
    await request("POST", `${this.#path}/${word.id}/seen`).catch(() => undefined);
    await this.#look();
  }
}

customElements.define("teacher-words", TeacherWords);

declare global {
  interface HTMLElementTagNameMap {
    "teacher-words": TeacherWords;
  }
}
