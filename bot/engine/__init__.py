"""Adapters that put the peer into Rasa. The only home of `rasa` outside `bot/nlu`."""
