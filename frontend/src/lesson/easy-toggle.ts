import { element } from "../dom";
import { chooseEasyWords, easyWords } from "../page/choices";
import { gettext } from "../text";

/** The button that switches to the easy-read form and back; the choice is remembered. */
export function easyToggle(changed: () => void): HTMLButtonElement {
  const button = element("button", {
    type: "button",
    class: "quiet",
    "aria-pressed": String(easyWords()),
    "data-testid": "explain-simply",
    onclick: () => {
      chooseEasyWords(!easyWords());
      changed();
    },
  });
  button.textContent = gettext("Explain more simply");
  return button;
}
