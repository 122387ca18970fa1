import { element } from "../dom";
import { isEasyRead, setEasyRead } from "./browser-settings";
import { gettext } from "../text";

/** Toggle of the easy-read version; stored in the browser. */
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
