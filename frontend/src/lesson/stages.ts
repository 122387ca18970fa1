import type { Consent, PermissionEnum, Session } from "../api/schema";
import type { CaptureMode } from "../capture/frame-encoder";
import { isRefusedByGuardian } from "./guardian-text";

/** Stages of a student's lesson. */
export type Stage = "welcome" | "question" | "preview" | "room" | "ended";

type Policy = Pick<Session["policy"], "inference" | "on_device_only">;
type SessionState = Pick<Session, "state"> & { policy: Policy };
type ConsentState = Pick<Consent, "state" | "granted"> & Partial<Pick<Consent, "guardian">>;

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
  if (profile.no_camera) return "room";
  if (!session.policy.inference || consent.state === "pending_guardian") return "room";
  if (isRefusedByGuardian(consent)) return "room";
  return isCameraPermitted(consent) ? "preview" : "question";
}

export function isCameraPermitted(consent: ConsentState): boolean {
  return consent.state === "granted" && consent.granted.capture;
}

/** Frames are sent to the server only where consent and policy permit it. */
export function selectMode(session: SessionState, consent: ConsentState): CaptureMode {
  const mayGo = consent.granted.server_processing && !session.policy.on_device_only;
  return mayGo ? "frames" : "scores";
}

/** Permissions the camera needs in a mode. */
export function listRequiredPermissions(mode: CaptureMode): PermissionEnum[] {
  return mode === "frames" ? ["capture", "server_processing"] : ["capture"];
}

/** Whether there is consent to withdraw. */
export function canWithdraw(consent: ConsentState): boolean {
  return consent.state === "granted" || consent.state === "pending_guardian";
}
