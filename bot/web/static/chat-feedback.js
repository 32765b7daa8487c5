/* The side of the widget that tells what a reply did: marked words, criteria, what to try. */

import { el, levelBar } from "./chat-view.js";

/** Returns the trainee's words with what was seen in them marked and numbered. */
function markedWords(assessment) {
  const effects = new Map(assessment.marks.map((mark) => [mark.number, mark.effect]));
  return el(
    "p",
    { class: "said" },
    ...assessment.segments.map((piece) =>
      piece.mark === null
        ? document.createTextNode(piece.text)
        : el("mark", { class: effects.get(piece.mark) }, piece.text, el("sup", {}, String(piece.mark)))),
  );
}

const EFFECTS = { helped: "helped", hindered: "got in the way", neutral: "neutral" };

function markList(assessment) {
  const items = assessment.marks.map((mark) =>
    el("li", {},
      el("span", { class: `mark-number ${mark.effect}` }, String(mark.number)),
      `${mark.name} `,
      el("span", { class: "effect" }, EFFECTS[mark.effect])));
  for (const name of assessment.general) {
    items.push(el("li", {}, el("span", { class: "mark-number hindered" }, "!"), `${name} `,
      el("span", { class: "effect" }, "whole reply")));
  }
  return items.length ? el("ul", { class: "marks" }, ...items) : null;
}

/** Returns what "why?" opens: the rule, what it is good for, and the training text behind it. */
function why(item) {
  const said = [item.why, item.rule && `The rule: ${item.rule}`, item.source].filter(Boolean);
  return said.length
    ? el("details", { class: "why" }, el("summary", {}, "Why?"), ...said.map((text) => el("p", {}, text)))
    : null;
}

function point(item) {
  return el(
    "div",
    { class: `point ${item.kind}` },
    el("p", { class: "point-kind" }, item.kind === "worked" ? "What worked" : "One thing to try"),
    el("p", {}, item.text),
    item.rewording ? el("p", { class: "rewording" }, item.rewording) : null,
    why(item),
  );
}

/** Fills the feedback side. `model` has `kind`: "none", "hidden", "unscored" or "reply". */
function showFeedback(side, model, on) {
  const hide = el("button", { type: "button", class: "plain hide", onclick: on.toggle },
    model.kind === "hidden" ? "Show feedback" : "Hide until the end");
  const head = el("div", { class: "feedback-head" }, el("h2", {}, "Feedback"), hide);
  const body = [];
  if (model.kind === "hidden") {
    body.push(el("p", {}, "Feedback is hidden until the end. Your replies are scored all the same."));
  } else if (model.kind === "none") {
    body.push(el("p", {}, "When you have said something, you will see here what it did."));
  } else {
    const { assessment, isLatest } = model;
    body.push(el("p", { class: "hint" }, isLatest ? "Your latest reply" : "An earlier reply of yours",
      isLatest ? null : el("button", { type: "button", class: "plain to-latest", onclick: on.latest }, "Back to the latest")));
    body.push(markedWords(assessment), markList(assessment) ?? "");
    body.push(el(
      "dl",
      { class: "criteria" },
      ...assessment.criteria.map((criterion) =>
        el("div", { class: criterion.is_expected ? "" : "aside" },
          el("dt", {}, criterion.name, el("span", { class: "hint" }, criterion.hint)),
          el("dd", {}, levelBar(criterion.step), el("span", { class: "level-word" }, criterion.word)))),
    ));
    body.push(...assessment.feedback.map(point));
  }
  side.replaceChildren(head, ...body.filter((item) => item !== ""));
}

/** Keeps the assessments of a session and shows the latest or the chosen one. */
export class FeedbackSide {
  #assessments = new Map();
  #selected = null;

  /**
   * @param {HTMLElement} side Where to show it.
   * @param {HTMLAnchorElement} jump The way there on a phone.
   * @param {() => void} ontoggle Called when feedback is to be hidden or shown.
   */
  constructor(side, jump, ontoggle) {
    this.side = side;
    this.jump = jump;
    this.ontoggle = ontoggle;
    this.isHidden = false;
    this.bubbles = new Map();
  }

  add(assessment) {
    this.#assessments.set(assessment.message_id, assessment);
  }

  /** Shows the latest reply again, because there is a new one. */
  followLatest() {
    this.#selected = null;
  }

  /** Shows a reply's feedback and takes the reader there; null for the latest. */
  select(id) {
    this.#selected = id;
    this.draw();
    this.side.focus({ preventScroll: true });
    this.side.scrollIntoView({ block: "nearest" });
  }

  draw() {
    const assessed = [...this.bubbles.keys()].filter((id) => this.#assessments.has(id));
    const latest = assessed.at(-1);
    const shown = this.#selected ?? latest;
    const kind = this.isHidden ? "hidden" : shown ? "reply" : "none";
    showFeedback(
      this.side,
      { kind, assessment: this.#assessments.get(shown), isLatest: shown === latest },
      { toggle: this.ontoggle, latest: () => this.select(null) },
    );
    for (const [id, bubble] of this.bubbles) {
      const button = bubble.querySelector(".see");
      button.hidden = this.isHidden || !this.#assessments.has(id);
      button.setAttribute("aria-pressed", String(id === shown));
      bubble.classList.toggle("selected", !this.isHidden && id === shown);
    }
    this.jump.hidden = kind !== "reply";
    const word = this.#assessments.get(latest)?.overall?.word;
    this.jump.textContent = word ? `Your latest reply: ${word}. See feedback` : "See feedback";
  }
}
