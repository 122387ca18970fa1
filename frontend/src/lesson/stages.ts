import type { Consent, PermissionEnum, Session } from "../api/schema";
import type { CaptureMode } from "../capture/frame-encoder";
import { isRefusedByGuardian } from "./guardian-text";

/** Where a student is on the way through one lesson. Pure. */
export type Stage = "welcome" | "question" | "preview" | "room" | "ended";

type Policy = Pick<Session["policy"], "inference" | "on_device_only">;
type SessionState = Pick<Session, "state"> & { policy: Policy };
type ConsentState = Pick<Consent, "state" | "granted"> & Partial<Pick<Consent, "guardian">>;

export function computeFirstStage(session: SessionState): Stage {
  return session.state === "ended" ? "ended" : "welcome";
}

/** After the welcome: the camera is asked about once, and only where it may be used at all. */
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

/** Where pictures are read: on the school's computer only with a yes to that, and a policy's. */
export function selectMode(session: SessionState, consent: ConsentState): CaptureMode {
  const mayGo = consent.granted.server_processing && !session.policy.on_device_only;
  return mayGo ? "frames" : "scores";
}

/** What the camera cannot do without, in each way. */
export function listRequiredPermissions(mode: CaptureMode): PermissionEnum[] {
  return mode === "frames" ? ["capture", "server_processing"] : ["capture"];
}

/** Is there something that a withdrawal would take back or delete? */
export function canWithdraw(consent: ConsentState): boolean {
  return consent.state === "granted" || consent.state === "pending_guardian";
}
