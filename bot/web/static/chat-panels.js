/* The panel that stands in for the box when the talk does not go on: a pause, the end, a stuck message. */

import { el } from "./chat-view.js";

/** Fills the panel. */
function showPanel(panel, heading, texts, choices) {
  panel.replaceChildren(
    el("h2", { id: "panel-heading" }, heading),
    ...texts.map((text) => el("p", {}, text)),
    el("div", { class: "choices" }, ...choices),
  );
  panel.hidden = false;
}

function choice(label, action, style = "secondary") {
  return typeof action === "string"
    ? el("a", { class: `button ${style}`, href: action }, label)
    : el("button", { type: "button", class: style, onclick: action }, label);
}

/** Shows the way on from a pause; nobody is pushed back into the talk. */
export function showPause(panel, texts, on) {
  showPanel(panel, "Practice is paused", texts, [
    choice("Go on with the talk", on.goOn, "primary"),
    choice("End and look at how it went", on.report),
    choice("Talk with someone else", on.switch),
    choice("End here", on.leave),
    choice("See resources", on.supports),
  ]);
}

/** Shows where to go when the talk is over. */
export function showEnd(panel, isStopped, on) {
  showPanel(panel, isStopped ? "You ended this talk" : "This talk is over",
    ["Your report shows what worked and what to try next."], [
      choice("See my report", on.report, "primary"),
      choice("Try again", on.again),
      choice("See resources", on.supports),
    ]);
}

/** Shows what to do about a message that waits for the person to do something. */
export function showStuck(panel, isSignedOut, again) {
  const signIn = choice("Sign in", `/sign-in?next=${encodeURIComponent(location.pathname)}`);
  const retry = choice("Try again", again, "primary");
  showPanel(panel, isSignedOut ? "You are signed out" : "This message got stuck",
    ["Your message is kept in this browser tab."], isSignedOut ? [signIn, retry] : [retry]);
}
