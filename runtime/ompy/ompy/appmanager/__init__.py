"""The task's side of the application manager: variables, communication, messages, virtual environments."""
