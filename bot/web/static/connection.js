// The line to the city: opens the socket, keeps it open, and sends again whatever was not acknowledged.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 20000;
const SILENCE_AFTER_ACCEPTED = [4000, 8000, 15000, 30000];
const ACCEPT_WITHIN = 15000;
const OUTBOX = "mianban-outbox";
const NO_RETURN = new Set([4001, 4002]);

/** Return a wait in milliseconds before the nth attempt: doubling, and jittered so that not all come at once. */
export function backOff(attempt, random = Math.random) {
  const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt);
  return ceiling / 2 + (random() * ceiling) / 2;
}

/** The messages that the city has not acknowledged yet; they survive a reload of the page. */
class Outbox {
  constructor() {
    try {
      this.messages = JSON.parse(window.sessionStorage.getItem(OUTBOX) || "[]");
    } catch {
      this.messages = [];
    }
  }

  add(message) {
    this.messages.push(message);
    this.#store();
  }

  remove(id) {
    const before = this.messages.length;
    this.messages = this.messages.filter((message) => message.id !== id);
    this.#store();
    return this.messages.length < before;
  }

  clear() {
    this.messages = [];
    this.#store();
  }

  #store() {
    try {
      window.sessionStorage.setItem(OUTBOX, JSON.stringify(this.messages));
    } catch {
      return; // storage is switched off: the messages last as long as the page
    }
  }
}

/**
 * Emits: `state` (connecting, open, waiting, replaced, ended, refused), `accepted` (id), `reply`, `history`, `notice`.
 * `position()` gives the last turn that the page has whole.
 */
export class Connection extends EventTarget {
  #socket = null;
  #attempt = 0;
  #timers = new Map();
  #awaiting = 0;
  #stopped = false;

  constructor(position) {
    super();
    this.position = position;
    this.outbox = new Outbox();
    window.addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.hurry();
    });
  }

  /** Open the socket; called again it does nothing while one is open. */
  async open() {
    if (this.#socket || this.#stopped) return;
    this.#emit("state", "connecting");
    const socket = {};
    this.#socket = socket;
    try {
      const session = await newSession();
      if (this.#socket !== socket) return;
      this.#listen(new WebSocket(socketUrl(session.ticket)));
    } catch (error) {
      this.#socket = null;
      if (error.text) this.#emit("notice", { text: error.text });
      this.#retry(error.wait);
    }
  }

  /** Try now rather than at the end of the wait. */
  hurry() {
    if (this.#socket || this.#stopped) return;
    this.#clear("retry");
    this.open();
  }

  /** Come back after another page has taken the place, or after the session was ended. */
  resume() {
    this.#stopped = false;
    this.hurry();
  }

  /** Send what the citizen wrote; returns its id, under which it is sent until it is acknowledged. */
  say(text) {
    const message = { id: newId(), text };
    this.outbox.add(message);
    this.#transmit(message);
    return message.id;
  }

  /** Ask for the turns after the last that the page has. */
  catchUp() {
    this.#send({ type: "since", sequence: this.position() });
  }

  /** Say that an answer has come, so that nobody needs to ask for it. */
  settle() {
    this.#awaiting = 0;
    this.#clear("silence");
  }

  /** End the session: the cookie is taken away, and this page's line is closed. */
  async leave() {
    this.#stopped = true;
    this.outbox.clear();
    await fetch("/api/session", { method: "DELETE" });
    this.#socket?.close?.();
  }

  #listen(socket) {
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#attempt = 0;
      this.#emit("state", "open");
      this.catchUp();
      for (const message of this.outbox.messages) this.#transmit(message);
    });
    socket.addEventListener("message", (event) => this.#receive(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => this.#closed(socket, event.code));
  }

  #closed(socket, code) {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.#clear("accept");
    if (NO_RETURN.has(code)) {
      this.#stopped = true;
      this.#emit("state", code === 4001 ? "replaced" : "ended");
      return;
    }
    this.#retry();
  }

  #retry(wait = 0) {
    this.#emit("state", "waiting");
    const delay = Math.max(wait, backOff(this.#attempt));
    this.#attempt += 1;
    this.#later("retry", delay, () => this.open());
  }

  #receive(frame) {
    if (frame.type === "accepted") {
      this.outbox.remove(frame.message_id);
      if (!this.outbox.messages.length) this.#clear("accept");
      this.#emit("accepted", frame.message_id);
      this.#awaiting = 0;
      this.#expectAnswer();
    } else if (frame.type === "notice") {
      this.#emit("notice", frame);
      this.#clear("accept");
      const message = this.outbox.messages.find((one) => one.id === frame.message_id);
      if (message) this.#later(`again-${message.id}`, frame.retry_after_seconds * 1000 + 250, () => this.#transmit(message));
    } else if (frame.type === "reply" || frame.type === "history") {
      this.#emit(frame.type, frame);
    }
  }

  /** An accepted message is answered within seconds; when it is not, the page asks whether it missed something. */
  #expectAnswer() {
    const wait = SILENCE_AFTER_ACCEPTED[Math.min(this.#awaiting, SILENCE_AFTER_ACCEPTED.length - 1)];
    this.#later("silence", wait, () => {
      this.#awaiting += 1;
      this.catchUp();
      this.#expectAnswer();
    });
  }

  #transmit(message) {
    if (!this.outbox.messages.includes(message)) return;
    this.#send({ type: "message", message_id: message.id, text: message.text });
    // A line that swallows messages is dead, whatever the socket believes.
    if (!this.#timers.has("accept")) this.#later("accept", ACCEPT_WITHIN, () => this.#drop());
  }

  #drop() {
    const socket = this.#socket;
    if (!(socket instanceof WebSocket) || !this.outbox.messages.length) return;
    this.#closed(socket, 1006);
    socket.close();
  }

  #send(frame) {
    if (this.#socket instanceof WebSocket && this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(frame));
    }
  }

  #later(name, delay, action) {
    this.#clear(name);
    this.#timers.set(name, window.setTimeout(() => {
      this.#timers.delete(name);
      action();
    }, delay));
  }

  #clear(name) {
    window.clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Return a session with its ticket, or throw an error with `text` for people and `wait` in milliseconds. */
async function newSession() {
  const response = await fetch("/api/session", { method: "POST" });
  if (response.ok) return response.json();
  const error = new Error(`session: ${response.status}`);
  error.wait = Number(response.headers.get("Retry-After") || 0) * 1000;
  error.text = response.status === 429 ? (await response.json()).text : "";
  throw error;
}

function socketUrl(ticket) {
  const url = new URL("/ws", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("ticket", ticket);
  return url;
}

function newId() {
  const bytes = window.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
