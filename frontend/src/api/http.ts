/** Requests to this server, with its session cookie and CSRF token. */

/** A request that failed or was refused. */
export class ApiProblem extends Error {
  constructor(
    /** HTTP status; 0 without a response. */
    readonly status: number,
    readonly reason: string | null,
    detail: string,
    /** Validation errors by field, nested as the request was. */
    readonly fields: unknown = null,
  ) {
    super(detail);
  }

  /** The first validation error of one field. */
  fieldText(name: string): string | null {
    const messages = (this.fields as Record<string, unknown> | null)?.[name];
    const first: unknown = Array.isArray(messages) ? messages[0] : messages;
    return asText(first);
  }
}

const REQUEST_TIMEOUT_MS = 15_000;

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** `keepalive`: the browser completes the request although the page is closed. */
export async function request<T>(
  method: Method,
  path: string,
  body?: unknown,
  keepalive = false,
  timeoutMs = REQUEST_TIMEOUT_MS,
): Promise<T> {
  return parse<T>(await send(method, path, body, keepalive, timeoutMs));
}

async function send(
  method: Method,
  path: string,
  body: unknown,
  keepalive: boolean,
  timeoutMs: number,
): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
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

async function parse<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as T;
  const problem = (typeof body === "object" ? body : null) as Record<string, unknown> | null;
  throw new ApiProblem(
    response.status,
    asText(problem?.["reason"]),
    asText(problem?.["detail"]) ?? response.statusText,
    problem?.["fields"] ?? null,
  );
}

function asText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** One cookie of `document.cookie`; empty where it is missing. */
export function readCookie(name: string, cookies: string): string {
  const found = cookies.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}
