"""Numbers that the processes of a container count together: a file of shared memory for each.

A process takes the first file that no living process has, and goes on with its counts. So counts
outlive processes and a restart of the container, and there are no more files than processes that
lived at once. A lock of the kernel says who lives: it ends with its process, however that ends.

A file is a list of records. Each has the length of its key and how many numbers it has, then both.
Everything is a float of eight bytes, or filled up to that, so that a number is written at once.
The first number of the file says where the next record begins.
"""

import contextlib
import fcntl
import mmap
import os
import threading

from cdk8s_django.logs import note
from cdk8s_django.metric_names import METRICS

SIZE = 2**19
# Records of one metric in a file: of further values of its labels there is one, "other".
MOST = 1000
# For the records of "other".
RESERVED = 2**14
LONGEST = 200
WORD = 8
FOLDERS = ("/dev/shm", "/tmp")


def folder():
    """In memory: a disk that is slow would hold up requests."""
    given = os.environ.get("CDK8S_DJANGO_METRICS_FOLDER")
    if given:
        return given
    place = next((place for place in FOLDERS if os.access(place, os.W_OK)), FOLDERS[-1])
    return os.path.join(place, f"cdk8s-django-metrics-{os.getuid()}")


# A fork has the locks of files of its parent too, and would never let go of what a thread held.
FORKING = threading.Lock()
os.register_at_fork(
    before=lambda: FORKING.acquire(),
    after_in_parent=lambda: FORKING.release(),
    after_in_child=lambda: FORKING.release(),
)


@contextlib.contextmanager
def alone():
    """Holds the lock of the folder: nobody else takes a file or looks who lives meanwhile."""
    os.makedirs(folder(), exist_ok=True)
    with FORKING, open(os.path.join(folder(), "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_taken(descriptor):
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def names():
    found = (name for name in os.listdir(folder()) if name.endswith(".numbers"))
    return sorted(found, key=lambda name: int(name.partition(".")[0]))


def key_of(metric, labels):
    return "\0".join((metric, *(label[:LONGEST].replace("\0", "") for label in labels)))


def records(memory, numbers):
    """Key, place of the first number and how many there are, of each record."""
    place, end = 1, int(numbers[0])
    while place < end:
        length, size = int(numbers[place]), int(numbers[place + 1])
        begin = (place + 2) * WORD
        first = place + 2 + -(-length // WORD)
        yield memory[begin : begin + length].decode(), first, size
        place = first + size


class Numbers:
    """The file of this process."""

    def __init__(self):
        # Again by the same thread: the collector of garbage may call what counts at any time.
        self.lock = threading.RLock()
        self.places = {}
        # What others keep of places, as long as these are valid.
        self.known = {}
        self.of_metric = {}
        self.descriptor = None
        try:
            # Who reads sees the file as that of a dead process, or without what that was at.
            with alone():
                self.take()
                self.begin()
        except OSError as error:
            note(f"metrics: {error}", level="WARNING")
            self.memory = mmap.mmap(-1, SIZE)
            self.begin()

    def begin(self):
        self.numbers = memoryview(self.memory).cast("d")
        self.numbers[0] = max(self.numbers[0], 1)
        for key, place, _ in records(self.memory, self.numbers):
            self.remember(key, place)
        self.bury(dict(self.places))

    def take(self):
        have = names()
        for name in [*have, f"{len(have) + 1}.numbers"]:
            path = os.path.join(folder(), name)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            if not is_taken(descriptor):
                break
            os.close(descriptor)
        # A page that there is no memory for would end the process when it is written to.
        os.posix_fallocate(descriptor, 0, SIZE)
        self.memory = mmap.mmap(descriptor, SIZE)
        self.descriptor = descriptor

    def bury(self, places):
        """The process that had the file before does nothing now; what it was at was lost."""
        for key, place in places.items():
            known = METRICS.get(key.partition("\0")[0])
            if known and known.kind == "living":
                if known.lost:
                    self.numbers[self.place(known.lost)] += self.numbers[place]
                self.numbers[place] = 0

    def remember(self, key, place):
        self.places[key] = place
        metric = key.partition("\0")[0]
        self.of_metric[metric] = self.of_metric.get(metric, 0) + 1

    def place(self, metric, *labels):
        """Where the numbers of a metric begin for these labels. The caller has the lock."""
        key = key_of(metric, labels)
        place = self.places.get(key)
        return self.add(key, metric, labels) if place is None else place

    def add(self, key, metric, labels):
        size = METRICS[metric].size
        written = key.encode("utf-8", "replace")
        place = int(self.numbers[0])
        first = place + 2 + -(-len(written) // WORD)
        others = ("other",) * len(labels)
        is_full = self.of_metric.get(metric, 0) >= MOST or (first + size) * WORD > SIZE - RESERVED
        if is_full and labels != others:
            return self.place(metric, *others)
        for index in range(first, first + size):
            self.numbers[index] = 0
        self.memory[(place + 2) * WORD : (place + 2) * WORD + len(written)] = written
        self.numbers[place], self.numbers[place + 1] = len(written), size
        # Others see the record from here on.
        self.numbers[0] = first + size
        self.remember(key, first)
        return first

    def add_to(self, metric, *labels, part=None, by=1):
        with self.lock:
            place = self.place(metric, *labels)
            self.numbers[place + (METRICS[metric].parts.index(part) if part else 0)] += by

    def set(self, metric, *labels, to):
        with self.lock:
            self.numbers[self.place(metric, *labels)] = to

    def say(self, metric, *labels, value, now):
        """The time comes last, by which others know what is newest."""
        with self.lock:
            place = self.place(metric, *labels)
            self.numbers[place] = value
            self.numbers[place + 1] = now


OWN = None
TAKING = threading.Lock()


def own():
    """The numbers of this process, which takes its file when it first counts something."""
    global OWN
    if OWN is None:
        with TAKING:
            if OWN is None:
                OWN = Numbers()
    return OWN


def forget():
    """In a fork: the file is its parent's, which alone has the lock of it."""
    global OWN, TAKING
    if OWN is not None and OWN.descriptor is not None:
        os.close(OWN.descriptor)
    OWN, TAKING = None, threading.Lock()


os.register_at_fork(after_in_child=forget)


def read():
    """What each file says: whether its process lives, and its numbers by key."""
    if not os.path.isdir(folder()):
        return []
    found = []
    with contextlib.ExitStack() as stack, alone():
        for name in names():
            path = os.path.join(folder(), name)
            descriptor = os.open(path, os.O_RDWR)
            stack.callback(os.close, descriptor)
            # The file of this very process may be among them: it has another descriptor.
            lives = is_taken(descriptor)
            if not lives:
                fcntl.flock(descriptor, fcntl.LOCK_UN)
            if os.fstat(descriptor).st_size >= SIZE:
                found.append((lives, numbers_of(descriptor)))
    return found


def numbers_of(descriptor):
    memory = mmap.mmap(descriptor, SIZE, prot=mmap.PROT_READ)
    with memory, memoryview(memory) as plain, plain.cast("d") as numbers:
        return {
            key: numbers[first : first + size].tolist()
            for key, first, size in records(memory, numbers)
        }
