/**
 * Where pictures are read nothing may be sent. The libraries used there fetch files of ours, and
 * that is all they may do: any other request of this worker is refused before it is made. The
 * worker's own content security policy says the same once more.
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
