/** Requests to this server, with its session cookie and CSRF token. */
import { SIGNED_OUT_EVENT } from "../page/page-events";
import { getPagePerson } from "../page/page-person";
import { sendOnce } from "./presses";

/** A request that failed or was refused. */
export class ApiProblem extends Error {
  constructor(
    /** HTTP status; 0 without a response. */
    readonly status: number,
    readonly reason: string | null,
    detail: string,
    /** Validation errors by field, nested as the request was. */
    readonly fields: unknown = null,
    /** The stored object, where a save is based on an older one. */
    readonly current: unknown = null,
  ) {
    super(detail);
  }

  /** The first validation error of one field. */
  fieldText(name: string): string | null {
    const messages = (this.fields as Record<string, unknown> | null)?.[name];
    const first: unknown = Array.isArray(messages) ? messages[0] : messages;
    return asText(first);
  }

  /** Signed out, or another person signed in: the same request succeeds after signing in again. */
  get isSignedOut(): boolean {
    return SIGNED_OUT_REASONS.includes(this.reason ?? "");
  }

  /**
   * Whether the server decided about the request; otherwise it may be sent again. A refusal without
   * a reason comes from a proxy or a filter on the way.
   */
  get isFinal(): boolean {
    const isDecided = this.status >= 400 && this.status < 500 && this.reason !== null;
    return isDecided && !this.isSignedOut && !this.#isRepeatable;
  }

  get #isRepeatable(): boolean {
    return RETRY_STATUSES.includes(this.status) || this.reason === CSRF_REASON;
  }
}

const SIGNED_OUT_REASONS = [
  "not_authenticated",
  "authentication_failed",
  "platform_off",
  "other_person",
];
/** Signing in, also in another tab, changes the CSRF token while a request is on its way. */
const CSRF_REASON = "permission_denied";
const RETRY_STATUSES = [401, 408, 425, 429];
const REQUEST_TIMEOUT_MS = 15_000;

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

interface Options {
  /** The browser completes the request although the page is closed. */
  keepalive?: boolean;
  /** Idempotency key of a press that the caller keeps itself. */
  key?: string;
  timeoutMs?: number;
  /** The request writes nothing, or its repetition is meant. */
  repeatable?: boolean;
}

export async function request<T>(
  method: Method,
  path: string,
  body?: unknown,
  options: Options = {},
): Promise<T> {
  const run = async (key?: string): Promise<T> =>
    parse<T>(await send(method, path, body, options, key));
  if (method === "GET" || options.repeatable) return run();
  if (options.key !== undefined) return run(options.key);
  const signature = `${method} ${path} ${describeBody(body)}`;
  return sendOnce(signature, run, (error) => error instanceof ApiProblem && error.isFinal);
}

async function send(
  method: Method,
  path: string,
  body: unknown,
  { keepalive = false, timeoutMs = REQUEST_TIMEOUT_MS }: Options,
  key: string | undefined,
): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  const person = getPagePerson();
  if (person) headers["X-Page-Person"] = person;
  if (key) headers["Idempotency-Key"] = key;
  if (method !== "GET") headers["X-CSRFToken"] = readCookie("csrftoken", document.cookie);
  if (body !== undefined && !(body instanceof FormData))
    headers["Content-Type"] = "application/json";
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      keepalive,
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined
        ? {}
        : { body: body instanceof FormData ? body : JSON.stringify(body) }),
    });
  } catch {
    throw new ApiProblem(0, null, "no response");
  }
}

function describeBody(body: unknown): string {
  if (!(body instanceof FormData)) return body === undefined ? "" : JSON.stringify(body);
  return [...body]
    .map(([name, value]) =>
      typeof value === "string"
        ? `${name}=${value}`
        : `${name}=${value.name}:${value.size}:${value.lastModified}`,
    )
    .join("&");
}

async function parse<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as T;
  const values = (typeof body === "object" ? body : null) as Record<string, unknown> | null;
  const problem = new ApiProblem(
    response.status,
    asText(values?.["reason"]),
    asText(values?.["detail"]) ?? response.statusText,
    values?.["fields"] ?? null,
    values?.["current"] ?? null,
  );
  if (problem.isSignedOut)
    document.dispatchEvent(new CustomEvent(SIGNED_OUT_EVENT, { detail: problem }));
  throw problem;
}

function asText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** One cookie of `document.cookie`; empty where it is missing. */
export function readCookie(name: string, cookies: string): string {
  const found = cookies.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}
