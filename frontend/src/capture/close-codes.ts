import { gettext } from "../text";

/** Action after a socket was closed. */
export interface CloseAction {
  retry: boolean;
  /** Minimum delay before the retry. */
  atLeastMs: number;
  /** Halve the frame rate. */
  slower: boolean;
  message: string;
  /** Offer a button to move the camera to this window. */
  canTakeOver: boolean;
}

const MAX_REFUSED_TICKETS = 5;

export function handleCloseCode(code: number, refusedTickets: number): CloseAction {
  switch (code) {
    case 4401:
      return refusedTickets < MAX_REFUSED_TICKETS ? retry() : stop(formatTicketProblem());
    case 4403:
      return stop(gettext("The camera is no longer allowed in this lesson. It is off."));
    case 4409:
      return { ...stop(formatReplaced()), canTakeOver: true };
    case 1009: // message too big for the server's socket
    case 4413:
      return stop(gettext("The pictures were too large to send. The camera is off."));
    case 4429:
      return { ...retry(), atLeastMs: 5000, slower: true };
    case 1013:
      return { ...retry(), atLeastMs: 2000 };
    default:
      return retry();
  }
}

/** Message for a refused ticket; null where a retry makes sense. */
export function formatTicketRefusal(status: number, reason: string | null): string | null {
  if (status === 0 || status === 429 || status >= 500) return null;
  if (status === 401) return gettext("You are signed out. Please open the lesson again.");
  if (reason === "session_ended" || status === 404 || status === 409)
    return gettext("This lesson is closed. The camera is off.");
  if (reason?.includes("consent"))
    return gettext("You have not allowed the camera. You can allow it at the start of the lesson.");
  return gettext("The camera is not allowed in this lesson. Everything else works.");
}

function retry(): CloseAction {
  const message = gettext(
    "No connection. Your answers are saved. The camera continues when the connection is back.",
  );
  return { retry: true, atLeastMs: 0, slower: false, message, canTakeOver: false };
}

function stop(message: string): CloseAction {
  return { retry: false, atLeastMs: 0, slower: false, message, canTakeOver: false };
}

function formatTicketProblem(): string {
  return gettext("The school's computer refused the camera. Please reload the page.");
}

function formatReplaced(): string {
  return gettext("The camera is on in another window of this lesson. Here it is off.");
}
