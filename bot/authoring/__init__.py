"""What scenario authors work with: the schema for their editor, the template, the draft and its rehearsal."""
