"""A storage as those of buckets are: without paths, and out of reach now and then."""

import os
import time

from django.core.files.storage import FileSystemStorage


class Bucket(FileSystemStorage):
    def __init__(self, mode="", **options):
        self.mode = mode
        super().__init__(**options)

    def path(self, name):
        raise NotImplementedError("a bucket has no paths")

    def place(self, name):
        return os.path.join(self.base_location, name)

    def exists(self, name):
        if self.mode == "down":
            raise OSError("the bucket cannot be reached")
        if self.mode == "hangs":
            time.sleep(60)
        return os.path.exists(self.place(name))

    def _open(self, name, mode="rb"):
        return open(self.place(name), mode)

    def _save(self, name, content):
        if self.mode == "late" and name.endswith(".css"):
            # Another pod saves the same file just before this one.
            os.makedirs(os.path.dirname(self.place(name)), exist_ok=True)
            with open(self.place(name), "wb") as file:
                file.write(b"of the other pod")
            stem, ending = name.rsplit(".", 1)
            name = f"{stem}_Xy12345.{ending}"
        os.makedirs(os.path.dirname(self.place(name)), exist_ok=True)
        with open(self.place(name), "xb") as file:
            for chunk in content.chunks():
                file.write(chunk)
        return name

    def delete(self, name):
        os.unlink(self.place(name))
