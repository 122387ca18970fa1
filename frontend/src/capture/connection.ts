import { ApiProblem } from "../api/http";
import type { CaptureTicket } from "../api/schema";
import { gettext } from "../text";
import { computeRetryDelay } from "./backoff";
import { formatTicketRefusal, handleCloseCode } from "./close-codes";
import { withLimit } from "./limit";
import {
  buildSubprotocols,
  type ClientMessage,
  parseServerMessage,
  type ServerMessage,
} from "./protocol";

export type ConnectionState = "connecting" | "open" | "waiting" | "stopped";

export interface ConnectionStatus {
  state: ConnectionState;
  /** Message for the learner; empty without a problem. */
  message: string;
  canTakeOver: boolean;
}

export interface ConnectionOptions {
  ticket: () => Promise<CaptureTicket>;
  onState: (report: ConnectionStatus) => void;
  onMessage: (message: ServerMessage, ticket: CaptureTicket) => void;
  /** Called when the server closed with 4429: reduce the frame rate. */
  onTooFast?: () => void;
  openSocket?: (url: string, protocols: string[]) => WebSocket;
  random?: () => number;
}

const TICKET_TIMEOUT_MS = 6_000;
const WELCOME_TIMEOUT_MS = 8_000;
const STABLE_AFTER_MS = 5_000;
/** A ping or frame without any answer for this long means that the connection is dead. */
const RESPONSE_TIMEOUT_MS = 8_000;
const PING_INTERVAL_MS = 3_000;
const CHECK_INTERVAL_MS = 1_000;

/** A `fer.capture.v1` socket that reconnects with a new ticket. */
export class Connection {
  #options: ConnectionOptions;
  #socket: WebSocket | null = null;
  #ticket: CaptureTicket | null = null;
  #state: ConnectionState = "stopped";
  /** Failures in a row, for the back-off. */
  #attempt = 0;
  /** Connections tried so far; the answer to an earlier one is ignored. */
  #attempts = 0;
  #refusedTickets = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #openedMs = 0;
  #pingedMs = 0;
  /** When the oldest ping or frame without an answer was sent. */
  #sentMs: number | null = null;

  constructor(use: ConnectionOptions) {
    this.#options = use;
  }

  get open(): boolean {
    return this.#state === "open";
  }

  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  start(): void {
    if (this.#state !== "stopped") return;
    this.#attempt = this.#refusedTickets = 0;
    globalThis.addEventListener("online", this.#retryNow);
    this.#pingTimer = setInterval(() => this.#checkConnection(), CHECK_INTERVAL_MS);
    void this.#connect();
  }

  stop(message = "", canTakeOver = false): void {
    globalThis.removeEventListener("online", this.#retryNow);
    clearInterval(this.#pingTimer);
    this.#dropSocket();
    this.#report("stopped", message, canTakeOver);
  }

  send(message: ClientMessage): boolean {
    return this.#transmit(JSON.stringify(message));
  }

  /** Sends a frame or a scores message. */
  sendFrame(frame: ArrayBuffer | string): boolean {
    this.#sentMs ??= performance.now();
    return this.#transmit(frame);
  }

  #transmit(data: string | ArrayBuffer): boolean {
    if (!this.open || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(data);
    return true;
  }

  async #connect(): Promise<void> {
    this.#report("connecting");
    const attempt = ++this.#attempts;
    let ticket: CaptureTicket;
    try {
      ticket = await withLimit(this.#options.ticket(), TICKET_TIMEOUT_MS);
    } catch (error) {
      if (attempt === this.#attempts) this.#handleTicketError(error);
      return;
    }
    // Stopped in the meantime: the ticket expires unused.
    if (attempt === this.#attempts && this.#state === "connecting") this.#openSocket(ticket);
  }

  #openSocket(ticket: CaptureTicket): void {
    const open = this.#options.openSocket ?? ((url, protocols) => new WebSocket(url, protocols));
    const socket = open(ticket.url, buildSubprotocols(ticket.ticket));
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#ticket = ticket;
    socket.onmessage = (event: MessageEvent<unknown>) => this.#handleMessage(event.data);
    socket.onclose = (event) => this.#handleClose(event.code);
    this.#timer = setTimeout(() => this.#handleClose(1006), WELCOME_TIMEOUT_MS);
  }

  #handleMessage(data: unknown): void {
    const message = typeof data === "string" ? parseServerMessage(data) : null;
    this.#sentMs = null;
    if (!message || !this.#ticket) return;
    if (message.type === "welcome") this.#handleWelcome();
    this.#options.onMessage(message, this.#ticket);
  }

  #handleWelcome(): void {
    clearTimeout(this.#timer);
    this.#openedMs = performance.now();
    this.#refusedTickets = 0;
    this.#report("open");
  }

  #handleClose(code: number): void {
    const steady = this.open && performance.now() - this.#openedMs > STABLE_AFTER_MS;
    if (steady) this.#attempt = 0;
    if (code === 4401) this.#refusedTickets += 1;
    const next = handleCloseCode(code, this.#refusedTickets);
    if (next.slower) this.#options.onTooFast?.();
    if (!next.retry) this.stop(next.message, next.canTakeOver);
    else this.#retryLater(next.message, next.atLeastMs);
  }

  #handleTicketError(error: unknown): void {
    if (this.#state !== "connecting") return;
    const problem = error instanceof ApiProblem ? error : new ApiProblem(0, null, String(error));
    const message = formatTicketRefusal(problem.status, problem.reason);
    if (message) this.stop(message);
    else this.#retryLater(handleCloseCode(1006, 0).message, 0);
  }

  #retryLater(message: string, atLeastMs: number): void {
    this.#dropSocket();
    this.#report("waiting", message || gettext("Reconnecting."));
    const wait = Math.max(atLeastMs, computeRetryDelay(this.#attempt++, this.#options.random));
    this.#timer = setTimeout(() => void this.#connect(), wait);
  }

  #retryNow = (): void => {
    if (this.#state !== "waiting") return;
    clearTimeout(this.#timer);
    void this.#connect();
  };

  /** Detects dead sockets, for example after a change of network: every ping has a deadline. */
  #checkConnection(): void {
    if (!this.open) return;
    const now = performance.now();
    if (this.#sentMs !== null && now - this.#sentMs > RESPONSE_TIMEOUT_MS) this.#handleClose(1006);
    else if (now - this.#pingedMs >= PING_INTERVAL_MS) {
      this.#pingedMs = now;
      this.#sentMs ??= now;
      this.send({ type: "ping", t: Math.floor(now) });
    }
  }

  #dropSocket(): void {
    clearTimeout(this.#timer);
    this.#sentMs = null;
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  #report(state: ConnectionState, message = "", canTakeOver = false): void {
    this.#state = state;
    this.#options.onState({ state, message, canTakeOver });
  }
}
