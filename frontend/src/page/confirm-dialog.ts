import { button, element, replaceContent } from "../dom";
import { gettext } from "../text";

export interface Confirmation {
  title: string;
  consequence: string;
  confirmLabel: string;
}

/** Asks in a modal dialog; resolves to whether the action was confirmed. */
export function confirmAction(
  host: HTMLElement,
  { title, consequence, confirmLabel }: Confirmation,
): Promise<boolean> {
  const dialog = element("dialog", { "aria-labelledby": "confirm-title" });
  let isConfirmed = false;
  const confirm = (): void => {
    isConfirmed = true;
    dialog.close();
  };
  replaceContent(
    dialog,
    element("h2", { id: "confirm-title" }, title),
    element("p", {}, consequence),
    element(
      "div",
      { class: "row" },
      button(gettext("Cancel"), () => dialog.close(), { class: "quiet", "data-testid": "cancel" }),
      button(confirmLabel, confirm, { "data-testid": "confirm" }),
    ),
  );
  host.append(dialog);
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(isConfirmed);
    }),
  );
}
