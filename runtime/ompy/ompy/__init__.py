"""What scripts that run as tasks of Troupe can use; standard library only, Python 3.9 or later.

- ``ompy.appmanager.variables``: what the task was started with (``TASK_PARAMS``) and the settings of the system.
- ``ompy.appmanager.communication``: child tasks, sockets to other programs, messages to actors, progress and result.
- ``ompy.appmanager.observer``: JSON messages that were sent to this task.
- ``ompy.appmanager.appvenv``: virtual environments.
- ``ompy.web``: answers to web requests of an application.
- ``ompy.errors``: what the functions raise.

A function without a prefix waits; its twin with the prefix ``async_`` is a coroutine. Of a socket it is the other way
round: ``sync_read_text_message()`` waits, ``read_text_message()`` is a coroutine.

Nothing is connected before a function needs it, so a script that imports the package also runs by itself.
"""

__all__ = ["appmanager", "errors", "web"]
