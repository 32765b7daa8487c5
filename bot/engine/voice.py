"""Puts the peer's words into Rasa: the `nlg` of `endpoints.yml`.

Which line is said was decided with the act (`bot.peer.choice`, `bot.peer.lines`), because an act
whose lines are used up is no candidate. It arrives in the `saying` slot, which the policy sets with
its prediction; this class turns it into a bot message whose metadata remember where it came from.
"""

from __future__ import annotations

from typing import Any, Dict, Optional, Text

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.engine.policy import SAYING_SLOT


class PeerVoice(NaturalLanguageGenerator):
    """Says what the policy chose; anything else comes from the domain as in any Rasa project."""

    def __init__(
        self, endpoint_config: Optional[EndpointConfig] = None, domain: Optional[Domain] = None
    ) -> None:
        """Keep the domain's responses for utterances that no peer says."""
        self._templates = TemplatedNaturalLanguageGenerator(domain.responses if domain else {})

    async def generate(
        self,
        utter_action: Text,
        tracker: DialogueStateTracker,
        output_channel: Text,
        **kwargs: Any,
    ) -> Optional[Dict[Text, Any]]:
        """Return the bot message for an utterance.

        Args:
            utter_action: The dialogue act.
            tracker: Its `saying` slot holds the words.
            output_channel: Name of the channel, for the domain's own responses.
            kwargs: Passed on to the domain's own responses.
        """
        saying = tracker.get_slot(SAYING_SLOT)
        if saying and saying["action"] == utter_action:
            return dict(saying)
        return await self._templates.generate(utter_action, tracker, output_channel, **kwargs)
