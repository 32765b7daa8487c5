/* <switchback-chat>: talking with a simulated person, in one element without dependencies.

   A message gets its id here and keeps it until the server has answered it, through lost
   connections, reloads and restarts; the server makes one turn of one id. */

import { Backoff, Client, Outbox, newId } from "./chat-client.js";
import { FeedbackSide } from "./chat-feedback.js";
import { showEnd, showPause, showStuck } from "./chat-panels.js";
import { grow, layout, markSending, ownBubble, peerBubble, typingMs } from "./chat-view.js";

class SwitchbackChat extends HTMLElement {
  #client;
  #outbox;
  #backoff = new Backoff();
  #parts;
  #bubbles = new Map();
  #feedback;
  #session = { is_paused: false, ended: null, is_score_hidden: false };
  #isDelivering = false;
  #pausing = Promise.resolve();
  #reveal = Promise.resolve();

  connectedCallback() {
    this.#client = new Client(this.getAttribute("api"));
    this.#outbox = new Outbox(this.getAttribute("session"));
    this.#parts = layout(
      {
        person: this.#person,
        title: this.getAttribute("scenario-title"),
        supports: this.getAttribute("supports"),
      },
      {
        pause: () => this.#pause(),
        end: () => this.#parts.dialog.showModal(),
        endNow: () => this.#end(this.getAttribute("report")),
        keepTalking: () => this.#parts.dialog.close(),
        retry: () => this.#backoff.now(),
      },
    );
    this.#feedback = new FeedbackSide(this.#parts.feedback, this.#parts.jump, () => this.#toggleFeedback());
    this.replaceChildren(this.#parts.grid, this.#parts.dialog);
    this.#listen();
    this.#parts.text.value = this.#outbox.draft;
    grow(this.#parts.text);
    this.#drawFeedback();
    this.#start();
  }

  get #person() {
    return this.getAttribute("person");
  }

  #listen() {
    const { text, composer } = this.#parts;
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#send();
      }
    });
    text.addEventListener("input", () => {
      this.#outbox.keepDraft(text.value);
      this.#parts.error.textContent = "";
      grow(this.#parts.text);
    });
    document.addEventListener("visibilitychange", () => {
      const isIdle = !this.#isDelivering && !this.#outbox.entries.length;
      if (document.visibilityState === "visible" && isIdle && this.#bubbles.size) this.#reload();
    });
    composer.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  // -- the state of the session ---------------------------------------------------------------

  async #start() {
    const state = await this.#loadUntilAnswered();
    for (const message of state.messages) {
      const isUnsent = this.#outbox.entries.some((entry) => entry.id === message.id);
      if (message.speaker === "trainee" && !message.is_answered && !isUnsent && !state.session.ended) {
        this.#outbox.add({ id: message.id, text: message.text });
      }
    }
    for (const entry of this.#outbox.entries) this.#ensureOwnBubble(entry);
    if (state.session.ended) this.#giveBackUnsent();
    this.#deliver();
  }

  /** Loads what was said; while the opening is missing, asks again. */
  async #loadUntilAnswered() {
    for (;;) {
      try {
        const state = await this.#client.load();
        this.#take(state, false);
        this.#say("");
        this.#backoff.reset();
        if (state.messages.length || state.session.ended || state.session.is_paused) return state;
        this.#say(`${this.#person} is on the way…`);
      } catch (problem) {
        if (!problem.isPassing) {
          this.#fail(problem);
          return { messages: [], session: { ended: "unknown" } };
        }
        this.#say("Reconnecting…", true);
      }
      await this.#backoff.pause();
    }
  }

  /** Takes over a state from the server: session, assessments, lines not shown yet. */
  #take(state, withDelays) {
    for (const assessment of state.assessments) this.#feedback.add(assessment);
    const fresh = [];
    for (const message of state.messages) {
      if (message.speaker === "trainee") {
        if (message.is_answered) this.#outbox.remove(message.id);
        if (!fresh.length) this.#ensureOwnBubble(message);
        markSending(this.#ensureOwnBubble(message), message.is_answered ? "" : "sending");
      } else if (!this.#bubbles.has(message.id)) {
        if (withDelays) fresh.push(message);
        else this.#showLine(message);
      }
    }
    const shown = fresh.length ? this.#revealLines(fresh) : Promise.resolve();
    this.#takeSession(state.session, state.neutral, shown);
    return shown;
  }

  async #takeSession(session, neutral = [], shown = Promise.resolve()) {
    const was = this.#session;
    this.#session = session;
    this.#parts.pause.hidden = this.#parts.end.hidden = Boolean(session.ended);
    const isHeld = session.is_paused || session.ended;
    this.#drawFeedback();
    if (session.ended && !was.ended) await shown;
    this.#parts.composer.hidden = Boolean(isHeld);
    this.#parts.pause.disabled = session.is_paused;
    this.classList.toggle("is-paused", session.is_paused);
    if (session.ended) this.#showEnd();
    else if (session.is_paused) this.#showPause(neutral);
    else this.#parts.panel.hidden = true;
  }

  // -- saying something -----------------------------------------------------------------------

  #send() {
    const { text, error } = this.#parts;
    const words = text.value.trim();
    if (!words || this.#session.is_paused || this.#session.ended) return;
    const entry = { id: newId(), text: words };
    this.#outbox.add(entry);
    text.value = "";
    error.textContent = "";
    this.#outbox.keepDraft("");
    grow(this.#parts.text);
    markSending(this.#ensureOwnBubble(entry), "sending");
    this.#toBottom();
    this.#deliver();
  }

  /** Sends what is in the outbox, one message after the other, until it is empty or something needs a person. */
  async #deliver() {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      while (this.#outbox.entries.length && !this.#session.is_paused && !this.#session.ended) {
        if (!(await this.#deliverOne(this.#outbox.entries[0]))) break;
      }
    } finally {
      this.#isDelivering = false;
      this.#showTyping(false);
    }
  }

  /** Sends one message; returns whether the next one may go. */
  async #deliverOne(entry) {
    this.#showTyping(true);
    let answer;
    try {
      answer = await this.#client.say(entry.id, entry.text);
    } catch (problem) {
      return this.#undelivered(entry, problem);
    }
    this.#backoff.reset();
    this.#say("");
    this.#outbox.remove(entry.id);
    markSending(this.#ensureOwnBubble(entry), "");
    if (answer.assessment) {
      this.#feedback.add(answer.assessment);
      this.#feedback.followLatest();
    }
    if (this.#session.is_paused) return false; // pressed meanwhile: the lines come with the resume
    const shown = this.#revealLines(answer.lines);
    this.#takeSession(answer.session, [], shown);
    await shown;
    return true;
  }

  async #undelivered(entry, problem) {
    const bubble = this.#ensureOwnBubble(entry);
    if (problem.isPassing) {
      this.#showTyping(false);
      markSending(bubble, "kept");
      this.#say("Reconnecting… your message is kept.", true);
      await this.#backoff.pause(problem.retryAfterMs);
      markSending(bubble, "sending");
      return true;
    }
    if (problem.type === "message-conflict") {
      const id = newId();
      for (const bubbles of [this.#bubbles, this.#feedback.bubbles]) {
        bubbles.set(id, bubble);
        bubbles.delete(entry.id);
      }
      this.#outbox.rename(entry.id, id);
      return true;
    }
    if (problem.status === 401 || problem.status === 502) {
      markSending(bubble, "kept");
      this.#fail(problem);
      this.#offerRetry(problem.status === 401);
      return false;
    }
    this.#takeBack(entry);
    this.#fail(problem);
    if (problem.type === "paused" || problem.type === "ended") this.#reload();
    return false;
  }

  /** Puts words that were not taken back into the box. */
  #takeBack(entry) {
    const { text } = this.#parts;
    this.#outbox.remove(entry.id);
    this.#bubbles.get(entry.id)?.remove();
    this.#bubbles.delete(entry.id);
    this.#feedback.bubbles.delete(entry.id);
    text.value = text.value ? `${entry.text}\n${text.value}` : entry.text;
    this.#outbox.keepDraft(text.value);
    grow(this.#parts.text);
    text.focus();
  }

  #giveBackUnsent() {
    for (const entry of [...this.#outbox.entries]) this.#outbox.remove(entry.id);
  }

  #offerRetry(isSignedOut) {
    showStuck(this.#parts.panel, isSignedOut, () => {
      this.#parts.panel.hidden = true;
      this.#parts.error.textContent = "";
      this.#deliver();
    });
  }

  async #reload() {
    try {
      await this.#take(await this.#client.load(), true);
    } catch (problem) {
      this.#fail(problem);
    }
  }

  // -- pausing, going on, ending --------------------------------------------------------------

  async #pause() {
    this.#takeSession({ ...this.#session, is_paused: true }, [this.getAttribute("pause-text")]);
    this.#parts.panel.focus();
    this.#pausing = this.#tell(() => this.#client.pause(), false);
    await this.#pausing;
  }

  async #resume() {
    this.#say("One moment…");
    await this.#pausing; // an answer to the pause that came later would pause again
    const state = await this.#tell(() => this.#client.resume(), true);
    if (!state) return;
    const shown = this.#take(state, true);
    this.#parts.text.focus();
    await shown;
    this.#deliver();
  }

  async #end(target) {
    this.#say("One moment…");
    if (await this.#tell(() => this.#client.end(), true)) location.assign(target);
  }

  /** Does a thing at the server that must not get lost, again and again while the connection is away. */
  async #tell(action, isShown) {
    for (;;) {
      try {
        const state = await action();
        this.#backoff.reset();
        this.#say("");
        if (!isShown) this.#session = state.session;
        return state;
      } catch (problem) {
        if (problem.type === "ended") location.reload();
        if (!problem.isPassing) {
          this.#fail(problem);
          return null;
        }
        this.#say("Reconnecting…", true);
        await this.#backoff.pause(problem.retryAfterMs);
      }
    }
  }

  #showPause(neutral) {
    const hasSaid = this.#parts.log.querySelector(".neutral-voice:last-child") !== null;
    const texts = neutral.length ? neutral : hasSaid ? [] : [this.getAttribute("pause-text")];
    showPause(this.#parts.panel, texts, {
      goOn: () => this.#resume(),
      report: () => this.#end(this.getAttribute("report")),
      switch: this.getAttribute("switch"),
      leave: () => this.#end("/scenarios"),
      supports: this.getAttribute("supports"),
    });
    this.#toBottom();
  }

  #showEnd() {
    showEnd(this.#parts.panel, this.#session.ended === "stopped", {
      report: this.getAttribute("report"),
      again: this.getAttribute("again"),
      supports: this.getAttribute("supports"),
    });
    this.#toBottom();
  }

  // -- showing --------------------------------------------------------------------------------

  #ensureOwnBubble(message) {
    let bubble = this.#bubbles.get(message.id);
    if (!bubble) {
      bubble = ownBubble(message, () => this.#feedback.select(message.id));
      this.#bubbles.set(message.id, bubble);
      this.#feedback.bubbles.set(message.id, bubble);
      this.#parts.log.append(bubble);
    }
    return bubble;
  }

  #showLine(message) {
    if (this.#bubbles.has(message.id)) return;
    const bubble = peerBubble(this.#person, message);
    this.#bubbles.set(message.id, bubble);
    this.#parts.log.append(bubble);
    this.#toBottom();
  }

  /** Shows lines one by one with pauses as in typing; in a pause it stops, and the rest comes with the resume. */
  #revealLines(lines) {
    this.#reveal = this.#reveal.then(async () => {
      for (const line of lines) {
        if (this.#session.is_paused && line.is_in_role !== false) break;
        this.#showTyping(true);
        await this.#typing(line.text.length);
        this.#showTyping(false);
        if (this.#session.is_paused && line.is_in_role !== false) break;
        this.#showLine(line);
      }
    });
    return this.#reveal;
  }

  #typing(characters) {
    const ms = this.hasAttribute("no-delays") ? 0 : typingMs(characters);
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  #showTyping(isTyping) {
    this.#parts.typing.hidden = !isTyping;
    if (isTyping) this.#toBottom();
  }

  #drawFeedback() {
    this.#feedback.isHidden = this.#session.is_score_hidden && !this.#session.ended;
    this.#feedback.draw();
  }

  async #toggleFeedback() {
    const isHidden = !this.#session.is_score_hidden;
    this.#session = { ...this.#session, is_score_hidden: isHidden };
    this.#drawFeedback();
    const state = await this.#tell(() => this.#client.hideFeedback(isHidden), true);
    if (state) await this.#take(state, true);
    this.#parts.feedback.querySelector(".hide").focus();
  }

  #say(words, canRetry = false) {
    if (this.#parts.statusText.textContent !== words) this.#parts.statusText.textContent = words;
    this.#parts.retry.hidden = !canRetry;
  }

  #fail(problem) {
    this.#say("");
    this.#parts.error.textContent = `${problem.message}. ${problem.detail}`;
  }

  #toBottom() {
    const { log } = this.#parts;
    log.scrollTop = log.scrollHeight;
  }
}

customElements.define("switchback-chat", SwitchbackChat);
