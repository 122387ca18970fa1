import type { Session } from "../api/schema";
import { isRefusedByGuardian } from "./consent/guardian-text";
import { type ConsentState, isCameraPermitted } from "./consent/permissions";

/** Stages of a student's lesson. */
export type Stage = "welcome" | "question" | "preview" | "lesson" | "ended";

type SessionState = Pick<Session, "state"> & { policy: Pick<Session["policy"], "inference"> };

export function computeFirstStage(session: SessionState): Stage {
  return session.state === "ended" ? "ended" : "welcome";
}

/** Stage after the welcome; the camera question is skipped where no camera can be used. */
export function computeNextStage(
  session: SessionState,
  consent: ConsentState,
  profile: { no_camera: boolean },
): Stage {
  if (session.state === "ended") return "ended";
  if (profile.no_camera) return "lesson";
  if (!session.policy.inference || consent.state === "pending_guardian") return "lesson";
  if (isRefusedByGuardian(consent)) return "lesson";
  return isCameraPermitted(consent) ? "preview" : "question";
}
