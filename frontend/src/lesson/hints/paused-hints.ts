import { element } from "../../dom";
import { gettext } from "../../text";

/** Note that hints are paused for today, with a button to resume them. */
export function buildPausedNote(resume: () => void): HTMLElement {
  const attributes = { type: "button", class: "plain", onclick: resume };
  return element(
    "div",
    { class: "small", "data-testid": "left-alone" },
    element(
      "p",
      { class: "soft", tabindex: "-1" },
      gettext("No automatic hints today. You can still ask for one."),
    ),
    element(
      "button",
      { ...attributes, "data-testid": "hints-again" },
      gettext("Turn hints on again"),
    ),
  );
}
