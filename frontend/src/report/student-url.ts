/** Names of this machine; each has cookies of its own. */
const OTHER_NAMES: Record<string, string> = { "127.0.0.1": "localhost", localhost: "127.0.0.1" };

/**
 * Link of the demonstration for students: under the other name of this machine, so that entering as
 * a student does not sign the teacher out.
 */
export function getStudentUrl(path: string, page: string): string {
  const url = new URL(path, page);
  url.hostname = OTHER_NAMES[url.hostname] ?? url.hostname;
  return url.href;
}
