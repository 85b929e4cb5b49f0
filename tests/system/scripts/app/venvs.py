"""Makes an environment, looks at it, fills it, and takes it away."""

from ompy.appmanager.appvenv import Venv
from ompy.appmanager.variables import TASK_PARAMS
from ompy.errors import OmpyError

package = TASK_PARAMS["scriptParams"].get("package")
venv = Venv("of_a_script")
print("named", venv.list() is not None, "of_a_script" in Venv.get_venvs())
print("valid", Venv.is_valid_venv_name("///"), Venv.get_env_value("USE_VENV"))
if package:
    venv.install(package)
    print("installed", package in venv.list(), any(each.startswith(package + "==") for each in venv.list_spec()))
try:
    venv.install("there-is-no-such-package-at-all")
except OmpyError as problem:
    print("refused", problem.name)
Venv.delete_venv("of_a_script")
print("deleted", "of_a_script" not in Venv.get_venvs())
