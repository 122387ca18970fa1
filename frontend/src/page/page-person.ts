const page = globalThis as { document?: Document };

/** The person for whom the server made this page; empty where nobody is signed in. */
export function getPagePerson(): string {
  return page.document?.documentElement.dataset["person"] ?? "";
}

/** Listens for an event of the page; without one (in a worker, in tests) nothing happens. */
export function listenToPage(name: string, listener: () => void): void {
  page.document?.addEventListener(name, listener);
}
