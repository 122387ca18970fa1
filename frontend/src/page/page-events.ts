/** Events of the page about the person who is signed in. */

/** The server no longer knows the person of this page; `detail` is the `ApiProblem`. */
export const SIGNED_OUT_EVENT = "fer-signed-out";
export const SIGNED_IN_AGAIN_EVENT = "fer-signed-in-again";
/** Another person signed in: the camera of this page stops. */
export const OTHER_PERSON_EVENT = "fer-other-person";
