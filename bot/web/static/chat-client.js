/* Talks to /api/v1 for the chat widget. Knows nothing of the page. */

const GIVE_UP_AFTER_MS = 40000;

/** What went wrong, as the server told it, or with status 0 when the server could not be reached. */
export class Problem extends Error {
  constructor(status, type, title, detail, retryAfter) {
    super(title);
    this.status = status;
    this.type = type;
    this.detail = detail;
    this.retryAfterMs = retryAfter * 1000;
  }

  /** Whether the same request may work a moment later, by itself. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || (this.status >= 500 && this.status !== 502);
  }
}

/** Returns a new id for a message, also where the page is not a secure context. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export class Client {
  /** @param {string} base Address of the session, e.g. "/api/v1/sessions/1234". */
  constructor(base) {
    this.base = base;
  }

  load() {
    return this.#send("GET", "");
  }

  say(id, text) {
    return this.#send("POST", "/messages", { id, text });
  }

  pause() {
    return this.#send("POST", "/pause", {});
  }

  resume() {
    return this.#send("POST", "/resume", {});
  }

  end() {
    return this.#send("POST", "/end", {});
  }

  hideFeedback(isHidden) {
    return this.#send("POST", "/feedback", { is_score_hidden: isHidden });
  }

  async #send(method, path, body, isSecondTry = false) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), GIVE_UP_AFTER_MS);
    let response;
    let answer;
    try {
      response = await fetch(this.base + path, {
        method,
        headers: body ? { "Content-Type": "application/json", "X-CSRF-Token": csrfToken() } : {},
        body: body ? JSON.stringify(body) : undefined,
        credentials: "same-origin",
        signal: stop.signal,
      });
      answer = await response.json();
    } catch {
      throw new Problem(response?.ok === false ? response.status : 0, "unreachable", "No connection", "", 0);
    } finally {
      clearTimeout(timer);
    }
    if (response.ok) return answer;
    const type = String(answer.type ?? "").split(":").pop();
    if (type === "stale-page" && !isSecondTry && (await renewCsrfToken())) {
      return this.#send(method, path, body, true);
    }
    const retryAfter = Number(response.headers.get("Retry-After")) || 0;
    throw new Problem(response.status, type, answer.title ?? "", answer.detail ?? "", retryAfter);
  }
}

function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** Signing in again in another tab makes a new token; fetch it, so that nobody loses words over it. */
async function renewCsrfToken() {
  try {
    const response = await fetch(location.href, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector('meta[name="csrf-token"]')?.content;
    if (!response.ok || !fresh || fresh === csrfToken()) return false;
    document.querySelector('meta[name="csrf-token"]').content = fresh;
    return true;
  } catch {
    return false;
  }
}

/** Waits longer after every failure, and not at all once the browser is back online. */
export class Backoff {
  #wait = 700;
  #wake = null;

  constructor() {
    addEventListener("online", () => this.now());
  }

  reset() {
    this.#wait = 700;
  }

  now() {
    this.#wake?.();
  }

  async pause(atLeastMs = 0) {
    const ms = Math.max(atLeastMs, this.#wait * (0.85 + Math.random() * 0.3));
    this.#wait = Math.min(this.#wait * 1.7, 10000);
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }
}

/** Keeps the draft and the messages that have not arrived, through reloads of this tab. */
export class Outbox {
  #key;

  constructor(sessionId) {
    this.#key = `switchback:${sessionId}`;
    this.draft = "";
    this.entries = [];
    try {
      Object.assign(this, JSON.parse(sessionStorage.getItem(this.#key) ?? "{}"));
    } catch {
      // A browser that forbids storage still lets people talk; only a reload would lose unsent words.
    }
  }

  keepDraft(text) {
    this.draft = text;
    this.#save();
  }

  add(entry) {
    this.entries.push(entry);
    this.#save();
  }

  remove(id) {
    this.entries = this.entries.filter((entry) => entry.id !== id);
    this.#save();
  }

  rename(id, freshId) {
    this.entries.find((entry) => entry.id === id).id = freshId;
    this.#save();
  }

  #save() {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify({ draft: this.draft, entries: this.entries }));
    } catch {
      // See above.
    }
  }
}
