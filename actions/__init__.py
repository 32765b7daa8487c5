"""What the rasa-sdk server runs: assessment of replies and the records of them."""
