# SPDX-License-Identifier: Apache-2.0
"""gunicorn's own hooks, which say where it is: its configuration file."""
import truth


def when_ready(_server):
    truth.say("listening")


def pre_fork(_server, _worker):
    truth.say("before-fork")


def post_fork(_server, _worker):
    truth.say("forked")


def post_worker_init(_worker):
    truth.say("ready")
