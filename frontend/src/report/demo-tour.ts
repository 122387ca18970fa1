import { button, element, replaceContent } from "../dom";
import { readNote, writeNote } from "../page/storage";
import { gettext, interpolate } from "../text";

const SHOWN = "fer.demo-tour";

/** `<demo-tour student-url="…">`: four notes for a first teacher; shown once in a browser. */
export class DemoTour extends HTMLElement {
  #at = 0;

  connectedCallback(): void {
    this.hidden = readNote(SHOWN) !== null;
    if (this.hidden) return;
    writeNote(SHOWN, "yes");
    this.#render(false);
  }

  #render(hasFocus: boolean): void {
    const texts = listTexts();
    const isLast = this.#at === texts.length - 1;
    const count = interpolate(gettext("Tour, %(n)s of %(all)s"), {
      n: this.#at + 1,
      all: texts.length,
    });
    const heading = element("h2", { tabindex: "-1" }, count);
    const next = button(
      isLast ? gettext("Finish the tour") : gettext("Next"),
      () => this.#move(isLast),
      { "data-testid": "tour-next" },
    );
    const skip = button(gettext("Skip the tour"), () => this.#move(true), {
      class: "quiet",
      "data-testid": "tour-skip",
    });
    replaceContent(
      this,
      element(
        "section",
        { class: "card tour no-print", "aria-label": gettext("Tour"), "data-testid": "tour" },
        heading,
        element("p", {}, texts[this.#at]),
        this.#at === 1 && this.#buildLink(),
        element("div", { class: "row" }, next, !isLast && skip),
      ),
    );
    if (hasFocus) heading.focus();
  }

  #buildLink(): HTMLElement | null {
    const href = this.getAttribute("student-url");
    const link = { href, target: "_blank", rel: "noopener" };
    return href ? element("p", {}, element("a", link, gettext("Enter as a student"))) : null;
  }

  #move(ends: boolean): void {
    this.#at += 1;
    if (!ends) {
      this.#render(true);
      return;
    }
    this.hidden = true;
    document.querySelector("main")?.focus();
  }
}

function listTexts(): string[] {
  return [
    gettext(
      "Eight simulated students are doing this lesson. “The class now” shows where most of them are, without a camera.",
    ),
    gettext("Be a student too, in another tab. You stay signed in here as the teacher."),
    gettext(
      "Press “Close now” when you like. A few seconds later the report names the hard step, what helped, and what cannot be said.",
    ),
    gettext(
      "“Your lessons” lists three lessons and five earlier sessions to compare with. There you also edit lessons and hint rules.",
    ),
  ];
}

customElements.define("demo-tour", DemoTour);
