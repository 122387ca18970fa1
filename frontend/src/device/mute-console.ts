/**
 * MediaPipe's C++ log ends in the console, its good news as errors. What goes wrong reaches the
 * page as a rejection; the log would only frighten whoever opens the console.
 */
for (const kind of ["log", "info", "warn", "error"] as const) console[kind] = () => undefined;

export {};
