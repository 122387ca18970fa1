import type { Consent, PermissionEnum, Session } from "../../api/schema";
import type { CaptureMode } from "../../capture/frame-encoder";

export type ConsentState = Pick<Consent, "state" | "granted"> & Partial<Pick<Consent, "guardian">>;

export function isCameraPermitted(consent: ConsentState): boolean {
  return consent.state === "granted" && consent.granted.capture;
}

/** Frames are sent to the server only where consent and policy permit it. */
export function selectMode(
  session: { policy: Pick<Session["policy"], "on_device_only"> },
  consent: ConsentState,
): CaptureMode {
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
