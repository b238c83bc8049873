"""kombu's transport by Sentinels, for the seconds in which another server becomes the primary.

kombu itself retries what a lost connection interrupted, for less than a second, and an answer such
as NOREPLICAS not at all: each failover would fail requests that send a task.
"""

import time

from kombu.transport import redis as transport
from redis.backoff import AbstractBackoff
from redis.exceptions import ConnectionError, ResponseError, TimeoutError
from redis.retry import Retry
from redis.sentinel import SentinelManagedConnection

# Sentinels notice a loss after some seconds, and need some more to agree.
PATIENCE = 20
LONGEST = 1
# A connection that is opened again begins a time of its own: this bounds their sum.
MOST = 30
# What a primary answers that cannot take a write now, and will soon, or is none any more.
PASSING = ("NOREPLICAS", "UNBLOCKED", "MASTERDOWN")


class Backoff(AbstractBackoff):
    """Waits a little longer each time, and gives up after a while."""

    until = 0

    def reset(self):
        self.until = time.monotonic() + PATIENCE

    def compute(self, failures):
        if failures > MOST or time.monotonic() > self.until:
            raise ConnectionError(f"no primary of the broker took it for {PATIENCE} s")
        return min(LONGEST, 0.05 * 2 ** min(failures, 5))


class Connection(SentinelManagedConnection):
    """Of the loop of a worker, which reads when there is an answer, and itself begins anew."""

    def send_packed_command(self, command, check_health=True):
        # redis-py 6 and newer would connect to the last address again, and ask no Sentinel.
        if not self._sock:
            self.connect()
        super().send_packed_command(command, check_health=check_health)

    def read_response(self, *arguments, **options):
        try:
            return super().read_response(*arguments, **options)
        except ResponseError as error:
            if not str(error).startswith(PASSING):
                raise
            # The next one asks the Sentinels again.
            self.disconnect()
            raise ConnectionError(str(error)) from None


class PatientConnection(Connection):
    """Of those that wait for an answer: they send tasks, or acknowledge them."""

    def __init__(self, **options):
        errors = [ConnectionError, TimeoutError, OSError]
        options.update(retry=Retry(Backoff(), -1), retry_on_error=errors)
        super().__init__(**options)


class Channel(transport.SentinelChannel):
    connection_class = Connection

    def _connparams(self, asynchronous=False):
        if getattr(self.connection, "client", None) is None:
            # Closed meanwhile: otherwise an acknowledgement ends the worker by an AttributeError.
            raise ConnectionError("the connection to the broker was closed")
        self.connection_class = Connection if asynchronous else PatientConnection
        return super()._connparams(asynchronous=asynchronous)


class Transport(transport.SentinelTransport):
    Channel = Channel
