import type { Session } from "../../api/schema";
import { element, emit, replaceContent } from "../../dom";
import { icon, type IconName } from "../../icons";
import { isEasyRead } from "../../page/browser-settings";
import { gettext, interpolate, ngettext } from "../../text";
import { buildEasyToggle } from "../../page/easy-toggle";

/** How a student takes part. */
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
 * `<camera-question>`: equal cards for taking part, none recommended. Emits "choose" with {way}.
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
      element("p", {}, gettext("The lesson is the same in each case. You can change this later.")),
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
}

/** Each card states what is stored, until when and who has access. */
function buildCards(keptDays: number, easy: boolean): Card[] {
  const until = interpolate(ngettext("for one day", "for %(count)s days", keptDays), {
    count: keptDays,
  });
  const kept = easy
    ? gettext("Pictures are not saved. Numbers are saved %(until)s.")
    : gettext("Each picture is analysed and deleted at once. Numbers are saved %(until)s.");
  const keptOfDevice = easy
    ? gettext("Pictures stay on this device. Numbers are sent and saved %(until)s.")
    : gettext("Pictures stay on this device. Only numbers are sent. They are saved %(until)s.");
  const seen = easy
    ? gettext("You can see your numbers. Your teacher sees only the whole class.")
    : gettext("You can see your numbers. Your teacher sees only results of the whole class.");
  return [
    {
      way: "without",
      icon: "book",
      title: gettext("Without camera"),
      lines: [
        easy
          ? gettext("The camera stays off. Your answers are saved, as always.")
          : gettext(
              "The camera stays off. The steps you open and your answers are saved, as in any lesson.",
            ),
        gettext("You get the complete lesson."),
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
