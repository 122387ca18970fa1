import { ApiProblem } from "../../api/http";
import { gettext } from "../../text";

/** `isUnknown`: no reply came, and none can be had. */
export function formatConsentProblem(error: unknown, isUnknown: boolean): string {
  if (error instanceof ApiProblem && error.status === 409)
    return gettext("The text has changed. Please read it again.");
  if (isUnknown)
    return gettext(
      "There is no connection. The camera stays off until you have agreed here again.",
    );
  return gettext("That did not work. You have not agreed to anything. Please try again.");
}
