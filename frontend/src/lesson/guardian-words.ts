import type { ConsentInfo } from "../api/types";
import { gettext } from "../text";

type Consent = Pick<ConsentInfo, "state"> & Partial<Pick<ConsentInfo, "guardian">>;

/** What a learner is told of a guardian's part; nothing where there is none. Pure. */
export function guardianWords(consent: Consent): string | null {
  if (consent.state === "pending_guardian")
    return gettext(
      "We are waiting for your guardian's yes to the camera. The lesson is open for you meanwhile.",
    );
  if (guardianSaidNo(consent))
    return gettext(
      "Your guardian said no to the camera. The lesson is the same, and nobody else is told.",
    );
  return null;
}

export function guardianSaidNo(consent: Consent): boolean {
  return consent.guardian === "refused" && consent.state !== "granted";
}
