import { gettext } from "../text";

export type CameraProblem =
  | "refused"
  | "blocked_by_page"
  | "blocked_by_system"
  | "none"
  | "busy"
  | "unsuitable"
  | "insecure"
  | "no_answer"
  | "hidden"
  | "no_picture"
  | "gone"
  | "unknown";

/** Names that getUserMedia rejects with, those of older browsers included. */
const PROBLEMS: Record<string, CameraProblem> = {
  NotAllowedError: "refused",
  PermissionDeniedError: "refused",
  PermissionDismissedError: "refused",
  SecurityError: "refused",
  NotFoundError: "none",
  DevicesNotFoundError: "none",
  NotReadableError: "busy",
  TrackStartError: "busy",
  SourceUnavailableError: "busy",
  OverconstrainedError: "unsuitable",
  ConstraintNotSatisfiedError: "unsuitable",
  NotSupportedError: "insecure",
  TimeoutError: "no_answer",
};

/** `isBlockedByPage`: an embedding page does not permit the camera. */
export function toCameraProblem(
  { name, message }: { name: string; message?: string },
  isBlockedByPage: boolean,
): CameraProblem {
  const problem = Object.hasOwn(PROBLEMS, name) ? PROBLEMS[name] : null;
  if (problem !== "refused") return problem ?? "unknown";
  if (isBlockedByPage) return "blocked_by_page";
  // Chromium: "Permission denied by system".
  return message?.includes("system") ? "blocked_by_system" : "refused";
}

export function formatCameraProblem(problem: CameraProblem): string {
  switch (problem) {
    case "refused":
      return gettext(
        "Your browser blocks the camera. Allow it in the address bar and try again, or continue without the camera.",
      );
    case "blocked_by_page":
      return gettext(
        "The page around this lesson blocks the camera. Open the lesson in a new window.",
      );
    case "blocked_by_system":
      return gettext(
        "The settings of this computer block the camera. Allow it for the browser there and try again, or continue without the camera.",
      );
    case "none":
      return gettext("No camera found. Connect one and try again, or continue without the camera.");
    case "busy":
      return gettext(
        "The camera cannot be used, perhaps because another program is using it. Close that program and try again, or continue without the camera.",
      );
    case "unsuitable":
      return gettext(
        "This camera gives no picture that fits. Choose another camera, or continue without the camera.",
      );
    case "insecure":
      return gettext("This browser cannot use a camera here. You can continue without it.");
    case "no_answer":
      return gettext(
        "The camera did not answer. If your browser asks about the camera, choose Allow. Then try again, or continue without the camera.",
      );
    case "hidden":
      return gettext(
        "The privacy protection of your browser hides the camera picture. Switch it off for this page, use another browser, or continue without the camera.",
      );
    case "no_picture":
      return gettext(
        "The camera sends no picture. Look for its cover or switch, and close other programs that use it. Then try again, or continue without the camera.",
      );
    case "gone":
      return gettext("The camera was disconnected. Try again, or continue without it.");
    case "unknown":
      return gettext("The camera did not start. Try again, or continue without it.");
  }
}
