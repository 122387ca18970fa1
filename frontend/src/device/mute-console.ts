/**
 * Silences MediaPipe's C++ log, which prints information as errors. Failures reject the promise.
 */
for (const kind of ["log", "info", "warn", "error"] as const) console[kind] = () => undefined;

export {};
