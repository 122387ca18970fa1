/**
 * Restricts the reader worker to GET requests of its own origin, so that no library in it can send
 * pictures. The worker's content security policy enforces the same.
 */

export function isRequestAllowed(address: string, method: string, own: string): boolean {
  return method === "GET" && new URL(address, own).origin === new URL(own).origin;
}

export function restrictFetch(scope: typeof globalThis): void {
  const ask = scope.fetch.bind(scope);
  scope.fetch = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const address = input instanceof Request ? input.url : String(input);
    const method = init?.method ?? (input instanceof Request ? input.method : "GET");
    return isRequestAllowed(address, method, scope.location.href)
      ? ask(input, init)
      : Promise.reject(new TypeError("This worker sends nothing."));
  };
  for (const way of ["XMLHttpRequest", "WebSocket", "EventSource", "WebTransport"])
    Reflect.deleteProperty(scope, way);
}
