import type { ConsentInfo, SessionInfo } from "../api/types";

/** Where a student is on the way through one lesson. Pure. */
export type Stage = "welcome" | "question" | "preview" | "room" | "ended";

type Session = Pick<SessionInfo, "state"> & { policy: Pick<SessionInfo["policy"], "inference"> };
type Consent = Pick<ConsentInfo, "state" | "granted">;

export function firstStage(session: Session): Stage {
  return session.state === "ended" ? "ended" : "welcome";
}

/** After the welcome: the camera is asked about once, and only where it may be used at all. */
export function stageAfterWelcome(session: Session, consent: Consent): Stage {
  if (session.state === "ended") return "ended";
  if (!session.policy.inference || consent.state === "pending_guardian") return "room";
  return permitsCamera(consent) ? "preview" : "question";
}

export function permitsCamera(consent: Consent): boolean {
  const { capture, server_processing } = consent.granted;
  return consent.state === "granted" && capture && server_processing;
}

/** Is there something that a withdrawal would take back or delete? */
export function canWithdraw(consent: Consent): boolean {
  return consent.state === "granted" || consent.state === "pending_guardian";
}
