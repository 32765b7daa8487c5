"""The whole engine in one process: Rasa's agent with the custom actions called directly.

`switchback chat` and the tests play turns through it. It is the same model, policy, voice, actions
and records as behind the web app, without servers and ports between them.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any, Dict, Optional, Text

from rasa.core.agent import Agent
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from bot.engine import fast
from bot.engine.channel import TurnRequest, TurnRunner
from bot.engine.tracker_store import LiveTrackerStore


class LocalActions(EndpointConfig):
    """Stands where Rasa expects the address of the action server, and runs the actions itself."""

    def __init__(self) -> None:
        """Register the actions of the `actions` package."""
        super().__init__(url="local")
        logging.getLogger("rasa_sdk").setLevel(logging.WARNING)
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(
        self,
        method: Text = "post",
        subpath: Optional[Text] = None,
        content_type: Optional[Text] = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Optional[Any]:
        """Run the action that the request names and return what it returned."""
        return await self._executor.run(kwargs["json"])


class LocalEngine:
    """Plays turns with a trained model."""

    def __init__(self, model: Path) -> None:
        """Load the model.

        Args:
            model: A trained archive, or the folder of which the newest is taken.
        """
        fast.apply()
        self._loop = asyncio.new_event_loop()
        self.agent = Agent.load(
            str(model),
            generator=EndpointConfig(type="bot.engine.voice.PeerVoice"),
            tracker_store=LiveTrackerStore(Domain.empty(), dialect="sqlite", db=":memory:"),
            action_endpoint=LocalActions(),
        )
        self._runner = TurnRunner(self.agent.handle_message, self.agent.tracker_store)

    def turn(self, request: TurnRequest) -> Dict[Text, Any]:
        """Do one turn and return the answer in the channel's form.

        Raises:
            Exception: Whatever kept the turn from being done.
        """
        return self._loop.run_until_complete(self._runner.run(request))

    def close(self) -> None:
        """Give the event loop back."""
        self._loop.close()
