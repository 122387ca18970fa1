"""Frames from the browser to windows.

wire    protocol messages, frame slots, outcomes, observation log: what web and workers share
worker  Celery tasks that drain the slots, read faces and write the observation log into windows
web     tickets, WebSocket consumer, connections, and the gateway that all sockets share

Each layer imports from the layers above it in this list only. The path of a frame:

1. `web.connection` checks header, order, permission and rate, and counts the frame.
2. `web.gateway` stores it in the participant's slot and notifies a worker.
3. `worker.drain` claims it, checks consent, reads the face, appends an observation to the log.
4. The outcome goes back to the connection, which sends `reading` and `ack`.
5. `worker.tasks` writes logged observations and counts into windows and closes them.
"""
