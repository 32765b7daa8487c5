/* What the chat widget looks like: builds and changes elements, decides nothing. */

/** Makes an element: el("p", { class: "x", onclick }, "text", child). Text is never read as HTML. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** Five steps of a trail, said in words beside it. */
export function levelBar(step) {
  return el(
    "span",
    { class: `steps steps-${step}`, "aria-hidden": "true" },
    ...Array.from({ length: 5 }, () => el("i")),
  );
}

/** Builds the whole widget and returns its parts. */
export function layout(texts, on) {
  const parts = {};
  parts.pause = el("button", { type: "button", class: "secondary pause", onclick: on.pause }, "Pause");
  parts.end = el("button", { type: "button", class: "plain end", onclick: on.end }, "End");
  parts.log = el("div", {
    class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions",
    "aria-label": `Messages with ${texts.person}`, tabindex: "0",
  });
  parts.typing = el(
    "div",
    { class: "typing", hidden: true, "aria-hidden": "true" },
    el("span", { class: "dots" }, el("i"), el("i"), el("i")),
    el("span", { class: "typing-words" }, `${texts.person} is typing`),
  );
  parts.statusText = el("span");
  parts.retry = el("button", { type: "button", class: "plain retry", hidden: true, onclick: on.retry }, "Try now");
  parts.status = el("div", { class: "status" }, el("span", { role: "status" }, parts.statusText), parts.retry);
  parts.jump = el("a", { class: "jump", href: "#feedback", hidden: true });
  parts.text = el("textarea", {
    id: "say", rows: "1", placeholder: `Write to ${texts.person}`, autocomplete: "off",
    "aria-describedby": "say-error", enterkeyhint: "send",
  });
  parts.error = el("p", { id: "say-error", class: "error", role: "alert" });
  parts.composer = el(
    "form",
    { class: "composer" },
    el("label", { class: "visually-hidden", for: "say" }, `Your message to ${texts.person}`),
    parts.text,
    el("button", { class: "primary" }, "Send"),
  );
  parts.panel = el("section", { class: "panel", hidden: true, tabindex: "-1", "aria-labelledby": "panel-heading" });
  parts.feedback = el("aside", { class: "feedback", id: "feedback", tabindex: "-1", "aria-label": "Feedback" });
  parts.bar = el(
    "div",
    { class: "talk-bar" },
    el("div", { class: "talk-who" },
      el("span", { class: "avatar", "aria-hidden": "true" }, texts.person.slice(0, 1)),
      el("div", {}, el("strong", {}, texts.person), el("span", { class: "hint" }, texts.title))),
    el("div", { class: "talk-buttons" },
      el("a", { class: "button plain", href: texts.supports }, "Resources"), parts.end, parts.pause),
  );
  parts.talk = el(
    "section",
    { class: "talk-side", "aria-label": "Conversation" },
    parts.log,
    parts.typing,
    parts.status,
    parts.panel,
    parts.error,
    parts.jump,
    parts.composer,
  );
  parts.dialog = el(
    "dialog",
    { "aria-labelledby": "end-heading" },
    el("h2", { id: "end-heading" }, "End this talk?"),
    el("p", {}, "You will see your report. You cannot go on with this talk afterwards, but you can always start a new one."),
    el("div", { class: "actions" },
      el("button", { type: "button", class: "primary", onclick: on.endNow }, "End and see my report"),
      el("button", { type: "button", class: "secondary", onclick: on.keepTalking }, "Keep talking")),
  );
  parts.grid = el("div", { class: "chat-grid" }, parts.bar, parts.talk, parts.feedback);
  return parts;
}

/** Makes the bubble of a line of the peer. */
export function peerBubble(person, message) {
  const speaker = message.is_in_role === false ? "Out of the roleplay" : person;
  return el(
    "div",
    { class: `bubble ${message.is_in_role === false ? "neutral-voice" : "peer"}`, "data-id": message.id },
    el("span", { class: "visually-hidden" }, `${speaker}: `),
    el("p", {}, message.text),
  );
}

/** Makes the bubble of the trainee's own words; `onselect` opens its feedback. */
export function ownBubble(message, onselect) {
  return el(
    "div",
    { class: "bubble own", "data-id": message.id },
    el("span", { class: "visually-hidden" }, "You: "),
    el("p", {}, message.text),
    el("span", { class: "sending" }),
    el("button", { type: "button", class: "plain see", hidden: true, onclick: onselect, "aria-pressed": "false" },
      "Feedback"),
  );
}

/** Says below a bubble whether it has arrived: "", "sending" or "kept". */
export function markSending(bubble, state) {
  const words = { sending: "Sending…", kept: "Not sent yet. Your message is kept." };
  bubble.classList.toggle("waiting", state !== "");
  bubble.querySelector(".sending").textContent = words[state] ?? "";
}

const MAX_HEIGHT_PX = 180;

/** Makes a box as high as what is in it, up to a limit. */
export function grow(box) {
  box.rows = 1;
  const line = parseFloat(getComputedStyle(box).lineHeight) || 24;
  box.rows = Math.max(1, Math.min(Math.floor(MAX_HEIGHT_PX / line), Math.round((box.scrollHeight - 16) / line)));
}

/** How long the peer seems to type; shorter for people who want less motion. */
export function typingMs(characters) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0.4 : 1;
  return Math.min(2400, 450 + 24 * characters) * calm;
}
