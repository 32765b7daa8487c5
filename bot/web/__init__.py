"""The front door: pages, API and chat widget. Starlette lives here."""
