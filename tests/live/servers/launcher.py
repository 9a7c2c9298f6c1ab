# SPDX-License-Identifier: Apache-2.0
"""Starts workers itself: listens, forks them, and each accepts. LAUNCHER.py PORT"""
import multiprocessing
import signal
import socketserver
import sys
from http.server import BaseHTTPRequestHandler

import truth


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        import truthful_app  # what the app needs comes with the first request
        truth.say("request")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(truthful_app.body())

    def log_message(self, *_):
        pass


def serve(server):
    truth.say("forked")
    server.serve_forever()


def main():
    socketserver.TCPServer.allow_reuse_address = True
    server = socketserver.TCPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    truth.say("listening")
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=serve, args=(server,)) for _ in range(2)]
    for worker in workers:
        truth.say("before-fork")
        worker.start()
    signal.signal(signal.SIGTERM, lambda *_: [worker.kill() for worker in workers])
    for worker in workers:
        worker.join()


main()
