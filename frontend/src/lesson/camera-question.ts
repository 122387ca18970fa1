import type { Session } from "../api/schema";
import { emit, element, focusHeading, replaceContent } from "../dom";
import { icon, type IconName } from "../icons";
import { isEasyRead } from "../page/browser-settings";
import { gettext, interpolate, ngettext } from "../text";
import { buildEasyToggle } from "./easy-toggle";

/** How a student can take part. Another way is another card; the page makes room for it. */
export type Participation = "without" | "device" | "server";

const TEST_IDS: Record<Participation, string> = {
  without: "choose-without",
  device: "choose-device",
  server: "choose-camera",
};

interface Card {
  way: Participation;
  icon: IconName;
  title: string;
  lines: string[];
}

/**
 * `<camera-question>`: cards of equal size, none recommended.
 * Tells "choose" with {way}.
 */
export class CameraQuestion extends HTMLElement {
  session: Session | null = null;

  connectedCallback(): void {
    this.#render();
  }

  #render(): void {
    if (!this.session) return;
    const cards = buildCards(this.session.kept_days, isEasyRead()).filter(
      (card) => card.way !== "server" || !this.session?.policy.on_device_only,
    );
    const toggle = buildEasyToggle(() => {
      this.#render();
      this.querySelector<HTMLElement>('[data-testid="explain-simply"]')?.focus();
    });
    replaceContent(
      this,
      element("h1", {}, gettext("How would you like to take part?")),
      element("p", {}, gettext("Every way leads through the same lesson. You can change later.")),
      toggle,
      element("ul", { class: "ways" }, ...cards.map((card) => this.#card(card))),
    );
  }

  #card(card: Card): HTMLElement {
    const choose = (): void => emit(this, "choose", { way: card.way });
    const title = element("strong", { class: "way-title" }, card.title);
    const lines = card.lines.map((line) => element("span", { class: "way-line" }, line));
    const attributes = { type: "button", class: "quiet way", onclick: choose };
    const hooks = { "data-testid": TEST_IDS[card.way] };
    return element(
      "li",
      {},
      element("button", { ...attributes, ...hooks }, icon(card.icon), title, ...lines),
    );
  }

  focusTitle(): void {
    focusHeading(this);
  }
}

/** Under each way: what is kept, until when, who sees it. */
export function buildCards(keptDays: number, easy: boolean): Card[] {
  const until = interpolate(
    ngettext("for one day after the lesson", "for %(count)s days after the lesson", keptDays),
    { count: keptDays },
  );
  const kept = easy
    ? gettext("Pictures are not kept. Numbers are kept %(until)s.")
    : gettext("Pictures are looked at for a moment and thrown away. Numbers are kept %(until)s.");
  const keptOfDevice = easy
    ? gettext("No picture leaves this device. Numbers do, and are kept %(until)s.")
    : gettext("Pictures never leave this device, only numbers do. They are kept %(until)s.");
  const seen = easy
    ? gettext("You can see your numbers. Your teacher sees only the whole class.")
    : gettext("You see your own; your teacher sees only figures of the class together.");
  return [
    {
      way: "without",
      icon: "book",
      title: gettext("Without camera"),
      lines: [
        easy
          ? gettext("The camera stays off. What you do in the lesson is kept, as always.")
          : gettext("The camera stays off. What you open and answer is kept, as in any lesson."),
        gettext("You miss nothing of the lesson."),
      ],
    },
    {
      way: "device",
      icon: "device",
      title: gettext("Camera stays on my device"),
      lines: [interpolate(keptOfDevice, { until }), seen],
    },
    {
      way: "server",
      icon: "screen",
      title: gettext("Camera to the school's computer"),
      lines: [interpolate(kept, { until }), seen],
    },
  ];
}

customElements.define("camera-question", CameraQuestion);

declare global {
  interface HTMLElementTagNameMap {
    "camera-question": CameraQuestion;
  }
}
