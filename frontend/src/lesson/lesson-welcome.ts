import type { Session } from "../api/schema";
import { element, emit, replaceContent } from "../dom";
import { describeLanguage, formatDayTime, gettext, interpolate, ngettext } from "../text";

/** `<lesson-welcome>`: title, summary and duration. Emits "begin". */
export class LessonWelcome extends HTMLElement {
  session: Session | null = null;

  connectedCallback(): void {
    if (this.session) this.#render(this.session);
  }

  #render(session: Session): void {
    const { title, summary } = session.lesson;
    replaceContent(
      this,
      element("h1", describeLanguage(session.lesson.language), title),
      summary &&
        element("p", { class: "lead", ...describeLanguage(session.lesson.language) }, summary),
      element("p", {}, formatLength(session)),
      session.closes_at &&
        element("p", { "data-testid": "open-until" }, formatOpenUntil(session.closes_at)),
      session.policy.inference &&
        element(
          "p",
          {},
          gettext("You can do this lesson with or without the camera."),
          " ",
          element("strong", {}, gettext("Nobody is told which you choose.")),
        ),
      this.#button(),
    );
  }

  #button(): HTMLElement {
    const begin = (): void => emit(this, "begin");
    const hooks = { "data-testid": "begin", class: "large" };
    return element("button", { type: "button", onclick: begin, ...hooks }, gettext("Start"));
  }
}

export function formatOpenUntil(closesAt: string): string {
  return interpolate(gettext("Open until %(when)s."), { when: formatDayTime(closesAt) });
}

function formatLength(session: Session): string {
  const { minutes, steps } = session.lesson;
  const stepWords = ngettext("one step", "%(count)s steps", steps.length);
  return interpolate(gettext("This lesson has %(steps)s. It takes about %(minutes)s minutes."), {
    steps: interpolate(stepWords, { count: steps.length }),
    minutes,
  });
}

customElements.define("lesson-welcome", LessonWelcome);
