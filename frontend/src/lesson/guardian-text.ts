import type { Consent } from "../api/schema";
import { gettext } from "../text";

type GuardianState = Pick<Consent, "state"> & Partial<Pick<Consent, "guardian">>;

/** What a learner is told of a guardian's part; nothing where there is none. Pure. */
export function formatGuardianState(consent: GuardianState): string | null {
  if (consent.state === "pending_guardian")
    return gettext(
      "We are waiting for your guardian's yes to the camera. The lesson is open for you meanwhile.",
    );
  if (isRefusedByGuardian(consent))
    return gettext(
      "Your guardian said no to the camera. The lesson is the same, and nobody else is told.",
    );
  return null;
}

export function isRefusedByGuardian(consent: GuardianState): boolean {
  return consent.guardian === "refused" && consent.state !== "granted";
}
