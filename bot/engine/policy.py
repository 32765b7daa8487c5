"""The dialogue policy: assess first, then let the peer choose what to do.

The policy is the only one in `config.yml`. It follows the project's rules (a reply is assessed
before it is answered, see `data/rules.yml`) and asks `bot.peer` for the dialogue acts. It learns
nothing from examples; what it "trains" is the content that it carries in the model.
"""

from __future__ import annotations

import logging
from typing import Any, Dict, List, Optional, Text

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

from bot.engine.content import Cast, content_fingerprint, copy_content, load_cast
from bot.peer.choice import Plan
from bot.peer.safety import StepOut, load_step_outs
from bot.peer.situation import plan_of
from bot.settings import load_settings

logger = logging.getLogger(__name__)

BEGIN = "action_begin"
ASSESS = "action_assess_reply"
CHANGE = "action_change_session"
CONTROL_INTENTS = frozenset({"pause", "resume", "end"})
BUILT_IN = {"restart": "action_restart", "back": "action_back", "session_start": "action_session_start"}
"""Rasa's own intents and the actions that RulePolicy would map them to."""

PEER_SLOT = "peer"
SAYING_SLOT = "saying"


class TurnNotAssessedError(RasaException):
    """The action server did not assess the reply, so the turn must not be answered.

    Rasa swallows a failing action and would go on; a peer who answers an unscored reply is worse
    than a turn that is tried again. Nothing of the turn is saved.
    """


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class PeerPolicy(Policy):
    """Predicts: begin or assess, then what the peer does, then listen."""

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        cast: Optional[Cast] = None,
        neutral_voice: Optional[Dict[Text, StepOut]] = None,
    ) -> None:
        """Keep the content to play; `cast` and `neutral_voice` are None while training."""
        super().__init__(config, model_storage, resource, execution_context)
        self._model_storage = model_storage
        self._cast = cast
        self._neutral_voice = neutral_voice or {}

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the default options."""
        return {"priority": 6}

    @staticmethod
    def supported_data() -> SupportedData:
        """Return that rules and stories are both welcome; they document what is done here."""
        return SupportedData.ML_AND_RULE_DATA

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:
        """Return a hash of the content, which Rasa's training cache can't see."""
        return content_fingerprint(load_settings().data)

    def train(
        self, training_trackers: List[TrackerWithCachedStates], domain: Domain, **kwargs: Any
    ) -> Resource:
        """Check the content and put a copy of it into the model."""
        data = load_settings().data
        load_cast(data)
        with self._model_storage.write_to(self._resource) as folder:
            copy_content(data, folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> PeerPolicy:
        """Read the content back out of the model."""
        with model_storage.read_from(resource) as folder:
            cast, neutral_voice = load_cast(folder), load_step_outs(folder)
        return cls(config, model_storage, resource, execution_context, cast=cast, neutral_voice=neutral_voice)

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[Dict[Text, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Return the next action of this turn, with the words it will say as the `saying` slot.

        Raises:
            TurnNotAssessedError: The action server failed; the turn is to be tried again.
        """
        done = _actions_since_last_message(tracker)
        action, saying = self._next(tracker, done)
        events = [SlotSet(SAYING_SLOT, saying)] if saying else []
        probabilities = self._default_predictions(domain)
        probabilities[domain.index_for_action(action)] = 1.0
        return self._prediction(probabilities, events=events)

    def _next(
        self, tracker: DialogueStateTracker, done: List[Text]
    ) -> tuple[Text, Optional[Dict[Text, Any]]]:
        """Return the next action, and what to say if it is an utterance."""
        message = tracker.latest_message
        if message is None or (message.text is None and not message.intent):
            return ACTION_LISTEN_NAME, None
        intent = message.intent.get("name")
        if intent in BUILT_IN:
            return (ACTION_LISTEN_NAME if done else BUILT_IN[intent]), None
        first_steps = self._first_steps(intent, tracker, done)
        if len(done) < len(first_steps):
            return first_steps[len(done)], None
        plan = self._plan(tracker)
        place = len(done) - len(first_steps)
        if place >= len(plan.said):
            return ACTION_LISTEN_NAME, None
        said = plan.said[place]
        # The first thing said carries what was weighed, so that an instructor can see why it won.
        weighed = {"weighed": list(plan.candidates)} if place == 0 else {}
        return said.action, {**said.to_dict(), **weighed}

    @staticmethod
    def _first_steps(intent: Optional[Text], tracker: DialogueStateTracker, done: List[Text]) -> List[Text]:
        """Return the actions that come before the peer does anything."""
        if intent == "begin":
            return [BEGIN]
        main = CHANGE if intent in CONTROL_INTENTS else ASSESS
        # In `rasa shell` people type at once, without a begin: they meet the first scenario.
        is_unbegun = tracker.get_slot(PEER_SLOT) is None
        return [BEGIN, main] if (done and done[0] == BEGIN) or (is_unbegun and not done) else [main]

    def _plan(self, tracker: DialogueStateTracker) -> Plan:
        """Return what is done in answer to this message."""
        view = tracker.get_slot(PEER_SLOT)
        if not view or view.get("message_id") != tracker.latest_message.message_id:
            raise TurnNotAssessedError("The reply could not be assessed; is the action server running?")
        if self._cast is None:
            raise RasaException("PeerPolicy was not loaded from a model; run `rasa train` first.")
        scenario = self._cast.scenarios.get(view["scenario"])
        if scenario is None:
            known = ", ".join(self._cast.scenarios)
            raise RasaException(
                f"The model has no scenario {view['scenario']!r} (it has {known}); run `rasa train`."
            )
        if view.get("scenario_version") not in (None, scenario.version):
            logger.warning(
                "Scenario %s is %s in the model and %s on disk; run `rasa train` to play the newer one.",
                scenario.id, scenario.version, view["scenario_version"],
            )  # fmt: skip
        return plan_of(view, scenario, self._cast.dynamics, self._neutral_voice)


def _actions_since_last_message(tracker: DialogueStateTracker) -> List[Text]:
    """Return the names of the actions run since the last message, in order."""
    done: List[Text] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted) and event.action_name not in (None, ACTION_LISTEN_NAME):
            done.append(event.action_name)
    return [name for name in reversed(done) if name != "action_extract_slots"]
