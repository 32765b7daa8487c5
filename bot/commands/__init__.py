"""The subcommands of `switchback`, one module each."""
