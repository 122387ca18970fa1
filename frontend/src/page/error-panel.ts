import { ApiProblem } from "../api/http";
import { element } from "../dom";
import { gettext, interpolate } from "../text";

/** What happened, what to do, and a code to tell somebody who can help. */
export function buildErrorPanel(error: unknown, again: () => void): HTMLElement {
  const status = error instanceof ApiProblem ? error.status : -1;
  const button = { type: "button", onclick: again, "data-testid": "try-again" };
  return element(
    "section",
    { class: "card", role: "alert" },
    element("h1", {}, gettext("This page could not be loaded")),
    element("p", {}, formatError(status)),
    element("div", { class: "row" }, element("button", button, gettext("Try again"))),
    element(
      "p",
      { class: "small soft" },
      interpolate(gettext("Code: %(code)s"), { code: formatErrorCode(status) }),
    ),
  );
}

export function formatError(status: number): string {
  if (status === 0)
    return gettext("The school's computer does not answer. Is the network there? Try again soon.");
  if (status === 401 || status === 403)
    return gettext("You are not signed in here. Please open the lesson again from where you came.");
  if (status === 404) return gettext("There is no such lesson for you. The address may be old.");
  return gettext(
    "Something went wrong on our side. Your work in the lesson is kept. Try again soon.",
  );
}

export function formatErrorCode(status: number): string {
  if (status < 0) return "page";
  return status === 0 ? "network" : `http-${status}`;
}
