/** Requests to our own server, with its session and its protection against cross-site requests. */

export class ApiProblem extends Error {
  constructor(
    /** The HTTP status; 0 where no answer came. */
    readonly status: number,
    readonly reason: string | null,
    detail: string,
    /** What was wrong with which field, nested as it was sent. */
    readonly fields: unknown = null,
  ) {
    super(detail);
  }
}

const ANSWER_WITHIN_MS = 15_000;

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** `outlives`: the browser sends it to the end although the page goes. */
export async function request<T>(
  method: Method,
  path: string,
  body?: unknown,
  outlives = false,
): Promise<T> {
  return parse<T>(await send(method, path, body, outlives));
}

async function send(
  method: Method,
  path: string,
  body: unknown,
  outlives: boolean,
): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = cookie("csrftoken", document.cookie);
  if (body !== undefined && !(body instanceof FormData))
    headers["Content-Type"] = "application/json";
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      keepalive: outlives,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      ...(body === undefined
        ? {}
        : { body: body instanceof FormData ? body : JSON.stringify(body) }),
    });
  } catch {
    throw new ApiProblem(0, null, "no answer");
  }
}

async function parse<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as T;
  const told = (typeof body === "object" ? body : null) as Record<string, unknown> | null;
  throw new ApiProblem(
    response.status,
    text(told?.["reason"]),
    text(told?.["detail"]) ?? response.statusText,
    told?.["fields"] ?? null,
  );
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** One cookie out of `document.cookie`; empty where it is not there. */
export function cookie(name: string, cookies: string): string {
  const found = cookies.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}
