/* The preview of a draft: the talk on one side, on the other why the peer said what they said. */

import { el, grow } from "./chat-view.js";

const WATCH_MS = 1500;
const STATE = { trust: "Trust", hope: "Hope", ownership: "Ownership", guard: "Guard", strain: "Strain", openness: "Openness" };
const EVENTS = { rupture: "It broke with this reply.", repaired: "The reply mended it.", exit: "It was not mended in time." };
const STANDINGS = { "": "own start", low: "low trust", mid: "mid trust", high: "high trust" };
const TABS = { why: "This turn", beats: "Beats", file: "File" };

const root = document.getElementById("preview");
let shown = null;
let chosen = null; // turn that is looked at; null for the latest
let tab = "why";
let isBusy = false;

const parts = layout();
root.replaceChildren(parts.grid);
watch();

function layout() {
  const found = {};
  found.name = el("strong");
  found.title = el("span", { class: "hint" });
  found.avatar = el("span", { class: "avatar", "aria-hidden": "true" });
  found.seed = el("input", { id: "seed", type: "text", inputmode: "numeric", value: "0", size: "4", autocomplete: "off" });
  found.standing = el("select", { id: "standing" },
    ...Object.entries(STANDINGS).map(([value, words]) => el("option", { value }, words)));
  found.restart = el("button", { class: "secondary" }, "Restart");
  found.bar = el("form", { class: "talk-bar", onsubmit: restart },
    el("div", { class: "talk-who" }, found.avatar, el("div", {}, found.name, found.title)),
    el("div", { class: "talk-buttons" },
      el("label", { class: "visually-hidden", for: "standing" }, "Begin with"), found.standing,
      el("label", { for: "seed" }, "Seed"), found.seed, found.restart));
  found.notice = el("div", { class: "draft-notice", role: "status" });
  found.log = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "The talk", tabindex: "0" });
  found.text = el("textarea", { id: "say", rows: "1", placeholder: "Write as a trainee would", autocomplete: "off", enterkeyhint: "send" });
  found.send = el("button", { class: "primary" }, "Send");
  found.error = el("p", { class: "error", role: "alert" });
  found.composer = el("form", { class: "composer", onsubmit: say },
    el("label", { class: "visually-hidden", for: "say" }, "Your reply"), found.text, found.send);
  found.text.addEventListener("input", () => grow(found.text));
  found.text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      found.composer.requestSubmit();
    }
  });
  found.talk = el("section", { class: "talk-side", "aria-label": "Conversation" },
    found.notice, found.log, found.error, found.composer);
  found.tabs = el("div", { class: "tabs", role: "tablist", "aria-label": "What to look at" });
  found.look = el("div", { class: "look", id: "look", role: "tabpanel", tabindex: "0", "aria-labelledby": "tab-why" });
  found.side = el("aside", { class: "feedback inspector", id: "why", "aria-label": "Why they answer as they do" },
    found.tabs, found.look);
  found.grid = el("div", { class: "chat-grid" }, found.bar, found.talk, found.side);
  return found;
}

async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.title}. ${answer.detail}`);
  return answer;
}

async function watch() {
  try {
    if (!isBusy) {
      const now = await ask("/api/talk");
      if (!isBusy && JSON.stringify(now) !== JSON.stringify(shown)) show(now);
      if (parts.error.dataset.away) tell("");
    }
  } catch {
    tell("The preview is not running any more. Start it again in the terminal.", true);
  }
  setTimeout(watch, WATCH_MS);
}

function tell(text, isAway = false) {
  parts.error.textContent = text;
  if (isAway) parts.error.dataset.away = "yes";
  else delete parts.error.dataset.away;
}

async function doing(work) {
  isBusy = true;
  parts.send.disabled = parts.restart.disabled = true;
  try {
    chosen = null;
    show(await work());
    tell("");
    return true;
  } catch (error) {
    tell(error.message);
    return false;
  } finally {
    isBusy = false;
    parts.restart.disabled = false;
    parts.send.disabled = Boolean(shown?.ended);
  }
}

async function say(event) {
  event.preventDefault();
  const text = parts.text.value;
  if (!text.trim() || isBusy) return;
  parts.log.append(bubble("own waiting", text));
  parts.log.scrollTop = parts.log.scrollHeight;
  if (await doing(() => ask("/api/say", { text }))) {
    parts.text.value = "";
    grow(parts.text);
  } else if (shown) show(shown);
  parts.text.focus();
}

async function restart(event) {
  event.preventDefault();
  if (await doing(() => ask("/api/restart", { seed: Number(parts.seed.value), standing: parts.standing.value || null }))) parts.text.focus();
}

function show(now) {
  const isOther = shown?.seed !== now.seed || shown?.standing !== now.standing;
  shown = now;
  const { draft } = now;
  parts.name.textContent = draft.person;
  parts.title.textContent = draft.title;
  parts.avatar.textContent = draft.person.slice(0, 1);
  if (isOther) {
    parts.seed.value = String(now.seed);
    parts.standing.value = now.standing ?? "";
  }
  parts.send.disabled = Boolean(now.ended) || !now.turns.length;
  showNotice(draft);
  showTalk(now);
  showSide();
}

function showNotice(draft) {
  parts.notice.classList.toggle("is-broken", !draft.is_current);
  if (draft.is_current) {
    parts.notice.replaceChildren();
    return;
  }
  const playing = draft.version ? `The last good version goes on (${draft.version}).` : "There is nothing to play yet.";
  const said = el("p", {}, el("strong", {}, `${draft.file} has ${count(draft.problems.length, "problem")}. `), playing);
  parts.notice.replaceChildren(said, problemList(draft.problems));
}

function count(number, word) {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

function problemList(problems) {
  return el("ul", { class: "problems" }, ...problems.map((problem) => el("li", {},
    problem.line ? el("span", { class: "at" }, `line ${problem.line}`) : "",
    problem.place ? el("code", {}, problem.place) : "", " ", problem.text)));
}

function bubble(kind, text, onlook, isChosen) {
  return el("div", { class: `bubble ${kind}${isChosen ? " selected" : ""}` },
    el("span", { class: "visually-hidden" }, kind.startsWith("own") ? "You: " : `${shown?.draft.person ?? "Peer"}: `),
    el("p", {}, text),
    onlook ? el("button", { type: "button", class: "plain see", onclick: onlook, "aria-pressed": String(isChosen) }, "Why?") : "");
}

function showTalk({ turns, ended }) {
  const rows = [];
  turns.forEach((turn, place) => {
    const look = () => {
      chosen = place;
      tab = "why";
      showTalk(shown);
      showSide();
      if (matchMedia("(max-width: 59.9rem)").matches) parts.side.scrollIntoView();
    };
    const isChosen = place === (chosen ?? turns.length - 1);
    if (place && turn.scenario_version !== turns[place - 1].scenario_version) {
      rows.push(el("p", { class: "changed" }, "The draft was saved here"));
    }
    if (turn.reply !== null) rows.push(bubble("own", turn.reply, look, isChosen));
    for (const said of turn.said) {
      for (const text of said.text.split("\n\n")) rows.push(bubble(said.is_in_role ? "peer" : "neutral-voice", text));
    }
  });
  if (ended) rows.push(el("p", { class: "changed" }, `The talk ended: ${ended}`));
  parts.log.replaceChildren(...rows);
  if (chosen === null) parts.log.scrollTop = parts.log.scrollHeight;
}

function showSide() {
  const buttons = Object.entries(TABS).map(([name, words]) => el("button", {
    type: "button", role: "tab", id: `tab-${name}`, "aria-selected": String(tab === name), "aria-controls": "look",
    onclick: () => { tab = name; showSide(); document.getElementById(`tab-${name}`).focus(); },
  }, name === "file" ? `${words} (${shown.draft.problems.length + shown.draft.advice.length})` : words));
  parts.tabs.replaceChildren(...buttons);
  parts.look.setAttribute("aria-labelledby", `tab-${tab}`);
  const turn = shown.turns[chosen ?? shown.turns.length - 1];
  const content = tab === "file" ? fileLook(shown.draft) : !turn ? [] : tab === "beats" ? beatsLook(turn) : whyLook(turn);
  parts.look.replaceChildren(...content);
}

function section(title, ...content) {
  return el("section", {}, el("h2", {}, title), ...content);
}

function none(text) {
  return el("p", { class: "hint" }, text);
}

function whyLook(turn) {
  const found = [el("p", { class: "hint" }, turn.turn ? `Reply ${turn.turn}` : "The opening", `, seed ${shown.seed}, ${turn.state.band} band`)];
  if (turn.reply !== null) found.push(section("What was read", readings(turn)));
  found.push(section("What moved", stateTable(turn.state), turn.event ? el("p", {}, el("strong", {}, EVENTS[turn.event])) : ""));
  if (turn.candidates.length) found.push(section("What they could have done",
    none("A reaction comes first. Of the rest the highest score that has words left is said."), candidates(turn.candidates)));
  found.push(section("What they said", ...turn.said.map(saidLook)));
  if (turn.scores) {
    found.push(section("What the trainee would read",
      el("p", {}, Object.entries(turn.scores).map(([name, value]) => `${name} ${value}`).join(" · ")),
      ...turn.feedback.map((text) => el("p", {}, text))));
  }
  return found;
}

function readings(turn) {
  const rows = turn.moves.map((move) => el("li", {},
    el("q", {}, move.words), " ", el("strong", {}, move.name), " ", el("code", {}, move.move),
    el("span", { class: "number" }, ` ${Math.round(move.probability * 100)} %`)));
  const more = [];
  if (turn.flags.length) more.push(["Flags", turn.flags.map((flag) => flag.flag + (flag.why ? ` (${flag.why})` : "")).join(", ")]);
  if (turn.topics.length) {
    more.push(["Topics", turn.topics.map((topic) => `${topic.topic}${topic.is_asked ? "?" : ""} ${Math.round(topic.probability * 100)} %`).join(", ")]);
  }
  if (turn.mentions.length) more.push(["Mentions", turn.mentions.join(", ")]);
  return el("div", {},
    rows.length ? el("ul", { class: "readings" }, ...rows) : none("No move was found in this reply."),
    more.length ? el("dl", { class: "more" }, ...more.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])) : "");
}

function stateTable({ before, after }) {
  return el("table", { class: "evidence states" },
    el("thead", {}, el("tr", {}, ...["Value", "Before", "After", "Change"].map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...Object.entries(STATE).map(([key, name]) => {
      const change = Math.round((after[key] - before[key]) * 10) / 10;
      return el("tr", {}, el("th", { scope: "row" }, name),
        ...[before[key], after[key], change ? `${change > 0 ? "+" : "−"}${Math.abs(change)}` : ""].map((value) => el("td", { class: "number" }, String(value))));
    })));
}

function candidates(all) {
  return el("ol", { class: "candidates" }, ...all.map((one) => el("li", { class: one.won ? "won" : "" },
    el("span", { class: "score number" }, String(one.score)),
    el("div", {}, el("code", {}, one.pool), one.won ? el("strong", { class: "tag" }, "said") : "",
      el("span", { class: "hint" }, `${one.action.replace("utter_", "")}: ${one.why}`)))));
}

function saidLook(said) {
  const from = [said.beat ? `beat ${said.beat}` : "", said.topic ? `topic ${said.topic}` : "", said.act.replace("utter_", "")];
  return el("div", { class: "said-from" },
    el("p", {}, said.text.split("\n\n").join(" / ")),
    el("p", { class: "hint" }, el("code", {}, said.line), ` ${from.filter(Boolean).join(" · ")}`),
    said.facts.length ? el("ul", { class: "facts" }, ...said.facts.map((fact) => el("li", {}, el("code", {}, fact.id), ` ${fact.fact}`))) : "");
}

function beatsLook(turn) {
  return [none("What was told, what could come next, and what the rest waits for."),
    el("ul", { class: "beats" }, ...turn.beats.map((beat) => {
      const kind = beat.told !== null ? "told" : beat.waits_for.length ? "waits" : "ready";
      const words = { told: beat.told ? `told at reply ${beat.told}` : "the opening", waits: `waits for ${beat.waits_for.join(", ")}`, ready: "ready" }[kind];
      return el("li", { class: kind }, el("strong", {}, beat.beat), " ", el("span", { class: "beat-state" }, words),
        beat.is_next_step ? el("span", { class: "hint" }, " · their next step") : "", el("p", { class: "hint" }, beat.text));
    }))];
}

function fileLook(draft) {
  const found = [el("p", {}, el("code", {}, draft.file), ` ${count(draft.lines, "line")} to say. It is read again when you save it.`)];
  found.push(section("To mend", draft.problems.length ? problemList(draft.problems) : none("Nothing.")));
  found.push(section("Advice", draft.advice.length ? problemList(draft.advice) : none("None.")));
  if (draft.unstated_facts.length) {
    found.push(section("Facts that no line states", none("Left over, or a line that states one does not name it under facts."),
      el("p", {}, draft.unstated_facts.join(", "))));
  }
  return found;
}
