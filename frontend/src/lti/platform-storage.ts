/**
 * LTI platform storage (client-side postMessages), for browsers that block third-party cookies.
 * Only the platform's origin is accepted.
 */

export interface Place {
  /** `_parent`, or the name of a sibling frame. */
  target: string;
  origin: string;
  key: string;
}

interface Answer {
  subject?: unknown;
  message_id?: unknown;
  key?: unknown;
  value?: unknown;
  error?: unknown;
}

const RESPONSE_TIMEOUT_MS = 3000;

/** Resolves to whether the platform stored the value. */
export async function putData(place: Place, value: string): Promise<boolean> {
  return (await ask(place, "lti.put_data", { value })) !== null;
}

/** Resolves to the stored value; null where there is none or no response. */
export async function getData(place: Place): Promise<string | null> {
  const answer = await ask(place, "lti.get_data", {});
  return typeof answer?.value === "string" ? answer.value : null;
}

/** Whether this is the response to that message. */
export function isResponse(data: unknown, subject: string, messageId: string): data is Answer {
  if (typeof data !== "object" || data === null) return false;
  const answer = data as Answer;
  return answer.subject === `${subject}.response` && answer.message_id === messageId;
}

function ask(place: Place, subject: string, more: object): Promise<Answer | null> {
  const messageId = crypto.randomUUID();
  const frame = findFrame(place.target);
  if (!frame) return Promise.resolve(null);
  return new Promise((resolve) => {
    const done = (answer: Answer | null): void => {
      window.removeEventListener("message", listen);
      clearTimeout(timer);
      resolve(answer);
    };
    const listen = (event: MessageEvent<unknown>): void => {
      if (event.origin !== place.origin || !isResponse(event.data, subject, messageId)) return;
      done(event.data.error ? null : event.data);
    };
    const timer = setTimeout(() => done(null), RESPONSE_TIMEOUT_MS);
    window.addEventListener("message", listen);
    const message = { subject, message_id: messageId, key: place.key, ...more };
    frame.postMessage(message, place.origin);
  });
}

/** Null in a tab of its own or where the frame is missing. */
function findFrame(name: string): Window | null {
  const outside = (window.opener as Window | null) ?? window.parent;
  if (outside === window) return null;
  if (name === "_parent") return outside;
  try {
    return (outside.frames as unknown as Record<string, Window | undefined>)[name] ?? null;
  } catch {
    return null;
  }
}
