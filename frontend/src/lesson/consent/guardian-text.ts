import type { Consent } from "../../api/schema";
import { gettext } from "../../text";

type GuardianState = Pick<Consent, "state"> & Partial<Pick<Consent, "guardian">>;

/** Message about the guardian's decision; null without one. */
export function formatGuardianState(consent: GuardianState): string | null {
  if (consent.state === "pending_guardian")
    return gettext(
      "We are waiting for your guardian to allow the camera. You can start the lesson without it.",
    );
  if (isRefusedByGuardian(consent))
    return gettext(
      "Your guardian did not allow the camera. The lesson is the same, and nobody else can see this.",
    );
  return null;
}

export function isRefusedByGuardian(consent: GuardianState): boolean {
  return consent.guardian === "refused" && consent.state !== "granted";
}
