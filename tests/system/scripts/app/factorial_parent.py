from ompy.appmanager.communication import run_am_script, wait_for_socket_from_web
from ompy.appmanager.variables import TASK_PARAMS

params = TASK_PARAMS["scriptParams"]
child = run_am_script(params["child"], {"factorial": 5})
print("child", child)
connection = wait_for_socket_from_web()
print("message:", connection.sync_read_text_message())
connection.sync_close()
print("parent ends")
