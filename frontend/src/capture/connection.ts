import { ApiProblem } from "../api/http";
import type { CaptureTicket } from "../api/schema";
import { gettext } from "../text";
import { waitBeforeRetry } from "./backoff";
import { afterClose, ticketRefusal } from "./closes";
import {
  type ClientMessage,
  parseServerMessage,
  protocolsFor,
  type ServerMessage,
} from "./protocol";

export type LinkState = "connecting" | "open" | "waiting" | "stopped";

export interface LinkReport {
  state: LinkState;
  /** Why, for people; empty while all is well. */
  words: string;
  canTakeOver: boolean;
}

export interface ConnectionUse {
  ticket: () => Promise<CaptureTicket>;
  onState: (report: LinkReport) => void;
  onMessage: (message: ServerMessage, ticket: CaptureTicket) => void;
  /** The server found us too fast: send fewer frames from now on. */
  onTooFast?: () => void;
  openSocket?: (url: string, protocols: string[]) => WebSocket;
  random?: () => number;
}

const WELCOME_WITHIN_MS = 10_000;
const STEADY_AFTER_MS = 5_000;
const ANSWER_WITHIN_MS = 12_000;
const WATCH_EVERY_MS = 5_000;

/** One socket of `fer.capture.v1`, brought back with a new ticket whenever it is lost. */
export class Connection {
  #use: ConnectionUse;
  #socket: WebSocket | null = null;
  #ticket: CaptureTicket | null = null;
  #state: LinkState = "stopped";
  #attempt = 0;
  #refusedTickets = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #openedMs = 0;
  #askedMs: number | null = null;

  constructor(use: ConnectionUse) {
    this.#use = use;
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
    globalThis.addEventListener("online", this.#tryNow);
    this.#watch = setInterval(() => this.#watchOver(), WATCH_EVERY_MS);
    void this.#connect();
  }

  stop(words = "", canTakeOver = false): void {
    globalThis.removeEventListener("online", this.#tryNow);
    clearInterval(this.#watch);
    this.#dropSocket();
    this.#report("stopped", words, canTakeOver);
  }

  send(message: ClientMessage): boolean {
    return this.#transmit(JSON.stringify(message));
  }

  /** A picture, or the numbers that stand for one. */
  sendFrame(frame: ArrayBuffer | string): boolean {
    this.#askedMs ??= performance.now();
    return this.#transmit(frame);
  }

  #transmit(data: string | ArrayBuffer): boolean {
    if (!this.open || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(data);
    return true;
  }

  async #connect(): Promise<void> {
    this.#report("connecting");
    let ticket: CaptureTicket;
    try {
      ticket = await this.#use.ticket();
    } catch (error) {
      this.#ticketRefused(error);
      return;
    }
    // Stopped while the ticket was under way: it stays unused and expires.
    if (this.#state === "connecting") this.#openWith(ticket);
  }

  #openWith(ticket: CaptureTicket): void {
    const open = this.#use.openSocket ?? ((url, protocols) => new WebSocket(url, protocols));
    const socket = open(ticket.url, protocolsFor(ticket.ticket));
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#ticket = ticket;
    socket.onmessage = (event: MessageEvent<unknown>) => this.#heard(event.data);
    socket.onclose = (event) => this.#closed(event.code);
    this.#timer = setTimeout(() => this.#closed(1006), WELCOME_WITHIN_MS);
  }

  #heard(data: unknown): void {
    const message = typeof data === "string" ? parseServerMessage(data) : null;
    this.#askedMs = null;
    if (!message || !this.#ticket) return;
    if (message.type === "welcome") this.#welcomed();
    this.#use.onMessage(message, this.#ticket);
  }

  #welcomed(): void {
    clearTimeout(this.#timer);
    this.#openedMs = performance.now();
    this.#refusedTickets = 0;
    this.#report("open");
  }

  #closed(code: number): void {
    const steady = this.open && performance.now() - this.#openedMs > STEADY_AFTER_MS;
    if (steady) this.#attempt = 0;
    if (code === 4401) this.#refusedTickets += 1;
    const next = afterClose(code, this.#refusedTickets);
    if (next.slower) this.#use.onTooFast?.();
    if (!next.retry) this.stop(next.words, next.canTakeOver);
    else this.#retryLater(next.words, next.atLeastMs);
  }

  #ticketRefused(error: unknown): void {
    if (this.#state !== "connecting") return;
    const problem = error instanceof ApiProblem ? error : new ApiProblem(0, null, String(error));
    const words = ticketRefusal(problem.status, problem.reason);
    if (words) this.stop(words);
    else this.#retryLater(afterClose(1006, 0).words, 0);
  }

  #retryLater(words: string, atLeastMs: number): void {
    this.#dropSocket();
    this.#report("waiting", words || gettext("Connecting again."));
    const wait = Math.max(atLeastMs, waitBeforeRetry(this.#attempt++, this.#use.random));
    this.#timer = setTimeout(() => void this.#connect(), wait);
  }

  #tryNow = (): void => {
    if (this.#state !== "waiting") return;
    clearTimeout(this.#timer);
    void this.#connect();
  };

  /** A socket can die without a word, for instance when a laptop changes its network. */
  #watchOver(): void {
    const silent = this.#askedMs !== null && performance.now() - this.#askedMs > ANSWER_WITHIN_MS;
    if (this.open && silent) this.#closed(1006);
    else this.send({ type: "ping", t: Math.floor(performance.now()) });
  }

  #dropSocket(): void {
    clearTimeout(this.#timer);
    this.#askedMs = null;
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  #report(state: LinkState, words = "", canTakeOver = false): void {
    this.#state = state;
    this.#use.onState({ state, words, canTakeOver });
  }
}
