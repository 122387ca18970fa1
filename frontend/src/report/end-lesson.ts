import type { SessionApi } from "../api/sessions";
import { element, focusHeading, replaceContent } from "../dom";
import { gettext } from "../text";

/** Ends the session after confirmation; resolves to whether it was ended. */
export function confirmEndLesson(host: HTMLElement, api: SessionApi): Promise<boolean> {
  const dialog = element("dialog", { "aria-labelledby": "end-title" });
  const problem = element("p", { role: "alert" });
  let ended = false;
  const end = async (): Promise<void> => {
    try {
      await api.end();
      ended = true;
      dialog.close();
    } catch {
      problem.textContent = gettext("That did not work. The lesson is still open.");
    }
  };
  replaceContent(
    dialog,
    ...buildQuestion(),
    problem,
    buildButtons(dialog, () => void end()),
  );
  host.append(dialog);
  dialog.showModal();
  focusHeading(dialog);
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(ended);
    }),
  );
}

function buildQuestion(): HTMLElement[] {
  return [
    element("h2", { id: "end-title" }, gettext("Close the lesson for everybody now?")),
    element("p", {}, gettext("All cameras stop. The report is ready a few seconds later.")),
    element("p", {}, gettext("A closed session cannot be reopened. You can start a new one.")),
  ];
}

function buildButtons(dialog: HTMLDialogElement, end: () => void): HTMLElement {
  const confirm = { type: "button", onclick: end, "data-testid": "end-confirm" };
  const cancel = { type: "button", class: "quiet", onclick: () => dialog.close() };
  return element(
    "div",
    { class: "row" },
    element("button", confirm, gettext("Close now")),
    element("button", cancel, gettext("Cancel")),
  );
}
