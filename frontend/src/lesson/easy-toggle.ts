import { element } from "../dom";
import { setEasyRead, isEasyRead } from "../page/browser-settings";
import { gettext } from "../text";

/** The button that switches to the easy-read form and back; the choice is remembered. */
export function buildEasyToggle(changed: () => void): HTMLButtonElement {
  const button = element("button", {
    type: "button",
    class: "quiet",
    "aria-pressed": String(isEasyRead()),
    "data-testid": "explain-simply",
    onclick: () => {
      setEasyRead(!isEasyRead());
      changed();
    },
  });
  button.textContent = gettext("Easy words");
  return button;
}
