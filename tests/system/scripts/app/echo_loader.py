"""Starts the echo server and then its client, each as a task of its own."""

from ompy.appmanager.communication import run_am_script, wait_for_socket_from_web

server = run_am_script("echo_server.py", {"timeout": -1})
port = None
with wait_for_socket_from_web() as news:
    port = int(news.sync_read_text_message())
client = run_am_script("echo_client.py", {"port": port})
print(server, client)
