/**
 * Rejects with a TimeoutError where the browser does not settle `work` in time; `discard` receives
 * a value that arrives later.
 */
export function withLimit<T>(
  work: Promise<T>,
  limitMs: number,
  discard?: (late: T) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(new DOMException("no answer", "TimeoutError"));
    }, limitMs);
    work.then(
      (value) => {
        clearTimeout(timer);
        if (isLate) discard?.(value);
        else resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        // What the browser rejects with is passed on as it is.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        reject(error);
      },
    );
  });
}
