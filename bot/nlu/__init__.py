"""Reading a reply: sentences, moves, topics and patterns. spaCy and the encoder live here."""
