"""A child for the supervisor's tests: answers on a port, and misbehaves as told.

`python -I -S fake_server.py PORT [--after S] [--die-after S] [--die-at-once] [--ignore-term] [--note FILE]`
"""

import argparse
import http.server
import os
import signal
import sys
import threading
import time


class Ok(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args):
        print("asked", flush=True)


def note(path, line):
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{line} {os.getpid()}\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--after", type=float, default=0.0)
    parser.add_argument("--die-after", type=float)
    parser.add_argument("--die-at-once", action="store_true")
    parser.add_argument("--ignore-term", action="store_true")
    parser.add_argument("--note")
    options = parser.parse_args()

    def on_term(*_):
        note(options.note, "asked-to-stop")
        if not options.ignore_term:
            os._exit(0)

    signal.signal(signal.SIGTERM, on_term)
    note(options.note, "started")
    if options.die_at_once:
        sys.exit("the disk is made of cheese")
    time.sleep(options.after)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Ok)
    if options.die_after is not None:
        threading.Timer(options.die_after, lambda: os._exit(7)).start()
    server.serve_forever()


main()
