"""TASK_PARAMS and the settings, as a script finds them."""

import json
import os
import subprocess
import sys
import unittest


def seen(environment, expression):
    program = f"from ompy.appmanager import variables as v; import json; print(json.dumps({expression}))"
    kept = {name: os.environ[name] for name in ("PYTHONPATH", "PATH") if name in os.environ}
    return json.loads(subprocess.check_output([sys.executable, "-B", "-c", program], env={**kept, **environment}))


class VariablesTest(unittest.TestCase):
    def test_task_params_are_what_the_task_was_given(self):
        params = {"pid": "p", "parentPid": None, "applicationPath": "/a", "scriptPath": "s.py",
                  "scriptParams": {"n": [1, "ж"]}, "outputPath": "/w"}
        self.assertEqual(seen({"TASK_PARAMS": json.dumps(params)}, "v.TASK_PARAMS"), params)

    def test_a_script_without_a_task_finds_defaults(self):
        params = seen({}, "v.TASK_PARAMS")
        self.assertEqual((params["pid"], params["parentPid"], params["scriptParams"]), (None, None, {}))
        self.assertEqual(params["outputPath"], os.getcwd())

    def test_settings_have_their_types(self):
        environment = {"USE_VENV": "True", "DEFAULT_VENV_NAME": "1", "DEFAULT_TASK_TIMEOUT_SEC": "300",
                       "VENV_WAIT_INTERVAL": "0.5", "RESOURCE_SERVER_LOCAL_PORT": "18564"}
        names = ("USE_VENV, v.DEFAULT_VENV_NAME, v.DEFAULT_TASK_TIMEOUT_SEC, v.VENV_WAIT_INTERVAL, "
                 "v.RESOURCE_SERVER_LOCAL_PORT, v.VENVS_DIR, v.get_env_value('USE_VENV')")
        self.assertEqual(seen(environment, f"[v.{names}]"), [True, "1", 300, 0.5, 18564, None, True])


if __name__ == "__main__":
    unittest.main()
