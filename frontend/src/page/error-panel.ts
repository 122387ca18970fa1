import { ApiProblem } from "../api/http";
import { element } from "../dom";
import { gettext, interpolate } from "../text";

/** Error message with a retry button and a code. */
export function buildErrorPanel(error: unknown, retry: () => void): HTMLElement {
  const status = error instanceof ApiProblem ? error.status : -1;
  const button = { type: "button", onclick: retry, "data-testid": "try-again" };
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
    return gettext("No connection to the school's computer. Check your network and try again.");
  if (status === 401 || status === 403)
    return gettext("You are signed out. Please open the lesson again from your course.");
  if (status === 404) return gettext("This lesson was not found. The link may be out of date.");
  return gettext("Something went wrong on the server. Your work is saved. Please try again.");
}

export function formatErrorCode(status: number): string {
  if (status < 0) return "page";
  return status === 0 ? "network" : `http-${status}`;
}
